"""Contracts for tests of the book: told by hand with ``tests.domain.contract.story``, or drawn at random."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import strategies as st
from msgspec.structs import replace

from domain.contract.events import EntitlementConsumed, EntitlementRestored
from domain.contract.state import Contract, replay
from domain.contract.words import Scope
from domain.event import Fact
from domain.money import Money
from projections.contract_book.fold import ContractBookProjection
from projections.engine.runner import Runner
from tests.domain.contract.invented import KINDS, MIDNIGHT, PARTS, allowances
from tests.domain.contract.story import (
    TICKET,
    Happening,
    activated,
    amended,
    consumed,
    contract_id,
    day,
    drafted,
    expired,
    facts,
    renewed,
    restored,
    signed,
    terminated,
)
from tests.projections.histories import record
from tests.projections.views import emptied, until

ZONES = ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue", "Europe/Berlin"]
SERIALS = ["SN-1", "SN-2", "SN-3"]


def life(number: int, *happenings: Happening) -> tuple[Fact, ...]:
    """What happened to one contract, as the log keeps it: uses belong to their ticket's case."""
    return tuple(
        replace(fact, correlation_id=TICKET)
        if isinstance(fact.event, (EntitlementConsumed, EntitlementRestored))
        else fact
        for fact in facts(*happenings, stream=contract_id(number))
    )


def active_life(number: int, *further: Happening, **other: object) -> tuple[Fact, ...]:
    """An active contract C-2026-…, like the usual one or different, to which further things happened."""
    return life(
        number, drafted(**{"number": f"C-2026-{number:06}", **other}), signed(), activated(), *further
    )


def made(recorded: Sequence[Fact]) -> Contract:
    """The contract that its facts make in the domain alone."""
    contract = replay(recorded)
    assert contract is not None
    return contract


def fold(url: str, batch: int = 5000) -> None:
    """Let the book, in a runner of its own, catch up."""
    with Runner(url, (ContractBookProjection(),), batch=batch) as runner:
        until(lambda: runner.run_once() >= 0 and bool(runner.leading))


def shown(url: str, *lives: Sequence[Fact]) -> None:
    """Record whole lives and let the book catch up."""
    record(url, [fact for each in lives for fact in each])
    fold(url)


def rebuilt(url: str, batch: int) -> None:
    """Empty the book and fold the log again."""
    emptied(url, ContractBookProjection())
    with Runner(url, (ContractBookProjection(),), batch=batch) as runner:
        runner.run_once()


def mixed(lives: Sequence[Sequence[Fact]], chance: random.Random) -> list[Fact]:
    """The facts of all lives, each life's own in order."""
    turns = [place for place, each in enumerate(lives) for _ in each]
    chance.shuffle(turns)
    waiting = [iter(each) for each in lives]
    return [next(waiting[turn]) for turn in turns]


spoken = st.integers(-40, 900).map(lambda days: (MIDNIGHT + timedelta(days=days)).isoformat())
dates = st.dates(day("2025-11-01"), day("2028-03-01")).map(str)
serials = st.lists(st.sampled_from(SERIALS), max_size=2, unique=True).map(tuple)


@st.composite
def uses(draw: st.DrawFn) -> Happening:
    """A use of something, perhaps for a fault of another day."""
    kind, part = draw(st.sampled_from(KINDS))
    amount, reported = draw(st.integers(1, 3)), draw(st.none() | spoken)
    return consumed(draw(spoken), draw(st.integers(1, 4)), kind.value, amount, part=part, reported=reported)


happenings = st.one_of(
    uses(),
    uses(),
    st.builds(restored, spoken, st.integers(1, 4), st.integers(1, 3), part=st.sampled_from([None, *PARTS])),
    st.builds(
        amended,
        dates,
        spoken,
        added=serials,
        removed=serials,
        plan=st.sampled_from([None, "silver", "bronze"]),
        price=st.sampled_from([None, Money("20000", "CNY")]),
    ),
    st.builds(renewed, dates, spoken, starts_on=dates, allowances=allowances, carries=st.booleans()),
    st.builds(expired, spoken),
    st.builds(activated, spoken),
    st.builds(terminated, dates, spoken),
)
"""Anything that can be recorded, whether or not a decision would have allowed it."""


@st.composite
def invented(draw: st.DrawFn, number: int, customer: str) -> tuple[Fact, ...]:
    """The life of one contract, of a customer or of another, in one of several zones."""
    scope = draw(st.sampled_from(Scope))
    starts_on = draw(st.dates(day("2025-12-30"), day("2026-03-01")))
    begun = drafted(
        number=f"C-2026-{number:06}",
        customer=draw(st.sampled_from([customer, customer, f"another than {customer}"])),
        zone=draw(st.sampled_from(ZONES)),
        scope=scope,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=draw(st.integers(0, 400))),
        allowances=draw(allowances),
        assets=() if scope is Scope.CUSTOMER else draw(st.sampled_from([("SN-1",), ("SN-1", "SN-2")])),
    )
    agreed = [signed(), activated()] if draw(st.integers(0, 4)) else []
    return life(number, begun, *agreed, *draw(st.lists(happenings, max_size=10)))
