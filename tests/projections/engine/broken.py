"""Releases that cannot fold everything, and people who decide what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from application.calendars import shipped_calendars
from application.log.append import Append
from application.log.stored import LogEvent
from application.log.writer_thread import WriterThread
from domain.event import Act, Fact
from domain.promises import Promises
from domain.upkeep import EventSkipped, stream_of
from projections.engine.projection import Projection
from tests.conftest import connected
from tests.projections.histories import START, record
from tests.projections.views import PROMISES, shipped


def release_without(plan: str) -> tuple[Projection, ...]:
    """The product's projections, with a book that lacks a plan: the tickets that pin it cannot be folded."""
    return shipped(Promises([each for each in PROMISES.plans if each.name != plan], shipped_calendars()))


def teleport(url: str, ticket: UUID, version: int) -> None:
    """Record an event of a ticket that no release knows."""
    unknown = LogEvent(
        id=0,
        originator_id=ticket,
        originator_version=version,
        topic="ticket.teleported",
        state=b'{"to":"Mars"}',
    )
    writer = WriterThread(url)
    writer.append(Append((unknown,)))
    writer.close()


def skip(url: str, names: Sequence[str], position: int, unit: UUID) -> None:
    """Decide that these projections leave one event out."""
    for name in names:
        stream = stream_of(f"projection/{name}")
        with connected(url) as conn:
            (version,) = conn.execute(
                "SELECT count(*) + 1 FROM log.event WHERE stream_id = %s", (stream,)
            ).fetchone()
        event = EventSkipped(projection=name, position=position, event_type="ticket.teleported", unit=unit)
        by = Act(actor="admin:ops", occurred_at=START, reason="nobody was on Mars")
        record(url, [Fact(stream_id=stream, version=version, event=event, act=by, correlation_id=stream)])
