"""One import: a file into the log, case by case, each whole or not at all.

Every case claims a name of its own (``source:helpdesk/Case 1``) in the transaction that records it. That is
all the memory an import has: run again, or after being killed, it passes over the names that are taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from application.ids import uuid7
from application.importing.cases import Step, translate
from application.importing.intake import Cases, Progress, intake
from application.importing.mapping import Mapping
from application.importing.reading import SourceEvent
from application.importing.report import Report
from application.importing.spill import Case
from application.log.errors import NameTaken
from application.log.event_log import EventLog
from domain.event import Fact
from domain.promises import Promises
from domain.ticket.decisions import REVIEW_WITHIN

BATCH_EVENTS = 1000
"""Source events recorded together, at least; a case is never split."""


async def import_file(
    log: EventLog,
    promises: Promises,
    mapping: Mapping,
    path: Path,
    *,
    rejects: Path,
    time_zone: str,
    review_within: timedelta = REVIEW_WITHIN,
    progress: Progress = lambda *_: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Report:
    """Import a file under a mapping.

    Args:
        rejects: where rows that were not imported are written; an older file there is replaced.
        time_zone: where the year in a ticket's number turns.
        review_within: how long after its beginning a wait is looked at again.

    Raises:
        BadMapping: the mapping names a column the file does not have.
        UnknownPlan: the mapping names a plan there is not.
        NotOffered: no version of it counted when a case began; what was recorded before that stays.
        UnreadableFile: the file as a whole cannot be read, or the rejects cannot be written.
        LogUnavailable: the database does not answer; what was recorded stays, and running again goes on.
    """
    promises.plan_editions(mapping.plan)
    run = _Run(log, mapping, promises, ZoneInfo(time_zone), review_within, progress)
    started = monotonic()
    with intake(mapping, path, rejects=rejects, now=now(), report=run.report, progress=progress) as cases:
        await run.record(cases)
    run.report.seconds = round(monotonic() - started, 3)
    return run.report


UNNUMBERED = "the ticket"
"""What refusals call a ticket whose number the commit will give."""


class _Run:
    def __init__(
        self,
        log: EventLog,
        mapping: Mapping,
        promises: Promises,
        zone: ZoneInfo,
        review_within: timedelta,
        progress: Progress,
    ) -> None:
        self.report = Report(source=mapping.source)
        self._log = log
        self._mapping = mapping
        self._promises = promises
        self._zone = zone
        self._review_within = review_within
        self._progress = progress

    async def record(self, cases: Cases[SourceEvent]) -> None:
        """Record every case that is not there yet."""
        batch: list[Case[SourceEvent]] = []
        events = 0
        for case in cases.whole():
            batch.append(case)
            events += len(case.events)
            if events >= BATCH_EVENTS:
                await self._record(batch)
                batch, events = [], 0
                self._progress("record", cases.done, cases.total)
        await self._record(batch)
        self._progress("record", cases.total, cases.total)

    async def _record(self, batch: list[Case[SourceEvent]]) -> None:
        names = {case.name: f"source:{self._mapping.source}/{case.name}" for case in batch}
        known = await self._log.known(list(names.values()))
        fresh = [case for case in batch if names[case.name] not in known]
        there = [case for case in batch if names[case.name] in known]
        told = [self._tell(case) for case in fresh]
        answers = await asyncio.gather(
            *(
                self._log.append_numbered(series, facts, names=(names[case.name],))
                for case, (_, series, facts) in zip(fresh, told, strict=True)
            ),
            return_exceptions=True,
        )
        for case, (steps, _, _), answer in zip(fresh, told, answers, strict=True):
            if isinstance(answer, NameTaken):
                there.append(case)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                self.report.add_case(steps)
        self.report.already_there_cases += len(there)
        self.report.already_there_events += sum(len(case.events) for case in there)

    def _tell(self, case: Case[SourceEvent]) -> tuple[tuple[Step, ...], str, Callable[[str], list[Fact]]]:
        """The case's events, the series of its number (of the year it began in), and its facts."""
        ticket_id = uuid7()
        pin = self._promises.pin(self._mapping.plan, case.events[0].time)
        steps = translate(
            case,
            self._mapping,
            ticket_id=ticket_id,
            number=UNNUMBERED,
            pin=pin,
            review_within=self._review_within,
        )
        facts = [
            Fact(
                stream_id=ticket_id, version=version, event=step.event, act=step.act, correlation_id=ticket_id
            )
            for version, step in enumerate(steps, 1)
        ]

        def numbered(number: str) -> list[Fact]:
            return [replace(facts[0], event=replace(facts[0].event, number=number)), *facts[1:]]

        return steps, f"T-{case.events[0].time.astimezone(self._zone).year}", numbered
