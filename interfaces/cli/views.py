"""``aftersales projections``: how far every view and the reactions are, and building a view anew."""

from __future__ import annotations

from application.log.failure import Failure
from application.plans import shipped_promises
from application.policies.reactor import READER
from application.settings import Settings
from interfaces.cli.database import connection, current_database
from interfaces.cli.output import moment, note, write_json, write_table
from interfaces.cli.problems import Misused
from projections.catalogue import NAMES, every_projection
from projections.engine.runner import Runner
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


def rebuild(settings: Settings, name: str) -> None:
    """Empty a view; its worker folds the log again from the start.

    Raises:
        Misused: there is no such view.
    """
    if name not in NAMES:
        raise Misused(f"there is no view {name!r}; there are {', '.join(NAMES)}")
    projections = every_projection(shipped_promises(), settings.time_zone)
    with current_database(settings) as database, Runner(database.service_url, projections) as runner:
        runner.rebuild(name)
    note(f"{name} is empty and starts from position 0; aftersales worker fills it")
