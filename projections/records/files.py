"""The photos and files of a case: what was attached, by whom, and what it is by its hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from domain.event import Fact
from domain.ticket.file_events import FileAttached, FileWithdrawn
from domain.ticket.words import FileKind


class FiledFile(msgspec.Struct, frozen=True, kw_only=True):
    """A photo or file that was attached.

    Attributes:
        position: of the event that names it, in the log.
        sha256: of its bytes, in hexadecimal: by it the log proves the file.
        size: bytes.
        kind: what it shows.
        actor: who attached it.
        occurred_at: when it was attached.
        recorded_at: when the log took that.
        withdrawn: the position at which it was withdrawn; ``None`` where it is still shown.
    """

    position: int
    name: str
    size: int
    media_type: str
    sha256: str
    kind: FileKind
    caption: str | None
    actor: str
    occurred_at: datetime
    recorded_at: datetime | None
    withdrawn: int | None


def filed(facts: Sequence[Fact]) -> tuple[FiledFile, ...]:
    """Every file that was attached, in the order of the log; the withdrawn ones, too."""
    return tuple(
        FiledFile(
            position=fact.position,
            name=fact.event.name,
            size=fact.event.size,
            media_type=fact.event.media_type,
            sha256=fact.event.sha256,
            kind=fact.event.kind,
            caption=fact.event.caption,
            actor=fact.act.actor,
            occurred_at=fact.act.occurred_at,
            recorded_at=fact.recorded_at,
            withdrawn=_withdrawn(fact, fact.event.sha256, facts),
        )
        for fact in facts
        if isinstance(fact.event, FileAttached)
    )


def _withdrawn(attached: Fact, sha256: str, facts: Sequence[Fact]) -> int | None:
    later = (
        fact.position
        for fact in facts
        if isinstance(fact.event, FileWithdrawn)
        and (fact.stream_id, fact.event.sha256) == (attached.stream_id, sha256)
        and fact.position > attached.position
    )
    return next(later, None)
