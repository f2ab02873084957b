"""``aftersales log maintenance``: changing recorded events, and saying so in the log (docs/operations.md)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from application.log.event_log import open_log
from application.log.maintenance import MaintenanceRefused, NotTheOwner, close_left_open, maintain
from application.settings import Settings
from domain.event import Act
from domain.upkeep import MaintenanceClosed
from interfaces.cli.access import LONGEST_NAME
from interfaces.cli.database import current_database
from interfaces.cli.output import note, write_json
from interfaces.cli.problems import Misused, Refused
from interfaces.cli.stopping import run_until_stopped

LONGEST_REASON = 2_000
MOST_STATEMENTS = 100_000
"""Characters of SQL: they stand in the log."""


def maintenance(
    settings: Settings, file: Path | None, *, reason: str, by: str, close: bool, as_json: bool
) -> None:
    """Run a file of SQL on recorded events, or close a maintenance that was interrupted.

    Raises:
        Misused: there is nothing to run, no reason or no name.
        Refused: one is open already, none is, the role may not, or the statements failed.
    """
    act = Act(
        actor=f"admin:{_line('--by', by, LONGEST_NAME)}",
        occurred_at=datetime.now(UTC),
        reason=_line("--reason", reason, LONGEST_REASON),
    )
    if close is (file is not None):
        raise Misused("give a file of SQL, or --close for a maintenance that was interrupted")
    statements = _statements(file) if file else None
    with current_database(settings) as database:
        try:
            position, closed = run_until_stopped(
                _maintain(database.service_url, database.owner_url, statements, act)
            )
        except NotTheOwner as error:
            raise Refused(
                f"{error}: set AFTERSALES_OWNER_DATABASE_URL to the role that owns the log"
            ) from None
        except MaintenanceRefused as error:
            raise Refused(str(error)) from None
    _tell(position, closed, as_json=as_json)
    if closed.failure and not close:
        raise Refused(f"{_changed(closed) or 'nothing was changed'}: {closed.failure}")


async def _maintain(
    url: str, owner_url: str, statements: str | None, act: Act
) -> tuple[int, MaintenanceClosed]:
    async with open_log(url, pool_size=1) as log:
        if statements is None:
            return await close_left_open(log, owner_url, act)
        return await maintain(log, owner_url, statements, act)


def _tell(position: int, closed: MaintenanceClosed, *, as_json: bool) -> None:
    if as_json:
        write_json({"position": position, **{n: getattr(closed, n) for n in closed.__struct_fields__}})
    note(f"recorded at {closed.maintenance} and {position}: {_changed(closed) or 'nothing changed'}")


def _changed(closed: MaintenanceClosed) -> str:
    erased = "files erased" if len(closed.files) > 1 else "file erased"
    counted = ((closed.updated, "changed"), (closed.deleted, "deleted"), (len(closed.files), erased))
    return ", ".join(f"{many} {what}" for many, what in counted if many)


def _statements(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise Misused(f"{file} is not UTF-8") from None
    if not text or len(text) > MOST_STATEMENTS or "\0" in text:
        raise Misused(f"{file}: give 1 to {MOST_STATEMENTS} characters of SQL, which stand in the log")
    return text


def _line(option: str, text: str, longest: int) -> str:
    if not text.strip() or len(text) > longest or not text.isprintable():
        raise Misused(f"{option}: 1 to {longest} printable characters, which stand in the log")
    return text.strip()
