"""One commit's worth of appends: what must be looked up, who is refused, what is recorded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from application.log.append import Append, Recorded
from application.log.arrays import ids, interval, moment, number, texts
from application.log.known import Found, Known
from application.log.sealing import ORIGIN, chain_hash, leaf_hash, sealed_bytes
from application.log.standing import Standing, named
from application.log.statements import RECORDS, look, record
from application.log.stored import LogEvent
from application.log.wire import Statement

NOTHING = (UUID(int=0), 0)
BY_ID = ("versions", "cases")
Answer = Recorded | Exception
Row = tuple[Any, ...]

_FOUND = msgspec.json.Decoder(Found)


class Batch:
    """Decides one commit: ``look`` first, then ``decide`` with what was found, then ``record``.

    Args:
        appends: decided in this order.
        keep: how long a command is remembered by its key.
        known: what need not be looked up.
    """

    def __init__(self, appends: Sequence[Append], keep: timedelta, known: Known) -> None:
        self._appends = appends
        self._keep = interval(keep)
        self._known = known
        self._named = named(appends)
        self.position = 0
        """The head after the batch."""
        self.chain = ORIGIN
        """Its chain hash."""
        self.answers: list[Answer] = []
        """What each append is told once the batch is recorded; empty before it is decided."""

    def look(self) -> list[Statement]:
        """The statement that asks for what the appends name; none when all of it is known."""
        known = self._known
        # With nothing known, the answer may wait for a lock, and then its time says little.
        self._asked_at = time.monotonic() if known.position >= 0 else float("-inf")
        asked: dict[str, list[bytes]] = {}
        for part, names in self._named.items():
            missing = names.difference(known.parts.get(part, ()))
            if missing:
                asked[part] = [(ids if part in BY_ID else texts)([*missing])]
        if "commands" in asked:
            asked["commands"].append(self._keep)
        if not asked and known.is_fresh:
            return []
        return [(look(tuple(asked)), [value for values in asked.values() for value in values])]

    def decide(self, answer: bytes | None) -> bool:
        """Give every append its positions or its refusal, in order; later appends see earlier ones.

        Args:
            answer: what the look answered; ``None`` when all was known.

        Returns:
            Whether what was known is still so: if not, nothing is decided.
        """
        known = self._known
        self._found = found = known.head() if answer is None else _FOUND.decode(answer)
        if known.position not in (-1, found.position):
            return False
        if answer is not None:
            known.see(found, self._asked_at)
        self.position, self.chain, self._now = found.position, found.chain, found.recorded_at
        self._standing = Standing(self._named, known, found)
        self._rows: dict[str, list[Row]] = {part: [] for part in RECORDS}
        self._mentioned: set[Row] = set()
        self._counted: dict[str, int] = {}
        self._progress: dict[tuple[str, str], int] = {}
        self.answers = [self._decide(append) for append in self._appends]
        self._rows["mentions"] = [*self._mentioned]
        self._rows["series"] = [*self._counted.items()]
        self._rows["progress"] = [(*reader, read) for reader, read in self._progress.items()]
        return True

    def _decide(self, append: Append) -> Answer:
        before = self._standing.answer(append.request)
        if before is not None:
            return before
        try:
            number, events, names = self._numbered(append)
            refusal = self._standing.refusal(events, names, append.progress, append.basis)
            if refusal is not None:
                return refusal
            rows = self._sealed(events)
        except Exception as error:
            return error
        return self._take(append, number, events, names, rows)

    def _numbered(self, append: Append) -> tuple[str | None, tuple[LogEvent, ...], tuple[str, ...]]:
        if append.number is None:
            return None, append.events, append.names
        serial = self._standing.series[append.number.series] + 1
        number = f"{append.number.series}-{serial:06d}"
        return number, append.number.events(number), (number, *append.names)

    def _sealed(self, events: Sequence[LogEvent]) -> list[Row]:
        """The rows of the events that come next."""
        chain, now = self.chain, self._now
        rows: list[Row] = []
        for position, event in enumerate(events, self.position + 1):
            stream_id = event.stream_id
            row = (
                position, stream_id, event.originator_version, event.topic, event.schema, event.state,
                event.occurred_at or now, now, event.actor, event.reason,
                event.correlation_id or stream_id, event.causation_id, event.idempotency_key,
            )  # fmt: skip
            leaf = leaf_hash(sealed_bytes(*row))
            chain = chain_hash(chain, leaf)
            rows.append((*row, leaf, chain))
        return rows

    def _take(
        self,
        append: Append,
        number: str | None,
        events: Sequence[LogEvent],
        names: Sequence[str],
        rows: list[Row],
    ) -> Recorded:
        standing, first = self._standing, self.position + 1
        for event, row in zip(events, rows, strict=True):
            self.position, stream_id, case = row[0], row[1], row[10]
            standing.versions[stream_id] = event.originator_version
            standing.cases[case] = self.position
            for name in event.mentions:
                self._mentioned.add((name, stream_id))
                # Also what only earlier batches asked for: what is known of it would be wrong from now on.
                before = standing.mentions.get(name, self._known.parts["mentions"].get(name))
                if before is not None:
                    standing.mentions[name] = before | {stream_id}
        if rows:
            self.chain = rows[-1][-1]
            self._rows["events"] += rows
        for name in names:
            if standing.names.get(name) is None:
                standing.names[name] = events[0].stream_id
                self._rows["names"].append((name, events[0].stream_id))
        if number is not None and append.number is not None:
            series = append.number.series
            standing.series[series] = self._counted[series] = standing.series[series] + 1
        stream_id, version = (events[-1].stream_id, events[-1].originator_version) if events else NOTHING
        told = Recorded(stream_id, version, self.position, self._now, repeated=True)
        if append.request is not None:
            command, digest = (append.request.caller, append.request.key), append.request.digest
            standing.commands[command] = (digest, told)
            self._rows["commands"].append((*command, digest, stream_id, version, self.position, self._now))
        if append.progress is not None:
            reader = (append.progress.reader, append.progress.log)
            standing.read[reader] = self._progress[reader] = append.progress.position
        positions = tuple(range(first, self.position + 1))
        return msgspec.structs.replace(told, repeated=False, positions=positions, number=number)

    def record(self) -> Statement:
        """The statement that writes what was decided, if the head is still where it was found."""
        found = self._found
        values = [
            *(number(self.position), moment(self._now), self.chain),
            *(number(found.position), found.chain),
        ]
        parts = tuple(part for part, rows in self._rows.items() if rows)
        for part in parts:
            columns = zip(*self._rows[part], strict=True)
            values += [make(column) for make, column in zip(RECORDS[part][0], columns, strict=True)]
        return record(parts), values

    def learn(self) -> None:
        """It is recorded: know it."""
        self._known.learn(self.position, self.chain, self._now, self._standing.parts)

    @property
    def moves_the_log(self) -> bool:
        """Whether it has events to record."""
        return bool(self._rows["events"])

    @property
    def is_empty(self) -> bool:
        """Whether everything was refused or came before."""
        return not any(self._rows.values())
