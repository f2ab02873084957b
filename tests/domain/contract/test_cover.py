"""What a contract entitles an asset to: by what, what remains, and why not."""

from __future__ import annotations

from typing import Any

import pytest

from domain.contract.balance import Balance, Pool, balances
from domain.contract.cover import Entitlement, EntitlementExhausted, entitlement
from domain.contract.events import Allowances
from domain.contract.words import Kind, Why
from domain.errors import InvalidValue
from tests.domain.contract.story import (
    ACTIVE,
    CONTRACT,
    HOUR,
    Asked,
    Happening,
    activated,
    amended,
    at,
    consume,
    consumed,
    contract,
    day,
    drafted,
    expired,
    given,
    renewed,
    restore,
    restored,
    signed,
    terminated,
)

BOTH_VISITS = (*ACTIVE, consumed(number=1), consumed("2026-04-01 09:00", 2))


def asked(
    life: tuple[Happening, ...],
    when: str = "2026-05-01",
    kind: str = "visit",
    amount: int = 1,
    asset: str | None = "SN-1",
    **more: Any,
) -> Entitlement:
    return entitlement(contract(*life), asset, Kind(kind), amount, at(when), **more)


def test_the_answer_names_the_contract_the_plan_the_term_and_what_remains() -> None:
    assert asked((*ACTIVE, consumed())) == Entitlement(
        covered=True,
        contract=CONTRACT,
        number="C-2026-000012",
        asset="SN-1",
        kind=Kind.VISIT,
        asked=1,
        plan="gold",
        until=day("2026-12-31"),
        granted=2,
        remaining=1,
    )


@pytest.mark.parametrize(
    ("answer", "why", "remaining"),
    [
        (asked(ACTIVE, amount=2), None, 2),
        (asked(ACTIVE, amount=3), Why.EXHAUSTED, 2),
        (asked(BOTH_VISITS), Why.EXHAUSTED, 0),
        (asked(BOTH_VISITS, "2026-03-15"), None, 1),  # the second was used later
        ((asked((*BOTH_VISITS, restored("2026-04-10 09:00")))), None, 1),
        (asked(ACTIVE, kind="hours", amount=4 * HOUR), None, 4 * HOUR),
        (asked(ACTIVE, kind="hours", amount=4 * HOUR + 1), Why.EXHAUSTED, 4 * HOUR),
        (asked(ACTIVE, kind="part", amount=5, part="PN-1"), None, 5),
        (asked(ACTIVE, kind="part", amount=4, part="PN-9"), Why.EXHAUSTED, 3),
        (
            asked((drafted(allowances=Allowances(visits=2)), signed(), activated()), kind="hours"),
            Why.NOT_INCLUDED,
            0,
        ),
        (asked(ACTIVE, asset="SN-3"), Why.ASSET_NOT_COVERED, 0),
        (asked(ACTIVE, asset=None), Why.ASSET_UNKNOWN, 0),
        (asked((drafted(), signed())), Why.NOT_ACTIVATED, 0),
        (asked(ACTIVE, "2025-12-31"), Why.NOT_YET, 0),
        (asked(ACTIVE, "2027-01-01"), Why.NO_LONGER, 0),
        (asked((*ACTIVE, terminated("2026-04-01"))), Why.TERMINATED, 0),
        (asked((*ACTIVE, amended("2026-05-01", removed=("SN-1",)))), Why.ASSET_NOT_COVERED, 0),
        (asked((*ACTIVE, amended("2026-05-02", removed=("SN-1",)))), None, 2),
    ],
)
def test_covered_or_not_and_why(answer: Entitlement, why: Why | None, remaining: int) -> None:
    assert (answer.covered, answer.why, answer.remaining) == (why is None, why, remaining)


def test_a_fault_reported_a_minute_before_the_end_is_covered_when_recorded_an_hour_after() -> None:
    life = (*ACTIVE, expired("2027-01-01 00:00"))
    answer = asked(life, "2027-01-01 00:59", reported_at=at("2026-12-31 23:59"))
    assert (answer.covered, answer.until, answer.remaining) == (True, day("2026-12-31"), 2)
    assert asked(life, "2027-01-01 00:59", reported_at=at("2027-01-01 00:00")).why is Why.NO_LONGER
    given(*life).when(consume("2027-01-01 00:59", reported="2026-12-31 23:59")).then(
        consumed("2027-01-01 00:59", 7, reported="2026-12-31 23:59")
    )


def test_the_plan_is_that_of_the_report() -> None:
    life = (*ACTIVE, amended("2026-04-01", plan="silver"))
    assert asked(life, "2026-05-01").plan == "silver"
    assert asked(life, "2026-05-01", reported_at=at("2026-03-31 23:59")).plan == "gold"


