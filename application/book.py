"""The book of promises of one process: what comes with the product, and what the log says was published.

A pin may name what another process published a moment ago. So what is missing is read from the log when
it is asked for; and what new tickets pin is a basis of their append, which is decided again where the book of
this process was behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import psycopg

from application.calendars import shipped_calendars
from application.log.connect import READING
from application.log.event_log import STREAM, EventLog
from application.log.mapper import fact_of
from application.plans import shipped_plans
from application.triage import shipped_triages
from domain.event import Fact
from domain.promises import Look, NotOffered, Promises, UnknownPlan
from domain.publishing.events import CALENDARS, PLANS, TRIAGE, TRIAGES, plan_stream, triage_stream
from domain.ticket.events import PlanPin
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
    """The promises, and the log that they are published in.

    Args:
        log: the event log.
        promises: the book of this process; what is read is added to it.
    """

    def __init__(self, log: EventLog, promises: Promises) -> None:
        self._log = log
        self.promises = promises

    async def refresh(self, names: Iterable[str] | None = None) -> None:
        """Take in what was published.

        Args:
            names: of streams, such as ``plan:gold``; all that there are when absent.

        Raises:
            LogUnavailable: the database does not answer.
        """
        if names is None:
            found = await self._log.mentioned([PLANS, CALENDARS, TRIAGES])
            streams = frozenset[UUID]().union(*found.values())
        else:
            streams = frozenset(map(stream_of, names))
        self.promises.learn(await self._log.streams(list(streams)))

    async def pin(self, plan: str, at: datetime, *, fresh: bool) -> tuple[PlanPin, dict[UUID, int]]:
        """What a new ticket pins, and the streams that was settled by, for the basis of its append.

        Unless ``fresh``, by what is at hand; nobody is refused on that.

        Raises:
            UnknownPlan, NotOffered: see ``Promises.pin``.
            LogUnavailable: the database does not answer.
        """
        if not fresh:
            try:
                return self.promises.pin(plan, at), self._looked_at(plan)
            except (UnknownPlan, NotOffered):
                pass
        await self.refresh([plan_stream(plan)])
        await self.refresh(self.promises.looked_at(plan))
        return self.promises.pin(plan, at), self._looked_at(plan)

    async def triage(self, at: datetime, *, fresh: bool) -> tuple[Triage, dict[UUID, int]]:
        """What is judged by at a moment, and the stream that says so, for the basis of the append.

        Unless ``fresh``, by what is at hand; nobody is refused on that.

        Raises:
            LogUnavailable: the database does not answer.
        """
        stream = triage_stream(TRIAGE)
        if fresh:
            await self.refresh([stream])
        editions = self.promises.triage
        counting = editions.at(at) or editions.all[0]
        return counting.body, {stream_of(stream): editions.events}

    async def offers(self, plan: str) -> None:
        """See that something can be promised.

        Raises:
            UnknownPlan, NotOffered: see ``Promises.offers``.
            LogUnavailable: the database does not answer.
        """
        await self.refresh([plan_stream(plan)])
        self.promises.offers(plan)

    def _looked_at(self, plan: str) -> dict[UUID, int]:
        return {stream_of(name): events for name, events in self.promises.looked_at(plan).items()}
