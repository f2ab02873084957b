"""An event that cannot be folded holds up its own unit, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from application.database.connect import Database
from domain.event import Fact
from projections.engine import folding, parking
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.engine.runner import Runner
from projections.engine.status import ProjectionState
from tests.conftest import connected
from tests.projections.engine.broken import release_without, skip, teleport
from tests.projections.engine.tally import Tally, TallyRow, tallied
from tests.projections.histories import Story, answer, random_facts, record
from tests.projections.views import dumped, emptied, rebuilt, shipped, statuses, until

FACTS = random_facts(tickets=12, steps=10)
COUNTS = Counter(fact.stream_id for fact in FACTS)
BROKEN = FACTS[37]
"""At position 38, in the midst of its ticket's events."""
OF_TICKETS = ("queue", "ticket", "sla_compliance", "flow")


def held_back(url: str) -> list[tuple[str, UUID, int]]:
    """What is parked: by which projection, what, and from which position on."""
    with connected(url) as conn:
        query = "SELECT projection, unit, position FROM log.parked ORDER BY position, projection"
        return conn.execute(query).fetchall()


def versions(url: str) -> dict[UUID, int]:
    """How far each ticket is in the view ``flow``."""
    with connected(url) as conn:
        return dict(conn.execute("SELECT id, version FROM view.flow").fetchall())


def without(facts: list[Fact], *units: UUID) -> Counter[UUID]:
    """The counts of what is not parked."""
    return Counter(fact.stream_id for fact in facts if fact.stream_id not in units)


