from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from structlog.testing import capture_logs

from application.database.connect import Database
from projections.catalogue import NAMES
from projections.engine.projection import NEXT
from projections.engine.rebuilding import finishing, loading, swapping
from projections.engine.rebuilding.rebuild import AlreadyRebuilding, How, rebuild
from projections.engine.rebuilding.records import Outcome, rebuilds
from projections.engine.rebuilding.stale import stale
from projections.engine.runner import Runner
from tests.benchmarks import making
from tests.conftest import connected
from tests.projections.engine.broken import release_without, skip
from tests.projections.engine.tally import Tally, tallied
from tests.projections.engine.test_runner import WiderTally
from tests.projections.histories import random_facts, record
from tests.projections.views import dumped, rebuilt, shipped, statuses, until

FACTS = random_facts(tickets=12, steps=10)
COUNTS = Counter(fact.stream_id for fact in FACTS)
INDEXES = (
    "SELECT tablename, indexname, replace(indexdef, schemaname || '.', '') "
    "FROM pg_indexes WHERE schemaname = %s"
)
SMALL = How(processes=1, span=50, long=5)
"""Many spans, and streams that are long for them."""


def caught_up(url: str, *projections: Any) -> None:
    """Let these follow the log."""
    with Runner(url, projections or shipped()) as runner:
        until(lambda: runner.run_once() >= 0 and len(runner.leading) == len(projections or NAMES))


def left_apart(url: str) -> set[str]:
    """The tables that stand apart from those that are read."""
    with connected(url) as conn:
        found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [NEXT.schema])
        return {table for (table,) in found.fetchall()}


def outcomes(url: str, *names: str) -> list[Outcome | None]:
    """How the rebuilds of these ended, the first one first."""
    with connected(url) as conn:
        return [each.outcome for each in reversed(rebuilds(conn, names or NAMES))]


