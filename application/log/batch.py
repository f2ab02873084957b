"""One commit's worth of appends: what must be looked up, who is refused, what is inserted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from application.log.append import Append, Basis, Progress, Recorded, Request
from application.log.errors import AlreadyRead, BasisMoved, KeyReused, NameTaken, VersionConflict
from application.log.sealing import ORIGIN, chain_hash, leaf_hash, sealed_bytes
from application.log.stored import LogEvent

LOOK: LiteralString = """
    SELECT
        (SELECT greatest(recorded_at, clock_timestamp()) FROM log.head),
        (SELECT jsonb_object_agg(asked, version) FROM unnest(%s::uuid[]) AS asked, LATERAL (
            SELECT version FROM log.event WHERE stream_id = asked ORDER BY version DESC LIMIT 1) AS newest),
        (SELECT jsonb_object_agg(name, stream_id) FROM log.name WHERE name = ANY(%s::text[])),
        (SELECT jsonb_agg(jsonb_build_array(
            caller, key, encode(digest, 'hex'), stream_id, version, position, recorded_at))
            FROM log.command WHERE key = ANY(%s::text[])),
        (SELECT jsonb_object_agg(series, last) FROM log.series WHERE series = ANY(%s::text[])),
        (SELECT jsonb_agg(jsonb_build_array(projection, log, position))
            FROM log.tracking WHERE projection = ANY(%s::text[])),
        (SELECT jsonb_object_agg(asked, position) FROM unnest(%s::uuid[]) AS asked, LATERAL (
            SELECT position FROM log.event WHERE correlation_id = asked
            ORDER BY position DESC LIMIT 1) AS newest),
        (SELECT jsonb_agg(jsonb_build_array(name, stream_id)) FROM log.mention WHERE name = ANY(%s::text[]))
"""
"""The clock, and what the log holds of all that a batch names: streams, names, keys and so on.

Of a stream or case only the last event is looked at: that costs the same however many there are.
"""

RECORD: LiteralString = """
    WITH events AS (
        INSERT INTO log.event (position, stream_id, version, type, schema, data, occurred_at, recorded_at,
                               actor, reason, correlation_id, causation_id, idempotency_key,
                               leaf_hash, chain_hash)
        SELECT * FROM unnest(
            %b::bigint[], %b::uuid[], %b::bigint[], %b::text[], %b::smallint[], %b::bytea[],
            %b::timestamptz[], %b::timestamptz[], %b::text[], %b::text[], %b::uuid[], %b::uuid[], %b::text[],
            %b::bytea[], %b::bytea[])
    ), names AS (
        INSERT INTO log.name (name, stream_id) SELECT * FROM unnest(%s::text[], %s::uuid[])
    ), mentions AS (
        INSERT INTO log.mention (name, stream_id) SELECT * FROM unnest(%s::text[], %s::uuid[])
        ON CONFLICT DO NOTHING
    ), commands AS (
        INSERT INTO log.command (caller, key, digest, stream_id, version, position, recorded_at)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::uuid[], %s::bigint[], %s::bigint[],
                             %s::timestamptz[])
    ), series AS (
        INSERT INTO log.series (series, last) SELECT * FROM unnest(%s::text[], %s::bigint[])
        ON CONFLICT (series) DO UPDATE SET last = excluded.last
    ), progress AS (
        INSERT INTO log.tracking (projection, log, position)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[])
        ON CONFLICT (projection, log) DO UPDATE SET position = excluded.position, moved_at = now()
    ), head AS (
        UPDATE log.head SET position = %s, recorded_at = %s, chain_hash = %s
    )
    SELECT pg_notify('log', %s)
