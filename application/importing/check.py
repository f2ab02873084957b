"""What an import would do, without doing it: the log keeps for ever what it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from application.ids import uuid7
from application.importing.cases import translate
from application.importing.intake import Progress, intake
from application.importing.mapping import Mapping
from application.importing.report import Report
from domain.promises import Promises


def check_file(
    promises: Promises,
    mapping: Mapping,
    path: Path,
    *,
    rejects: Path,
    progress: Progress = lambda *_: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Report:
    """The report of an import into an empty log, with its rejects. Records nothing and needs no database.

    Raises:
        BadMapping, UnknownPlan, NotOffered, UnreadableFile: see ``import_file``.
    """
    report = Report(source=mapping.source)
    started = monotonic()
    promises.plan_editions(mapping.plan)
    with intake(mapping, path, rejects=rejects, now=now(), report=report, progress=progress) as cases:
        for case in cases.whole():
            pin = promises.pin(mapping.plan, case.events[0].time)
            report.add_case(translate(case, mapping, ticket_id=uuid7(), number="the ticket", pin=pin))
            if cases.done % 100 == 0:
                progress("record", cases.done, cases.total)
        progress("record", cases.total, cases.total)
    report.seconds = round(monotonic() - started, 3)
    return report
