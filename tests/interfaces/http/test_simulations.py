"""What-if over HTTP: asked for, done beside, read, cancelled, and never left hanging."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from application.access import ALLOWS, Permission, Role
from interfaces.cli.trying import do_all
from projections.what_if import records
from tests.interfaces.http.client import Caller, Served
from tests.projections.what_if.proposals import body_of

PLAN = body_of("hot-water") | {"targets": {"resolve": {"P1": "PT1H", "P2": "PT1H"}}}


@pytest.fixture(scope="module", autouse=True)
def tickets(agent: Caller) -> list[str]:
    """Three tickets, two of them resolved at once."""
    numbers = [agent.register(priority="P1", customer="海风酒店")["number"] for _ in range(3)]
    for number in numbers[:2]:
        agent.does(number, "contact", channel="phone", direction="outbound", party="person")
        agent.does(number, "resolve", solution="done")
    return numbers


def asked(manager: Caller, **proposal: Any) -> str:
    """Where a run that was asked for is found."""
    answer = manager.post("/sla/simulations", {"plan": PLAN, **proposal})
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "waiting"
    location = answer.headers["location"]
    assert location == f"/api/v1/sla/simulations/{answer.json()['id']}"
    return location.removeprefix("/api/v1")


def done(service: Served) -> None:
    """Everything that waits is done."""
    do_all(service.database.service_url, processes=1)


def test_a_run_is_asked_for_done_and_read(service: Served, manager: Caller, agent: Caller) -> None:
    run = asked(manager, as_of="2099-01-01T00:00:00Z")
    done(service)
    told = agent.reads(run)
    assert (told["state"], told["asked_by"]) == ("done", "contract_manager:sun.yue")
    assert (told["done"], told["tickets"], told["result"]["tickets"]) == (3, 3, 3)
    assert told["proposal"]["position"] == told["result"]["position"] == service.position
    real, tried = told["result"]["real"], told["result"]["tried"]
    assert (
        real["total"]
        == agent.reads("/sla/compliance", as_of="2099-01-01T00:00:00Z", group_by=["priority", "milestone"])[
            "total"
        ]
    )
    assert (tried["total"]["met"], tried["total"]["none"]) == (2, 3)
    changes = [change for page in agent.pages(f"{run}/changes", limit=2) for change in page]
    assert len(changes) == told["result"]["changed"] == 3  # nobody is promised a first response any more
    assert [change["number"] for change in changes] == sorted(change["number"] for change in changes)
    assert agent.reads("/sla/simulations")["items"][0]["id"] == told["id"]


def test_the_same_position_and_moment_give_the_same_result(
    service: Served, manager: Caller, agent: Caller
) -> None:
    first = asked(manager, as_of="2099-01-01T00:00:00Z")
    done(service)
    position = agent.reads(first)["proposal"]["position"]
    number = agent.register(priority="P1")["number"]
    again = asked(manager, as_of="2099-01-01T00:00:00Z", position=position)
    done(service)
    assert agent.reads(again)["result"] == agent.reads(first)["result"]
    agent.does(number, "cancel", reason="a test")


def test_a_cancelled_run_is_not_done_and_one_that_is_done_stays(
    service: Served, manager: Caller, agent: Caller
) -> None:
    run = asked(manager)
    assert manager.ask("DELETE", run).json()["state"] == "cancelled"
    done(service)
    assert agent.reads(run)["state"] == "cancelled"
    finished = asked(manager)
    done(service)
    assert manager.ask("DELETE", finished).json()["state"] == "done"
    assert agent.reads(finished)["result"] is not None


def test_a_run_that_is_cancelled_while_it_goes_on_stops(
    service: Served, manager: Caller, agent: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked(manager)
    go_on = records.go_on

    def cancelled_first(*told: Any) -> None:
        manager.ask("DELETE", run)
        go_on(*told)

    monkeypatch.setattr(records, "go_on", cancelled_first)
    done(service)
    assert (agent.reads(run)["state"], agent.reads(run)["result"]) == ("cancelled", None)
    assert agent.reads(f"{run}/changes")["items"] == []


def test_a_run_whose_process_died_is_begun_again_and_given_up_in_the_end(
    service: Served, manager: Caller, agent: Caller
) -> None:
    run = asked(manager)
    with psycopg.connect(service.database.service_url, autocommit=True) as conn:
        for _ in range(2):
            assert records.begin(conn) is not None  # and then it dies
        assert agent.reads(run)["state"] == "running"
        done(service)
        assert agent.reads(run)["state"] == "done"
        lost = asked(manager)
        for _ in range(records.MOST_TRIES):
            records.begin(conn)
        done(service)
    told = agent.reads(lost)
    assert (told["state"], told["reason"]) == ("failed", "its process died 3 times")


def test_only_one_process_of_an_installation_is_at_it(
    service: Served, manager: Caller, agent: Caller
) -> None:
    run = asked(manager)
    with psycopg.connect(service.database.service_url, autocommit=True) as other:
        assert other.execute(records.LOCK).fetchone() == (True,)
        done(service)
        assert agent.reads(run)["state"] == "waiting"
    done(service)
    assert agent.reads(run)["state"] == "done"


def test_what_fails_says_why(
    service: Served, manager: Caller, agent: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> None:
        raise ValueError("no way")

    monkeypatch.setattr("interfaces.cli.trying.run", broken)
    run = asked(manager)
    done(service)
    assert (agent.reads(run)["state"], agent.reads(run)["reason"]) == ("failed", "ValueError: no way")


def test_results_are_forgotten_and_who_asked_is_not(service: Served, manager: Caller, agent: Caller) -> None:
    run = asked(manager)
    done(service)
    with psycopg.connect(service.database.owner_url, autocommit=True) as owner:
        owner.execute(
            "UPDATE log.simulation SET ended_at = ended_at - interval '8 days' WHERE id = %s", (run[-36:],)
        )
    with psycopg.connect(service.database.service_url, autocommit=True) as conn:
        records.expire(conn)
    told = agent.reads(run)
    assert (told["state"], told["asked_by"], told["result"]) == ("expired", "contract_manager:sun.yue", None)
    assert agent.reads(f"{run}/changes")["items"] == []


def test_so_many_wait_and_no_more(manager: Caller, service: Served) -> None:
    runs = [asked(manager) for _ in range(records.MOST_OPEN)]
    answer = manager.post("/sla/simulations", {"plan": PLAN})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:aftersales:problem:busy")
    assert answer.headers["retry-after"]
    for run in runs:
        manager.ask("DELETE", run)


@pytest.mark.parametrize(
    ("proposal", "pointer"),
    [
        ({"plan": None}, "/plan"),
        ({"plan": PLAN | {"targets": {"resolve": {"P1": "PT0S"}}}}, "/plan/targets/resolve/P1"),
        ({"plan": PLAN | {"calendar": "no-such"}}, "/plan/calendar"),
        ({"calendar": {"name": "x", "zone": "Moon/Base"}}, "/calendar"),
        ({"group_by": ["colour"]}, "/group_by"),
        ({"position": 10**9}, "/position"),
        (
            {"reported_from": "2026-02-01T00:00:00Z", "reported_until": "2026-01-01T00:00:00Z"},
            "/reported_until",
        ),
    ],
)
def test_what_can_never_be_tried_is_refused_at_once(manager: Caller, proposal: Any, pointer: str) -> None:
    answer = manager.post("/sla/simulations", {"plan": PLAN, **proposal})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].removeprefix("#").startswith(pointer)


def test_there_is_no_run_that_nobody_asked_for(agent: Caller, manager: Caller) -> None:
    for method in ("GET", "DELETE"):
        assert manager.ask(method, f"/sla/simulations/{UUID(int=1)}").status_code == 404


def test_who_may_try_and_who_may_read(service: Served, manager: Caller) -> None:
    run = asked(manager)
    for role in Role:
        caller = service.caller(role)
        may_try = role in {Role.CONTRACT_MANAGER, Role.AUDITOR, Role.ADMIN}
        assert caller.get(run).status_code == (200 if Permission.READ in ALLOWS[role] else 403)
        assert caller.post("/sla/simulations", {"plan": PLAN}).status_code == (202 if may_try else 403)
        assert caller.ask("DELETE", run).status_code == (200 if may_try else 403)