"""
"""Everything that a batch records, in one statement: each one sent is a turn over the socket."""

EVENT_COLUMNS, NAME_COLUMNS, MENTION_COLUMNS = 15, 2, 2
COMMAND_COLUMNS, SERIES_COLUMNS, PROGRESS_COLUMNS = 7, 2, 3
NOTHING = (UUID(int=0), 0)
Answered = tuple[bytes, UUID, int, int, datetime]


class Found(NamedTuple):
    """What ``LOOK`` answers: one row, its columns in order."""

    recorded_at: datetime
    versions: dict[str, int] | None
    names: dict[str, str] | None
    commands: list[tuple[str, str, str, str, int, int, str]] | None
    series: dict[str, int] | None
    progress: list[tuple[str, str, int]] | None
    cases: dict[str, int] | None
    mentions: list[tuple[str, str]] | None


class Batch:
    """Decides one commit: ``look`` first, then ``decide`` with what was found, then ``record``."""

    def __init__(self, appends: Sequence[Append]) -> None:
        self._appends = appends
        self._events: list[tuple[Any, ...]] = []
        self._named: list[tuple[Any, ...]] = []
        self._mentioned: dict[tuple[str, UUID], None] = {}
        self._answers: list[tuple[Any, ...]] = []
        self._counted: dict[str, int] = {}
        self._progress: dict[tuple[str, str], int] = {}
        self.position = 0
        """The head after the batch."""
        self._chain = ORIGIN
        self.events: list[tuple[LogEvent, ...]] = []
        """What ``decide`` took, append by append; nothing for a refused one."""

    def look(self) -> tuple[list[Any], ...]:
        """The parameters of ``LOOK``."""
        appends = self._appends
        return (
            list(
                {event.stream_id for append in appends for event in append.events}.union(
                    *(append.basis.streams for append in appends if append.basis)
                )
            ),
            list({name for append in appends for name in append.names}),
            list({append.request.key for append in appends if append.request}),
            list({append.number.series for append in appends if append.number}),
            list({append.progress.reader for append in appends if append.progress}),
            list(set().union(*(append.basis.cases for append in appends if append.basis))),
            list(set().union(*(append.basis.mentions for append in appends if append.basis))),
        )

    def decide(self, position: int, chain: bytes, found: Found) -> list[Recorded | Exception]:
        """Give every append its positions or its refusal, in order; later appends see earlier ones.

        Args:
            position: of the last event in the log.
            chain: its chain hash.
            found: what ``LOOK`` answered.
        """
        self.position, self._chain = position, chain
        self.recorded_at = found.recorded_at
        self._versions = {UUID(stream): version for stream, version in (found.versions or {}).items()}
        self._names = {name: UUID(stream) for name, stream in (found.names or {}).items()}
        self._commands: dict[tuple[str, str], Answered] = {
            (caller, key): (
                bytes.fromhex(digest),
                UUID(stream),
                version,
                at,
                datetime.fromisoformat(recorded),
            )
            for caller, key, digest, stream, version, at, recorded in found.commands or ()
        }
        self._series = found.series or {}
        self._read = {(reader, log): read for reader, log, read in found.progress or ()}
        self._cases = {UUID(case): at for case, at in (found.cases or {}).items()}
        self._mentions: dict[str, set[UUID]] = {}
        for name, stream in found.mentions or ():
            self._mentions.setdefault(name, set()).add(UUID(stream))
        return [self._decide(append, found.recorded_at) for append in self._appends]

    def _decide(self, append: Append, now: datetime) -> Recorded | Exception:
        before = self._before(append.request)
        if before is not None:
            self.events.append(())
            return before
        number, events, names = self._numbered(append)
        refusal = self._refusal(events, names, append.progress) or self._moved(append.basis)
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
                self._named.append((name, events[0].stream_id))
        if append.number is not None:
            self._series[append.number.series] = self._counted[append.number.series] = (
                self._series.get(append.number.series, 0) + 1
            )
        stream_id, version = (events[-1].stream_id, events[-1].originator_version) if events else NOTHING
        if append.request is not None:
            command = (append.request.caller, append.request.key)
            answer = (append.request.digest, stream_id, version, self.position, now)
            self._commands[command] = answer
            self._answers.append((*command, *answer))
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

    def _moved(self, basis: Basis | None) -> Exception | None:
        if basis is None:
            return None
        for stream_id, version in basis.streams.items():
            if self._versions.get(stream_id, 0) != version:
                return BasisMoved(f"stream {stream_id} is no longer at version {version}")
        for case, position in basis.cases.items():
            if self._cases.get(case, 0) != position:
                return BasisMoved(f"case {case} has gone on since position {position}")
        for name, streams in basis.mentions.items():
            if self._mentions.get(name, set()) != streams:
                return BasisMoved(f"other streams mention {name} now")
        return None

    def _take(self, event: LogEvent, now: datetime) -> None:
        self.position += 1
        self._versions[event.stream_id] = event.originator_version
        self._cases[event.correlation_id or event.stream_id] = self.position
        for name in event.mentions:
            self._mentioned[name, event.stream_id] = None
            self._mentions.setdefault(name, set()).add(event.stream_id)
        row = (
            self.position, event.stream_id, event.originator_version, event.topic, event.schema,
            event.state, event.occurred_at or now, now, event.actor, event.reason,
            event.correlation_id or event.stream_id, event.causation_id, event.idempotency_key,
        )  # fmt: skip
        leaf = leaf_hash(sealed_bytes(*row))
        self._chain = chain_hash(self._chain, leaf)
        self._events.append((*row, leaf, self._chain))

    def record(self) -> tuple[Any, ...]:
        """The parameters of ``RECORD``."""
        return (
            *_columns(self._events, EVENT_COLUMNS),
            *_columns(self._named, NAME_COLUMNS),
            *_columns(list(self._mentioned), MENTION_COLUMNS),
            *_columns(self._answers, COMMAND_COLUMNS),
            *_columns(list(self._counted.items()), SERIES_COLUMNS),
            *_columns([(*reader, read) for reader, read in self._progress.items()], PROGRESS_COLUMNS),
            self.position,
            self.recorded_at,
            self._chain,
            str(self.position),
        )

    @property
    def is_empty(self) -> bool:
        """Whether everything was refused or came before."""
        return not (self._events or self._progress)


def _columns(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
