"""A rebuild that is killed leaves nothing that matters, and readers see nothing of one that is not."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context
from threading import Event, Thread
from typing import Any

import pytest
from psycopg import Connection

from application.database.connect import Database
from projections.engine.projection import Projection
from projections.engine.rebuilding import records, swapping
from projections.engine.rebuilding.crew import CrewBroken, crew
from projections.engine.rebuilding.rebuild import How, rebuild
from projections.engine.rebuilding.records import Abandoned, Outcome
from projections.engine.runner import Runner
from tests.conftest import connected
from tests.projections.engine.rebuilding.test_rebuild import COUNTS, FACTS, SMALL, caught_up, outcomes
from tests.projections.engine.tally import Tally, tallied
from tests.projections.histories import record
from tests.projections.views import dumped, shipped, until

PHASES = [
    ("reading the log", 0),
    ("loading", 1),
    ("loading", 2),
    ("making indexes", 1),
    ("catching up", 1),
    ("comparing and swapping", 0),
    ("comparing and swapping", 1),
]


def killed_at(phase: str, times: int) -> Any:
    """What a rebuild tells its progress to, to die by it."""
    left = times

    def die(now: str, *_: object) -> None:
        nonlocal left
        if now == phase:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    return die


def die_before_commit(conn: Connection[Any], projection: Projection) -> None:
    """Swap, and die in the same transaction."""
    SWAP(conn, projection)
    os.kill(os.getpid(), signal.SIGKILL)


SWAP = swapping.swap


def in_its_own_process(
    url: str, projections: list[Projection], how: How, *, dies_swapping: bool = False
) -> int:
    """Rebuild there; returns how the process ended."""

    def work() -> None:
        if dies_swapping:
            swapping.swap = die_before_commit
        rebuild(url, projections, how)

    process = get_context("fork").Process(target=work)
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def test_killed_at_any_point_it_leaves_the_old_tables_and_the_next_one_succeeds(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    views: list[Projection] = [Tally("a"), Tally("b")]
    caught_up(url, *views)
    for phase, times in PHASES:
        how = How(processes=1, span=20, told=killed_at(phase, times))
        assert in_its_own_process(url, views, how) == -signal.SIGKILL
        assert shown(url) == [COUNTS, COUNTS]
    assert in_its_own_process(url, views, SMALL, dies_swapping=True) == -signal.SIGKILL
    assert shown(url) == [COUNTS, COUNTS]
    until(lambda: is_free(url))
    rebuild(url, views, SMALL)
    assert shown(url) == [COUNTS, COUNTS]
    ended = outcomes(url, "a")
    assert ended[-1] is Outcome.SWAPPED
    assert set(ended[:-1]) == {Outcome.ABANDONED, Outcome.SWAPPED}


def shown(url: str) -> list[dict[Any, int]]:
    """What readers see of both."""
    until(lambda: is_free(url))
    with connected(url) as conn:
        return [tallied(conn, name) for name in ("a", "b")]


def is_free(url: str) -> bool:
    """Whether the server has noticed that whoever rebuilt is gone."""
    with connected(url) as conn:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = %s"
        (row,) = conn.execute(query, [conn.info.dbname, "aftersales rebuild"]).fetchall()
        return row == (0,)


def test_a_process_left_over_from_a_killed_rebuild_can_write_nothing_more(database: Database) -> None:
    with connected(database.service_url) as conn:
        old = records.begin(conn, [Tally()])
        records.hold(conn, list(old.values()))
        new = records.begin(conn, [Tally()])
        with pytest.raises(Abandoned):
            records.hold(conn, list(old.values()))
        with pytest.raises(Abandoned):
            records.end(conn, old["tally"], Outcome.SWAPPED)
        records.hold(conn, list(new.values()))


class Deadly:
    """A job that ends the process that does it."""

    def do(self, hand: int) -> None:
        """Die."""
        os.kill(os.getpid(), signal.SIGKILL)


class Harmless:
    """A job that says who did it."""

    def do(self, hand: int) -> int:
        """Say it."""
        return hand


def test_a_crew_does_every_job_and_says_when_one_of_it_has_died() -> None:
    with crew(2, os.getpid) as hands:
        answers = [answer for _, answer in hands.each([Harmless()] * 20)]
        assert len(answers) == 20
        assert os.getpid() not in answers
        with pytest.raises(CrewBroken):
            list(hands.each([Deadly()]))


ASKED = """
    SELECT (SELECT sum(events) FROM view.audit_count), (SELECT count(*) FROM view.queue),
           (SELECT max(octet_length(front)) FROM view.queue WHERE team IS NULL OR team = %s)
"""


def test_a_reader_throughout_sees_no_error_no_gap_and_nothing_older(database: Database) -> None:
    """With prepared statements, while the log goes on and what it reads is rebuilt twice."""
    url = database.service_url
    record(url, FACTS[:40])
    caught_up(url)
    read_from = [view for view in shipped() if view.name in {"queue", "audit_log"}]
    stop = Event()
    seen: list[tuple[int, int, int]] = []
    failed: list[BaseException] = []

    def read() -> None:
        try:
            with connected(url) as conn:
                while not stop.is_set():
                    seen.append(conn.execute(ASKED, ["华东一组"], prepare=True).fetchall()[0])
        except BaseException as error:
            failed.append(error)

    reader = Thread(target=read)
    reader.start()
    waiting = iter([FACTS[first : first + 3] for first in range(40, len(FACTS), 3)])
    with Runner(url, shipped()) as worker:

        def go_on(*_: object) -> None:
            record(url, next(waiting, []))
            worker.run_once()

        try:
            for _ in range(2):
                told = rebuild(url, read_from, SMALL._replace(told=go_on))
                assert {each.outcome for each in told} == {Outcome.SWAPPED}
        finally:
            stop.set()
            reader.join()
    assert failed == []
    positions = [position for position, _, _ in seen]
    assert positions == sorted(positions)
    assert all(open_tickets and front for _, open_tickets, front in seen)
    assert len(set(positions)) > 2
    assert all(dumped(url)["queue"])
