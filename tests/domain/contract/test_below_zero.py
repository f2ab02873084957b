"""Whatever is asked and whenever it happened, nothing goes below zero or above what was granted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.contract import decisions, uses
from domain.contract.balance import balance, pool_of
from domain.contract.events import Allowances
from domain.contract.state import Contract, evolve
from domain.contract.words import Kind
from domain.errors import DomainError, InvalidValue
from domain.event import Act, Event
from tests.domain.contract.invented import KINDS, MIDNIGHT, acting, allowances
from tests.domain.contract.story import (
    TICKET,
    TICKET_NUMBER,
    activated,
    contract,
    day,
    drafted,
    entry,
    signed,
)

CONTENDED = [(Kind.VISIT, None), (Kind.PART, "PN-9")]

whens = st.integers(-3, 130).map(lambda half_days: MIDNIGHT + timedelta(hours=12 * half_days))
Step = Callable[[Contract, int], tuple[Event, Act]]
"""Something asked of a contract, the how-manieth it is."""


def using(when: datetime, before: int, what: tuple[Kind, str | None], amount: int) -> Step:
    """Use something for a fault that was reported so many half days before."""

    def step(made: Contract, number: int) -> tuple[Event, Act]:
        reported_at = when - timedelta(hours=12 * before)
        kind, part = what
        [event] = uses.consume(
            made,
            entry=entry(number),
            ticket=TICKET,
            ticket_number=TICKET_NUMBER,
            kind=kind,
            amount=amount,
            part=part,
            asset="SN-1",
            reported_at=reported_at,
            by=acting(when),
        )
        return event, acting(when)

    return step


def giving_back(after: int, which: int, amount: int) -> Step:
    """Give back one of the uses so far, so many half days after it."""

    def step(made: Contract, number: int) -> tuple[Event, Act]:
        if not made.entries:
            raise InvalidValue("nothing was used yet")
        used = made.entries[which % len(made.entries)]
        act = acting(used.consumed_at + timedelta(hours=12 * after))
        [event] = uses.restore(made, entry=used.id, amount=amount, by=act)
        return event, act

    return step


def renewing(gap: int, included: Allowances, carries: bool) -> Step:
    """Add a term of a month, so many days after the last."""

    def step(made: Contract, number: int) -> tuple[Event, Act]:
        starts_on = made.ends_on + timedelta(days=1 + gap)
        [event] = decisions.renew(
            made,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=30),
            allowances=included,
            carries=carries,
            by=acting(MIDNIGHT),
        )
        return event, acting(MIDNIGHT)

    return step


steps = st.one_of(
    st.builds(using, whens, st.integers(0, 20), st.sampled_from(CONTENDED), st.integers(1, 3)),
    st.builds(giving_back, st.integers(-2, 60), st.integers(0, 20), st.integers(1, 3)),
    st.builds(renewing, st.integers(0, 5), allowances, st.booleans()),
)


@settings(max_examples=300)
@for_all(st.lists(steps, max_size=25), allowances)
def test_no_balance_at_any_moment_is_below_zero_or_above_what_was_granted(
    asked: list[Step], included: Allowances
) -> None:
    made = contract(drafted(allowances=included, ends_on=day("2026-01-31")), signed(), activated())
    for number, step in enumerate(asked, 1):
        with suppress(DomainError):
            event, act = step(made, number)
            made = evolve(event, made, act)
    moments = [moment for each in made.entries for moment in each.moments] or [MIDNIGHT]
    for place in range(len(made.periods)):
        for kind, part in KINDS:
            for moment in moments:
                shown = balance(made, place, pool_of(made, place, kind, part), moment)
                assert 0 <= shown.remaining <= shown.granted
    assert all(0 <= each.standing <= each.amount for each in made.entries)
