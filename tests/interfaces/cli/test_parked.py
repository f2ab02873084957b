"""What views hold back, and what people do about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from application.database.connect import Database
from projections.engine.runner import Runner
from tests.conftest import connected
from tests.interfaces.cli.conftest import Answer
from tests.projections.engine.broken import release_without, teleport
from tests.projections.histories import Story, answer, record
from tests.projections.views import dumped, rebuilt, shipped

Command = Callable[..., Answer]
STORY, OTHER = answer(Story(1), 1), answer(Story(2, plan="hot-water"), 1)
OF_TICKETS = ("ticket", "queue", "sla_compliance", "flow")


@pytest.fixture
def url(database: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with a ticket that went where no release has been, and a worker's views of it."""
    monkeypatch.setenv("AFTERSALES_DATABASE_URL", database.service_url)
    record(database.service_url, STORY.facts)
    teleport(database.service_url, STORY.id, 3)
    with connected(database.service_url) as conn:
        names = "INSERT INTO log.name (name, stream_id) VALUES ('helpdesk/Case 1', %s), ('T-2026-000001', %s)"
        conn.execute(names, (STORY.id, STORY.id))
    with Runner(database.service_url, shipped()) as runner:
        runner.run_once()
    return database.service_url


def held(command: Command) -> list[dict[str, Any]]:
    """What is held back, for programs."""
    return json.loads(command("projections", "parked", "--json").out)


def test_it_is_said_what_is_held_back_and_why(command: Command, url: str) -> None:
    record(url, [msgspec.structs.replace(STORY.facts[-1], version=4)])
    with Runner(url, shipped()) as runner:
        runner.run_once()
    shown = held(command)
    assert [each["projection"] for each in shown] == list(OF_TICKETS)
    first = shown[0]
    assert (first["position"], first["type"], first["error"]) == (3, "ticket.teleported", "UnreadableEvent")
    assert (first["unit"], first["number"], first["waiting"]) == (str(STORY.id), "T-2026-000001", 1)
    assert datetime.fromisoformat(first["retry_at"]) > datetime.fromisoformat(first["since"])
    rows = [line.split("\t") for line in command("projections", "parked").out.splitlines()]
    assert rows[1][:5] == ["ticket", "3", "ticket.teleported", "T-2026-000001", "1"]
    queue = next(line for line in command("projections").out.splitlines() if line.startswith("queue"))
    assert queue.split("\t")[4] == "parked"
    assert "1 held back" in queue


def test_a_retry_lets_a_worker_that_runs_try_at_once(command: Command, url: str) -> None:
    _, queue, compliance = release_without("hot-water")[:3]
    record(url, OTHER.facts)
    with Runner(url, [queue, compliance]) as worker:
        worker.run_once()
        tries = {(each["projection"], each["position"]): each["tries"] for each in held(command)}
        assert tries["queue", 4] == tries["sla_compliance", 4] == 1
        told = command("projections", "retry", "queue", "--position", "4")
        assert (told.code, told.out) == (0, "")
        assert "queue tries event 4 again" in told.err
        worker.run_once()
    after = {(each["projection"], each["position"]): each["tries"] for each in held(command)}
    assert {key for key, n in after.items() if n > tries[key]} == {("queue", 4)}


def test_a_skip_is_recorded_with_its_reason_and_lets_the_queue_go_on(command: Command, url: str) -> None:
    for view in OF_TICKETS:
        told = command("projections", "skip", view, "3", "--reason", "a test", "--by", "wang")
        assert told.code == 0, told.err
    with Runner(url, shipped()) as runner:
        runner.run_once()
    assert held(command) == []
    with connected(url) as conn:
        query = "SELECT actor, reason, data FROM event_log WHERE type = 'projection.event_skipped'"
        actor, reason, event = conn.execute(f"{query} ORDER BY position").fetchall()[0]
    assert (actor, reason) == ("admin:wang", "a test")
    assert (event["projection"], event["position"], event["event_type"]) == ("ticket", 3, "ticket.teleported")
    assert UUID(event["unit"]) == STORY.id
    live = dumped(url)
    rebuilt(url)
    assert dumped(url) == live


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("retry", "nope"), 2, "there is no view 'nope'"),
        (("retry", "stock"), 1, "nothing is held back by stock"),
        (("retry", "--position", "2"), 1, "nothing is held back by any view at event 2"),
        (("skip", "nope", "3", "--reason", "x"), 2, "there is no view 'nope'"),
        (("skip", "queue", "2", "--reason", "x"), 1, "queue does not hold back event 2"),
        (("skip", "queue", "3", "--reason", " "), 2, "--reason"),
        (("skip", "queue", "3", "--reason", "x", "--by", "a\nb"), 2, "--by"),
        (("skip", "queue", "3"), 2, "--reason"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_recorded(
    command: Command, url: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    told = command("projections", *arguments)
    assert (told.code, told.out) == (code, "")
    assert said in told.err
    with connected(url) as conn:
        assert conn.execute("SELECT count(*) FROM log.event").fetchone() == (3,)
