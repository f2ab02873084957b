"""One commit's worth of appends: what must be looked up, who is refused, what is inserted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from application.log.append import Append, Recorded
from application.log.errors import AlreadyRead, KeyReused, NameTaken, VersionConflict

VERSIONS = "SELECT stream_id, max(version) FROM log.event WHERE stream_id = ANY(%b) GROUP BY stream_id"
NAMES = "SELECT name, stream_id FROM log.name WHERE name = ANY(%b)"
COMMANDS = (
    "SELECT caller, key, digest, stream_id, version, position, recorded_at "
    "FROM log.command WHERE key = ANY(%b)"
)
PROGRESS = "SELECT projection, log, position FROM log.tracking WHERE projection = ANY(%b)"
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
    "progress": (
        "INSERT INTO log.tracking AS t (projection, log, position) "
        "SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[]) "
        "ON CONFLICT (projection, log) DO UPDATE SET position = excluded.position, moved_at = now()"
    ),
}


class Found(NamedTuple):
    """What the log already holds of the streams, names and keys that a batch touches."""

    versions: Sequence[tuple[UUID, int]]
    names: Sequence[tuple[str, UUID]] = ()
    commands: Sequence[tuple[str, str, bytes, UUID, int, int, datetime]] = ()
    progress: Sequence[tuple[str, str, int]] = ()


class Batch:
    """Decides one commit. ``looks`` first, then ``decide`` with what was found, then ``inserts``."""

    def __init__(self, appends: Sequence[Append]) -> None:
        self._appends = appends
        self._rows: dict[str, list[tuple[Any, ...]]] = {"event": [], "name": [], "command": []}
        self._progress: dict[tuple[str, str], int] = {}
        self.position = 0
        """The head after the batch."""

    def looks(self) -> Iterator[tuple[LiteralString, tuple[list[Any]]]]:
        """The queries to ask under the head lock, in the order of ``Found``'s fields."""
        streams = {event.stream_id for append in self._appends for event in append.events}
        yield VERSIONS, (list(streams),)
        names = {name for append in self._appends for name in append.names}
        keys = {append.request.key for append in self._appends if append.request}
        readers = {append.progress.reader for append in self._appends if append.progress}
        if names or keys or readers:
            yield NAMES, (list(names),)
            yield COMMANDS, (list(keys),)
            yield PROGRESS, (list(readers),)

    def decide(self, position: int, recorded_at: datetime, found: Found) -> list[Recorded | Exception]:
        """Give every append its positions or its refusal, in order; later appends see earlier ones."""
        self.position = position
        self._versions = dict(found.versions)
        self._names = dict(found.names)
        self._commands = {row[:2]: row[2:] for row in found.commands}
        self._read = {row[:2]: row[2] for row in found.progress}
        return [self._decide(append, recorded_at) for append in self._appends]

    def _decide(self, append: Append, now: datetime) -> Recorded | Exception:
        request = append.request
        if request is not None and (before := self._commands.get((request.caller, request.key))):
            digest, stream_id, version, position, recorded_at = before
            if digest != request.digest:
                return KeyReused(f"Idempotency-Key {request.key} came before with another request")
            return Recorded(stream_id, version, position, recorded_at, repeated=True)
        refusal = self._refusal(append)
        if refusal is not None:
            return refusal
        first = self.position + 1
        for event in append.events:
            self.position += 1
            self._versions[event.stream_id] = event.originator_version
            self._rows["event"].append((
                self.position, event.stream_id, event.originator_version, event.topic, event.schema,
                event.state, event.occurred_at or now, now, event.actor, event.reason,
                event.correlation_id or event.stream_id, event.causation_id, event.idempotency_key,
            ))  # fmt: skip
        for name in append.names:
            if name not in self._names:
                stream_id = append.events[0].stream_id
                self._names[name] = stream_id
                self._rows["name"].append((name, stream_id))
        last, version = _end(append)
        if request is not None:
            answer = (request.digest, last, version, self.position, now)
            self._commands[request.caller, request.key] = answer
            self._rows["command"].append((request.caller, request.key, *answer))
        if append.progress is not None:
            reader = (append.progress.reader, append.progress.log)
            self._read[reader] = self._progress[reader] = append.progress.position
        return Recorded(last, version, self.position, now, positions=tuple(range(first, self.position + 1)))

    def _refusal(self, append: Append) -> Exception | None:
        ahead: dict[Any, int] = {}
        for event in append.events:
            stream_id = event.stream_id
            current = ahead.get(stream_id, self._versions.get(stream_id))
            if current is not None and event.originator_version != current + 1:
                return VersionConflict(stream_id, current)
            if current is None and event.originator_version > 1:
                return VersionConflict(stream_id, 0)
            ahead[stream_id] = event.originator_version
        for name in append.names:
            owner = self._names.get(name)
            if owner is not None and owner != append.events[0].stream_id:
                return NameTaken(name, owner)
        progress = append.progress
        if progress is not None and self._read.get((progress.reader, progress.log), -1) >= progress.position:
            return AlreadyRead(f"{progress.reader} has read {progress.log} up to {progress.position} before")
        return None

    def inserts(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """The rows to insert, by table, as columns."""
        for table, rows in self._rows.items():
            if rows:
                yield table, [list(column) for column in zip(*rows, strict=True)]
        if self._progress:
            rows = [(*reader, position) for reader, position in self._progress.items()]
            yield "progress", [list(column) for column in zip(*rows, strict=True)]


def _end(append: Append) -> tuple[UUID, int]:
    if not append.events:
        return UUID(int=0), 0
    return append.events[-1].stream_id, append.events[-1].originator_version