@pytest.mark.parametrize(
    ("life", "ask", "remaining"),
    [
        (ACTIVE, consume(amount=3), 2),
        (BOTH_VISITS, consume("2026-05-01 09:00"), 0),
        (BOTH_VISITS, consume("2026-03-15 09:00"), 0),  # one remained then, but it was used in April
        (
            (*ACTIVE, consumed(kind="part", part="PN-9", amount=2)),
            consume(kind="part", part="PN-9", amount=2),
            1,
        ),
        (
            (*ACTIVE, consumed(kind="part", part="PN-1", amount=4)),
            consume(kind="part", part="PN-2", amount=2),
            1,
        ),
        (
            (*BOTH_VISITS, restored("2026-06-01 09:00", 1), restored("2026-06-01 09:00", 2)),
            consume("2026-03-15 09:00"),  # two remain today, but in May there was none
            0,
        ),
        (
            (*ACTIVE, renewed(carries=True), consumed("2027-02-01 09:00", amount=4)),
            consume(
                "2027-03-01 09:00", reported="2026-12-30 09:00"
            ),  # what was left is used in the next term
            0,
        ),
    ],
)
def test_no_more_is_used_than_there_is(life: tuple[Happening, ...], ask: Asked, remaining: int) -> None:
    given(*life).when(ask).refused(EntitlementExhausted, remaining=remaining, code="entitlement-exhausted")


@pytest.mark.parametrize(
    ("life", "ask", "field"),
    [
        (ACTIVE, consume(amount=0), "/amount"),
        (ACTIVE, consume(amount=-1), "/amount"),
        (ACTIVE, consume(kind="part"), "/part"),
        (ACTIVE, consume(kind="part", part=" "), "/part"),
        (ACTIVE, consume(part="PN-9"), "/part"),
        (ACTIVE, consume(asset="SN-3"), "/asset"),
        (ACTIVE, consume(asset=None), "/asset"),
        (ACTIVE, consume("2025-12-31 23:59"), "/reported_at"),
        (ACTIVE, consume("2027-01-01 00:00"), "/reported_at"),
        (ACTIVE, consume("2026-03-01 09:00", reported="2026-03-01 09:01"), "/reported_at"),
        ((*ACTIVE, terminated("2026-03-05")), consume("2026-03-05 09:00"), "/reported_at"),
        ((*ACTIVE, consumed(number=7)), consume(number=7), "/entry"),
        (ACTIVE, restore(), "/entry"),
        ((*ACTIVE, consumed()), restore(amount=2), "/amount"),
        ((*ACTIVE, consumed()), restore(amount=0), "/amount"),
        ((*ACTIVE, consumed(), restored()), restore(), "/amount"),
        ((*ACTIVE, consumed()), restore("2026-03-01 08:59"), "/occurred_at"),
    ],
)
def test_what_cannot_be_right_is_refused(life: tuple[Happening, ...], ask: Asked, field: str) -> None:
    given(*life).when(ask).refused(InvalidValue, field=field)


def test_what_is_asked_must_be_something() -> None:
    with pytest.raises(InvalidValue):
        asked(ACTIVE, amount=0)


def test_a_use_is_given_back_in_parts() -> None:
    hours = consumed(kind="hours", amount=3 * HOUR)
    given(*ACTIVE, hours).when(restore(amount=HOUR)).then(restored(amount=HOUR, kind="hours"))
    given(*ACTIVE, hours, restored(amount=HOUR, kind="hours")).when(restore(amount=2 * HOUR)).then(
        restored(amount=2 * HOUR, kind="hours")
    )
    pieces = consumed(kind="part", part="PN-9", amount=2)
    given(*ACTIVE, pieces).when(restore(amount=1)).then(restored(amount=1, kind="part", part="PN-9"))


def test_what_is_used_after_a_restoration_may_be_used_again() -> None:
    given(*BOTH_VISITS, restored("2026-05-01 09:00", 2)).when(consume("2026-05-02 09:00", 3)).then(
        consumed("2026-05-02 09:00", 3)
    )


NEXT = Allowances(visits=1, by_part={"PN-1": 1})


@pytest.mark.parametrize(("carries", "visits", "pn9"), [(False, (1, 1), 0), (True, (3, 2), 3)])
def test_a_renewal_brings_fresh_allowances_and_carries_over_what_is_left(
    carries: bool, visits: tuple[int, int], pn9: int
) -> None:
    life = (*ACTIVE, consumed(), renewed(allowances=NEXT, carries=carries))
    answer = asked(life, "2027-02-01")
    assert (answer.granted, answer.remaining) == visits
    assert asked(life, "2027-02-01", "part", part="PN-9").remaining == pn9
    assert asked(life, "2027-02-01", "part", part="PN-1").own_part


def test_what_is_given_back_goes_to_the_term_it_was_taken_from() -> None:
    fresh = (*ACTIVE, consumed(), renewed(), restored("2027-02-01 09:00"))
    assert asked(fresh, "2027-03-01").remaining == 2
    assert asked(fresh, "2027-03-01", reported_at=at("2026-12-01")).remaining == 2
    carried = (*ACTIVE, consumed(), renewed(carries=True), restored("2027-02-01 09:00"))
    assert [asked(carried, when).remaining for when in ("2027-01-15", "2027-03-01")] == [3, 4]


def test_the_book_lists_every_pool_of_the_term() -> None:
    usual = contract(*ACTIVE, consumed(), consumed(number=2, kind="part", part="PN-9", amount=2))
    assert balances(usual, at("2026-05-01")) == (
        Balance(Pool(Kind.VISIT), 2, 1),
        Balance(Pool(Kind.HOURS), 4 * HOUR, 4 * HOUR),
        Balance(Pool(Kind.PART), 5, 5),
        Balance(Pool(Kind.PART, "PN-9"), 3, 1),
    )
    assert balances(usual, at("2027-01-01")) == ()
