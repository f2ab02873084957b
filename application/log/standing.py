"""How the log stands as a batch finds it and as each of its appends leaves it; and whom it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from application.log.append import Append, Basis, Progress, Recorded, Request
from application.log.errors import AlreadyRead, BasisMoved, KeyReused, NameTaken, VersionConflict
from application.log.known import ABSENT, Found, Known
from application.log.stored import LogEvent

Named = dict[str, set[Any]]


def named(appends: Sequence[Append]) -> Named:
    """All that appends name, by what it is."""
    told: Named = {part: set() for part in (*ABSENT, "commands", "progress")}
    for append in appends:
        told["versions"].update(event.stream_id for event in append.events)
        told["names"].update(append.names)
        if append.basis is not None:
            told["versions"].update(append.basis.streams)
            told["cases"].update(append.basis.cases)
            told["mentions"].update(append.basis.mentions)
        if append.request is not None:
            told["commands"].add(append.request.key)
        if append.number is not None:
            told["series"].add(append.number.series)
        if append.progress is not None:
            told["progress"].add(append.progress.reader)
    return told


class Standing:
    """What a batch decides by. Later appends of a batch see what earlier ones have done.

    Args:
        asked: all that the batch names.
        known: what was known of it before.
        found: what was looked up besides.
    """

    def __init__(self, asked: Named, known: Known, found: Found) -> None:
        self.parts: dict[str, dict[Any, Any]] = {}
        for part, absent in ABSENT.items():
            before, now = known.parts[part], getattr(found, part) or {}
            self.parts[part] = {
                name: before[name] if name in before else now.get(name, absent) for name in asked[part]
            }
        self.versions: dict[UUID, int | None] = self.parts["versions"]
        self.cases: dict[UUID, int] = self.parts["cases"]
        self.names: dict[str, UUID | None] = self.parts["names"]
        self.mentions: dict[str, frozenset[UUID]] = self.parts["mentions"]
        self.series: dict[str, int] = self.parts["series"]
        self.commands = {
            (caller, key): (digest, Recorded(stream_id, version, position, recorded_at, repeated=True))
            for caller, key, digest, stream_id, version, position, recorded_at in found.commands or ()
        }
        self.read = {(reader, log): position for reader, log, position in found.progress or ()}

    def answer(self, request: Request | None) -> Recorded | KeyReused | None:
        """What the same command recorded before, or its refusal when it was another command."""
        if request is None:
            return None
        digest, told = self.commands.get((request.caller, request.key), (None, None))
        if told is None or digest == request.digest:
            return told
        return KeyReused(f"Idempotency-Key {request.key} came before with another request")

    def refusal(
        self, events: Sequence[LogEvent], names: Sequence[str], progress: Progress | None, basis: Basis | None
    ) -> Exception | None:
        """Why these may not be recorded."""
        ahead: dict[UUID, int] = {}
        for event in events:
            stream_id, version = event.stream_id, event.originator_version
            current = ahead.get(stream_id, self.versions.get(stream_id))
            if version > 1 if current is None else version != current + 1:
                return VersionConflict(stream_id, current or 0)
            ahead[stream_id] = version
        for name in names:
            owner = self.names.get(name)
            if owner is not None and owner != events[0].stream_id:
                return NameTaken(name, owner)
        if progress is not None and self.read.get((progress.reader, progress.log), -1) >= progress.position:
            return AlreadyRead(f"{progress.reader} has read {progress.log} up to {progress.position} before")
        return None if basis is None else self._moved(basis)

    def _moved(self, basis: Basis) -> BasisMoved | None:
        for stream_id, version in basis.streams.items():
            if (self.versions[stream_id] or 0) != version:
                return BasisMoved(f"stream {stream_id} is no longer at version {version}")
        for case, position in basis.cases.items():
            if self.cases[case] != position:
                return BasisMoved(f"case {case} has gone on since position {position}")
        for name, streams in basis.mentions.items():
            if self.mentions[name] != streams:
                return BasisMoved(f"other streams mention {name} now")
        return None