def test_the_unit_of_the_event_waits_and_everything_else_goes_on(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    with Runner(url, [Tally("fragile", 38), Tally("sound")]) as runner:
        runner.run_once()
    found = statuses(url, ["fragile", "sound"])
    assert found["sound"].state is ProjectionState.LIVE
    assert (found["fragile"].state, found["fragile"].parked) == (ProjectionState.PARKED, 1)
    assert (found["fragile"].position, found["fragile"].lag) == (len(FACTS), 0)
    assert held_back(url) == [("fragile", BROKEN.stream_id, 38)]
    before = sum(fact.stream_id == BROKEN.stream_id for fact in FACTS[:37])
    with connected(url) as conn:
        assert tallied(conn, "fragile") == without(FACTS, BROKEN.stream_id) | {BROKEN.stream_id: before}
        assert tallied(conn, "sound") == COUNTS
        (failure,) = conn.execute("SELECT failure FROM log.parked").fetchone()
    assert '"error":"ArithmeticError","message":"cannot count this one"' in failure


def test_what_comes_later_queues_behind_it_across_restarts(database: Database) -> None:
    url = database.service_url
    for part in (FACTS[:50], FACTS[50:80], FACTS[80:]):
        record(url, part)
        with Runner(url, [Tally("tally", 38)], batch=9) as runner:
            runner.run_once()
    assert held_back(url) == [("tally", BROKEN.stream_id, 38)]
    with connected(url) as conn:
        assert tallied(conn)[BROKEN.stream_id] < COUNTS[BROKEN.stream_id]
        assert without(FACTS, BROKEN.stream_id).items() <= tallied(conn).items()


@pytest.mark.parametrize("batch", [1, 3, 5000])
def test_a_mended_release_folds_the_queue_as_it_starts(database: Database, batch: int) -> None:
    url = database.service_url
    record(url, FACTS)
    with Runner(url, [Tally("tally", 38)]) as runner:
        runner.run_once()
    with Runner(url, [Tally()], batch=batch) as runner:
        runner.run_once()
    assert held_back(url) == []
    assert statuses(url, ["tally"])["tally"].state is ProjectionState.LIVE
    with connected(url) as conn:
        assert tallied(conn) == COUNTS


def test_what_is_parked_is_tried_again_without_a_restart(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "FIRST_RETRY", 0)
    url = database.service_url
    record(url, FACTS)
    projection = Tally("tally", 38)
    with Runner(url, [projection]) as runner:
        runner.run_once()
        runner.run_once()
        assert held_back(url) == [("tally", BROKEN.stream_id, 38)]
        projection.breaks_at.clear()
        runner.run_once()
    assert held_back(url) == []
    with connected(url) as conn:
        assert tallied(conn) == COUNTS


def test_each_try_waits_longer_than_the_one_before(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    waits = []
    for _ in range(9):
        with Runner(url, [Tally("tally", 38)]) as runner:
            runner.run_once()
        with connected(url) as conn:
            query = "SELECT tries, extract(epoch FROM retry_at - clock_timestamp())::int FROM log.parked"
            tries, seconds = conn.execute(query).fetchone()
        assert tries == len(waits) + 1
        waits.append(seconds)
    assert waits == [pytest.approx(min(60 * 2**n, 3600), abs=3) for n in range(9)]


def test_a_queue_goes_as_far_as_it_can(database: Database) -> None:
    url = database.service_url
    places = [place for place, fact in enumerate(FACTS, 1) if fact.stream_id == BROKEN.stream_id]
    first, second = places[1], places[-2]
    record(url, FACTS)
    for breaks_at, begins_at in (((first, second), first), ((second,), second)):
        with Runner(url, [Tally("tally", *breaks_at)], batch=4) as runner:
            runner.run_once()
        assert held_back(url) == [("tally", BROKEN.stream_id, begins_at)]
        with connected(url) as conn:
            assert tallied(conn)[BROKEN.stream_id] == places.index(begins_at)


def test_a_service_case_is_held_back_as_a_whole_where_a_view_keeps_cases(database: Database) -> None:
    url = database.service_url
    story, other = answer(Story(1), 1), Story(2)
    record(url, story.facts)
    teleport(url, story.id, 3)
    record(url, other.facts)
    with Runner(url, shipped()) as runner:
        runner.run_once()
    assert held_back(url) == [(name, story.id, 3) for name in sorted(OF_TICKETS)]
    found = statuses(url)
    assert {name for name, one in found.items() if one.state is ProjectionState.PARKED} == set(OF_TICKETS)
    assert {one.position for one in found.values()} == {4}
    assert [row[:2] for row in dumped(url)["audit_span"]] == [(0, 0b11110)]


def test_what_is_folded_late_is_what_a_rebuild_makes(database: Database) -> None:
    url = database.service_url
    record(url, FACTS[:60])
    with Runner(url, release_without("hot-water"), batch=7) as runner:
        runner.run_once()
        record(url, FACTS[60:])
        runner.run_once()
    assert {name for name, *_ in held_back(url)} == {"queue", "ticket", "sla_compliance"}
    with Runner(url, shipped(), batch=7) as runner:
        runner.run_once()
    assert held_back(url) == []
    late = dumped(url)
    rebuilt(url)
    assert dumped(url) == late


def test_a_skipped_event_is_left_out_now_and_in_every_rebuild(database: Database) -> None:
    url = database.service_url
    story = answer(Story(40), 1)
    record(url, story.facts)
    teleport(url, story.id, 3)
    record(url, FACTS)
    with Runner(url, shipped()) as runner:
        runner.run_once()
        remark = story.then("remark", 2, text="back from Mars").facts[-1]
        record(url, [msgspec.structs.replace(remark, version=4)])
        runner.run_once()
        assert versions(url)[story.id] == 2
        skip(url, OF_TICKETS, 3, story.id)
        runner.run_once()
    assert held_back(url) == []
    live = dumped(url)
    assert versions(url)[story.id] == 4
    rebuilt(url, batch=11)
    assert held_back(url) == []
    assert dumped(url) == live


def test_a_skip_for_one_view_changes_no_other(database: Database) -> None:
    """What the views of tickets remember together may then not be shared."""
    url = database.service_url
    places = [place for place, fact in enumerate(FACTS, 1) if fact.stream_id == BROKEN.stream_id]
    record(url, FACTS)
    skip(url, ["queue"], places[-3], BROKEN.stream_id)
    with Runner(url, shipped(), batch=5) as runner:
        runner.run_once()
    live = dumped(url)
    others = [one for one in shipped() if one.name != "queue"]
    emptied(url, *others)
    with Runner(url, others) as runner:
        runner.run_once()
    assert dumped(url) == live


class Killed(BaseException):
    """The process is gone."""


STEPS: dict[str, Callable[[], Any]] = {
    name: getattr(parking, name) for name in ("park", "hold", "advance", "free", "wait_on", "skips")
}


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_between_any_two_steps_loses_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Before the step in its transaction, and after; then with what was left, as if nothing had happened."""
    url = database.service_url
    record(url, FACTS)
    places = [place for place, fact in enumerate(FACTS, 1) if fact.stream_id == BROKEN.stream_id]
    first, second = places[1], places[-2]

    def killed_before(*_: Any) -> None:
        raise Killed

    def killed_after(*arguments: Any) -> None:
        STEPS[step](*arguments)  # type: ignore[call-arg]
        raise Killed

    deaths = 0
    for deadly in (killed_before, killed_after):
        for breaks_at in ((first, 70, second), (70, second), (70,)):
            monkeypatch.setattr(parking, step, deadly)
            try:
                once(url, Tally("tally", *breaks_at), batch=4)
            except Killed:
                deaths += 1
            monkeypatch.undo()
            once(url, Tally("tally", *breaks_at), batch=4)
    assert deaths
    once(url, Tally(), batch=4)
    assert held_back(url) == []
    with connected(url) as conn:
        assert tallied(conn) == COUNTS


def once(url: str, projection: Projection, batch: int) -> None:
    """One life of a worker, which ends as abruptly as it may."""
    runner = Runner(url, [projection], batch=batch)
    try:
        until(lambda: runner.run_once() >= 0 and runner.leading == ("tally",))
    finally:
        runner._conn.close()  # no farewell


class Doubling(Tally):
    """Writes the same row twice where it breaks, and then reads on."""

    def fold(self, batch: Batch, rows: Rows) -> None:
        for fact in batch.facts():
            if fact.position in self.breaks_at:
                rows.add("tally", [TallyRow(UUID(int=1), 1), TallyRow(UUID(int=1), 1)])
                rows.find(TallyRow, "tally", [fact.stream_id])
        self.breaks_at, breaks_at = set[int](), self.breaks_at
        super().fold(batch, rows)
        self.breaks_at = breaks_at


def test_what_the_database_refuses_of_an_event_parks_it(database: Database) -> None:
    url = database.service_url
    record(url, FACTS)
    with Runner(url, [Doubling("tally", 38)]) as runner:
        runner.run_once()
    assert held_back(url) == [("tally", BROKEN.stream_id, 38)]
    with connected(url) as conn:
        assert '"UniqueViolation"' in conn.execute("SELECT failure FROM log.parked").fetchone()[0]
        assert without(FACTS, BROKEN.stream_id).items() <= tallied(conn).items()


def test_too_many_parked_units_stop_the_projection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "MOST_PARKED", 3)
    url = database.service_url
    record(url, FACTS)
    firsts = [next(place for place, fact in enumerate(FACTS, 1) if fact.stream_id == unit) for unit in COUNTS]
    with Runner(url, [Tally("tally", *firsts), Tally("sound")]) as runner:
        runner.run_once()
    found = statuses(url, ["tally", "sound"])
    assert found["sound"].state is ProjectionState.LIVE
    assert (found["tally"].state, found["tally"].parked) == (ProjectionState.FAILED, 3)
    assert found["tally"].position == sorted(firsts)[3] - 1
    assert found["tally"].failure is not None
    assert found["tally"].failure.error == "TooManyParked"
    with Runner(url, [Tally()]) as runner:
        runner.run_once()
    with connected(url) as conn:
        assert tallied(conn) == COUNTS
    assert held_back(url) == []


@pytest.mark.parametrize(
    "error",
    [psycopg.errors.DiskFull, psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable, MemoryError],
)
def test_what_ails_the_database_parks_nothing(database: Database, error: type[Exception]) -> None:
    url = database.service_url
    record(url, FACTS)
    with Runner(url, [Tally("tally", 38, error=error), Tally("sound")]) as runner:
        runner.run_once()
    found = statuses(url, ["tally", "sound"])
    assert held_back(url) == []
    assert (found["tally"].state, found["tally"].position) == (ProjectionState.FAILED, 0)
    assert found["sound"].state is ProjectionState.LIVE
    with Runner(url, [Tally()]) as runner:
        runner.run_once()
    with connected(url) as conn:
        assert tallied(conn) == COUNTS