@pytest.mark.parametrize("how", [SMALL, How(processes=2, span=100)])
def test_all_views_in_one_pass_are_what_they_were(
    database: Database, how: How, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database.service_url
    monkeypatch.setattr(loading, "PIECE", 3)
    for name, few in (("PARTS", 5), ("CONTRACTS", 5), ("OPEN", 20)):
        monkeypatch.setattr(making, name, few)
    making.make_log(url, 1500)
    caught_up(url)
    live = dumped(url)
    with capture_logs() as logged:
        told = rebuild(url, shipped(), how)
    assert logged == []
    assert [(each.projection, each.outcome) for each in told] == [(name, Outcome.SWAPPED) for name in NAMES]
    assert all(table.old == table.new and table.differing == 0 for each in told for table in each.tables)
    assert dumped(url) == live
    assert {table for table, rows in live.items() if not rows} <= {"stock_day", "reservation"}
    assert left_apart(url) == set()
    caught_up(url)
    assert indexes(url, "view") == indexes_as_declared(url)


def indexes(url: str, schema: str) -> set[Any]:
    """Every index, and how it is defined."""
    with connected(url) as conn:
        return set(conn.execute(INDEXES, [schema]).fetchall())


def indexes_as_declared(url: str) -> set[Any]:
    """The indexes that the views' own statements make."""
    with connected(url) as conn, conn.transaction(force_rollback=True):
        conn.execute(f"SET LOCAL search_path = {NEXT.schema}")
        for projection in shipped():
            conn.execute(projection.ddl)
        return set(conn.execute(INDEXES, [NEXT.schema]).fetchall())


def test_views_that_nobody_made_yet_are_built(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    assert {each.outcome for each in rebuild(url, shipped(), SMALL)} == {Outcome.SWAPPED}
    assert {one.position for one in statuses(url).values()} == {len(FACTS)}
    built = dumped(url)
    rebuilt(url)
    assert dumped(url) == built


def test_what_is_recorded_meanwhile_is_neither_lost_nor_folded_twice(database: Database) -> None:
    url = database.service_url
    waiting = iter([FACTS[first : first + 4] for first in range(40, len(FACTS), 4)])
    record(url, FACTS[:40])
    with Runner(url, shipped()) as worker:
        worker.run_once()

        def go_on(*_: object) -> None:
            record(url, next(waiting, []))
            worker.run_once()

        told = rebuild(url, shipped(), SMALL._replace(told=go_on))
        for facts in waiting:
            record(url, facts)
        worker.run_once()
        assert set(worker.leading) == set(NAMES)
    assert {each.outcome for each in told} == {Outcome.SWAPPED}
    live = dumped(url)
    rebuilt(url)
    assert dumped(url) == live


def test_another_definition_takes_the_place_of_the_old_one(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    for projection, tables in (
        (Tally(), {"tally"}),
        (WiderTally(), {"tally", "tally_more"}),
        (Tally(), {"tally"}),
    ):
        (told,) = rebuild(url, [projection], SMALL)
        assert told.outcome is Outcome.SWAPPED
        assert told.definition == projection.definition
        caught_up(url, projection)
        with connected(url) as conn:
            assert tallied(conn) == COUNTS
            found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'view'").fetchall()
        assert {table for (table,) in found} == tables


def test_only_what_another_definition_made_is_stale(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    assert stale(url, [Tally("a"), Tally("b")]) == []
    caught_up(url, Tally("a"), Tally("b"))
    wider = WiderTally("b")
    assert stale(url, [Tally("a"), wider]) == [wider]
    rebuild(url, [wider])
    assert stale(url, [Tally("a"), wider]) == []


def test_rows_that_differ_keep_the_new_tables_out_until_somebody_accepts_them(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    caught_up(url, Tally())
    first, second, third = sorted(COUNTS)[:3]
    with connected(url) as conn:
        conn.execute("UPDATE view.tally SET events = 99 WHERE id = %s", [first])
        conn.execute("DELETE FROM view.tally WHERE id = %s", [second])
        conn.execute("UPDATE view.tally SET id = gen_random_uuid() WHERE id = %s", [third])
        wrong = tallied(conn)
        (told,) = rebuild(url, [Tally()], SMALL)
        assert told.outcome is Outcome.REFUSED
        assert tallied(conn) == wrong
    (table,) = told.tables
    assert table.old != table.new
    assert table.differing == 4
    assert {each.how for each in table.differences} == {"only in old", "only in new", "different"}
    assert {str(first), str(second), str(third)} <= {each.key for each in table.differences}
    assert left_apart(url) == {"tally"}
    (told,) = rebuild(url, [Tally()], SMALL._replace(accept="rows were changed by hand"))
    assert (told.outcome, told.reason) == (Outcome.SWAPPED, "rows were changed by hand")
    with connected(url) as conn:
        assert tallied(conn) == COUNTS
    assert outcomes(url, "tally") == [Outcome.REFUSED, Outcome.SWAPPED]


def test_one_at_a_time(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    refused: list[AlreadyRebuilding] = []

    def try_as_well(*_: object) -> None:
        with pytest.raises(AlreadyRebuilding) as told:
            rebuild(url, [Tally("b"), Tally("a")])
        refused.append(told.value)

    rebuild(url, [Tally("a")], SMALL._replace(told=try_as_well))
    assert {error.name for error in refused} == {"a"}
    assert outcomes(url, "a", "b") == [Outcome.SWAPPED]


def test_an_event_that_cannot_be_folded_parks_its_unit_in_the_new_tables(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    caught_up(url, Tally("tally", 7))
    with connected(url) as conn:
        live = tallied(conn)
        assert live != COUNTS
        (told,) = rebuild(url, [Tally("tally", 7)], SMALL)
        assert (told.outcome, tallied(conn)) == (Outcome.SWAPPED, live)
        parked = conn.execute("SELECT log, unit, position FROM log.parked").fetchall()
    assert parked == [("aftersales", FACTS[6].stream_id, 7)]
    with Runner(url, [Tally()]) as mended:
        mended.run_once()
    with connected(url) as conn:
        assert tallied(conn) == COUNTS


def test_a_leader_learns_what_a_rebuild_has_freed(database: Database) -> None:
    """Its release folds the event by now, but it has not tried again."""
    url = database.service_url
    unit = FACTS[6].stream_id
    later = [fact for fact in FACTS[7:] if fact.stream_id == unit]
    before = [fact for fact in FACTS if fact not in later]
    record(url, before)
    tally = Tally("tally", 7)
    with Runner(url, [tally]) as worker:
        worker.run_once()
        tally.breaks_at.clear()
        (told,) = rebuild(url, [Tally()], SMALL._replace(accept="the event is understood now"))
        assert told.outcome is Outcome.SWAPPED
        record(url, later)
        worker.run_once()
    with connected(url) as conn:
        assert tallied(conn) == COUNTS


def test_what_was_skipped_stays_out(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    skip(url, ["queue", "ticket"], 9, FACTS[8].stream_id)
    caught_up(url)
    live = dumped(url)
    told = rebuild(url, shipped(), SMALL)
    assert {each.outcome for each in told} == {Outcome.SWAPPED}
    assert all(table.differing == 0 for each in told for table in each.tables)
    assert dumped(url) == live


def test_a_release_that_cannot_fold_some_tickets_shows_all_others(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    lacking = release_without("hot-water")
    told = rebuild(url, lacking, SMALL)
    assert {each.outcome for each in told} == {Outcome.SWAPPED}
    built = dumped(url)
    assert 0 < len(built["ticket"]) < len(COUNTS)
    assert len(built["flow"]) == len(COUNTS)


def test_old_tables_that_lack_most_of_the_log_are_not_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database.service_url
    monkeypatch.setattr(finishing, "FAR", 10)
    record(url, FACTS[:5])
    caught_up(url, Tally())
    record(url, FACTS[5:])
    (told,) = rebuild(url, [Tally()], SMALL)
    assert told.outcome is Outcome.SWAPPED
    assert [table.old for table in told.tables] == [None]
    assert statuses(url, ["tally"])["tally"].position == len(FACTS)


@contextmanager
def rebuilding(url: str, *projections: Any) -> Iterator[list[Any]]:
    """A rebuild in a thread of its own; how it ended is in the list afterwards."""
    ended: list[Any] = []
    thread = Thread(target=lambda: ended.extend(rebuild(url, projections, SMALL)))
    thread.start()
    try:
        yield ended
    finally:
        thread.join()


def test_a_reader_in_the_way_is_waited_for_and_others_read_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database.service_url
    record(url, FACTS)
    caught_up(url, Tally())
    tries: list[float] = []
    monkeypatch.setattr(swapping.time, "sleep", tries.append)
    with (
        connected(url) as quick,
        rebuilding(url, Tally()) as ended,
        connected(url) as slow,
        slow.transaction(),
    ):
        assert tallied(slow) == COUNTS
        until(lambda: len(tries) > 1)
        assert tallied(quick) == COUNTS
        assert ended == []
    assert [told.outcome for told in ended] == [Outcome.SWAPPED]
