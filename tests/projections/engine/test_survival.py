"""What happens to workers: killed, disconnected, doubled, superseded."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from os import dup
from socket import MSG_PEEK, socket
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from application.database.connect import Database
from application.database.embedded import EmbeddedServer
from projections.catalogue import NAMES
from projections.engine.batch import Memory, Page
from projections.engine.folding import Folding, Turn
from projections.engine.projection import Projection
from projections.engine.rebuilding.rebuild import rebuild
from projections.engine.runner import PAGE, Runner, leading
from projections.engine.seat import Moved, Seat
from projections.engine.status import ProjectionState
from tests.conftest import connected
from tests.projections.engine.tally import Tally, tallied
from tests.projections.engine.test_runner import WiderTally
from tests.projections.histories import random_facts, record
from tests.projections.views import dumped, rebuilt, shipped, statuses, until

FACTS = random_facts(tickets=150, steps=15)
COUNTS = Counter(fact.stream_id for fact in FACTS)
WORKERS = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'aftersales projections' AND datname = %s"
)


@contextmanager
def running(url: str, *projections: Projection, batch: int = 5000) -> Iterator[Runner]:
    """A runner that follows the log on a thread of its own."""
    stop = Event()
    runner = Runner(url, projections, batch=batch)
    thread = Thread(target=runner.run_forever, args=(stop,))
    thread.start()
    try:
        yield runner
    finally:
        stop.set()
        with connected(url) as conn:
            conn.execute("NOTIFY log")
        thread.join()


def is_live(url: str, name: str, position: int) -> bool:
    """Whether a projection shows this position."""
    return statuses(url, [name])[name].position >= position


def disconnect(server: EmbeddedServer, database: str) -> int:
    """Cut every runner of a database off."""
    with connected(server.url()) as conn:
        query = WORKERS.replace("SELECT pid", "SELECT pg_terminate_backend(pid)")
        return len(conn.execute(query, (database,)).fetchall())


def name_of(url: str) -> str:
    """The database that a connection string names."""
    with connected(url) as conn:
        return conn.info.dbname


def test_a_worker_killed_again_and_again_leaves_what_an_undisturbed_one_does(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    command = [sys.executable, "-m", "tests.projections.engine.worker", url, "10"]
    for share, lacking in ((0.1, []), (0.2, ["hot-water"]), (0.4, [])):
        worker = subprocess.Popen([*command, *lacking])
        reached = int(share * len(FACTS))
        until(lambda reached=reached: all(one.position >= reached for one in statuses(url).values()))
        worker.kill()
        worker.wait()
        assert any(one.position < len(FACTS) for one in statuses(url).values())
    with Runner(url, shipped()) as runner:
        # The killed worker's session may hold its locks for a moment longer.
        until(lambda: runner.run_once() >= 0 and set(runner.leading) == set(NAMES))
        runner.run_once()
    assert {one.state for one in statuses(url).values()} == {ProjectionState.LIVE}
    survived = dumped(url)
    rebuilt(url)
    assert dumped(url) == survived


def test_two_runners_fold_every_event_once(database: Database) -> None:
    url = database.service_url
    half = len(FACTS) // 2
    record(url, FACTS[:half])
    with (
        running(url, Tally("a"), Tally("b"), batch=5) as one,
        running(url, Tally("b"), Tally("a"), batch=7) as two,
    ):
        record(url, FACTS[half:], commit=20)
        until(lambda: is_live(url, "a", len(FACTS)) and is_live(url, "b", len(FACTS)))
        assert not set(one.leading) & set(two.leading)
    with connected(url) as conn:
        assert tallied(conn, "a") == tallied(conn, "b") == COUNTS


def test_a_standby_takes_over(database: Database) -> None:
    url = database.service_url
    with running(url, Tally()) as first:
        until(lambda: first.leading == ("tally",))
        with Runner(url, [Tally()]) as standby:
            record(url, FACTS[:10])
            standby.run_once()
            assert standby.leading == ()
    with running(url, Tally()) as second:
        until(lambda: second.leading == ("tally",) and is_live(url, "tally", 10))
    with connected(url) as conn:
        assert tallied(conn) == Counter(fact.stream_id for fact in FACTS[:10])


def test_a_killed_leader_is_followed_at_once(database: Database) -> None:
    """Real processes: the leader is killed, the one that stands by goes on from there."""
    url = database.service_url
    command = [sys.executable, "-m", "tests.projections.engine.worker", url, "100"]
    workers = [subprocess.Popen(command)]
    try:
        record(url, FACTS[:10])
        until(lambda: all(one.position == 10 for one in statuses(url).values()))
        before = fences(url)
        workers.append(subprocess.Popen(command))
        until(lambda: len(sessions(url)) == 2)
        workers[0].kill()
        record(url, FACTS[10:20])
        until(lambda: all(one.position == 20 for one in statuses(url).values()), seconds=15)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert {name: fence - before[name] for name, fence in fences(url).items()} == dict.fromkeys(NAMES, 1)


def sessions(url: str) -> list[Any]:
    """The runners' sessions."""
    with connected(url) as conn:
        return conn.execute(WORKERS, (conn.info.dbname,)).fetchall()


