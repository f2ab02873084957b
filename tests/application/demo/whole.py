"""A recorded year as tests look at it: by stream, by service case, and as it stands at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from domain.contract import state as contracts
from domain.contract.state import Contract
from domain.event import Event, Fact
from domain.part import state as parts
from domain.part.state import Part
from domain.ticket import evolution as tickets
from domain.ticket.state import Ticket

E = TypeVar("E", bound=Event)


class Year:
    """Everything that is in a log.

    Args:
        facts: in the order of the log.
    """

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts

    @cached_property
    def streams(self) -> dict[UUID, list[Fact]]:
        """The facts of each stream, in the order of its versions."""
        found: dict[UUID, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            found[fact.stream_id].append(fact)
        return found

    @cached_property
    def tickets(self) -> dict[UUID, Ticket]:
        """The tickets at the end."""
        return {id_: found for id_, facts in self.streams.items() if (found := tickets.replay(facts))}

    @cached_property
    def parts(self) -> dict[str, Part]:
        """The parts at the end, by number."""
        return {found.number: found for facts in self.streams.values() if (found := parts.replay(facts))}

    @cached_property
    def contracts(self) -> dict[UUID, Contract]:
        """The contracts at the end."""
        return {id_: found for id_, facts in self.streams.items() if (found := contracts.replay(facts))}

    @cached_property
    def cases(self) -> dict[UUID, list[Fact]]:
        """The service case of each ticket, in the order in which it happened."""
        found: dict[UUID, list[Fact]] = {id_: [] for id_ in self.tickets}
        for fact in sorted(self.facts, key=lambda fact: fact.act.occurred_at):
            if fact.correlation_id in found:
                found[fact.correlation_id].append(fact)
        return found

    def all(self, kind: type[E]) -> Iterator[tuple[Fact, E]]:
        """The facts of one kind of event, with their events."""
        return ((fact, fact.event) for fact in self.facts if isinstance(fact.event, kind))
