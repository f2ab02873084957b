"""What a view holds back is not shown as if it were new; everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from application.access import Role
from application.database.connect import Database
from projections.engine.runner import Runner
from tests.interfaces.http.client import Caller, Served, served
from tests.projections.engine.broken import release_without
from tests.projections.histories import Story, answer, record
from tests.projections.views import shipped

SOUND, BROKEN = answer(Story(1), 1), answer(Story(2, plan="hot-water"), 1)
"""The second pins a plan that the worker's release does not have."""


@pytest.fixture(scope="module")
def service(module_database: Database) -> Iterator[Served]:
    """The application, after a worker that could not fold one ticket."""
    url = module_database.service_url
    record(url, [*SOUND.facts, *BROKEN.facts])
    with Runner(url, release_without("hot-water")) as runner:
        runner.run_once()
    with served(module_database) as service:
        yield service


@pytest.fixture(scope="module")
def agent(service: Served) -> Caller:
    """Li Wei."""
    return service.caller(Role.AGENT, "li.wei")


def test_one_that_is_held_back_is_refused_with_the_event(agent: Caller) -> None:
    for path, view in (("", "ticket"), ("/sla", "sla_compliance")):
        told = agent.get(f"/tickets/{BROKEN.id}{path}")
        assert (told.status_code, told.headers["Retry-After"]) == (503, "60")
        problem = told.json()
        assert problem["type"] == "urn:aftersales:problem:view-parked"
        assert (problem["view"], problem["position"]) == (view, 3)


def test_others_and_other_views_of_it_are_shown(agent: Caller) -> None:
    assert agent.get(f"/tickets/{SOUND.id}").json()["number"] == "T-2026-000001"
    assert len(agent.get(f"/tickets/{BROKEN.id}/history").json()["items"]) == 2


def test_lists_show_what_they_have(agent: Caller) -> None:
    for path in ("/tickets", "/queues/all"):
        numbers = [item["number"] for item in agent.get(path, wait_for_position="4").json()["items"]]
        assert numbers == ["T-2026-000001"]


def test_readiness_says_which_views_hold_something_back(agent: Caller) -> None:
    views = {view["name"]: view for view in agent.ask("GET", "/readyz").json()["projections"]}
    parked = {name for name, view in views.items() if view["state"] == "parked"}
    assert parked == {"queue", "ticket", "sla_compliance"}
    assert {views[name]["parked"] for name in parked} == {1}


def test_a_mended_worker_shows_it(service: Served, module_database: Database, agent: Caller) -> None:
    with Runner(module_database.service_url, shipped()) as runner:
        runner.run_once()
    assert agent.get(f"/tickets/{BROKEN.id}").json()["number"] == "T-2026-000002"
