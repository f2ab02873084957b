"""One action on many tickets: each on its own, each once."""

from __future__ import annotations

from typing import Any

import pytest

from application.access import Role
from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.refusing import is_refused


def bulk(caller: Caller, action: str, tickets: list[Any], command: dict[str, Any], **headers: str) -> Any:
    """What became of each."""
    told = [{"ticket": each} if isinstance(each, str) else each for each in tickets]
    answer = caller.post("/tickets/bulk", {"action": action, "tickets": told, "command": command}, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_ticket_gets_an_answer_and_no_refusal_stops_another(agent: Caller) -> None:
    good, other, closed = (agent.register()["number"] for _ in range(3))
    agent.does(closed, "cancel", reason="reported twice")
    told = bulk(
        agent,
        "assign",
        [good, closed, "T-1999-000001", {"ticket": other, "version": 7}],
        {"team": "华东一组"},
    )
    assert [each["status"] for each in told["items"]] == [200, 409, 404, 412]
    assert (told["done"], told["refused"]) == (1, 3)
    assert told["items"][0]["receipt"]["number"] == good
    assert told["items"][1]["problem"]["type"].endswith("not-allowed")
    assert told["items"][1]["problem"]["state"] == "cancelled"
    assert told["items"][3]["problem"]["current_version"] == 1
    assert agent.reads(f"/tickets/{good}")["team"] == "华东一组"
    assert agent.reads(f"/tickets/{other}")["team"] is None


def test_sent_again_with_its_key_it_is_answered_as_before_and_only_what_was_refused_is_tried(
    service: Served, agent: Caller
) -> None:
    done, held = (agent.register()["number"] for _ in range(2))
    agent.does(held, "hold", hold="other")
    asked = ("hold", [done, held], {"hold": "waiting_for_customer"})
    first = bulk(agent, *asked, idempotency_key="morning")
    assert [each["status"] for each in first["items"]] == [200, 409]
    agent.does(held, "resume")
    head = service.head()
    second = bulk(agent, *asked, idempotency_key="morning")
    assert [each["status"] for each in second["items"]] == [200, 200]
    assert second["items"][0] == first["items"][0]
    third = bulk(agent, *asked, idempotency_key="morning")
    assert third == second
    assert service.head() == head + 1
    other = bulk(agent, "remark", [done], {"text": "x"}, idempotency_key="morning")
    assert other["items"][0]["problem"]["type"].endswith("idempotency-key-reused")


def test_two_hundred_at_once_are_each_recorded_once(service: Served, agent: Caller) -> None:
    numbers = [agent.register()["number"] for _ in range(200)]
    head = service.head()
    told = bulk(agent, "prioritise", numbers, {"priority": "P1"}, idempotency_key="all-of-them")
    assert (told["done"], told["refused"]) == (200, 0)
    assert [each["ticket"] for each in told["items"]] == numbers
    positions = [each["receipt"]["position"] for each in told["items"]]
    assert sorted(positions) == list(range(head + 1, head + 201))
    assert told["position"] == service.head() == head + 200


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"action": "explode"}, "#/action"),
    ({"action": "answer"}, "#/action"),
    ({"tickets": []}, "#/tickets"),
    ({"tickets": [{"ticket": "T-1"}, {"ticket": "T-1"}]}, "#/tickets/1/ticket"),
    ({"tickets": [{"ticket": f"T-{n}"} for n in range(201)]}, "#/tickets"),
    ({"tickets": [{"ticket": "T-1", "version": 0}]}, "#/tickets/0/version"),
    ({"command": {"team": 7}}, "#/command/team"),
    ({"command": {}}, "#/command/team"),
    ({"command": {"team": "A", "colour": "red"}}, "#/command/colour"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_what_no_ticket_could_take_is_refused_as_a_whole(
    service: Served, agent: Caller, wrong: dict[str, Any], field: str
) -> None:
    head = service.head()
    body = {"action": "assign", "tickets": [{"ticket": "T-1"}], "command": {"team": "A"}} | wrong
    answer = agent.post("/tickets/bulk", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == field
    assert service.head() == head


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.STOREKEEPER, Role.CONTRACT_MANAGER])
def test_who_may_not_work_on_one_may_not_work_on_many(service: Served, agent: Caller, role: Role) -> None:
    number = agent.register()["number"]
    body = {"action": "remark", "tickets": [{"ticket": number}], "command": {"text": "x"}}
    is_refused(service.caller(role).post("/tickets/bulk", body), 403, "forbidden")
