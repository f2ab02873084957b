from __future__ import annotations

from collections import Counter
from threading import Event

import pytest

from application.database.connect import Database
from application.log.append import Append
from application.log.stored import LogEvent
from application.log.writer_thread import WriterThread
from projections.engine import seat
from projections.engine.batch import Batch, Memory, Page
from projections.engine.rows import Rows
from projections.engine.runner import PAGE, Runner
from projections.engine.seat import Moved, Seat
from projections.engine.status import ProjectionState
from tests.conftest import connected
from tests.projections.engine.tally import Tally, tallied
from tests.projections.histories import Story, answer, random_facts, record
from tests.projections.views import dumped, shipped, statuses, until

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


def test_a_failing_fold_stops_its_own_projection_at_that_event_and_no_other(database: Database) -> None:
    record(database.service_url, FACTS)
    with Runner(database.service_url, [Tally("fragile", breaks_at=38), Tally("sound")]) as runner:
        runner.run_once()
    found = statuses(database.service_url, ["fragile", "sound"])
    assert found["sound"].state is ProjectionState.LIVE
    assert found["fragile"].state is ProjectionState.FAILED
    assert found["fragile"].position == 37
    assert found["fragile"].lag == len(FACTS) - 37
    failure = found["fragile"].failure
    assert failure is not None
    assert (failure.position, failure.error) == (38, "ArithmeticError")
    assert failure.message == "cannot count this one"
    with connected(database.service_url) as conn:
        assert tallied(conn, "fragile") == Counter(fact.stream_id for fact in FACTS[:37])
        assert tallied(conn, "sound") == COUNTS


def test_a_mended_fold_goes_on_after_a_restart(database: Database) -> None:
    record(database.service_url, FACTS)
    with Runner(database.service_url, [Tally(breaks_at=38)]) as runner:
        runner.run_once()
    with Runner(database.service_url, [Tally()]) as runner:
        runner.run_once()
    assert statuses(database.service_url, ["tally"])["tally"].state is ProjectionState.LIVE
    with connected(database.service_url) as conn:
        assert tallied(conn) == COUNTS


def test_a_failing_fold_is_tried_again_without_a_restart(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seat, "FIRST_WAIT", 0.05)
    record(database.service_url, FACTS)
    projection = Tally(breaks_at=38)
    with Runner(database.service_url, [projection]) as runner:
        runner.run_once()
        projection.breaks_at = None
        until(lambda: runner.run_once() > 0)
    found = statuses(database.service_url, ["tally"])["tally"]
    assert found.state is ProjectionState.LIVE
    assert found.failure is None
    with connected(database.service_url) as conn:
        assert tallied(conn) == COUNTS


def test_an_event_of_an_unknown_type_stops_who_wants_it(database: Database) -> None:
    first, second = Story(1), answer(Story(2), 1)
    unknown = LogEvent(
        id=0, originator_id=first.id, originator_version=2, topic="ticket.teleported", state=b'{"to":"Mars"}'
    )
    record(database.service_url, first.facts)
    writer = WriterThread(database.service_url)
    writer.append(Append((unknown,)))
    writer.close()
    record(database.service_url, second.facts)
    with Runner(database.service_url, shipped()) as runner:
        runner.run_once()
    found = statuses(database.service_url)
    stopped = {name for name, one in found.items() if one.position == 1}
    assert stopped == {"queue", "ticket", "timeline", "sla_compliance"}
    assert {one.position for name, one in found.items() if name not in stopped} == {4}
    failure = found["timeline"].failure
    assert failure is not None
    assert (failure.position, failure.type, failure.error) == (2, "ticket.teleported", "UnreadableEvent")


def test_a_rebuild_makes_the_same_rows(database: Database) -> None:
    record(database.service_url, FACTS)
    with Runner(database.service_url, shipped(), batch=10) as runner:
        runner.run_once()
        live = dumped(database.service_url)
        for projection in shipped():
            runner.rebuild(projection.name)
        assert not any(dumped(database.service_url).values())
        runner.run_once()
    assert dumped(database.service_url) == live
    assert all(live[table] for table in ("queue", "ticket", "timeline", "sla_clock", "audit_log"))


def test_a_rebuild_asked_for_elsewhere_is_noticed_by_the_leader(database: Database) -> None:
    record(database.service_url, FACTS)
    with Runner(database.service_url, [Tally()]) as leader, Runner(database.service_url, [Tally()]) as other:
        leader.run_once()
        other.rebuild("tally")
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
        first, rest = Batch(Page(rows, Memory(10)), 0, 10, ("",)).halves()
        place.commit(conn, first, Rows(conn))
        with Runner(database.service_url, [Tally()]) as other:
            other.rebuild("tally")
        with pytest.raises(Moved):
            place.commit(conn, rest, Rows(conn))
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


def test_another_definition_rebuilds_and_leaves_nothing_behind(database: Database) -> None:
    record(database.service_url, FACTS)
    for projection, tables in (
        (Tally(), {"tally"}),
        (WiderTally(), {"tally", "tally_more"}),
        (Tally(), {"tally"}),
    ):
        with Runner(database.service_url, [projection]) as runner:
            assert runner.run_once() == len(FACTS)
        with connected(database.service_url) as conn:
            assert tallied(conn) == COUNTS
            found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'view'").fetchall()
        assert {table for (table,) in found} == tables


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
