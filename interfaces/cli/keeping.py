"""Keeping the embedded database alive for as long as a service needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import structlog

from application.database.cluster import Cluster
from application.database.connect import Database
from application.database.embedded import running_server
from application.database.errors import DatabaseProblem
from application.settings import Settings
from interfaces.cli.database import migrated_database

LOOK_SECONDS = 1.0

log = structlog.get_logger(__name__)


@contextmanager
def kept_database(settings: Settings) -> Iterator[Database]:
    """The migrated database; an embedded server that dies meanwhile is started again.

    Raises:
        DatabaseProblem: it cannot be used to begin with.
    """
    with migrated_database(settings) as database:
        if not database.is_embedded:
            yield database
            return
        stop = Event()
        watch = Thread(target=_keep, args=(settings.data_dir, stop), name="database", daemon=True)
        watch.start()
        try:
            yield database
        finally:
            stop.set()
            watch.join()


def _keep(data_dir: Path, stop: Event) -> None:
    """Whoever holds a lease may count on the server: if it does not run, it was killed or crashed."""
    cluster = Cluster.of(data_dir)
    with ExitStack() as leases:
        while not stop.wait(LOOK_SECONDS):
            if cluster.is_running():
                continue
            try:
                leases.enter_context(running_server(data_dir))
            except DatabaseProblem as problem:
                log.warning("the embedded database does not come back", reason=str(problem))
            else:
                log.warning("the embedded database had ended and was started again")
