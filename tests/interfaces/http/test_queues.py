"""The queues over HTTP: whose they are, what is asked of them, and when they have not changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from application.access import Role, join_team, leave_team
from application.database.connect import Database
from tests.interfaces.http.client import Caller, Served, served, worker
from tests.interfaces.http.refusing import is_refused
from tests.interfaces.http.turning import Wall
from tests.projections.views import until

EAST, SOUTH = "华东一组", "华南二组"


@pytest.fixture(scope="module")
def wall() -> Wall:
    """The service's clock, which stands still."""
    return Wall()


@pytest.fixture(scope="module")
def service(module_database: Database, wall: Wall) -> Iterator[Served]:
    """The application with a worker and that clock."""
    with served(module_database, now=wall) as service, worker(module_database):
        yield service


@pytest.fixture(scope="module")
def tickets(agent: Caller, admin: Caller) -> dict[str, str]:
    """One ticket for every queue there is."""
    contract = admin.contracts(assets=["SN-1"], plan="standard")
    numbers = {
        "new": agent.register(priority="P4")["number"],
        "mine": agent.register()["number"],
        "east": agent.register(category="加热", channel="phone", site="一号楼")["number"],
        "south": agent.register(priority="P1", customer="海风酒店")["number"],
        "part": agent.register(product="H-200")["number"],
        "back": agent.register(priority="P2")["number"],
        "complaint": agent.register()["number"],
        "contract": agent.register(asset="SN-1")["number"],
    }
    agent.does(numbers["mine"], "assign", team=SOUTH, person="li.wei")
    agent.does(numbers["east"], "assign", team=EAST, person="王芳")
    agent.does(numbers["east"], "hold", hold="waiting_for_customer")
    agent.does(numbers["south"], "assign", team=SOUTH)
    agent.does(numbers["part"], "order-part", part="HE-200")
    agent.does(numbers["back"], "resolve", solution="x")
    agent.does(numbers["back"], "reopen", reason="cold again")
    agent.does(numbers["complaint"], "resolve", solution="x")
    agent.does(numbers["complaint"], "complain", text="nobody came")
    assert admin.reads(f"/contracts/{contract}")["status"] == "active"
    return numbers


def names(tickets: dict[str, str], answer: Any) -> set[str]:
    """Which tickets are on a page."""
    called = {number: name for name, number in tickets.items()}
    return {called[item["number"]] for item in answer["items"]}


QUEUES = {
    "all": {"new", "mine", "east", "south", "part", "back", "contract"},
    "unassigned": {"new", "part", "back", "contract"},
    "mine": {"mine"},
    SOUTH: {"mine", "south"},
    "waiting-for-part": {"part"},
    "reopened": {"back"},
    "complaints": {"complaint"},
}


@pytest.mark.parametrize("queue", QUEUES)
def test_every_queue_has_its_tickets(agent: Caller, tickets: dict[str, str], queue: str) -> None:
    page = agent.reads(f"/queues/{queue}", count="true")
    assert names(tickets, page) == QUEUES[queue]
    assert (page["queue"], page["count"]) == (queue, len(QUEUES[queue]))


def test_my_team_is_the_one_i_belong_to_and_i_may_change_teams(
    service: Served, tickets: dict[str, str]
) -> None:
    member = service.caller(Role.AGENT, "王芳")
    assert names(tickets, member.reads("/queues/mine")) == {"east"}
    assert member.reads("/queues/my-team", count="true")["count"] == 0
    with psycopg.connect(service.database.service_url, autocommit=True) as conn:
        assert join_team(conn, "王芳", EAST)
        until(lambda: names(tickets, member.reads("/queues/my-team")) == {"east"})
        assert join_team(conn, "王芳", SOUTH)
        until(lambda: names(tickets, member.reads("/queues/my-team")) == {"east", "mine", "south"})
        assert not join_team(conn, "王芳", SOUTH)
        assert leave_team(conn, "王芳", EAST)
        until(lambda: names(tickets, member.reads("/queues/my-team")) == {"mine", "south"})
        assert not leave_team(conn, "王芳", EAST)


def test_what_breaks_soon_is_due_within_the_minutes_that_are_asked_for_or_late(
    agent: Caller, tickets: dict[str, str]
) -> None:
    item = agent.reads("/queues/all", text=tickets["south"])["items"][0]
    due = item["due_at"]
    assert due is not None
    within = agent.reads("/queues/breaking", breaking=525_600)
    assert tickets["south"] in {each["number"] for each in within["items"]}
    none = agent.reads("/queues/breaking", breaking=0, due_from=due)
    assert none["items"] == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"priority": ["P1", "P4"]}, {"new", "south"}),
        ({"priority": ["P1", "P4"], "team": SOUTH}, {"south"}),
        ({"team": ["none", EAST], "channel": "phone"}, {"east"}),
        ({"customer": "海风酒店"}, {"south"}),
        ({"category": "加热", "site": "一号楼"}, {"east"}),
        ({"status": "on_hold", "hold": "waiting_for_customer"}, {"east"}),
        ({"product": "H-200", "waiting_for_part": "true"}, {"part"}),
        ({"cycle": 2}, {"back"}),
        ({"is_contract": "true"}, {"contract"}),
        ({"person": "none", "team": SOUTH}, {"south"}),
        ({"reported_to": "2001-01-01T00:00:00Z"}, set()),
    ],
)
def test_every_column_is_a_filter_and_they_combine(
    agent: Caller, tickets: dict[str, str], asked: dict[str, Any], expected: set[str]
) -> None:
    page = agent.reads("/queues/all", **asked, count="true")
    assert (names(tickets, page), page["count"]) == (expected, len(expected))


