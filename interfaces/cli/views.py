"""``aftersales projections``: how far every view and the reactions are."""

from __future__ import annotations

from application.log.failure import Failure
from application.policies.reactor import READER
from application.settings import Settings
from interfaces.cli.database import connection
from interfaces.cli.output import moment, write_json, write_table
from projections.catalogue import NAMES
from projections.engine.status import status

HEADERS = ("view", "position", "head", "lag", "state", "moved", "failure")


def show(settings: Settings, *, as_json: bool) -> None:
    """Print the position, lag and state of every view, and of the reactions."""
    with connection(settings) as conn:
        views = status(conn, (*NAMES, READER))
    if as_json:
        write_json(views)
        return
    rows = [
        (
            view.name,
            f"{view.position}",
            f"{view.head}",
            f"{view.lag}",
            view.state.value,
            moment(view.moved_at, settings.time_zone),
            _told(view.failure) or _held(view.parked),
        )
        for view in views
    ]
    write_table(HEADERS, rows)


def _told(failure: Failure | None) -> str:
    if failure is None:
        return ""
    where = f"at {failure.position} {failure.type}".rstrip()
    return f"{where}: {failure.error}: {failure.message}"


def _held(units: int) -> str:
    return f"{units} held back: aftersales projections parked" if units else ""
