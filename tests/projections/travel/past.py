"""Histories to travel in: facts with both times, and states as flat maps of what they hold."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from application.log.snapshots import NOW, Replay, Until
from application.plans import shipped_promises
from domain.contract.events import EntitlementConsumed, EntitlementRestored
from domain.contract.words import Kind as Entitlement
from domain.event import Event, Fact
from projections.travel.diff import Compared, compare
from projections.travel.differences import Path, differences
from projections.travel.kinds import Kinds, Told, case_told
from tests.projections.histories import START, Story, act, at
from tests.projections.parts import random_parts

KINDS = Kinds(shipped_promises())
CONTRACT = UUID(int=0xC)


class Way(NamedTuple):
    """How a history is replayed and told."""

    replay: Replay[Any]
    told: Any

    def leaves(self, facts: Sequence[Fact]) -> dict[Path, Any]:
        """Everything that facts make."""
        state = self.replay(facts)
        return {} if state is None else leaves(self.told(state))

    def compared(self, facts: Sequence[Fact], begin: Until = NOW, end: Until = NOW) -> Compared:
        """What changed."""
        return compare(facts, begin, end, self.replay, self.told)


TICKETS = Way(KINDS.ticket.replay, KINDS.ticket.told)
PARTS = Way(KINDS.part.replay, KINDS.part.told)
CONTRACTS = Way(KINDS.contract.replay, KINDS.contract.told)
CASES = Way(KINDS.replay_case, case_told)


def leaves(told: Told) -> dict[Path, Any]:
    """What stands at the end of every path."""
    return {each.path: each.after for each in differences(None, told)}


def applied(state: Mapping[Path, Any], compared: Compared) -> dict[Path, Any]:
    """What a comparison makes of the leaves at its beginning, which it must know."""
    now = dict(state)
    for change, _ in compared.changes:
        assert now.pop(change.path, None) == change.before
        if change.after is not None:
            now[change.path] = change.after
    return now


def recorded(facts: Iterable[Fact], first: int = 1) -> list[Fact]:
    """The facts as a log has them, one a minute from the day after the story on."""
    return [
        replace(fact, position=position, recorded_at=START + timedelta(days=99, minutes=position))
        for position, fact in enumerate(facts, first)
    ]


def case_of(story: Story, *others: Fact) -> list[Fact]:
    """A ticket and what was done for it, as it was recorded: by the time at which it happened."""
    return recorded(sorted([*story.facts, *others], key=lambda fact: fact.act.occurred_at))


def used(story: Story, hours: float, amount: int = 1, *, version: int = 2, back: bool = False) -> Fact:
    """A visit of the contract that was used for a ticket, or given back."""
    shared = {
        "number": "C-2026-000012",
        "entry": UUID(int=0xE),
        "ticket": story.id,
        "ticket_number": story.ticket.number,
        "kind": Entitlement.VISIT,
        "amount": amount,
    }
    event: Event = (
        EntitlementRestored(**shared)
        if back
        else EntitlementConsumed(**shared, reported_at=at(0), asset="SN-2024-00117")
    )
    return Fact(stream_id=CONTRACT, version=version, event=event, act=act(hours), correlation_id=story.id)


def random_case(seed: int, steps: int = 40) -> list[Fact]:
    """Everything that was done for one of three tickets, parts of all kinds among it."""
    _, facts = random_parts(random.Random(seed), steps=steps)  # noqa: S311
    case = facts[0].stream_id
    return recorded(fact for fact in facts if fact.correlation_id == case)
