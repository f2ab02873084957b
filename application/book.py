"""The book of promises of one process: what comes with the product, and what the log says was published.

All of it is one case of the log, and all of it is at hand. So one number says whether this process has
missed anything, and whoever decides by the book names that number as a basis: where something was published
since, it is decided again on what stands by then. A pin may name what another process published a moment
ago; what is missing then is read from the log when it is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import psycopg

from application.calendars import shipped_calendars
from application.log.append import Basis, Recorded, Request
from application.log.connect import READING
from application.log.event_log import STREAM, EventLog
from application.log.mapper import fact_of
from application.plans import shipped_plans
from application.streams import StaleVersion, decided_again, facts_of, must_be_at
from application.triage import shipped_triages
from domain.assignment.book import Assignments
from domain.errors import DomainError
from domain.event import Act, Event, Fact
from domain.promises import Look, Promises
from domain.publishing.events import BOOK
from domain.ticket.triage import Triage
from domain.upkeep import stream_of


def open_promises(url: str) -> Promises:
    """A book of its own for this process, which looks into the log for what it does not hold.

    Looking waits for the database, a few milliseconds for each version that this process has not met.

    Args:
        url: the service role's connection string.
    """
    return Promises(shipped_plans(), shipped_calendars(), shipped_triages(), look=_looking(url))


def _looking(url: str) -> Look:
    def look(name: str) -> Sequence[Fact]:
        with psycopg.connect(READING.within(url), autocommit=True) as conn:
            rows = conn.execute(STREAM, (stream_of(name), 0), binary=True).fetchall()  # type: ignore[call-overload]
        return [fact_of(row) for row in rows]

    return look


class Book:
    """The promises and to whom they are made, and the log that all of it is published in.

    Args:
        log: the event log.
        promises: the plans and calendars of this process; what is read is added to them.
    """

    def __init__(self, log: EventLog, promises: Promises) -> None:
        self._log = log
        self.promises = promises
        self.assignments = Assignments()
        self._versions: dict[UUID, int] = {}
        self._read_to = 0
        self._turn = asyncio.Lock()

    @property
    def basis(self) -> dict[UUID, int]:
        """What a decision by the book as it is at hand has looked at; see ``Basis.cases``."""
        return {BOOK: self._read_to}

    def triage(self, at: datetime) -> Triage:
        """What is judged by at a moment, as far as is at hand."""
        editions = self.promises.triage
        return (editions.at(at) or editions.all[0]).body

    async def refresh(self) -> None:
        """Take in what was published since.

        Raises:
            LogUnavailable: the database does not answer.
        """
        self._learn(await self._log.case(BOOK, after=self._read_to))

    async def change(
        self,
        name: str,
        decide: Callable[[], Sequence[Event]],
        act: Act,
        *,
        expected: int | None = None,
        request: Request | None = None,
    ) -> Recorded:
        """Let something be decided by the book as the log has it, and record what follows.

        Args:
            name: of the stream that it happens to, such as ``plan:gold``; one that is not there yet begins.
            decide: makes the decision; asked again when others were faster.
            act: who, when and why.
            expected: how many events of that stream the caller saw; ``None`` takes whatever stands.
            request: the command's idempotency key.

        Raises:
            StaleVersion: the stream has moved on from ``expected``.
            VersionConflict, BasisMoved: others were faster, again and again.
            DomainError: the decision.
            LogUnavailable: the database does not answer.
        """
        stream = stream_of(name)

        async def attempt(fresh: bool) -> Recorded:
            await self.refresh()
            version = self._versions.get(stream, 0)
            try:
                must_be_at(expected, version)
                facts = facts_of(stream, version, decide(), act)
            except (StaleVersion, DomainError):
                # The same command may have come twice at once, and stand in the way of itself.
                if fresh and request and (before := await self._log.answered(request)):
                    return before
                raise
            names, basis = () if version else (name,), Basis(cases=self.basis)
            return await self._log.append(facts, names=names, request=request, basis=basis)

        async with self._turn:
            return await decided_again(attempt)

    def _learn(self, facts: Sequence[Fact]) -> None:
        self.promises.learn(facts)
        self.assignments.learn(facts)
        for fact in facts:
            self._versions[fact.stream_id] = max(fact.version, self._versions.get(fact.stream_id, 0))
            self._read_to = max(fact.position, self._read_to)