def fences(url: str) -> dict[str, int]:
    """The number under which each projection's leader writes."""
    with connected(url) as conn:
        return dict(conn.execute("SELECT projection, fence FROM log.tracking").fetchall())


def test_who_was_followed_without_noticing_writes_nothing(database: Database) -> None:
    """As if the server had lost the first one's lock: its number alone keeps it out."""
    url = database.service_url
    record(url, FACTS[:10])
    memory: Memory[Any, Any] = Memory(10)
    with connected(url) as one, connected(url) as two:
        seats = []
        for conn in (one, two):
            conn.execute("SET search_path = view")
            place = Seat(Tally())
            place.lead(conn)
            assert place.leads
            conn.execute("SELECT pg_advisory_unlock_all()")
            seats.append(place)
        rows = one.execute(PAGE, (0, 10), binary=True).fetchall()
        with pytest.raises(Moved):
            Folding(one, 10).commit([Turn(seats[0], seats[0].batch(Page(rows, memory)))])
        assert tallied(one) == {}
        Folding(two, 10).commit([Turn(seats[1], seats[1].batch(Page(rows, memory)))])
        assert sum(tallied(two).values()) == 10


def test_both_ends_of_a_leaders_session_give_up_a_machine_that_has_gone() -> None:
    told = conninfo_to_dict(leading("postgresql://service@db.example:5432/desk?options=-c%20work_mem%3D8MB"))
    assert str(told["options"]).startswith("-c work_mem=8MB -c tcp_keepalives_idle=1 ")
    assert "-c tcp_user_timeout=1000" in str(told["options"])
    assert (told["keepalives_idle"], told["tcp_user_timeout"]) == ("1", "2000")


def test_new_events_wake_the_runner(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.engine.runner.POLL", 120)
    with running(database.service_url, Tally()) as runner:
        until(lambda: runner.leading == ("tally",))
        for position, fact in enumerate(FACTS[:20], 1):
            record(database.service_url, [fact])
            until(lambda position=position: is_live(database.service_url, "tally", position))


def test_a_lost_connection_is_made_again(server: EmbeddedServer, database: Database) -> None:
    url = database.service_url
    record(url, FACTS[:10])
    with running(url, Tally()):
        until(lambda: is_live(url, "tally", 10))
        assert disconnect(server, name_of(url)) == 1
        record(url, FACTS[10:20])
        until(lambda: is_live(url, "tally", 20))
    with connected(url) as conn:
        assert tallied(conn) == Counter(fact.stream_id for fact in FACTS[:20])


def test_what_is_committed_while_nobody_listens_is_not_slept_through(
    server: EmbeddedServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is cut and the event committed before another one listens; the next poll is far away."""
    monkeypatch.setattr("projections.engine.runner.POLL", 120)
    url, name = database.service_url, name_of(database.service_url)
    with running(url, Tally()) as runner:
        until(lambda: runner.leading == ("tally",))
        for position, fact in enumerate(FACTS[:5], 1):
            assert disconnect(server, name) == 1
            record(url, [fact])
            until(lambda position=position: is_live(url, "tally", position))


def test_what_came_with_an_answer_is_not_slept_through(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notification that the client reads together with an answer is in memory when it begins to wait."""
    monkeypatch.setattr("projections.engine.runner.POLL", 120)
    with Runner(database.service_url, [Tally()]) as runner:
        runner.run_once()
        conn = runner._connected()
        conn.pgconn.send_query_params(b"SELECT 1", None)
        with connected(database.service_url) as other:
            other.execute("NOTIFY log")
        with socket(fileno=dup(conn.fileno())) as wire:
            until(lambda: b"log\0" in wire.recv(4096, MSG_PEEK))
        conn.pgconn.consume_input()
        while conn.pgconn.get_result() is not None:
            pass
        began = time.monotonic()
        runner._listen()
        assert time.monotonic() - began < 60


def test_a_database_that_is_away_is_waited_for(server: EmbeddedServer, database: Database) -> None:
    url, name = database.service_url, name_of(database.service_url)
    record(url, FACTS[:10])
    with running(url, Tally()) as runner, connected(server.url()) as superuser:
        until(lambda: is_live(url, "tally", 10))
        superuser.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        disconnect(server, name)
        until(lambda: runner.leading == ())
        superuser.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        record(url, FACTS[10:20])
        until(lambda: is_live(url, "tally", 20))
    with connected(url) as conn:
        assert tallied(conn) == Counter(fact.stream_id for fact in FACTS[:20])


def test_an_older_release_does_not_take_the_tables_back(server: EmbeddedServer, database: Database) -> None:
    url = database.service_url
    record(url, FACTS[:10])
    with Runner(url, [Tally()]) as older:
        older.run_once()
        disconnect(server, name_of(url))
        rebuild(url, [WiderTally()])
        with Runner(url, [WiderTally()]) as newer:
            until(lambda: newer.run_once() >= 0 and newer.leading == ("tally",))
        with pytest.raises(psycopg.OperationalError):
            older.run_once()
        record(url, FACTS[10:20])
        assert older.run_once() == 0
        assert older.leading == ()
    with connected(url) as conn:
        (definition,) = conn.execute(
            "SELECT definition FROM log.tracking WHERE projection = 'tally'"
        ).fetchone()
    assert definition == WiderTally().definition
