"""``aftersales projections rebuild``: views built anew beside those that are read; and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from application.book import open_promises
from application.settings import Settings
from interfaces.cli.database import connection, current_database
from interfaces.cli.output import moment, note, progress, write_json, write_table
from interfaces.cli.problems import Misused, Refused
from projections.catalogue import NAMES, every_projection
from projections.engine.rebuilding.rebuild import AlreadyRebuilding, How, rebuild
from projections.engine.rebuilding.records import Compared, Outcome, Rebuilt, rebuilds
from projections.engine.rebuilding.stale import stale

HEADERS = ("view", "begun", "outcome", "position", "seconds", "events/s", "differing rows", "reason")
PHASES = {
    phase: phase
    for phase in (
        "reading the log",
        "loading",
        "making indexes",
        "loading long streams",
        "measuring",
        "catching up",
        "comparing and swapping",
    )
}


class Differs(Refused):
    """A rebuilt view is not what was read: somebody has to look."""

    exit_code = 3


def build(
    settings: Settings, names: Sequence[str], *, changed: bool, accept: str | None, as_json: bool
) -> None:
    """Build views anew, and tell how each ended.

    Args:
        names: which; none for all.
        changed: only those whose tables another release made, or that are far behind.
        accept: why differences are accepted.

    Raises:
        Misused: there is no such view.
        Refused: one could not be built, or is being built by somebody else.
        Differs: one is not the same as what was read.
    """
    if unknown := [name for name in names if name not in NAMES]:
        raise Misused(f"there is no view {unknown[0]!r}; there are {', '.join(NAMES)}")
    with current_database(settings) as database, progress(PHASES) as told:
        views = every_projection(open_promises(database.service_url))
        wanted = [each for each in views if not names or each.name in names]
        if changed:
            wanted = stale(database.service_url, wanted)
        try:
            rebuilt = rebuild(database.service_url, wanted, How(accept=accept, told=told)) if wanted else []
        except AlreadyRebuilding as error:
            raise Refused(f"{error}: wait for it, see aftersales projections rebuilds") from None
    _write(rebuilt, settings, as_json=as_json)
    _refuse(rebuilt)


def _refuse(rebuilt: Sequence[Rebuilt]) -> None:
    for outcome, refusal, words in (
        (
            Outcome.REFUSED,
            Differs,
            "differs from what was read and is kept aside; see projections rebuilds --json",
        ),
        (Outcome.FAILED, Refused, "could not be built; what was read stays"),
    ):
        names = [each.projection for each in rebuilt if each.outcome is outcome]
        if names:
            raise refusal(f"{', '.join(names)} {words}")


def show(settings: Settings, *, as_json: bool) -> None:
    """Print the last rebuilds, the newest first, with the digests of their tables."""
    with connection(settings) as conn:
        _write(rebuilds(conn, NAMES), settings, as_json=as_json)


def _write(rebuilt: Sequence[Rebuilt], settings: Settings, *, as_json: bool) -> None:
    if as_json:
        write_json(rebuilt)
        return
    write_table(HEADERS, [_row(each, settings.time_zone) for each in rebuilt])
    for each in rebuilt:
        for table in each.tables:
            if table.differing:
                note(f"{each.projection}: {_told(table)}")


def _row(rebuilt: Rebuilt, zone: str) -> tuple[str, ...]:
    seconds, position = rebuilt.seconds, rebuilt.position
    return (
        rebuilt.projection,
        moment(rebuilt.begun_at, zone),
        rebuilt.outcome.value if rebuilt.outcome else "running",
        "" if position is None else f"{position}",
        "" if seconds is None else f"{seconds:.1f}",
        f"{position / seconds:.0f}" if position and seconds else "",
        f"{sum(table.differing or 0 for table in rebuilt.tables)}",
        rebuilt.reason or "",
    )


def _told(table: Compared) -> str:
    first = "; ".join(f"{each.key} ({each.how})" for each in table.differences)
    return f"{table.table}: {table.differing} rows differ: {first}"
