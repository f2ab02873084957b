"""What a reaction is about to record: events of several streams, decided on their newest states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid5

from application.desks import Desks
from application.streams import Streams, facts_of
from domain.contract.cover import EntitlementExhausted
from domain.errors import DomainError, NotAllowed
from domain.event import Act, Event, Fact
from domain.ticket.events import QuestionRaised
from domain.ticket.words import Obstacle, Reaction

S = TypeVar("S")
ACTOR = "system:reactions"


class Reply:
    """The answer to one fact: gathered decision by decision, then recorded as a whole.

    Args:
        cause: the fact.
        desks: where states are found.
    """

    def __init__(self, cause: Fact, desks: Desks) -> None:
        self.cause = cause
        self.desks = desks
        self._facts: dict[UUID, list[Fact]] = {}
        self._questions = 0

    @property
    def facts(self) -> list[Fact]:
        """Everything that is to be recorded."""
        return [fact for facts in self._facts.values() for fact in facts]

    def derived(self, name: str) -> UUID:
        """An id that is the same whenever this fact is reacted to."""
        return uuid5(self.cause.id, name)

    def act(self, at: datetime | None = None) -> Act:
        """It happened when its cause did, unless that is told apart."""
        return Act(actor=ACTOR, occurred_at=at or self.cause.act.occurred_at)

    async def ask(
        self,
        streams: Streams[S],
        stream_id: UUID,
        decide: Callable[[S, Act], Sequence[Event]],
        *,
        reaction: Reaction,
        subject: Callable[[S], str],
        at: datetime | None = None,
    ) -> None:
        """Let the domain decide; what it refuses becomes a question on the ticket.

        Args:
            streams: of the kind that the stream is.
            stream_id: what is asked.
            decide: the decision.
            reaction: what this is called in a question.
            subject: the number of what is asked.
            at: when it happened; with the cause when absent.
        """
        held = await streams.read(stream_id)
        if held is None:
            return
        before = self._facts.get(stream_id, [])
        state = streams.after(held.state, before)
        act = self.act(at)
        try:
            events = decide(state, act)
        except DomainError as refusal:
            await self._question(refusal, reaction, subject(state))
            return
        if events:
            self._follow(stream_id, held.version, events, act)

    async def _question(self, refusal: DomainError, reaction: Reaction, subject: str) -> None:
        self._questions += 1
        event = QuestionRaised(
            question=self.derived(f"question {self._questions}"),
            reaction=reaction,
            obstacle=_obstacle(refusal),
            detail=refusal.message,
            subject=subject,
        )
        ticket_id = self.cause.correlation_id
        held = await self.desks.tickets.streams.read(ticket_id)
        if held is not None:
            self._follow(ticket_id, held.version, [event], self.act(self.cause.recorded_at))

    def _follow(self, stream_id: UUID, version: int, events: Sequence[Event], act: Act) -> None:
        """Gather events of a stream that the log has at this version."""
        before = self._facts.get(stream_id, [])
        made = facts_of(stream_id, version + len(before), events, act, cause=self.cause.id)
        self._facts[stream_id] = [*before, *made]


def _obstacle(refusal: DomainError) -> Obstacle:
    if isinstance(refusal, EntitlementExhausted):
        return Obstacle.EXHAUSTED
    return Obstacle.STATE if isinstance(refusal, NotAllowed) else Obstacle.NOT_COVERED
