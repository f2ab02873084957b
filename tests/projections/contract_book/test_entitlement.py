"""Covered or not, by what, what remains, and why not: over all contracts that could apply."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from domain.contract.choice import choose
from domain.contract.cover import entitlement
from domain.contract.words import Kind, Level, Scope, Why
from domain.errors import InvalidValue
from projections.cases.duration import iso
from projections.contract_book.entitlement import Asked, EntitlementAnswer, check
from tests.domain.contract.invented import KINDS
from tests.domain.contract.story import HOUR, amended, at, consumed, contract_id, day, drafted
from tests.projections.contract_book.lives import SERIALS, active_life, fold, invented, life, made, shown
from tests.projections.histories import record
from tests.projections.views import ask

SERIAL = count(1)


def asked(url: str, when: str = "2026-05-01", **other: Any) -> EntitlementAnswer:
    """The book's answer for SN-1 of 海盛, or for something else."""
    question = Asked(**{"asset": "SN-1", "customer": "海盛", **other})
    return ask(url, lambda conn: check(conn, question, at(when)))


def lost(answer: EntitlementAnswer) -> dict[int, Why]:
    """Why each of the losers lost, by the serial of its number."""
    return {int(loser.number[-6:]): loser.why for loser in answer.losers}


def test_a_visit_is_covered_by_the_contract_that_names_the_asset(database: Database) -> None:
    url = database.service_url
    shown(
        url,
        active_life(1, consumed()),
        active_life(2, scope=Scope.CUSTOMER, plan="basic"),
        active_life(3, assets=("SN-8",)),
        active_life(4, customer="远洋"),
        active_life(5, customer="远洋", assets=("SN-8",)),
        life(6, drafted(number="C-2026-000006")),
    )
    answer = asked(url)
    assert (answer.covered, answer.why) == (True, None)
    assert answer.winner is not None
    assert (answer.winner.number, answer.winner.contract) == ("C-2026-000001", contract_id(1))
    assert (answer.winner.level, answer.winner.plan) == (Level.LINE, "gold")
    assert (answer.until, answer.granted, answer.remaining) == (day("2026-12-31"), 2, 1)
    assert lost(answer) == {
        2: Why.LESS_SPECIFIC,
        3: Why.ASSET_NOT_COVERED,
        4: Why.OTHER_CUSTOMER,
        6: Why.NOT_ACTIVATED,
    }
    assert msgspec.json.decode(msgspec.json.encode(answer), type=EntitlementAnswer) == answer


