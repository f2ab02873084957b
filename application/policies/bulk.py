"""Many streams decided and appended together: read at once, then all appends under way share commits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

import structlog

from application.log.errors import LogBusy, VersionConflict
from application.log.event_log import EventLog
from application.streams import TRIES, facts_told
from domain.event import Fact, Told, type_name

ACTOR = "system:timer"
AT_ONCE = 500
"""Streams that are read together."""

Decide = Callable[[Sequence[Fact], datetime], Sequence[Told]]
"""What follows at a moment from all the facts of a stream; nothing, mostly."""

log = structlog.get_logger(__name__)


async def record(events: EventLog, decide: Decide, streams: Sequence[UUID], now: datetime) -> Counter[str]:
    """Record what follows on each of these streams, exactly once whoever else is about it.

    A stream that cannot be decided does not hold up the others.

    Returns:
        How many events of which type were recorded.

    Raises:
        LogUnavailable: the database does not answer.
    """
    parts = [streams[first : first + AT_ONCE] for first in range(0, len(streams), AT_ONCE)]
    recorded: Counter[str] = Counter()
    for part in parts:
        recorded += await _record(events, decide, part, now)
    return recorded


async def _record(events: EventLog, decide: Decide, streams: Sequence[UUID], now: datetime) -> Counter[str]:
    recorded: Counter[str] = Counter()
    left = list(streams)
    for _ in range(TRIES):
        told = [list(facts) for _, facts in groupby(await events.streams(left), key=attrgetter("stream_id"))]
        following = [facts for facts in (_following(decide, facts, now) for facts in told) if facts]
        answers = await asyncio.gather(*map(events.append, following), return_exceptions=True)
        left = []
        for facts, answer in zip(following, answers, strict=True):
            if isinstance(answer, VersionConflict | LogBusy):
                left.append(facts[0].stream_id)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                recorded.update(type_name(fact.event) for fact in facts)
        if not left:
            break
    return recorded


def _following(decide: Decide, facts: list[Fact], now: datetime) -> list[Fact]:
    stream_id, version = facts[-1].stream_id, facts[-1].version
    try:
        told = decide(facts, now)
    except Exception:
        log.exception("a timer cannot decide", stream=str(stream_id))
        return []
    return facts_told(stream_id, version, told)
