"""A worker that leads is stopped and not dead: another takes over, and the first does no harm once awake."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from application.access import Role
from application.database.connect import Database
from application.policies.reactor import READER
from tests.acceptance.forked import forked_worker
from tests.acceptance.installation import until
from tests.interfaces.http.client import served

SESSIONS = (
    "SELECT pid FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'aftersales projections'"
)
BEHIND = "SELECT FROM log.tracking t, log.head h WHERE t.log = 'aftersales' AND t.position < h.position"
MISSED = "SELECT correlation_id FROM log.event WHERE type = 'ticket.deadline_missed' ORDER BY position"
LATE = {"priority": "P1", "plan": "hot-water", "reason": "from the paper book"}


class Workers:
    """Two workers on a database, the first of which leads."""

    def __init__(self, conn: psycopg.Connection[Any], environment: dict[str, str]) -> None:
        self._conn = conn
        self._environment = environment
        self.running: list[BaseProcess] = []

    def start(self) -> None:
        """Start one, until it is connected and everything is up to date."""
        self.running.append(forked_worker(self._environment))
        until(lambda: len(self.sessions()) == len(self.running))
        until(self.are_up_to_date)

    def sessions(self) -> set[int]:
        """Those in which views are moved, or could be."""
        return {pid for (pid,) in self._conn.execute(SESSIONS).fetchall()}

    def are_up_to_date(self) -> bool:
        """Whether there are views, and they and the reactions show the whole log."""
        return READER in self.fences() and not self._conn.execute(BEHIND).fetchall()

    def fences(self) -> dict[str, int]:
        """The number under which the leader of each view writes."""
        return dict(self._conn.execute("SELECT projection, fence FROM log.tracking").fetchall())

    def missed(self) -> list[Any]:
        """The tickets of which a missed deadline is noted."""
        return [str(ticket) for (ticket,) in self._conn.execute(MISSED).fetchall()]


@pytest.fixture
def workers(database: Database, tmp_path: Path) -> Iterator[Workers]:
    """None yet; those that were started are gone at the end."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AFTERSALES_")},
        "AFTERSALES_DATA_DIR": str(tmp_path),
        "AFTERSALES_DATABASE_URL": database.service_url,
        "AFTERSALES_OWNER_DATABASE_URL": database.owner_url,
        "AFTERSALES_LEADER_SILENCE": "PT2S",
        "AFTERSALES_LOG_LEVEL": "error",
    }
    with psycopg.connect(database.service_url, autocommit=True) as conn:
        workers = Workers(conn, environment)
        try:
            yield workers
        finally:
            for each in workers.running:
                each.kill()
                each.join()


def test_another_worker_takes_over_from_a_stopped_one_which_then_stands_by(
    database: Database, workers: Workers
) -> None:
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    with served(database) as service:
        agent = service.caller(Role.AGENT)
        agent.register()
        workers.start()
        workers.start()
        stopped, sessions, fences = workers.running[0], workers.sessions(), workers.fences()
        os.kill(stopped.pid or 0, signal.SIGSTOP)
        ticket = agent.register(**LATE, occurred_at=an_hour_ago)["id"]
        until(lambda: ticket in workers.missed() and workers.are_up_to_date())
        led = {name: fence + (name != READER) for name, fence in fences.items()}
        assert workers.fences() == led
        os.kill(stopped.pid or 0, signal.SIGCONT)
        until(lambda: len(workers.sessions() - sessions) == 1 and len(workers.sessions()) == 2)
        later = agent.register(**LATE, occurred_at=an_hour_ago)["id"]
        until(lambda: later in workers.missed() and workers.are_up_to_date())
        assert workers.fences() == led
        assert workers.missed().count(ticket) == workers.missed().count(later) == 1
