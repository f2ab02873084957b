"""Several projections built anew in one pass over the log, compared with the old ones, and swapped in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import psycopg
import structlog
from psycopg import Connection

from projections.engine import tables
from projections.engine.projection import LIVE, NEXT, Projection
from projections.engine.rebuilding import loading, records
from projections.engine.rebuilding.crew import Crew, crew
from projections.engine.rebuilding.filling import Filling, Tell
from projections.engine.rebuilding.finishing import CannotFinish, Finishing, beside, head
from projections.engine.rebuilding.jobs import Hand, connect
from projections.engine.rebuilding.loading import Plan
from projections.engine.rebuilding.records import Outcome, Rebuilt
from projections.engine.runner import Runner

LOCK = "SELECT pg_try_advisory_lock(hashtextextended('rebuild ' || %s, 0))"

WORTH_A_CREW = 30_000
"""Events from which on several processes are quicker than one."""

log = structlog.get_logger(__name__)


class AlreadyRebuilding(Exception):
    """Somebody rebuilds one of these just now.

    Attributes:
        name: which.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is being rebuilt just now")
        self.name = name


class How(NamedTuple):
    """How to rebuild.

    Attributes:
        processes: how many work at it; by default one for each processor, where the log is long.
        accept: why new tables may take the place of old ones of the same definition that differ.
        span: events that are folded at a time.
        long: events beyond which a stream is folded piece by piece.
        told: is called as it goes on.
    """

    processes: int | None = None
    accept: str | None = None
    span: int = loading.SPAN
    long: int = loading.LONG
    told: Tell = lambda *_: None


def rebuild(url: str, projections: Sequence[Projection], how: How = How()) -> list[Rebuilt]:  # noqa: B008
    """Build projections anew beside the live ones, and put each in its place.

    Readers see the old tables until then, which go on being moved.

    Args:
        url: the service role's connection string.
        projections: which.
        how: with what.

    Returns:
        How each of them ended.

    Raises:
        AlreadyRebuilding: somebody else does so now.
        CrewBroken: a process of ours was ended.
        psycopg.OperationalError: the database does not answer.
    """
    with connect(url) as conn, _alone(conn, projections):
        for projection in projections:
            conn.execute(tables.BEGIN, (projection.name, LIVE.log))
        ids = records.begin(conn, projections)
        try:
            _rebuild(url, conn, projections, ids, how)
        except BaseException as error:
            if not conn.closed:
                records.give_up(conn, list(ids.values()), type(error).__name__)
            raise
        return records.named(conn, list(ids.values()))


@contextmanager
def _alone(conn: Connection[Any], projections: Sequence[Projection]) -> Iterator[None]:
    """Nobody else rebuilds these during the block."""
    try:
        for projection in projections:
            if conn.execute(LOCK, (projection.name,)).fetchone() != (True,):
                raise AlreadyRebuilding(projection.name)
        yield
    finally:
        # The server gives the locks back by itself, but only some time after the connection is gone.
        if not conn.closed:
            conn.execute("SELECT pg_advisory_unlock_all()")


def _rebuild(
    url: str, conn: Connection[Any], projections: Sequence[Projection], ids: dict[str, int], how: How
) -> None:
    tell = how.told
    tell("reading the log", 0, 1)
    plan = loading.plan(conn, projections, _upto(conn, projections), span=how.span, long=how.long)
    tell("reading the log", 1, 1)
    by_name = {projection.name: projection for projection in projections}
    processes = how.processes or (os.cpu_count() or 1 if plan.position >= WORTH_A_CREW else 1)
    with crew(processes, partial(Hand, url, by_name, list(ids.values()), plan)) as hands:
        filling = Filling(conn, hands, plan, tell)
        filling.fill(projections)
        for name, why in filling.failures.items():
            log.warning("a view is rebuilt event by event", projection=name, reason=why)
        tell("catching up", 0, 1)
        with Runner(url, projections, place=NEXT) as runner:
            runner.run_once(_upto(conn, projections))
        tell("catching up", 1, 1)
        for done, projection in enumerate(projections):
            tell("comparing and swapping", done, len(projections))
            _finish(url, conn, projection, plan, (ids[projection.name], hands, how.accept))
        tell("comparing and swapping", len(projections), len(projections))


def _upto(conn: Connection[Any], projections: Sequence[Projection]) -> int:
    """How far new tables may go: not beyond the live ones that they are compared with."""
    live = (beside(conn, projection) for projection in projections)
    return min([head(conn), *(position for position in live if position is not None)])


def _finish(
    url: str,
    conn: Connection[Any],
    projection: Projection,
    plan: Plan,
    asked: tuple[int, Crew[Hand], str | None],
) -> None:
    """What fails here fails for this projection alone."""
    rebuild, hands, accept = asked
    try:
        ended = Finishing(url, conn, projection, plan.skips[projection.name]).finish(rebuild, hands, accept)
    except (CannotFinish, psycopg.Error) as error:
        if conn.closed:
            raise
        records.end(conn, rebuild, Outcome.FAILED, reason=str(error).partition("\n")[0])
        log.warning("a view cannot be rebuilt", projection=projection.name, reason=type(error).__name__)
        return
    if ended is Outcome.REFUSED:
        (told,) = records.named(conn, [rebuild])
        differing = {table.table: table.differing for table in told.tables if table.differing}
        log.error("a rebuilt view differs and is kept aside", projection=projection.name, rows=differing)