@pytest.mark.parametrize("sort", ["remaining", "reported", "priority", "changed"])
def test_every_order_can_be_read_page_by_page(agent: Caller, tickets: dict[str, str], sort: str) -> None:
    whole = [item["number"] for item in agent.reads("/queues/all", sort=sort)["items"]]
    paged = [item["number"] for page in agent.pages("/queues/all", sort=sort, limit=2) for item in page]
    assert paged == whole
    assert len(whole) == len(set(whole)) == len(QUEUES["all"])


def test_the_cursor_of_one_order_is_not_that_of_another(agent: Caller, tickets: dict[str, str]) -> None:
    cursor = agent.reads("/queues/all", limit=1)["next"]
    for wrong in (f"sort=reported&cursor={cursor}", f"cursor={cursor[:-4]}", "cursor=W10"):
        is_refused(agent.get(f"/queues/all?{wrong}"), 422, "invalid-form", "cursor")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("prioriy=P1", "prioriy"),
        ("priority=P5", "priority"),
        ("late=perhaps", "late"),
        ("paused=1", "paused"),
        ("limit=1&limit=2", "limit"),
        ("breaking=-1", "breaking"),
        ("due_to=2026-01-01", "due_to"),
        ("sort=anything", "sort"),
        ("text=", "text"),
    ],
)
def test_a_wrong_parameter_is_named(agent: Caller, query: str, name: str) -> None:
    is_refused(agent.get(f"/queues/all?{query}"), 422, "invalid-form", name)


class TestUnchanged:
    """Entity tags of pages."""

    def asked(self, agent: Caller, path: str, tag: str) -> httpx.Response:
        return agent.get(path, if_none_match=tag)

    def test_a_page_with_fixed_times_is_the_same_until_something_happens(
        self, agent: Caller, tickets: dict[str, str], wall: Wall
    ) -> None:
        path = "/queues/all?times=fixed"
        first = agent.get(path)
        wall.turn(timedelta(hours=3))
        again = self.asked(agent, path, first.headers["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert agent.get(path).content == first.content
        agent.does(tickets["new"], "remark", text="x")
        other = self.asked(agent, path, first.headers["ETag"])
        assert other.status_code == 200
        assert other.headers["ETag"] != first.headers["ETag"]
        assert first.json()["now"] is None
        assert {item["remaining"] is None for item in first.json()["items"] if not item["paused"]} == {True}

    def test_a_page_with_what_remains_is_the_same_within_a_second(
        self, agent: Caller, tickets: dict[str, str], wall: Wall
    ) -> None:
        wall.whole_second()
        for path in ("/queues/all", "/queues/breaking?times=fixed", "/queues"):
            first = agent.get(path)
            wall.turn(timedelta(milliseconds=400))
            assert self.asked(agent, path, first.headers["ETag"]).status_code == 304
            assert agent.get(path).content == first.content
            wall.turn(timedelta(milliseconds=600))
            later = self.asked(agent, path, first.headers["ETag"])
            assert later.status_code == 200
            assert later.headers["ETag"] != first.headers["ETag"]

    def test_my_page_is_not_somebody_elses(
        self, service: Served, agent: Caller, tickets: dict[str, str]
    ) -> None:
        mine = agent.get("/queues/mine?times=fixed")
        other = service.caller(Role.AGENT, "somebody")
        assert other.get("/queues/mine?times=fixed", if_none_match=mine.headers["ETag"]).status_code == 200

    def test_nothing_is_read_for_who_has_it(
        self, agent: Caller, tickets: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tag = agent.get("/queues/all?times=fixed").headers["ETag"]
        monkeypatch.setattr("projections.queue.queries.page", None)
        assert self.asked(agent, "/queues/all?times=fixed", tag).status_code == 304

    def test_a_list_of_tickets_is_the_same_until_something_happens(
        self, agent: Caller, tickets: dict[str, str], wall: Wall
    ) -> None:
        first = agent.get("/tickets?priority=P4")
        wall.turn(timedelta(hours=1))
        assert self.asked(agent, "/tickets?priority=P4", first.headers["ETag"]).status_code == 304
        agent.does(tickets["new"], "remark", text="y")
        assert self.asked(agent, "/tickets?priority=P4", first.headers["ETag"]).status_code == 200
