from __future__ import annotations

from collections import Counter
from threading import Event
from typing import Any

import pytest

from application.database.connect import Database
from projections.engine.batch import Batch, Memory, Page
from projections.engine.folding import Folding, Turn
from projections.engine.rows import Rows
from projections.engine.runner import PAGE, Runner
from projections.engine.seat import Moved, Seat
from projections.engine.status import ProjectionState
from tests.conftest import connected
from tests.projections.engine.tally import Tally, tallied
from tests.projections.histories import random_facts, record
from tests.projections.views import dumped, emptied, shipped, statuses

FACTS = random_facts(tickets=12, steps=10)
COUNTS = Counter(fact.stream_id for fact in FACTS)


def test_every_event_is_folded_once_whatever_the_batches(database: Database) -> None:
    record(database.service_url, FACTS)
    for size in (1, 7, 5000):
        name = f"tally_{size}"
        with Runner(database.service_url, [Tally(name)], batch=size) as runner:
            assert runner.run_once() == len(FACTS)
            assert runner.run_once() == 0
        with connected(database.service_url) as conn:
            assert tallied(conn, name) == COUNTS


def test_it_goes_on_where_it_stopped(database: Database) -> None:
    half = len(FACTS) // 2
    for part in (FACTS[:half], FACTS[half:]):
        record(database.service_url, part)
        with Runner(database.service_url, [Tally()]) as runner:
            assert runner.run_once() == len(part)
    with connected(database.service_url) as conn:
        assert tallied(conn) == COUNTS


def test_a_rebuild_makes_the_same_rows(database: Database) -> None:
    record(database.service_url, FACTS)
    with Runner(database.service_url, shipped(), batch=10) as runner:
        runner.run_once()
        live = dumped(database.service_url)
        emptied(database.service_url, *shipped())
        assert not any(dumped(database.service_url).values())
        runner.run_once()
    assert dumped(database.service_url) == live
    assert all(live[table] for table in ("queue", "ticket", "flow", "sla_clock", "audit_span"))


def test_a_rebuild_asked_for_elsewhere_is_noticed_by_the_leader(database: Database) -> None:
    record(database.service_url, FACTS)
    with Runner(database.service_url, [Tally()]) as leader:
        leader.run_once()
        emptied(database.service_url, Tally())
        assert leader.run_once() == len(FACTS)
    with connected(database.service_url) as conn:
        assert tallied(conn) == COUNTS


def test_rows_and_position_are_written_together_or_not_at_all(database: Database) -> None:
    record(database.service_url, FACTS)
    with connected(database.owner_url) as owner, connected(database.service_url) as conn:
        owner.execute("ALTER TABLE log.tracking ADD CONSTRAINT no_further CHECK (position <= 20)")
        with Runner(database.service_url, [Tally()]) as runner:
            runner.run_once()
        assert statuses(database.service_url, ["tally"])["tally"].position == 20
        assert sum(tallied(conn).values()) == 20
        owner.execute("ALTER TABLE log.tracking DROP CONSTRAINT no_further")
    with Runner(database.service_url, [Tally()]) as runner:
        runner.run_once()
    with connected(database.service_url) as conn:
        assert tallied(conn) == COUNTS


def test_a_batch_read_before_a_rebuild_is_not_written_after_it(database: Database) -> None:
    record(database.service_url, FACTS[:10])
    with connected(database.service_url) as conn:
        conn.execute("SET search_path = view")
        place = Seat(Tally())
        place.lead(conn)
        rows = conn.execute(PAGE, (0, 10), binary=True).fetchall()
        memory: Memory[Any, Any] = Memory(10)
        folding = Folding(conn, 10)
        first, rest = place.batch(Page(rows, memory)).halves()
        folding.commit([Turn(place, first)])
        emptied(database.service_url, Tally())
        with pytest.raises(Moved):
            folding.commit([Turn(place, rest)])
        assert tallied(conn) == {}


def test_it_can_be_stopped_long_before_the_head(database: Database) -> None:
    record(database.service_url, FACTS)
    stop = Event()

    class Stopping(Tally):
        def fold(self, batch: Batch, rows: Rows) -> None:
            super().fold(batch, rows)
            stop.set()

    with Runner(database.service_url, [Stopping()], batch=3) as runner:
        runner.run_forever(stop)
    assert statuses(database.service_url, ["tally"])["tally"].position == 3


class WiderTally(Tally):
    """The next release's: another table, and twice the count."""

    version = 2
    ddl = (
        "CREATE TABLE tally (id uuid PRIMARY KEY, events bigint NOT NULL, note text);\n"
        "CREATE TABLE tally_more ();"
    )


def test_tables_of_another_definition_are_left_alone(database: Database) -> None:
    record(database.service_url, FACTS[:10])
    with Runner(database.service_url, [Tally()]) as runner:
        runner.run_once()
    record(database.service_url, FACTS[10:])
    with Runner(database.service_url, [WiderTally()]) as runner:
        assert runner.run_once() == 0
        assert runner.leading == ()
        with Runner(database.service_url, [Tally()]) as old:
            assert old.run_once() == len(FACTS) - 10
    with connected(database.service_url) as conn:
        assert tallied(conn) == COUNTS


def test_lost_tables_are_made_again(database: Database) -> None:
    record(database.service_url, FACTS)
    with Runner(database.service_url, [Tally()]) as runner:
        runner.run_once()
    with connected(database.service_url) as conn:
        conn.execute("DROP TABLE view.tally")
    with Runner(database.service_url, [Tally()]) as runner:
        assert runner.run_once() == len(FACTS)
    with connected(database.service_url) as conn:
        assert tallied(conn) == COUNTS


def test_tables_that_cannot_be_made_are_told_and_stop_nobody_else(database: Database) -> None:
    broken = Tally("broken")
    broken.ddl = "CREATE TABLE broken (id no_such_type);"
    record(database.service_url, FACTS)
    with Runner(database.service_url, [broken, Tally("sound")]) as runner:
        assert runner.run_once() == len(FACTS)
        assert runner.leading == ("sound",)
    found = statuses(database.service_url, ["broken"])["broken"]
    assert found.state is ProjectionState.FAILED
    assert found.failure is not None
    assert "no_such_type" in found.failure.message
