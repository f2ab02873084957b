"""Recording what people decide about the system itself."""

from __future__ import annotations

from application.log.append import Recorded
from application.log.errors import VersionConflict
from application.log.event_log import EventLog
from domain.event import Act, Event, Fact
from domain.upkeep import stream_of

TRIES = 20


async def record(log: EventLog, kept: str, event: Event, act: Act) -> Recorded:
    """Record what happened to a part of the system.

    Args:
        kept: that part, such as ``projection/queue``.

    Raises:
        VersionConflict: others were faster, again and again.
        LogUnavailable: the database does not answer.
    """
    stream = stream_of(kept)
    for tried in range(1, TRIES + 1):
        version = len(await log.stream(stream)) + 1
        fact = Fact(stream_id=stream, version=version, event=event, act=act, correlation_id=stream)
        try:
            return await log.append([fact])
        except VersionConflict:
            if tried == TRIES:
                raise
    raise AssertionError
