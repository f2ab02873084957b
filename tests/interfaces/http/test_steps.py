"""Open steps over HTTP: everything that is to be done, whose it is, and when nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from application.database.connect import Database
from tests.interfaces.http.client import Caller, Served, served, worker
from tests.interfaces.http.refusing import is_refused
from tests.interfaces.http.turning import Wall

EAST = "华东一组"


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
def ticket(agent: Caller) -> str:
    """A ticket that somebody works on, with a technician expected and a supplier asked."""
    number = agent.register(priority="P1")["number"]
    agent.does(number, "assign", team=EAST, person="li.wei")
    agent.does(number, "dispatch", technician="zhao", planned_at="2099-03-03T09:00:00+08:00")
    agent.does(
        number,
        "liaise",
        counterpart="supplier",
        who="宁波热能",
        question="批次？",
        due_at="2099-03-04T09:00:00+08:00",
        person="wang.fang",
    )
    return number


def test_a_ticket_tells_who_has_to_do_what_by_when(agent: Caller, ticket: str) -> None:
    items = {item["kind"]: item for item in agent.reads(f"/tickets/{ticket}/steps")["items"]}
    who = {kind: (item["person"], item["ground"]) for kind, item in items.items()}
    assert {kind: who[kind] for kind in ("resolve", "visit", "liaison")} == {
        "resolve": ("li.wei", "worker"),
        "visit": ("zhao", "named"),
        "liaison": ("wang.fang", "named"),
    }
    assert items["visit"]["due_at"] == "2099-03-03T01:00:00Z"
    assert items["liaison"]["step"] == "liaison/1"
    assert items["liaison"]["title"] == {"zh": "跟进协查答复", "en": "get the answer of others"}
    assert agent.get("/tickets/T-2026-999999/steps").status_code == 404


def test_the_list_is_everybodys_and_what_nobody_has_is_a_defect_to_be_found(
    agent: Caller, ticket: str
) -> None:
    lost = agent.register()["number"]
    everything = agent.reads("/steps", count="true", limit=500)
    assert everything["count"] == len(everything["items"])
    nobodys = agent.reads("/steps", ground="nobody", person="none", team="none")["items"]
    assert {item["number"] for item in nobodys} == {lost}
    assert {item["number"] for item in agent.reads("/steps", team=EAST)["items"]} == {ticket}
    first = agent.reads("/steps", limit=1)
    second = agent.reads("/steps", limit=1, cursor=first["next"])
    assert [*first["items"], *second["items"]] == everything["items"][:2]


def test_it_is_304_within_a_second_until_something_happens(agent: Caller, ticket: str, wall: Wall) -> None:
    for path in ("/steps", f"/tickets/{ticket}/steps"):
        tag = agent.get(path).headers["ETag"]
        assert agent.get(path, if_none_match=tag).status_code == 304
        agent.does(ticket, "remark", text="x")
        assert agent.get(path, if_none_match=tag).status_code == 200


@pytest.mark.parametrize(
    "asked", [{"kind": "lunch"}, {"ground": "x"}, {"due_within": -1}, {"overdue": "maybe"}]
)
def test_what_cannot_be_meant_is_refused(agent: Caller, asked: dict[str, str]) -> None:
    (name,) = asked
    is_refused(agent.get("/steps", asked), 422, "invalid-form", name)
