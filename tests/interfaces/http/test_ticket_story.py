"""The life of a ticket, told over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.event import Act, Fact
from domain.ticket.events import QuestionRaised
from domain.ticket.words import Obstacle, Reaction
from tests.interfaces.http.client import Caller, Served
from tests.projections.histories import record


@pytest.fixture(params=["id", "number"])
def reference(request: pytest.FixtureRequest) -> str:
    """A ticket is called by its id or by its number; both work everywhere."""
    return request.param


def test_a_ticket_from_report_to_close_and_back(agent: Caller, reference: str) -> None:
    receipt = agent.register(subject="热水器不加热", customer="海风酒店", product="H-200", priority="P2")
    ticket = receipt[reference]

    def shown() -> dict[str, Any]:
        return agent.reads(f"/tickets/{ticket}")

    assert (shown()["status"], shown()["priority"], shown()["customer"]) == ("new", "P2", "海风酒店")

    agent.does(ticket, "contact", channel="phone", direction="outbound", party="person", summary="on our way")
    assert [clock["verdict"] for clock in shown()["clocks"]] == ["met", "pending"]

    agent.does(ticket, "classify", category="heating", fault_code="E-07", impact="high")
    assert [shown()[name] for name in ("category", "fault_code", "impact")] == ["heating", "E-07", "high"]

    agent.does(ticket, "prioritise", priority="P1")
    assert {clock["priority"] for clock in shown()["clocks"]} == {"P2", "P1"}  # the stopped one keeps its own

    agent.does(ticket, "assign", team="华东一组", person="王芳")
    assert [shown()[name] for name in ("status", "team", "person")] == ["assigned", "华东一组", "王芳"]

    agent.does(ticket, "hold", hold="waiting_for_customer")
    held = shown()
    assert (held["status"], held["hold"]["reason"]) == ("on_hold", "waiting_for_customer")
    assert [clock["state"] for clock in held["clocks"]] == ["stopped", "paused"]

    agent.does(ticket, "resume")
    assert (shown()["status"], shown()["hold"]) == ("assigned", None)

    agent.does(ticket, "escalate", tier="L2", team="总部技术支持")
    assert [shown()[name] for name in ("tier", "team", "person", "hand_offs")] == [
        "L2",
        "总部技术支持",
        None,
        1,
    ]

    agent.does(ticket, "resolve", solution="更换加热管", cause="element burnt")
    agent.does(ticket, "reject", reason="still cold")
    rejected = shown()
    assert (rejected["status"], rejected["cycle"]) == ("assigned", 2)
    assert [(clock["milestone"], clock["cycle"]) for clock in rejected["clocks"]] == [
        ("first_response", 1),
        ("resolve", 1),
        ("resolve", 2),
    ]

    agent.does(ticket, "resolve", solution="更换主板")
    agent.does(ticket, "confirm", confirmed_by="陈经理")
    agent.does(ticket, "close")
    closed = shown()
    assert (closed["status"], closed["actions"]) == (
        "closed",
        [
            *("call-back", "complain", "contact", "diagnose", "identify", "link", "remark", "reopen"),
            *("repin", "write"),
        ],
    )
    assert closed["closed_at"] is not None

    agent.does(ticket, "reopen", reason="cold again")
    again = shown()
    assert (again["status"], again["cycle"], again["closed_at"]) == ("assigned", 3, None)

    agent.does(ticket, "cancel", reason="sold the house")
    assert shown()["status"] == "cancelled"
    verdicts = [(clock["cycle"], clock["verdict"]) for clock in shown()["clocks"]]
    assert verdicts == [(1, "met"), (1, "met"), (2, "met"), (3, "cancelled")]


def test_every_event_is_told_in_chinese_and_english(agent: Caller, reference: str) -> None:
    ticket = agent.register(subject="漏水", priority="P4")[reference]
    agent.does(ticket, "assign", team="华南二组")
    agent.does(ticket, "remark", text="customer prefers mornings")
    agent.does(ticket, "resolve", solution="换垫片")
    history = agent.reads(f"/tickets/{ticket}/history")
    assert [item["type"] for item in history["items"]] == [
        "ticket.registered",
        "ticket.assigned",
        "ticket.remarked",
        "ticket.resolved",
    ]
    assert [item["version"] for item in history["items"]] == [1, 2, 3, 4]
    assert {item["actor"] for item in history["items"]} == {"agent:li.wei"}
    for item in history["items"]:
        assert item["text"]["zh"] != item["text"]["en"]
        assert item["occurred_at"] <= item["recorded_at"]
    assert history["items"][1]["text"]["zh"].count("华南二组") == 1
    assert history["next"] is None


def test_a_long_history_comes_in_pages(agent: Caller) -> None:
    ticket = agent.register()["number"]
    for step in range(6):
        agent.does(ticket, "remark", text=f"step {step}")
    pages = list(agent.pages(f"/tickets/{ticket}/history", limit=3))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [item["version"] for page in pages for item in page] == list(range(1, 8))


def test_every_clock_of_a_ticket(agent: Caller, reference: str) -> None:
    ticket = agent.register(priority="P1", plan="hot-water")[reference]
    clocks = agent.reads(f"/tickets/{ticket}/sla")
    assert [clock["milestone"] for clock in clocks] == ["first_response", "on_site", "resolve"]
    response, _, resolve = clocks
    assert (response["plan"], response["plan_version"], response["state"]) == ("hot-water", 1, "running")
    assert resolve["target"].startswith("PT")
    assert agent.reads(f"/tickets/{ticket}")["clocks"][2]["target"] == resolve["target"]


def test_what_the_state_forbids_names_the_state_and_what_it_would_allow(
    agent: Caller, reference: str
) -> None:
    ticket = agent.register()[reference]
    refused = agent.post(f"/tickets/{ticket}/confirm")
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["type"] == "urn:aftersales:problem:not-allowed"
    assert problem["state"] == "new"
    assert problem["allowed"] == agent.reads(f"/tickets/{ticket}")["actions"]
    assert "resolve" in problem["allowed"]


def test_the_customers_own_contact_ends_the_wait_for_the_customer(agent: Caller) -> None:
    ticket = agent.register()["number"]
    agent.does(ticket, "hold", hold="waiting_for_customer", review_at="2099-01-01T00:00:00Z")
    receipt = agent.does(ticket, "contact", channel="chat", direction="inbound", party="person")
    assert receipt["version"] == 4
    assert agent.reads(f"/tickets/{ticket}")["status"] == "new"


@pytest.mark.parametrize("action", ["cancel", "reject", "reopen"])
@pytest.mark.parametrize("reason", [{}, {"reason": None}, {"reason": " "}])
def test_some_actions_need_a_reason(
    agent: Caller, service: Served, action: str, reason: dict[str, Any]
) -> None:
    ticket = agent.register()["number"]
    if action != "cancel":
        agent.does(ticket, "resolve", solution="x")
    head = service.head()
    refused = agent.post(f"/tickets/{ticket}/{action}", reason)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:aftersales:problem:invalid-value")
    assert refused.json()["errors"][0]["pointer"] == "#/reason"
    assert service.head() == head
    agent.does(ticket, action, reason="so the customer says")


def test_a_duplicate_may_be_called_by_its_number(agent: Caller, reference: str) -> None:
    first, second = agent.register(), agent.register()
    agent.does(second[reference], "cancel", reason="reported twice", duplicate_of=first[reference])
    assert agent.reads(f"/tickets/{second[reference]}")["duplicate_of"] == first["id"]


def test_a_question_keeps_a_ticket_open_until_somebody_answers_it(agent: Caller, service: Served) -> None:
    receipt = agent.register()
    ticket, question = receipt["number"], uuid4()
    raised = QuestionRaised(
        question=question,
        reaction=Reaction.COUNT_VISIT,
        obstacle=Obstacle.EXHAUSTED,
        detail="nothing is left",
        subject="C-2026-000012",
    )
    by = Act(actor="system:reactions", occurred_at=datetime.now(UTC))
    ticket_id = UUID(receipt["id"])
    fact = Fact(stream_id=ticket_id, version=2, event=raised, act=by, correlation_id=ticket_id)
    record(service.database.service_url, [fact])

    agent.does(ticket, "resolve", solution="x")
    shown = agent.reads(f"/tickets/{ticket}")
    assert [each["id"] for each in shown["questions"]] == [str(question)]
    assert "answer" in shown["actions"]
    kept = agent.post(f"/tickets/{ticket}/close")
    assert (kept.status_code, kept.json()["type"]) == (409, "urn:aftersales:problem:unsettled")
    assert (kept.json()["questions"], kept.json()["parts"]) == (1, {})

    for wrong, status, where in (
        ({"question": str(uuid4()), "answer": "x"}, 422, "#/question"),
        ({"question": "x", "answer": "x"}, 422, "#/question"),
        ({"question": str(question)}, 422, "#/answer"),
    ):
        refused = agent.post(f"/tickets/{ticket}/answer", wrong)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, where)

    agent.does(ticket, "answer", question=str(question), answer="billed apart")
    assert agent.reads(f"/tickets/{ticket}")["questions"] == []
    agent.does(ticket, "close")


def test_field_service_is_promised_and_measured_step_by_step(agent: Caller) -> None:
    began = datetime.now(UTC) - timedelta(hours=7)

    def after(hours: float) -> str:
        return (began + timedelta(hours=hours)).isoformat()

    late: dict[str, Any] = {"reason": "recorded from the field book"}
    ticket = agent.register(
        customer="海风酒店", priority="P3", plan="distance-bands", occurred_at=after(0), **late
    )["number"]
    agent.does(ticket, "acknowledge", occurred_at=after(0.5), **late)
    agent.does(ticket, "dispatch", technician="张伟", band="region", occurred_at=after(0.75), **late)
    agent.does(ticket, "arrive", occurred_at=after(5.5), **late)
    agent.does(ticket, "order-part", part="HE-200", quantity=2, occurred_at=after(6), **late)
    agent.does(ticket, "order-part", part="TS-9", occurred_at=after(6), **late)
    agent.does(ticket, "work-around", workaround="接通附楼锅炉", occurred_at=after(6), **late)
    agent.does(ticket, "deliver-part", order=2, occurred_at=after(6.5), **late)
    agent.does(ticket, "complain", text="来得太晚", occurred_at=after(6.5), **late)

    shown = agent.reads(f"/tickets/{ticket}")
    told = {(clock["milestone"], clock["cycle"]): clock for clock in shown["clocks"]}
    assert {key: clock["verdict"] for key, clock in told.items()} == {
        ("acknowledge", 1): "met",
        ("first_response", 1): "breached",
        ("dispatch", 1): "met",
        ("on_site", 1): "met",
        ("resolve", 1): "pending",
        ("part_delivered", 1): "pending",
        ("part_delivered", 2): "met",
    }
    assert (told["on_site", 1]["target"], told["on_site", 1]["elapsed"]) == ("PT6H", "PT5H30M")
    assert (shown["technician"], shown["band"], shown["workaround"]) == ("张伟", "region", "接通附楼锅炉")
    assert [order["delivered_at"] is None for order in shown["orders"]] == [True, False]
    assert {"answer-complaint", "deliver-part"} <= set(shown["actions"])

    agent.does(ticket, "answer-complaint", complaint=1, answer="上门费免收")
    agent.does(ticket, "resolve", solution="更换加热管")
    agent.does(ticket, "close")
    again = {clock["milestone"]: clock for clock in agent.reads(f"/tickets/{ticket}")["clocks"]}
    assert again["callback"]["verdict"] == "pending"
    agent.does(ticket, "call-back", reached=False)
    agent.does(ticket, "call-back", reached=True, satisfied=True)
    ended = {
        (clock["milestone"], clock["cycle"]): clock["verdict"]
        for clock in agent.reads(f"/tickets/{ticket}")["clocks"]
    }
    assert (ended["callback", 1], ended["part_delivered", 1], ended["resolve", 1]) == (
        "met",
        "cancelled",
        "met",
    )


@pytest.mark.parametrize(
    ("action", "fields", "status", "code"),
    [
        ("deliver-part", {"order": 1}, 422, "invalid-value"),
        ("answer-complaint", {"complaint": 3, "answer": "x"}, 422, "invalid-value"),
        ("order-part", {"part": "HE-200", "quantity": 0}, 422, "invalid-form"),
        ("call-back", {"reached": True}, 409, "not-allowed"),
        ("dispatch", {"technician": "张伟", "band": "moon"}, 422, "invalid-form"),
    ],
)
def test_what_the_field_cannot_have_meant_is_refused(
    agent: Caller, action: str, fields: dict[str, Any], status: int, code: str
) -> None:
    ticket = agent.register()["number"]
    answer = agent.post(f"/tickets/{ticket}/{action}", fields)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, code)
