"""One contract in full, at a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from domain.contract.allowed import allowed_actions
from domain.contract.balance import balances
from domain.contract.term import out_of_force, terms
from domain.contract.words import Kind, Status, Why
from domain.money import Money
from projections.cases.duration import iso
from projections.contract_book import queries
from projections.contract_book.detail import (
    ContractDetail,
    ShownAmendment,
    ShownEntry,
    ShownPeriod,
    ShownRestoration,
)
from projections.contract_book.shown import ShownAllowances
from tests.domain.contract.story import (
    PRICE,
    TICKET,
    TICKET_NUMBER,
    amended,
    at,
    consumed,
    contract_id,
    day,
    drafted,
    entry,
    renewed,
    restored,
    signed,
)
from tests.projections.contract_book.lives import active_life, fold, invented, life, made, shown
from tests.projections.histories import record
from tests.projections.views import ask

SERIAL = count(1)


def one(url: str, number: int, when: datetime) -> ContractDetail | None:
    """A contract at a moment."""
    return ask(url, lambda conn: queries.one(conn, contract_id(number), when))


def found(url: str, number: int, when: str = "2026-05-01") -> ContractDetail:
    """A contract that the book has."""
    contract = one(url, number, at(when))
    assert contract is not None
    return contract


def test_a_contract_shows_its_paper_and_its_terms_of_the_moment(database: Database) -> None:
    cheaper = Money("15000.00", "CNY")
    shown(
        database.service_url,
        active_life(
            1,
            amended("2026-06-01", added=("SN-3",), removed=("SN-1",), plan="silver", price=cheaper),
            renewed(carries=True),
            source="crm/c-1",
        ),
    )
    early, late = (found(database.service_url, 1, when) for when in ("2026-05-31", "2026-06-01"))
    assert (early.id, early.number, early.version, early.position) == (
        contract_id(1), "C-2026-000001", 5, 5,
    )  # fmt: skip
    assert (early.customer, early.title, early.source) == ("海盛", "热水系统维保", "crm/c-1")
    assert (early.drafted_at, early.signed_by, early.signed_on, early.terminated_on) == (
        at("2025-12-01 09:00"), "陈总", day("2025-12-10"), None,
    )  # fmt: skip
    assert (early.starts_on, early.ends_on) == (day("2026-01-01"), day("2027-12-31"))
    assert early.ends_at == at("2028-01-01 00:00")
    assert (early.assets, early.plan, early.price) == (("SN-1", "SN-2"), "gold", PRICE)
    assert (late.assets, late.plan, late.price) == (("SN-2", "SN-3"), "silver", cheaper)
    included = ShownAllowances(visits=2, hours="PT4H", parts=5, by_part={"PN-9": 3})
    assert early.periods == (
        ShownPeriod(
            starts_on=day("2026-01-01"), ends_on=day("2026-12-31"), allowances=included, carries=False
        ),
        ShownPeriod(
            starts_on=day("2027-01-01"), ends_on=day("2027-12-31"), allowances=included, carries=True
        ),
    )
    assert early.amendments == (
        ShownAmendment(
            effective_on=day("2026-06-01"), added=("SN-3",), removed=("SN-1",), plan="silver", price=cheaper
        ),
    )
    assert msgspec.json.decode(msgspec.json.encode(early), type=ContractDetail) == early


def test_every_use_is_told_with_its_ticket_and_what_was_given_back(database: Database) -> None:
    shown(
        database.service_url,
        active_life(
            1,
            consumed("2026-03-01 09:00", 1, "hours", 5400, reported="2026-02-28 18:00"),
            consumed("2026-03-02 09:00", 2, "part", 3, part="PN-9"),
            restored("2026-03-03 09:00", 1, 3600, kind="hours"),
            restored("2026-03-04 09:00", 1, 60, kind="hours"),
        ),
    )
    hours, parts = found(database.service_url, 1).entries
    assert hours == ShownEntry(
        id=entry(1),
        ticket=TICKET,
        ticket_number=TICKET_NUMBER,
        kind=Kind.HOURS,
        part=None,
        asset="SN-1",
        amount="PT1H30M",
        standing="PT29M",
        reported_at=at("2026-02-28 18:00"),
        consumed_at=at("2026-03-01 09:00"),
        restorations=(
            ShownRestoration(amount="PT1H", at=at("2026-03-03 09:00")),
            ShownRestoration(amount="PT1M", at=at("2026-03-04 09:00")),
        ),
    )
    assert (parts.kind, parts.part, parts.amount, parts.standing) == (Kind.PART, "PN-9", 3, 3)
    assert parts.restorations == ()


def test_what_remains_is_that_of_the_moment(database: Database) -> None:
    shown(
        database.service_url,
        active_life(
            1, consumed("2026-03-01 09:00"), renewed(carries=True), consumed("2027-03-01 09:00", 2, amount=3)
        ),
    )
    visits = [
        [(each.granted, each.remaining) for each in found(database.service_url, 1, when).balances[:1]]
        for when in ("2025-12-31", "2026-02-28", "2026-03-02", "2027-02-28", "2027-03-02", "2028-01-01")
    ]
    assert visits == [[], [(2, 2)], [(2, 1)], [(4, 3)], [(4, 0)], []]


def test_what_may_be_asked_and_why_it_does_not_count(database: Database) -> None:
    url = database.service_url
    shown(url, active_life(1), life(2, drafted(), signed()))
    assert [
        (each.status, each.in_force, each.why, each.actions)
        for each in (
            found(url, 1),
            found(url, 1, "2025-12-31"),
            found(url, 1, "2027-01-01"),
            found(url, 2),
        )
    ] == [
        (Status.ACTIVE, True, None, allowed_actions(Status.ACTIVE)),
        (Status.ACTIVE, False, Why.NOT_YET, allowed_actions(Status.ACTIVE)),
        (Status.ACTIVE, False, Why.NO_LONGER, allowed_actions(Status.ACTIVE)),
        (Status.SIGNED, False, Why.NOT_ACTIVATED, ("activate", "amend")),
    ]


def test_there_is_no_such_contract(database: Database) -> None:
    shown(database.service_url, active_life(1))
    assert ask(database.service_url, lambda conn: queries.one(conn, UUID(int=7), at("2026-05-01"))) is None


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.data(),
    when=st.datetimes(datetime(2025, 12, 1), datetime(2028, 4, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_every_contract_is_what_its_facts_replay_to(
    module_database: Database, data: st.DataObject, when: datetime
) -> None:
    url, number = module_database.service_url, next(SERIAL)
    told = data.draw(invented(number, "海盛"))
    record(url, told)
    fold(url)
    contract = made(told)
    shown_one = one(url, number, when)
    assert shown_one is not None
    assert (shown_one.version, shown_one.status) == (len(told), contract.status)
    assert shown_one.why is out_of_force(contract, when)
    assert shown_one.in_force == (shown_one.why is None)
    agreed = terms(contract, when)
    assert (shown_one.assets, shown_one.plan, shown_one.price) == (agreed.assets, agreed.plan, agreed.price)
    assert [(each.kind, each.part, each.granted, each.remaining) for each in shown_one.balances] == [
        (*each.pool, iso(each.granted), iso(each.remaining))
        if each.pool.kind is Kind.HOURS
        else (*each.pool, each.granted, each.remaining)
        for each in balances(contract, when)
    ]
    assert [(use.id, use.part, use.asset, len(use.restorations)) for use in shown_one.entries] == [
        (use.id, use.part, use.asset, len(use.restorations)) for use in contract.entries
    ]
