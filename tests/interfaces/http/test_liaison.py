"""Asking departments and suppliers, and handing over, over HTTP: on the ticket, in queues, in the history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from application.access import Role, join_team
from application.database.connect import Database
from tests.interfaces.http.client import Caller, Served, served, worker
from tests.interfaces.http.refusing import is_refused
from tests.interfaces.http.turning import Wall
from tests.projections.views import until

CENTRE = "总部技术支持"
SUPPLIER = {"counterpart": "supplier", "who": "宁波热能", "question": "批次是否有缺陷？"}


@pytest.fixture(scope="module")
def wall() -> Wall:
    """The service's clock, which stands still."""
    wall = Wall()
    wall.whole_second()
    return wall


@pytest.fixture(scope="module")
def service(module_database: Database, wall: Wall) -> Iterator[Served]:
    """The application with a worker and that clock."""
    with served(module_database, now=wall) as service, worker(module_database):
        yield service


def counted(caller: Caller, queue: str, **asked: Any) -> int:
    """How many tickets a queue has."""
    return caller.reads(f"/queues/{queue}", count="true", **asked)["count"]


def test_what_a_supplier_owes_us_is_seen_until_it_is_answered_and_when_it_is_late(
    agent: Caller, wall: Wall
) -> None:
    ticket, begun = agent.register(priority="P4")["number"], wall.time
    due = begun + timedelta(hours=2)
    agent.does(ticket, "assign", team="华东一组", person="王芳")
    agent.does(ticket, "liaise", **SUPPLIER, due_at=due.isoformat())
    agent.does(
        ticket, "liaise", counterpart="internal", who="研发", question="曲线？", due_at=due.isoformat()
    )
    [one, _] = agent.reads(f"/tickets/{ticket}")["liaisons"]
    assert (one["who"], one["person"]) == ("宁波热能", "王芳")
    [item] = agent.reads("/queues/waiting-on-others")["items"]
    assert (item["number"], item["liaisons"]) == (ticket, 2)
    wall.turn(timedelta(hours=2))
    assert counted(agent, "others-overdue") == 0
    wall.turn(timedelta(seconds=1))
    assert counted(agent, "others-overdue") == counted(agent, "all", others_overdue="true") == 1
    late = agent.reads(f"/tickets/{ticket}")["internal"]
    assert [each["verdict"] for each in late if each["milestone"] == "liaison"] == ["breached", "breached"]
    agent.does(ticket, "answer-liaison", liaison=1, answer="三月批次有缺陷", answered_by="何工")
    agent.does(
        ticket, "move-liaison", liaison=2, due_at=(wall.time + timedelta(days=1)).isoformat(), reason="周末"
    )
    assert (counted(agent, "others-overdue"), counted(agent, "waiting-on-others")) == (0, 1)
    agent.does(ticket, "resolve", solution="x")
    agent.does(ticket, "close")
    assert (counted(agent, "all"), counted(agent, "waiting-on-others")) == (0, 1)
    agent.does(ticket, "withdraw-liaison", liaison=2, reason="不再需要")
    assert counted(agent, "waiting-on-others") == 0
    told = [item["text"]["zh"] for item in agent.reads(f"/tickets/{ticket}/history")["items"]]
    assert any("第 1 号协查，供应商「宁波热能」" in text for text in told)
    assert any("第 2 号协查答复期限由" in text for text in told)


def test_what_is_handed_to_my_team_and_not_accepted_is_a_queue(service: Served, agent: Caller) -> None:
    member = service.caller(Role.AGENT, "孙工")
    with psycopg.connect(service.database.service_url, autocommit=True) as conn:
        join_team(conn, "孙工", CENTRE)
    ticket, other = agent.register()["number"], agent.register()["number"]
    agent.does(ticket, "escalate", tier="L2", team=CENTRE)
    agent.does(other, "escalate", tier="L2", team="华南二组")
    until(lambda: counted(member, "handed-to-my-team") == 1)
    [item] = member.reads("/queues/handed-to-my-team")["items"]
    assert (item["number"], item["handover_team"]) == (ticket, CENTRE)
    assert counted(agent, "handed-to-my-team") == 0
    assert counted(agent, "all", handed_over="true") == 2
    assert counted(agent, "all", handover_team="华南二组") == 1
    member.does(ticket, "accept-handover", person="孙工")
    assert counted(member, "handed-to-my-team") == 0


@pytest.mark.parametrize(
    ("action", "asked", "code", "field"),
    [
        ("liaise", {**SUPPLIER, "due_at": "2001-01-01T00:00:00Z"}, "invalid-value", "#/due_at"),
        ("liaise", {**SUPPLIER, "due_at": "2099-01-01T00:00:00"}, "invalid-form", "#/due_at"),
        ("answer-liaison", {"liaison": 1, "answer": ""}, "invalid-form", "#/answer"),
        ("guide", {"guidance": "by_drum", "summary": "x"}, "invalid-form", "#/guidance"),
        ("diagnose", {"finding": "x", "articles": [""]}, "invalid-form", "#/articles/0"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(
    agent: Caller, action: str, asked: dict[str, Any], code: str, field: str
) -> None:
    ticket = agent.register()["number"]
    answer = agent.post(f"/tickets/{ticket}/{action}", asked)
    is_refused(answer, 422, code, field)
