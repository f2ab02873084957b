"""Views that another release made are built anew beside the worker, by a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread

import psycopg
import structlog

from projections.engine.projection import Projection
from projections.engine.rebuilding.stale import stale

COMMAND = [sys.executable, "-P", "-m", "interfaces.cli", "projections", "rebuild", "--changed"]
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0
"""Seconds between two tries."""
LOOK = 0.2
"""Seconds between looks whether the process has ended, or we are to."""
STOP_SECONDS = 10

log = structlog.get_logger(__name__)


@contextmanager
def renewing(url: str, projections: Sequence[Projection]) -> Iterator[None]:
    """Rebuild what is stale as the block begins, until nothing is; stop with the block.

    What becomes stale later was made by a newer release than this one: it is left alone.

    Args:
        url: the service role's connection string.
        projections: as this release has them.
    """
    stop = Event()
    thread = Thread(target=_renew, args=(url, projections, stop), name="rebuilds", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew(url: str, projections: Sequence[Projection], stop: Event) -> None:
    pause = 0.0
    while not stop.wait(pause):
        with suppress(psycopg.Error):
            wanted = stale(url, projections)
            if wanted:
                log.info("views are rebuilt", projections=[projection.name for projection in wanted])
            if not wanted or _rebuilt(stop):
                return
        pause = min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE)


def _rebuilt(stop: Event) -> bool:
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
    return child.returncode == 0
