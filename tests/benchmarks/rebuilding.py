"""All views from a long log, against the library's runner with one counter: ``python -m … URL OWNER N``."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict

from application.plans import shipped_promises
from projections.catalogue import every_projection
from projections.engine.rebuilding.rebuild import How, rebuild
from projections.engine.rebuilding.records import Outcome
from tests.benchmarks.making import make_log

COUNT = """
    INSERT INTO view.stock_counter AS c VALUES ('events', 1) ON CONFLICT (name) DO UPDATE SET n = c.n + 1
"""
STOCK_EVENTS = 3000
SAVED = 100


class Note(Aggregate):
    """What the library's application records."""

    @event("Added")
    def add(self, text: str) -> None:
        """One event."""
        self.text = text


class Counter(PostgresTrackingRecorder):
    """The least that a view can be: one row."""

    def create_table(self) -> None:
        """Make its own, too."""
        super().create_table()
        with self.datastore.transaction(commit=True) as curs:
            curs.execute("CREATE TABLE IF NOT EXISTS view.stock_counter (name text PRIMARY KEY, n bigint)")

    def add(self, tracking: Tracking) -> None:
        """Count one event, once."""
        with self.datastore.transaction(commit=True) as curs:
            self._insert_tracking(curs, tracking)
            curs.execute(COUNT)


class Counting(Projection[Counter]):
    """Counts all events."""

    name = "counting"
    topics = ()

    def process_event(self, _: Any, tracking: Tracking) -> None:  # type: ignore[override]
        """Count it."""
        self.view.add(tracking)


def stock_rate(url: str) -> float:
    """Events a second that the library's runner shows, its own recorder and tables throughout."""
    at = conninfo_to_dict(url)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(at["dbname"]),
        "POSTGRES_HOST": str(at["host"]),
        "POSTGRES_PORT": str(at.get("port") or 5432),
        "POSTGRES_USER": str(at["user"]),
        "POSTGRES_PASSWORD": "",
        "POSTGRES_SCHEMA": "view",
    }
    notes = Application[Any](env)
    note = Note()
    for number in range(STOCK_EVENTS - 1):
        note.add(f"note {number}")
        if number % SAVED == 0:
            # Thousands sent at once may leave the library waiting for ever.
            notes.save(note)
    notes.save(note)
    began = time.perf_counter()
    runner = ProjectionRunner(
        application_class=Application, projection_class=Counting, view_class=Counter, env=env
    )
    with runner:
        runner.wait(STOCK_EVENTS, timeout=120)
        took = time.perf_counter() - began
    notes.close()
    return STOCK_EVENTS / took


def rebuilding(url: str, owner_url: str, events: int) -> dict[str, float]:
    """Make a log, build all views, and build them again beside those: that is measured."""
    make_log(url, events)
    with psycopg.connect(owner_url, autocommit=True) as conn:
        # As the server would do by itself some minutes after so many insertions, in the middle of it all.
        conn.execute("VACUUM (ANALYZE) log.event")
    views = every_projection(shipped_promises())
    processes = os.cpu_count() or 1
    took = 0.0
    for _ in range(2):
        began = time.perf_counter()
        told = rebuild(url, views, How(processes=processes))
        took = time.perf_counter() - began
        if any(each.outcome is not Outcome.SWAPPED for each in told):
            raise SystemExit(f"not rebuilt: {told}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak += processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    rate = events / took
    return {
        "rebuild_events_per_second": rate,
        "rebuild_vs_stock": rate / stock_rate(url),
        "rebuild_memory_mb": peak / 1024,
    }


if __name__ == "__main__":
    json.dump(rebuilding(sys.argv[1], sys.argv[2], int(sys.argv[3])), sys.stdout)
