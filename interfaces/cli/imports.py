"""``aftersales import``: the history of another service desk."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from application.importing.check import check_file
from application.importing.mapping import load_mapping
from application.importing.report import Report
from application.importing.run import import_file
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.settings import Settings
from interfaces.cli.database import migrated_database
from interfaces.cli.logs import configure_logging
from interfaces.cli.output import note, progress, write
from interfaces.cli.stopping import Stopped, run_until_stopped

STAGES = {"read": "reading the file", "record": "recording the cases"}


def import_history(
    settings: Settings, file: Path, mapping: Path, *, check: bool, rejects: Path | None, as_json: bool
) -> None:
    """Import a file, or with ``check`` only say what would happen; print the report.

    Raises:
        BadMapping, UnreadableFile, UnknownPlan, LogUnavailable: see ``application.importing.run``.
    """
    configure_logging(settings.log_level)
    meaning = load_mapping(mapping)
    aside = rejects or Path(f"{file.name}.rejects.csv")
    with progress(STAGES) as told:
        if check:
            report = check_file(shipped_promises(), meaning, file, rejects=aside, progress=told)
        else:

            async def run(url: str) -> Report:
                async with open_log(url) as log:
                    return await import_file(
                        log,
                        shipped_promises(),
                        meaning,
                        file,
                        rejects=aside,
                        time_zone=settings.time_zone,
                        progress=told,
                    )

            with migrated_database(settings) as database:
                try:
                    report = run_until_stopped(run(database.service_url))
                except Stopped:
                    note("stopped; run the same command again and it goes on")
                    raise
    if as_json:
        write(report.as_json().decode())
    else:
        console = Console()
        for table in report.as_tables():
            console.print(table)
    for missing in report.not_found:
        note(missing)
    if report.rejected_rows:
        note(
            f"{report.rejected_rows:,} rows were rejected; {aside} has them with their lines and the reasons"
        )