@pytest.mark.parametrize(
    ("other", "covered", "why", "granted", "remaining"),
    [
        ({"quantity": 2}, True, None, 2, 2),
        ({"quantity": 3}, False, Why.EXHAUSTED, 2, 2),
        ({"kind": Kind.HOURS, "quantity": HOUR}, True, None, "PT4H", "PT3H30M"),
        ({"kind": Kind.HOURS, "quantity": 4 * HOUR}, False, Why.EXHAUSTED, "PT4H", "PT3H30M"),
        ({"kind": Kind.PART, "part": "PN-9", "quantity": 3}, True, None, 3, 3),
        ({"kind": Kind.PART, "part": "PN-1", "quantity": 5}, True, None, 5, 5),
        ({"kind": Kind.PART, "part": "PN-0"}, False, Why.NOT_INCLUDED, 0, 0),
    ],
)
def test_what_remains_decides(
    database: Database,
    other: dict[str, Any],
    covered: bool,
    why: Why | None,
    granted: object,
    remaining: object,
) -> None:
    none_of_it = msgspec.structs.replace(drafted()[0].allowances, by_part={"PN-9": 3, "PN-0": 0})
    shown(
        database.service_url,
        active_life(1, consumed("2026-03-01 09:00", 1, "hours", HOUR // 2), allowances=none_of_it),
    )
    answer = asked(database.service_url, **other)
    assert (answer.covered, answer.why, answer.granted, answer.remaining) == (
        covered, why, granted, remaining,
    )  # fmt: skip
    assert answer.own_part == (other.get("part") in {"PN-9", "PN-0"})


def test_a_fault_is_covered_when_it_was_reported_and_paid_from_what_is_left_now(database: Database) -> None:
    url = database.service_url
    shown(url, active_life(1, consumed("2027-01-02 09:00", reported="2026-12-30 09:00")))
    late = asked(url, "2027-01-05", reported_at=at("2026-12-31 23:59"))
    assert (late.covered, late.remaining, late.until) == (True, 1, day("2026-12-31"))
    assert (late.reported_at, late.moment) == (at("2026-12-31 23:59"), at("2027-01-05"))
    now = asked(url, "2027-01-05")
    assert (now.covered, now.winner, now.granted, now.remaining) == (False, None, None, None)
    assert lost(now) == {1: Why.NO_LONGER}


@pytest.mark.parametrize(
    ("asset", "customer", "winner", "losers"),
    [
        ("SN-1", None, 1, {3: Why.ASSET_NOT_COVERED}),
        ("SN-3", "海盛", 3, {1: Why.ASSET_NOT_COVERED, 2: Why.LESS_SPECIFIC}),
        (None, "海盛", 2, {1: Why.ASSET_UNKNOWN, 3: Why.ASSET_UNKNOWN}),
        ("SN-9", "海盛", 2, {1: Why.ASSET_NOT_COVERED, 3: Why.ASSET_NOT_COVERED}),
        ("SN-9", None, None, {}),
        ("SN-9", "远洋", None, {}),
    ],
)
def test_contracts_of_the_asset_and_of_the_customer_are_asked(
    database: Database, asset: str | None, customer: str | None, winner: int | None, losers: dict[int, Why]
) -> None:
    url = database.service_url
    shown(
        url,
        active_life(1),
        active_life(2, scope=Scope.CUSTOMER),
        active_life(3, amended("2026-02-01", added=("SN-3",), removed=("SN-1",)), plan="silver"),
    )
    answer = asked(url, asset=asset, customer=customer)
    assert (answer.winner and int(answer.winner.number[-6:])) == winner
    assert lost(answer) == losers
    assert answer.covered == (winner is not None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"asset": None, "customer": None}, "/asset"),
        ({"quantity": 0}, "/amount"),
        ({"part": "PN-9"}, "/part"),
        ({"kind": Kind.PART}, "/part"),
    ],
)
def test_some_things_cannot_be_asked(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Asked(**{"asset": "SN-1", **wrong})
    assert refusal.value.field == field


near = st.datetimes(datetime(2025, 12, 1), datetime(2028, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.data(),
    kind_and_part=st.sampled_from(KINDS),
    quantity=st.integers(1, 3),
    when=near,
    reported=st.none() | near,
)
def test_the_book_answers_what_the_replayed_contracts_answer(
    module_database: Database,
    data: st.DataObject,
    kind_and_part: tuple[Kind, str | None],
    quantity: int,
    when: datetime,
    reported: datetime | None,
) -> None:
    url, (kind, part), customer = module_database.service_url, kind_and_part, f"客户 {next(SERIAL)}"
    lives = [data.draw(invented(next(SERIAL), customer)) for _ in range(4)]
    record(url, [fact for each in lives for fact in each])
    fold(url)
    book = {contract.id: contract for contract in map(made, lives)}
    asset = data.draw(st.sampled_from([None, *SERIALS]))
    question = Asked(
        asset=asset, customer=customer, kind=kind, quantity=quantity, part=part, reported_at=reported
    )
    answer = ask(url, lambda conn: check(conn, question, when))
    choice = choose(book.values(), asset=asset, customer=customer, moment=reported or when)
    assert answer.winner == choice.winner
    assert [each for each in answer.losers if each.contract in book] == [
        each
        for each in choice.losers
        if each.why is not Why.OTHER_CUSTOMER or asset in named(book[each.contract])
    ]
    if choice.winner is None:
        assert not answer.covered
        return
    given_by = entitlement(
        book[choice.winner.contract], asset, kind, quantity, when, part=part, reported_at=reported
    )
    assert (answer.covered, answer.why, answer.until) == (given_by.covered, given_by.why, given_by.until)
    amounts = (given_by.granted, given_by.remaining)
    assert (answer.granted, answer.remaining) == (tuple(map(iso, amounts)) if kind is Kind.HOURS else amounts)


def named(contract: Any) -> set[str]:
    """The serials that a contract names, or once named."""
    later = (serial for amendment in contract.amendments for serial in amendment.added)
    return {*contract.drafted_terms.assets, *later}
