"""One commit's worth of appends: what must be looked up, who is refused, what is inserted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from application.log.append import Append, Progress, Recorded, Request
from application.log.errors import AlreadyRead, KeyReused, NameTaken, VersionConflict
from application.log.stored import LogEvent

LOOKS: dict[str, LiteralString] = {
    "versions": "SELECT stream_id, max(version) FROM log.event WHERE stream_id = ANY(%b) GROUP BY stream_id",
    "names": "SELECT name, stream_id FROM log.name WHERE name = ANY(%b)",
    "commands": (
        "SELECT caller, key, digest, stream_id, version, position, recorded_at "
        "FROM log.command WHERE key = ANY(%b)"
    ),
    "series": "SELECT series, last FROM log.series WHERE series = ANY(%b)",
    "progress": "SELECT projection, log, position FROM log.tracking WHERE projection = ANY(%b)",
}
INSERTS: dict[str, LiteralString] = {
    "event": (
        "INSERT INTO log.event (position, stream_id, version, type, schema, data, occurred_at, recorded_at, "
        "actor, reason, correlation_id, causation_id, idempotency_key) "
        "SELECT * FROM unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::text[], %b::smallint[], "
        "%b::bytea[], %b::timestamptz[], %b::timestamptz[], %b::text[], %b::text[], %b::uuid[], "
        "%b::uuid[], %b::text[])"
    ),
    "name": "INSERT INTO log.name (name, stream_id) SELECT * FROM unnest(%b::text[], %b::uuid[])",
    "command": (
        "INSERT INTO log.command (caller, key, digest, stream_id, version, position, recorded_at) "
        "SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::uuid[], %b::bigint[], %b::bigint[], "
        "%b::timestamptz[])"
    ),
    "series": (
        "INSERT INTO log.series (series, last) SELECT * FROM unnest(%b::text[], %b::bigint[]) "
        "ON CONFLICT (series) DO UPDATE SET last = excluded.last"
    ),
    "progress": (
        "INSERT INTO log.tracking AS t (projection, log, position) "
        "SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[]) "
        "ON CONFLICT (projection, log) DO UPDATE SET position = excluded.position, moved_at = now()"
    ),
}


NOTHING = (UUID(int=0), 0)


class Found(NamedTuple):
    """What the log already holds of the streams, names and keys that a batch touches."""

    versions: Sequence[tuple[UUID, int]] = ()
    names: Sequence[tuple[str, UUID]] = ()
    commands: Sequence[tuple[str, str, bytes, UUID, int, int, datetime]] = ()
    series: Sequence[tuple[str, int]] = ()
    progress: Sequence[tuple[str, str, int]] = ()


class Batch:
    """Decides one commit. ``looks`` first, then ``decide`` with what was found, then ``inserts``."""

    def __init__(self, appends: Sequence[Append]) -> None:
        self._appends = appends
        self._rows: dict[str, list[tuple[Any, ...]]] = {"event": [], "name": [], "command": []}
        self._counted: dict[str, int] = {}
        self._progress: dict[tuple[str, str], int] = {}
        self.position = 0
        """The head after the batch."""
        self.events: list[tuple[LogEvent, ...]] = []
        """What ``decide`` took, append by append; nothing for a refused one."""

    def looks(self) -> Iterator[tuple[str, LiteralString, tuple[list[Any]]]]:
        """What must be asked under the head lock: the field of ``Found``, the query, its parameters."""
        appends = self._appends
        wanted: dict[str, set[Any]] = {
            "versions": {event.stream_id for append in appends for event in append.events},
            "names": {name for append in appends for name in append.names},
            "commands": {append.request.key for append in appends if append.request},
            "series": {append.number.series for append in appends if append.number},
            "progress": {append.progress.reader for append in appends if append.progress},
        }
        for field, values in wanted.items():
            if values:
                yield field, LOOKS[field], (list(values),)

    def decide(self, position: int, recorded_at: datetime, found: Found) -> list[Recorded | Exception]:
        """Give every append its positions or its refusal, in order; later appends see earlier ones."""
        self.position = position
        self._versions = dict(found.versions)
        self._names = dict(found.names)
        self._commands = {row[:2]: row[2:] for row in found.commands}
        self._series = dict(found.series)
        self._read = {row[:2]: row[2] for row in found.progress}
        return [self._decide(append, recorded_at) for append in self._appends]

    def _decide(self, append: Append, now: datetime) -> Recorded | Exception:
        before = self._before(append.request)
        if before is not None:
            self.events.append(())
            return before
        number, events, names = self._numbered(append)
        refusal = self._refusal(events, names, append.progress)
        if refusal is not None:
            self.events.append(())
            return refusal
        self.events.append(events)
        first = self.position + 1
        for event in events:
            self._take(event, now)
        for name in names:
            if name not in self._names:
                self._names[name] = events[0].stream_id
                self._rows["name"].append((name, events[0].stream_id))
        if append.number is not None:
            self._series[append.number.series] = self._counted[append.number.series] = (
                self._series.get(append.number.series, 0) + 1
            )
        stream_id, version = (events[-1].stream_id, events[-1].originator_version) if events else NOTHING
        if append.request is not None:
            command = (append.request.caller, append.request.key)
            answer = (append.request.digest, stream_id, version, self.position, now)
            self._commands[command] = answer
            self._rows["command"].append((*command, *answer))
        if append.progress is not None:
            reader = (append.progress.reader, append.progress.log)
            self._read[reader] = self._progress[reader] = append.progress.position
        positions = tuple(range(first, self.position + 1))
        return Recorded(stream_id, version, self.position, now, positions=positions, number=number)

    def _before(self, request: Request | None) -> Recorded | Exception | None:
        """What the same command recorded before, or its refusal when it was another command."""
        found = self._commands.get((request.caller, request.key)) if request else None
        if request is None or found is None:
            return None
        digest, stream_id, version, position, recorded_at = found
        if digest != request.digest:
            return KeyReused(f"Idempotency-Key {request.key} came before with another request")
        return Recorded(stream_id, version, position, recorded_at, repeated=True)

    def _numbered(self, append: Append) -> tuple[str | None, tuple[LogEvent, ...], tuple[str, ...]]:
        if append.number is None:
            return None, append.events, append.names
        serial = self._series.get(append.number.series, 0) + 1
        number = f"{append.number.series}-{serial:06d}"
        return number, append.number.events(number), (number, *append.names)

    def _refusal(
        self, events: Sequence[LogEvent], names: Sequence[str], progress: Progress | None
    ) -> Exception | None:
        ahead: dict[UUID, int] = {}
        for event in events:
            current = ahead.get(event.stream_id, self._versions.get(event.stream_id))
            if current is not None and event.originator_version != current + 1:
                return VersionConflict(event.stream_id, current)
            if current is None and event.originator_version > 1:
                return VersionConflict(event.stream_id, 0)
            ahead[event.stream_id] = event.originator_version
        for name in names:
            owner = self._names.get(name)
            if owner is not None and owner != events[0].stream_id:
                return NameTaken(name, owner)
        if progress is not None and self._read.get((progress.reader, progress.log), -1) >= progress.position:
            return AlreadyRead(f"{progress.reader} has read {progress.log} up to {progress.position} before")
        return None

    def _take(self, event: LogEvent, now: datetime) -> None:
        self.position += 1
        self._versions[event.stream_id] = event.originator_version
        self._rows["event"].append((
            self.position, event.stream_id, event.originator_version, event.topic, event.schema,
            event.state, event.occurred_at or now, now, event.actor, event.reason,
            event.correlation_id or event.stream_id, event.causation_id, event.idempotency_key,
        ))  # fmt: skip

    def inserts(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """The rows to insert, by table, as columns."""
        self._rows["series"] = list(self._counted.items())
        self._rows["progress"] = [(*reader, position) for reader, position in self._progress.items()]
        for table, rows in self._rows.items():
            if rows:
                yield table, [list(column) for column in zip(*rows, strict=True)]
