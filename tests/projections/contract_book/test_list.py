"""Lists of contracts: filters, pages, what remains, and what ends soon in its own zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database.connect import Database
from domain.contract.balance import balances
from domain.contract.state import Contract
from domain.contract.term import begins, day_of, ends_at, in_force, terms
from domain.contract.words import Kind, Scope, Status
from projections.contract_book import queries
from projections.contract_book.queries import ContractFilter, ContractPage
from projections.contract_book.shown import ShownBalance
from projections.engine.cursor import BadCursor
from tests.domain.contract.story import (
    Happening,
    amended,
    at,
    consumed,
    contract_id,
    day,
    drafted,
    expired,
    renewed,
    restored,
    terminated,
)
from tests.projections.contract_book.lives import active_life, fold, invented, life, made, shown
from tests.projections.histories import record
from tests.projections.views import ask

SERIAL = count(1)
TICK = timedelta(microseconds=1)


def listed(url: str, when: datetime, which: ContractFilter | None = None, **asked: Any) -> ContractPage:
    """A page of the book at a moment."""
    return ask(url, lambda conn: queries.search(conn, when, which or ContractFilter(), **asked))


def serials(page: ContractPage) -> list[int]:
    """The serials of the numbers on a page."""
    return [int(item.number[-6:]) for item in page.items]


BOOK = (
    active_life(1),
    active_life(2, customer="远洋", title="100% 空压机_维保", scope=Scope.CUSTOMER, plan="basic"),
    life(3, drafted(number="C-2026-000003", assets=("SN-3",))),
    active_life(
        4, amended("2026-06-01", added=("SN-3",), removed=("SN-2",)), terminated("2026-10-01"), plan="basic"
    ),
    active_life(5, amended("2026-06-01", plan="silver"), renewed(starts_on="2027-03-01")),
)


@pytest.mark.parametrize(
    ("when", "which", "expected"),
    [
        ("2026-05-01", {}, [5, 4, 3, 2, 1]),
        ("2026-05-01", {"customer": "远洋"}, [2]),
        ("2026-05-01", {"status": Status.DRAFT}, [3]),
        ("2026-05-01", {"status": Status.TERMINATED}, [4]),
        ("2026-05-01", {"asset": "SN-2"}, [5, 4, 1]),
        ("2026-05-01", {"asset": "SN-3"}, [4, 3]),
        ("2026-09-01", {"asset": "SN-2"}, [5, 4, 1]),
        ("2026-05-01", {"asset": "SN"}, []),
        ("2026-05-01", {"plan": "gold"}, [5, 3, 1]),
        ("2026-06-01", {"plan": "gold"}, [3, 1]),
        ("2026-06-01", {"plan": "silver"}, [5]),
        ("2026-05-01", {"in_force": True}, [5, 4, 2, 1]),
        ("2026-05-01", {"in_force": False}, [3]),
        ("2026-10-01", {"in_force": False}, [4, 3]),
        ("2027-01-01", {"in_force": True}, []),
        ("2027-03-01", {"in_force": True}, [5]),
        ("2026-05-01", {"text": "海盛"}, [5, 4, 3, 1]),
        ("2026-05-01", {"text": "c-2026-000004"}, [4]),
        ("2026-05-01", {"text": "0%"}, [2]),
        ("2026-05-01", {"text": "_"}, [2]),
        ("2026-05-01", {"in_force": True, "plan": "basic", "customer": "海盛"}, [4]),
    ],
)
def test_search(module_database: Database, when: str, which: dict[str, Any], expected: list[int]) -> None:
    url = module_database.service_url
    shown_once(url)
    assert serials(listed(url, at(when), ContractFilter(**which))) == expected


def shown_once(url: str) -> None:
    """Put the book of the search into the database, unless another test did."""

    async def look(conn: Any) -> bool:
        row = await (await conn.execute("SELECT to_regclass('view.contract') IS NOT NULL")).fetchone()
        return row == (True,)

    if not ask(url, look):
        shown(url, *BOOK)


def test_a_line_tells_how_the_contract_stands_and_what_remains(database: Database) -> None:
    told = active_life(
        1,
        amended("2026-06-01", added=("SN-3",), plan="silver"),
        terminated("2026-11-01"),
        consumed("2026-03-01 09:00", 1),
        consumed("2026-03-01 10:00", 2, "hours", 5400),
        consumed("2026-03-01 11:00", 3, "part", 3, part="PN-9"),
        restored("2026-03-02 09:00", 3, 1, kind="part", part="PN-9"),
        consumed("2026-08-01 09:00", 4, "part", 1, part="PN-1"),
    )
    shown(database.service_url, told)
    (line,) = listed(database.service_url, at("2026-05-01")).items
    (later,) = listed(database.service_url, at("2026-12-01")).items
    assert (line.id, line.number, line.version) == (contract_id(1), "C-2026-000001", 10)
    assert (line.status, line.customer, line.title) == (Status.TERMINATED, "海盛", "热水系统维保")
    assert (line.scope, line.zone, line.starts_on) == (Scope.ASSETS, "Asia/Shanghai", day("2026-01-01"))
    assert (line.ends_on, line.last_on) == (day("2026-12-31"), day("2026-10-31"))
    assert line.ends_at == at("2027-01-01 00:00")
    assert [(each.plan, each.asset_count, each.in_force) for each in (line, later)] == [
        ("gold", 2, True),
        ("silver", 3, False),
    ]
    assert line.balances == (
        ShownBalance(kind=Kind.VISIT, part=None, granted=2, remaining=1),
        ShownBalance(kind=Kind.HOURS, part=None, granted="PT4H", remaining="PT2H30M"),
        ShownBalance(kind=Kind.PART, part=None, granted=5, remaining=5),
        ShownBalance(kind=Kind.PART, part="PN-9", granted=3, remaining=1),
    )
    assert [each.remaining for each in later.balances] == [1, "PT2H30M", 4, 1]


def test_pages_follow_each_other(database: Database) -> None:
    url = database.service_url
    shown(url, *(active_life(n, plan="gold" if n % 2 else "basic") for n in range(1, 12)))
    found: list[int] = []
    cursor: str | None = None
    for size in (2, 2, 2):
        page = listed(url, at("2026-05-01"), ContractFilter(plan="gold"), cursor=cursor, limit=size)
        found += serials(page)
        cursor = page.next
    assert found == [11, 9, 7, 5, 3, 1]
    assert cursor is None
    with pytest.raises(BadCursor):
        listed(url, at("2026-05-01"), cursor="!")


IN_SHANGHAI = ("Asia/Shanghai", "2026-11-30 16:00Z")  # 1 December begins: 30 days before the last
IN_NEW_YORK = ("America/New_York", "2026-12-01 05:00Z")
IN_KIRITIMATI = ("Pacific/Kiritimati", "2026-11-30 10:00Z")


@pytest.mark.parametrize(("zone", "begins_to_be_soon"), [IN_SHANGHAI, IN_NEW_YORK, IN_KIRITIMATI])
def test_days_until_the_end_are_counted_on_the_wall_of_the_zone(
    database: Database, zone: str, begins_to_be_soon: str
) -> None:
    url = database.service_url
    shown(url, active_life(1, zone=zone))
    soon = at(begins_to_be_soon)
    within = ContractFilter(expiring_within=30)
    assert serials(listed(url, soon - TICK, within)) == []
    assert serials(listed(url, soon, within)) == [1]
    last_instant = ends_at(made(active_life(1, zone=zone))) - TICK
    assert serials(listed(url, last_instant, ContractFilter(expiring_within=0))) == [1]
    assert serials(listed(url, last_instant + TICK, within)) == []


def test_the_same_evening_is_another_day_elsewhere(database: Database) -> None:
    url = database.service_url
    zones = ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue"]
    shown(url, *(active_life(n, zone=zone) for n, zone in enumerate(zones, 1)))
    evening = at("2026-12-01 02:00Z")  # 10:00 in Shanghai, 16:00 on Kiritimati, and still November elsewhere
    assert serials(listed(url, evening, ContractFilter(expiring_within=30))) == [3, 1]
    assert serials(listed(url, evening, ContractFilter(expiring_within=31))) == [4, 3, 2, 1]
    assert serials(listed(url, evening, ContractFilter(expiring_within=29))) == []


@pytest.mark.parametrize(
    ("further", "when", "within", "expected"),
    [
        ((terminated("2026-06-01"),), "2026-05-22", 9, [1]),
        ((terminated("2026-06-01"),), "2026-05-22", 8, []),
        ((terminated("2026-06-01"),), "2026-06-01", 400, []),
        ((renewed(),), "2026-12-30", 30, []),
        ((renewed(),), "2027-12-30", 30, [1]),
        ((renewed(starts_on="2027-03-01"),), "2027-02-01", 400, []),
        ((expired(),), "2026-12-31 23:59", 0, [1]),
        ((), "2025-12-31", 400, []),
        ((), "2026-01-01", 363, []),
        ((), "2026-01-01", 364, [1]),
        ((), "2026-01-01", 10**9, [1]),
    ],
)
def test_what_ends_soon_counts_now_and_ends_as_renewed_or_terminated(
    database: Database, further: tuple[Happening, ...], when: str, within: int, expected: list[int]
) -> None:
    url = database.service_url
    shown(url, active_life(1, *further), life(2, drafted(number="C-2026-000002")))
    assert serials(listed(url, at(when), ContractFilter(expiring_within=within))) == expected


def test_active_contracts_end_the_instant_their_last_day_is_over(database: Database) -> None:
    url = database.service_url
    shown(
        url,
        active_life(1),
        active_life(2, ends_on=day("2026-06-30"), zone="America/New_York"),
        active_life(3, ends_on=day("2026-06-30")),
        active_life(4, expired()),
        active_life(5, terminated("2026-03-01")),
        active_life(6, renewed()),
        life(7, drafted(number="C-2026-000007")),
    )

    def ends(after: tuple[datetime, UUID], limit: int = 9) -> list[tuple[datetime, UUID]]:
        return ask(url, lambda conn: queries.ends(conn, after, limit))

    everything = ends((at("2026-01-01"), UUID(int=0)))
    assert [moment for moment, _ in everything] == [
        at("2026-07-01 00:00"),
        at("2026-07-01 04:00Z"),
        at("2027-01-01 00:00"),
        at("2028-01-01 00:00"),
    ]
    assert ends(everything[1]) == everything[2:]
    assert ends(everything[0], 1) == everything[1:2]


def ends_within(contract: Contract, when: datetime, days: int) -> bool:
    """Whether it counts and the begin of its first day without it is no more than so many midnights away."""
    end = min(filter(None, [contract.terminated_on, contract.ends_on + timedelta(days=1)]))
    horizon = day_of(contract, when) + timedelta(days=days + 1)
    return in_force(contract, when) and begins(contract, end) <= begins(contract, horizon)


around = st.datetimes(datetime(2025, 12, 1), datetime(2028, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), days=st.integers(0, 400), when=around)
def test_every_list_is_what_the_domain_says_of_the_replayed_contracts(
    module_database: Database, data: st.DataObject, days: int, when: datetime
) -> None:
    url = module_database.service_url
    customer = f"客户 {next(SERIAL)}"
    lives = [data.draw(invented(100 + next(SERIAL), customer)) for _ in range(4)]
    record(url, [fact for each in lives for fact in each])
    fold(url)
    book = sorted((made(each) for each in lives), key=lambda each: each.number, reverse=True)
    midnights = [
        begins(each, one)
        for each in book
        for one in (each.starts_on, each.ends_on, each.terminated_on)
        if one
    ]
    boundary = datetime.fromtimestamp(data.draw(st.sampled_from(midnights)), UTC)
    for moment in (when, boundary, boundary - TICK):
        for which, means in (
            ({}, lambda each, then: True),
            ({"in_force": True}, in_force),
            ({"in_force": False}, lambda each, then: not in_force(each, then)),
            ({"plan": "silver"}, lambda each, then: terms(each, then).plan == "silver"),
            ({"expiring_within": days}, lambda each, then: ends_within(each, then, days)),
        ):
            asked = ContractFilter(customer=customer, **which)
            found = listed(url, moment, asked).items
            expected = [each for each in book if each.customer == customer and means(each, moment)]
            assert [line.id for line in found] == [each.id for each in expected]
            for line, contract in zip(found, expected, strict=True):
                assert line.in_force == in_force(contract, moment)
                assert [each.remaining for each in line.balances if each.kind is not Kind.HOURS] == [
                    each.remaining for each in balances(contract, moment) if each.pool.kind is not Kind.HOURS
                ]
