"""What a monitoring system reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from application.access import Role
from application.database.connect import Database
from application.log.failure import FAIL, Failure
from application.log.tree.delivering import SIGNING, failed, succeeded
from projections.catalogue import NAMES
from projections.engine.projection import LOG
from projections.engine.runner import Runner
from tests.conftest import connected
from tests.interfaces.http.client import Caller, Served, served
from tests.projections.engine.broken import release_without
from tests.projections.histories import Story, answer, record


@pytest.fixture(scope="module")
def service(module_database: Database) -> Iterator[Served]:
    """The application; its views hold one ticket back, do not show the last one, and one has stopped."""
    url = module_database.service_url
    record(url, [*answer(Story(1), 1).facts, *answer(Story(2, plan="hot-water"), 1).facts])
    with Runner(url, release_without("hot-water")) as runner:
        runner.run_once()
    record(url, Story(3).facts)
    with connected(url) as conn:
        failure = Failure.of(5, "", ArithmeticError("stopped"))
        conn.execute(FAIL, (failure.stored, "stock", LOG))
    with served(module_database) as service:
        yield service


def figures(service: Served) -> dict[tuple[str, str | None], float]:
    """The value of every metric, by its name and the view."""
    answer = Caller(service, None).ask("GET", "/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, sample.labels.get("projection")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_it_says_how_far_everything_is_without_a_token(service: Served) -> None:
    found = figures(service)
    assert found["aftersales_log_position", None] == 5
    for name in NAMES:
        assert found["aftersales_projection_position", name] == 4
        assert found["aftersales_projection_events_total", name] == 4
        assert found["aftersales_projection_lag_events", name] == 1
        assert found["aftersales_projection_lag_seconds", name] > 0
        assert found["aftersales_projection_leader_changes_total", name] >= 1
    assert found["aftersales_projection_position", "reactions"] == 0


def test_it_says_what_is_held_back_and_what_has_stopped(service: Served) -> None:
    found = figures(service)
    held = {name for name in NAMES if found["aftersales_projection_parked_units", name]}
    assert held == {"queue", "ticket", "sla_compliance"}
    assert {name for name in NAMES if found["aftersales_projection_failed", name]} == {"stock"}


def test_it_says_what_this_process_has_recorded(service: Served) -> None:
    agent = service.caller(Role.AGENT)
    before = counted(service)
    ticket = agent.register()
    agent.does(ticket["number"], "assign", team="华东一组")
    assert agent.post(f"/tickets/{ticket['number']}/resume").status_code == 409
    assert counted(service) == {
        "aftersales_log_commits_total": before["aftersales_log_commits_total"] + 2,
        "aftersales_log_appends_total": before["aftersales_log_appends_total"] + 2,
        "aftersales_log_refused_total": 0,
        "aftersales_log_waiting": 0,
    }


def counted(service: Served) -> dict[str, float]:
    """What the writer counts."""
    return {
        name: value
        for (name, view), value in figures(service).items()
        if view is None and name.endswith(("_total", "_waiting"))
    }


def test_it_says_how_far_the_log_is_signed_and_what_stands_against_it(service: Served) -> None:
    names = ("log_signed_position", "log_signing_refused", "checkpoint_targets_failing")
    assert [figures(service)[f"aftersales_{name}", None] for name in names] == [0, 0, 0]
    with connected(service.database.service_url) as conn:
        conn.execute("INSERT INTO log.checkpoint VALUES (4, sha256(''), 'x', now())")
        for target in (SIGNING, "file:/mnt", "mailto:a@b.example"):
            failed(conn, target, "why", timedelta())
        succeeded(conn, 4)
    assert [figures(service)[f"aftersales_{name}", None] for name in names] == [4, 0, 2]
    with connected(service.database.service_url) as conn:
        failed(conn, SIGNING, "why", timedelta())
    assert figures(service)["aftersales_log_signing_refused", None] == 1


def test_it_says_what_is_overdue_and_what_time_has_brought(service: Served) -> None:
    found = figures(service)
    assert found["aftersales_timer_overdue", None] == 1
    assert found["aftersales_timer_lag_seconds", None] > 0
    assert found["aftersales_clocks_in_gap", None] == 0
    with connected(service.database.service_url) as conn:
        conn.execute("UPDATE view.sla_clock SET gap = 2031 WHERE verdict = 'pending'")
    assert figures(service)["aftersales_clocks_in_gap", None] == 1
    with connected(service.database.service_url) as conn:
        conn.execute("INSERT INTO log.timer (type, events) VALUES ('ticket.deadline_missed', 7)")
    assert figures(service)["aftersales_timer_events_total", None] == 7
