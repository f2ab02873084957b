"""``aftersales import``: the history of another service desk, its parts, stock and contracts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from rich.console import Console

from application.book import Book
from application.database.connect import Database
from application.importing.check import check_file
from application.importing.lists.mapping import load_list_mapping
from application.importing.lists.report import ListReport
from application.importing.lists.run import KINDS, import_list
from application.importing.mapping import load_mapping
from application.importing.report import Report
from application.importing.run import import_file
from application.log.event_log import EventLog, open_log
from application.plans import shipped_promises
from application.settings import Settings
from domain.promises import Promises
from interfaces.cli.database import current_database, migrated_database
from interfaces.cli.logs import configure_logging
from interfaces.cli.output import note, progress, write
from interfaces.cli.problems import Misused, Refused
from interfaces.cli.stopping import Stopped, run_until_stopped

R = TypeVar("R")

STAGES = {"read": "reading the file", "record": "recording the cases"}


class RowsRejected(Refused):
    """The import went through, and some rows of the file were not recorded."""

    exit_code = 3


def bring_in(
    settings: Settings,
    kind: str,
    file: Path,
    mapping: Path | None,
    as_of: str | None,
    *,
    check: bool,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Import a file, or with ``check`` only say what would happen; print the report.

    Args:
        kind: tickets, or one of the lists.
        as_of: when what a list says was so.

    Raises:
        RowsRejected: some rows were rejected.
        Misused: a history without mapping, or a moment that is none or none of a list.
        BadMapping, UnreadableFile, UnknownPlan, LogUnavailable: see ``application.importing``.
    """
    configure_logging(settings.log_level)
    aside = rejects or Path(f"{file.name}.rejects.csv")
    if kind in KINDS:
        moment = _moment(as_of, settings.time_zone) if as_of else None
        report = _list(settings, kind, file, mapping, moment, check=check, aside=aside)
        notes = [f'column "{column}" was not read' for column in report.unread]
    elif as_of is not None:
        raise Misused("--as-of is for lists: every row of a history has a time of its own")
    elif mapping is None:
        raise Misused("tickets need --mapping: a TOML file that says what the file means")
    else:
        report = _history(settings, file, mapping, check=check, aside=aside)
        notes = report.not_found
    if as_json:
        write(report.as_json().decode())
    else:
        console = Console()
        for table in report.as_tables():
            console.print(table)
    for each in notes:
        note(each)
    if rows := report.rejected_rows:
        were = "1 row was" if rows == 1 else f"{rows:,} rows were"
        raise RowsRejected(f"{were} rejected; {aside} says which and why")


def _history(settings: Settings, file: Path, mapping: Path, *, check: bool, aside: Path) -> Report:
    meaning = load_mapping(mapping)
    with progress(STAGES) as told:
        if check:
            return check_file(_promises(settings, meaning.plan), meaning, file, rejects=aside, progress=told)

        async def run(log: EventLog) -> Report:
            return await import_file(
                log,
                await _book(log),
                meaning,
                file,
                rejects=aside,
                time_zone=settings.time_zone,
                review_within=settings.hold_review,
                progress=told,
            )

        with migrated_database(settings) as database:
            return _on_log(database, run)


def _list(
    settings: Settings,
    kind: str,
    file: Path,
    mapping: Path | None,
    as_of: datetime | None,
    *,
    check: bool,
    aside: Path,
) -> ListReport:
    meaning = load_list_mapping(mapping, KINDS[kind].fields)
    with progress(STAGES) as told:

        async def run(log: EventLog) -> ListReport:
            return await import_list(
                log,
                await _book(log),
                kind,
                meaning,
                file,
                rejects=aside,
                time_zone=settings.time_zone,
                as_of=as_of,
                check=check,
                progress=told,
            )

        with (current_database if check else migrated_database)(settings) as database:
            return _on_log(database, run)


async def _book(log: EventLog) -> Promises:
    book = Book(log, shipped_promises())
    await book.refresh()
    return book.promises


def _promises(settings: Settings, plan: str) -> Promises:
    """A book that holds a plan: the database is asked only for one that does not come with the product."""
    promises = shipped_promises()
    if any(plan == each.name for each in promises.plans):
        return promises
    with current_database(settings) as database:
        return _on_log(database, _book)


def _on_log(database: Database, run: Callable[[EventLog], Awaitable[R]]) -> R:
    async def opened() -> R:
        async with open_log(database.service_url) as log:
            return await run(log)

    try:
        return run_until_stopped(opened())
    except Stopped:
        note("stopped; run the same command again and it goes on")
        raise


def _moment(text: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Misused(f"--as-of {text}: give a time such as 2026-01-31 or 2026-01-31T18:00+08:00") from None
    if moment > datetime.now(UTC):
        raise Misused(f"--as-of {text} is still to come")
    return moment
