"""Saved views: whose they are, who sees them, and the queues that they make."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from application.access import Role, join_team
from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.refusing import is_refused

TEAM = "华东一组"


def saves(caller: Caller, name: str, **fields: Any) -> dict[str, Any]:
    """A view that somebody saves."""
    answer = caller.post("/saved-views", {"name": name, **fields})
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"1"'
    return answer.json()


def seen(caller: Caller) -> set[str]:
    """The names of the views that somebody sees."""
    return {view["name"] for view in caller.reads("/saved-views")}


@pytest.fixture(scope="module")
def member(service: Served) -> Caller:
    """Wang Fang, of the team."""
    with psycopg.connect(service.database.service_url, autocommit=True) as conn:
        join_team(conn, "wang.fang", TEAM)
    return service.caller(Role.AGENT, "wang.fang")


def test_a_view_shows_its_queue_with_its_filter_in_its_order(agent: Caller) -> None:
    urgent, other = (agent.register(priority=priority)["number"] for priority in ("P1", "P4"))
    view = saves(
        agent, "urgent", filter={"priority": ["P1", "P2"]}, sort="changed", columns=["number", "remaining"]
    )
    page = agent.reads(f"/queues/saved/{view['id']}", count="true")
    assert {item["number"] for item in page["items"]} >= {urgent}
    assert {item["priority"] for item in page["items"]} <= {"P1", "P2"}
    assert page["count"] == len(page["items"])
    assert other not in {item["number"] for item in page["items"]}
    assert view["columns"] == ["number", "remaining"]
    read = agent.reads(f"/saved-views/{view['id']}")
    assert (read["filter"], read["sort"], read["owner"]) == ({"priority": ["P1", "P2"]}, "changed", "li.wei")


def test_mine_is_the_queue_of_whoever_looks(agent: Caller, member: Caller) -> None:
    number = agent.register()["number"]
    agent.does(number, "assign", team=TEAM, person="wang.fang")
    view = saves(agent, "what is mine", queue="mine", shared="everybody")
    path = f"/queues/saved/{view['id']}"
    assert number in {item["number"] for item in member.reads(path)["items"]}
    assert number not in {item["number"] for item in agent.reads(path)["items"]}


def test_a_view_is_seen_by_those_it_is_shared_with(
    service: Served, agent: Caller, member: Caller, admin: Caller
) -> None:
    mine = saves(agent, "for me")
    teams = saves(member, "for the team", shared="team", team=TEAM)
    everybodys = saves(agent, "for all", shared="everybody")
    stranger = service.caller(Role.AUDITOR, "stranger")
    assert {"for me", "for all"} <= seen(agent)
    assert "for the team" not in seen(agent)
    assert {"for the team", "for all"} <= seen(member)
    assert "for me" not in seen(member)
    assert seen(stranger) & {"for me", "for the team", "for all"} == {"for all"}
    assert {"for me", "for the team", "for all"} <= seen(admin)
    for path in ("/saved-views", "/queues/saved"):
        for hidden in (mine, teams):
            is_refused(stranger.get(f"{path}/{hidden['id']}"), 404, "not-found")
        assert stranger.get(f"{path}/{everybodys['id']}").status_code == 200


def test_only_its_owner_or_an_administrator_changes_a_view(
    agent: Caller, member: Caller, admin: Caller
) -> None:
    view = saves(agent, "of li.wei", shared="everybody")
    path = f"/saved-views/{view['id']}"
    for method in ("PUT", "DELETE"):
        body = {"json": {"name": "of wang.fang"}} if method == "PUT" else {}
        is_refused(member.ask(method, path, **body), 403, "forbidden")
    changed = agent.ask("PUT", path, {"If-Match": '"1"'}, json={"name": "of li.wei", "sort": "reported"})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json()["changed_by"] == "agent:li.wei"
    stale = agent.ask("PUT", path, {"If-Match": '"1"'}, json={"name": "of li.wei"})
    is_refused(stale, 412, "stale-version")
    taken = admin.ask("PUT", path, json={"name": "kept", "shared": "everybody"}).json()
    assert (taken["owner"], taken["changed_by"], taken["version"]) == ("li.wei", "admin:root", 3)
    assert admin.ask("DELETE", path).status_code == 204
    is_refused(agent.get(path), 404, "not-found")


def test_the_tag_of_its_queue_changes_with_the_view(agent: Caller) -> None:
    view = saves(agent, "tagged")
    path = f"/queues/saved/{view['id']}?times=fixed"
    tag = agent.get(path).headers["ETag"]
    assert agent.get(path, if_none_match=tag).status_code == 304
    agent.ask("PUT", f"/saved-views/{view['id']}", json={"name": "tagged", "filter": {"text": "nothing"}})
    assert agent.get(path, if_none_match=tag).status_code == 200


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "#/name"),
    ({"filter": {"priority": ["P9"]}}, "#/filter/priority/0"),
    ({"filter": {"colour": ["red"]}}, "#/filter/colour"),
    ({"sort": "colour"}, "#/sort"),
    ({"columns": ["number", "colour"]}, "#/columns/1"),
    ({"shared": "team"}, "#/team"),
    ({"shared": "everybody", "team": TEAM}, "#/team"),
    ({"shared": "team", "team": "a team of others"}, "#/team"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_what_no_queue_could_show_is_not_saved(agent: Caller, wrong: dict[str, Any], field: str) -> None:
    answer = agent.post("/saved-views", {"name": "wrong", **wrong})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == field
    assert "wrong" not in seen(agent)


def test_a_name_is_taken_once_by_each(agent: Caller, member: Caller) -> None:
    saves(agent, "twice")
    is_refused(agent.post("/saved-views", {"name": "twice"}), 409, "already-saved")
    saves(member, "twice")
