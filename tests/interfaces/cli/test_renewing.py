from __future__ import annotations

from typing import Any

from application.database.connect import Database
from interfaces.cli.renewing import renewing
from projections.engine.rebuilding.records import Outcome, rebuilds
from projections.engine.runner import Runner
from tests.conftest import connected
from tests.projections.histories import random_facts, record
from tests.projections.views import dumped, shipped, statuses, until

FACTS = random_facts(tickets=3, steps=5)


def test_views_of_another_release_are_rebuilt_by_a_process_beside_the_worker(on_database: Database) -> None:
    url = on_database.service_url
    record(url, FACTS)
    with connected(url) as conn, Runner(url, shipped()) as worker:
        worker.run_once()
        live = dumped(url)
        conn.execute("UPDATE log.tracking SET definition = '0-older' WHERE projection = 'queue'")
        conn.execute("DELETE FROM view.queue")
        worker.run_once()
        with renewing(url, shipped()):
            until(lambda: [each.outcome for each in rebuilds(conn, ["queue"])] == [Outcome.SWAPPED])
        assert dumped(url) == live
        until(lambda: worker.run_once() >= 0 and "queue" in worker.leading)
        assert statuses(url)["queue"].position == len(FACTS)
        (told,) = rebuilds(conn, ["queue"])
        assert told.before == "0-older"


def test_a_process_that_rebuilds_ends_with_the_worker(on_database: Database) -> None:
    url = on_database.service_url
    record(url, FACTS)
    with connected(url) as conn, connected(on_database.owner_url) as other, Runner(url, shipped()) as worker:
        worker.run_once()
        conn.execute("UPDATE log.tracking SET definition = '0-older' WHERE projection = 'queue'")
        with other.transaction():
            other.execute("LOCK TABLE log.rebuild IN EXCLUSIVE MODE")
            with renewing(url, shipped()):
                until(lambda: waiting(conn) == 1)
        until(lambda: waiting(conn) == 0)
        assert rebuilds(conn, ["queue"]) == []


def waiting(conn: Any) -> int:
    """How many rebuilds the server knows."""
    query = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'aftersales rebuild'"
    )
    ((count,),) = conn.execute(query).fetchall()
    return count
