"""One list into the log, each row whole or not at all.

What a row becomes claims a name of its own (``part/HE-200``, ``stock:erp/HE-200/…``, ``contract:erp/HT-1``)
in the transaction that records it. That is all the memory an import has, as with histories.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import BinaryIO, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from application.importing.csv import read_csv
from application.importing.intake import Cases, Progress, taken_in
from application.importing.lists import contracts, parts, stock
from application.importing.lists.fields import Fields
from application.importing.lists.mapping import ListMapping
from application.importing.lists.reading import Entries, Entry
from application.importing.lists.report import ListReport
from application.importing.lists.telling import Origin, Seen, Teller, Told
from application.importing.lists.values import Values
from application.importing.rows import BadRow, Row
from application.importing.spill import Case, Spill
from application.log.append import Recorded
from application.log.errors import NameTaken, VersionConflict
from application.log.event_log import EventLog
from domain.event import Fact
from domain.promises import Promises

BATCH_ROWS = 1000
"""Rows recorded together, at least; what one part or contract has is never split."""
TRIES = 20


class Kind(NamedTuple):
    """One kind of list.

    Attributes:
        fields: what a row can say.
        teller: tells the rows of one part or contract.
        whole: whether a bad row costs the other rows of its part or contract, too.
    """

    fields: Fields
    teller: Callable[[Origin], Teller]
    whole: bool = False


KINDS = {
    "parts": Kind(parts.FIELDS, parts.PartTeller),
    "stock": Kind(stock.FIELDS, stock.StockTeller),
    "contracts": Kind(contracts.FIELDS, contracts.ContractTeller, whole=True),
}


async def import_list(
    log: EventLog,
    promises: Promises,
    kind: str,
    mapping: ListMapping,
    path: Path,
    *,
    rejects: Path,
    time_zone: str,
    as_of: datetime | None = None,
    check: bool = False,
    progress: Progress = lambda *_: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ListReport:
    """Import a list.

    Args:
        kind: one of ``KINDS``.
        rejects: where rows that were not imported are written; an older file there is replaced.
        time_zone: where the firm is: of times and days that say no other.
        as_of: when what a row says happened, where it does not say; by default now.
        check: only find out what would happen; record nothing.

    Raises:
        BadMapping: the file lacks a column it needs, or the mapping a default that means something.
        UnreadableFile: the file as a whole cannot be read, or the rejects cannot be written.
        LogUnavailable: the database does not answer; what was recorded stays, and running again goes on.
    """
    fields, teller, whole = KINDS[kind]
    started, moment = monotonic(), now()
    report = ListReport(source=mapping.source, kind=kind)
    origin = Origin(mapping.source, path.name, ZoneInfo(time_zone), promises)
    values = Values(mapping, zone=time_zone, now=moment)
    entries = Entries(fields, mapping, values, as_of=as_of or moment)
    run = _Run(log, teller(origin), report, progress, whole=whole, check=check)

    def read(stream: BinaryIO) -> Iterator[Row | BadRow]:
        return read_csv(stream, mapping.csv)

    spill = Spill(entries, whole=whole)
    with taken_in(spill, path, read, rejects=rejects, account=report, progress=progress) as cases:
        if spill.columns:
            report.unread += entries.unread(spill.columns)
        await run.record(cases)
    report.seconds = round(monotonic() - started, 3)
    return report


class _Run:
    def __init__(
        self,
        log: EventLog,
        teller: Teller,
        report: ListReport,
        progress: Progress,
        *,
        whole: bool,
        check: bool,
    ) -> None:
        self._log = log
        self._teller = teller
        self._report = report
        self._progress = progress
        self._whole = whole
        self._check = check

    async def record(self, cases: Cases[Entry]) -> None:
        """Record everything that is not there yet."""
        batch: list[Case[Entry]] = []
        rows = 0
        for case in cases.whole():
            batch.append(case)
            rows += len(case.events)
            if rows >= BATCH_ROWS:
                await self._record(batch, cases)
                batch, rows = [], 0
                self._progress("record", cases.done, cases.total)
        await self._record(batch, cases)
        self._progress("record", cases.total, cases.total)

    async def _record(self, batch: Sequence[Case[Entry]], cases: Cases[Entry]) -> None:
        """Look, tell and record; whatever somebody else was faster with is looked at and told again."""
        waiting = list(batch)
        for tried in range(TRIES):
            seen = await self._look(waiting)
            told = [self._teller.tell(case, seen) for case in waiting]
            answers = await asyncio.gather(*map(self._append, told), return_exceptions=True)
            overtaken: list[Case[Entry]] = []
            for case, each, answer in zip(waiting, told, answers, strict=True):
                if isinstance(answer, NameTaken | VersionConflict) and tried < TRIES - 1:
                    overtaken.append(case)
                elif isinstance(answer, BaseException):
                    raise answer
                else:
                    self._count(each, cases)
            waiting = overtaken
            if not waiting:
                return

    async def _look(self, batch: Sequence[Case[Entry]]) -> Seen:
        """Names and facts of one moment; facts of a later one would look like somebody else's."""
        asked = [name for case in batch for name in self._teller.names(case)]
        names, known = None, await self._log.known(asked)
        facts: dict[UUID, list[Fact]] = {}
        while names != known:
            names, facts = known, {}
            for fact in await self._log.streams(list(set(names.values()))):
                facts.setdefault(fact.stream_id, []).append(fact)
            known = await self._log.known(asked)
        return Seen(known, facts)

    async def _append(self, told: Told) -> Recorded | None:
        if self._check or not told.facts:
            return None
        first, *others = told.facts
        if told.series is None:
            return await self._log.append(told.facts, names=told.names)

        def numbered(number: str) -> list[Fact]:
            return [replace(first, event=replace(first.event, number=number)), *others]

        return await self._log.append_numbered(told.series, numbered, names=told.names)

    def _count(self, told: Told, cases: Cases[Entry]) -> None:
        self._report.add(told)
        for reject in told.rejects:
            cases.reject(reject)
        self._report.rejected_cases += self._whole and bool(told.rejects)
