"""What-if runs: a process beside the worker does those that wait, one after the other."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import Connection

from application.book import open_promises
from application.log.event_log import open_log
from application.settings import Settings
from domain.promises import Promises
from domain.publishing.events import BOOK
from interfaces.cli.database import current_database
from projections.what_if import records
from projections.what_if.proposal import Proposal
from projections.what_if.replaying import NAME
from projections.what_if.running import Run, run

COMMAND = [sys.executable, "-P", "-m", "interfaces.cli", "try-proposals"]
LOOK = 1.0
"""Seconds between looks whether a run waits."""
STOP_SECONDS = 10

log = structlog.get_logger(__name__)


@contextmanager
def trying(url: str) -> Iterator[None]:
    """Have what-if runs done for the length of the block.

    Args:
        url: the service role's connection string.
    """
    stop = Event()
    thread = Thread(target=_watch, args=(url, stop), name="what-if", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch(url: str, stop: Event) -> None:
    while not stop.wait(LOOK):
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as conn:
            while not stop.wait(LOOK):
                if records.is_wanted(conn):
                    _do(stop)
                records.expire(conn)


def _do(stop: Event) -> None:
    """Run the command to its end, or ours; it does not outlive us."""
    child = subprocess.Popen(  # noqa: S603 - our own program
        [*COMMAND, "--under", str(os.getpid())], stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno()
    )
    while child.poll() is None and not stop.wait(LOOK):
        pass
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def do_what_waits(settings: Settings) -> None:
    """Do the runs that wait, until none does; somebody else may be at it already.

    It is polite: whoever else wants the processor has it first.
    """
    os.nice(10)
    with current_database(settings) as database:
        do_all(database.service_url)


def do_all(url: str, processes: int | None = None) -> None:
    """The same on a database."""
    with psycopg.connect(url, autocommit=True, application_name=NAME) as conn:
        if conn.execute(records.LOCK).fetchone() != (True,):
            return
        while (asked := records.begin(conn)) is not None:
            _run(url, conn, *asked, processes)


def _run(url: str, conn: Connection[Any], run_id: UUID, proposal: Proposal, processes: int | None) -> None:
    told = partial(records.go_on, conn, run_id)
    try:
        known = asyncio.run(_known(url, proposal.position or 0))
        outcome = run(Run(url, proposal, known, told, processes))
    except records.Cancelled:
        log.info("a what-if run was cancelled", run=str(run_id))
        records.end(conn, run_id, None)
    except psycopg.OperationalError:
        raise  # the database has gone: the run is begun again when it is back
    except Exception as error:
        log.exception("a what-if run failed", run=str(run_id))
        first = next(iter(str(error).splitlines()), "")
        records.end(conn, run_id, None, f"{type(error).__name__}: {first}")
    else:
        records.end(conn, run_id, outcome)


async def _known(url: str, position: int) -> Promises:
    """The book of the plans and calendars that were published by then."""
    async with open_log(url) as events:
        facts = await events.case(BOOK)
    promises = open_promises(url)
    promises.learn([fact for fact in facts if fact.position <= position])
    return promises
