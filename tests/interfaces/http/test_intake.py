"""What customers write on a web page or in a chat, handed in over HTTP."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import httpx
import pytest

from application.access import Role
from application.database.connect import Database
from application.files.kinds import FileRules
from tests.interfaces.http.client import Caller, Served, served


@pytest.fixture(scope="module")
def page(service: Served) -> Caller:
    """The firm's web page, which sees nothing."""
    return service.caller(Role.INTAKE, "web")


def clock(agent: Caller, ticket: str, milestone: str = "first_response") -> dict[str, Any]:
    """One clock of a ticket."""
    return next(each for each in agent.reads(f"/tickets/{ticket}/sla") if each["milestone"] == milestone)


def test_a_form_begins_a_ticket_of_whoever_that_is(page: Caller, agent: Caller) -> None:
    form = {"subject": "没有热水", "text": "昨晚开始", "name": "陈经理", "email": "chen@hotel.example"}
    answer = page.post("/intake/forms", {**form, "complaint": True})
    assert answer.status_code == 201
    number = answer.json()["number"]
    assert answer.headers["Location"] == f"/api/v1/tickets/{number}"
    ticket = agent.reads(f"/tickets/{number}")
    assert (ticket["channel"], ticket["contact"]) == ("web", "陈经理, chen@hotel.example")
    assert (ticket["customer"], [each["text"] for each in ticket["complaints"]]) == (None, ["昨晚开始"])
    assert clock(agent, number)["verdict"] == "pending"

    agent.does(number, "identify", customer="海风酒店", asset="WH-1")
    known = agent.reads(f"/tickets/{number}")
    assert (known["customer"], known["asset"], known["contact"]) == (
        "海风酒店",
        "WH-1",
        "陈经理, chen@hotel.example",
    )


def test_the_same_form_under_the_same_key_is_one_ticket(page: Caller) -> None:
    answers = [
        page.post("/intake/forms", {"subject": "x", "text": "y"}, idempotency_key="f-1") for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()


def test_whoever_hands_in_reads_nothing(page: Caller) -> None:
    number = page.post("/intake/forms", {"subject": "x", "text": "y"}).json()["number"]
    for path in (f"/tickets/{number}", "/tickets", "/queues", "/mailboxes"):
        assert page.get(path).status_code == 403
    assert page.post(f"/tickets/{number}/remark", {"text": "x"}).status_code == 403


def test_a_chat_is_one_ticket_and_only_a_person_answers_it(page: Caller, agent: Caller) -> None:
    def says(message: str, author: str, text: str) -> dict[str, Any]:
        answer = page.post("/intake/chats/c-77/say", {"id": message, "author": author, "text": text})
        assert answer.status_code == 200, answer.text
        return answer.json()

    number = says("1", "customer", "热水器报警 E-07")["number"]
    assert says("2", "bot", "请稍候")["number"] == number
    assert clock(agent, number)["verdict"] == "pending"
    assert says("3", "customer", "在吗")["number"] == number
    assert clock(agent, number)["verdict"] == "pending"
    said = says("4", "agent", "您好，我来处理")
    assert clock(agent, number)["verdict"] == "met"
    assert says("4", "agent", "您好，我来处理")["version"] == said["version"]
    contacts = [
        each
        for each in agent.reads(f"/tickets/{number}/history")["items"]
        if each["type"] == "ticket.contacted"
    ]
    assert len(contacts) == 4


def test_nobody_but_the_customer_begins_a_conversation(page: Caller) -> None:
    refused = page.post("/intake/chats/c-78/say", {"id": "1", "author": "bot", "text": "您好"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/author")


def test_the_customers_chat_ends_the_wait_for_the_customer(page: Caller, agent: Caller) -> None:
    first = page.post("/intake/chats/c-79/say", {"id": "1", "author": "customer", "text": "坏了"}).json()
    agent.does(first["number"], "hold", hold="waiting_for_customer")
    page.post("/intake/chats/c-79/say", {"id": "2", "author": "customer", "text": "现在可以"})
    assert agent.reads(f"/tickets/{first['number']}")["hold"] is None


def test_what_is_said_in_a_merged_tickets_chat_goes_to_the_one_that_goes_on(
    page: Caller, agent: Caller
) -> None:
    first = page.post("/intake/chats/c-80/say", {"id": "1", "author": "customer", "text": "坏了"}).json()
    other = agent.register()["number"]
    agent.does(first["number"], "merge", into=other, reason="the same fault")
    said = page.post("/intake/chats/c-80/say", {"id": "2", "author": "customer", "text": "还是坏的"}).json()
    assert said["number"] == other


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"subject": "x", "text": "y", "email": "nobody"}, "#/email"),
        ({"subject": "", "text": "y"}, "#/subject"),
        ({"subject": "x", "text": "y", "colour": "red"}, "#/colour"),
    ],
)
def test_a_form_that_cannot_be_is_refused(page: Caller, fields: dict[str, str], pointer: str) -> None:
    refused = page.post("/intake/forms", fields)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_call_is_logged_with_how_long_it_took_and_where_it_can_be_heard(agent: Caller) -> None:
    number = agent.register()["number"]
    call = {"channel": "phone", "direction": "outbound", "party": "person", "address": "+86 21 5555 0100"}
    heard = {"duration": "PT4M30S", "recording": "https://calls.firm.example/4711"}
    agent.does(number, "contact", **call, **heard)
    told = agent.reads(f"/tickets/{number}/history")["items"][-1]["text"]["en"]
    assert "270 s on the phone" in told
    assert "https://calls.firm.example/4711" in told
    refused = agent.post(f"/tickets/{number}/contact", {**call, **heard, "channel": "email"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/channel")


def test_a_letter_waits_and_says_where_it_goes(agent: Caller) -> None:
    number = agent.register()["number"]
    refused = agent.post(f"/tickets/{number}/write", {"text": "x"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/to")
    agent.does(number, "write", text="我们明天九点上门", to=["chen@hotel.example"])
    [letter] = agent.reads(f"/tickets/{number}")["letters"]
    assert (letter["to"], letter.get("sent_at")) == (["chen@hotel.example"], None)
    wrong = agent.post(f"/tickets/{number}/write", {"text": "x", "to": ["a@b.c"], "mailbox": "nowhere"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/mailbox")


PHOTO = b"\xff\xd8\xff a photo of cold water"
FILM = b"\x00\x00\x00\x18ftypmp42 a film"


def sent(page: Caller, content: bytes, said: str = "") -> httpx.Response:
    """A file is sent, before anything names it."""
    return page.ask("POST", "/intake/files", {"Content-Type": said} if said else None, content=content)


def handed(page: Caller, content: bytes, name: str) -> dict[str, str]:
    """A file that was sent, as forms and messages name it."""
    kept = sent(page, content)
    assert kept.status_code == 201, kept.text
    assert kept.json()["sha256"] == sha256(content).hexdigest()
    return {"sha256": kept.json()["sha256"], "name": name, "media_type": kept.json()["media_type"]}


def test_a_form_brings_its_files(page: Caller, agent: Caller) -> None:
    files = [
        handed(page, PHOTO, "cold.jpg"),
        handed(page, FILM, "报警.mp4"),
        handed(page, PHOTO, "again.jpg"),
    ]
    files[0]["caption"] = "20 degrees"
    number = page.sends("/intake/forms", subject="x", text="y", files=files)["number"]
    listed = agent.reads(f"/tickets/{number}/files")["items"]
    assert [(file["name"], file["media_type"], file["kind"]) for file in listed] == [
        ("cold.jpg", "image/jpeg", "photo"),
        ("报警.mp4", "video/mp4", "document"),
    ]
    assert listed[0]["caption"] == "20 degrees"
    assert agent.get(f"/tickets/{number}/files/{files[1]['sha256']}").content == FILM


def test_a_chat_message_brings_its_files_and_needs_no_text_then(page: Caller, agent: Caller) -> None:
    def says(message: str, **said: Any) -> httpx.Response:
        return page.post("/intake/chats/c-90/say", {"id": message, "author": "customer", **said})

    photo, film = handed(page, PHOTO, "cold.jpg"), handed(page, FILM, "E-07.mp4")
    number = says("1", files=[photo]).json()["number"]
    assert agent.reads(f"/tickets/{number}")["subject"] == "cold.jpg"
    for _ in range(2):
        assert says("2", text="在这里", files=[photo, film]).json()["number"] == number
    listed = agent.reads(f"/tickets/{number}/files")["items"]
    assert [file["name"] for file in listed] == ["cold.jpg", "E-07.mp4"]
    refused = says("3")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/text")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"sha256": "0" * 64, "name": "a.jpg"}, "#/files/1/sha256"),
        ({"media_type": "application/pdf"}, "#/files/1/media_type"),
        ({"media_type": "text/html"}, "#/files/1/media_type"),
        ({"name": "../a.jpg"}, "#/files/1/name"),
        ({"sha256": "x"}, "#/files/1/sha256"),
    ],
)
def test_of_what_comes_with_a_file_that_is_not_taken_nothing_is_recorded(
    page: Caller, service: Served, wrong: dict[str, str], pointer: str
) -> None:
    good = handed(page, PHOTO, "cold.jpg")
    head = service.head()
    for path, said in (
        ("/intake/forms", {"subject": "x", "text": "y"}),
        ("/intake/chats/c-91/say", {"id": "1", "author": "customer", "text": "y"}),
    ):
        refused = page.post(path, {**said, "files": [good, good | wrong]})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    too_many = page.post("/intake/forms", {"subject": "x", "text": "y", "files": [good] * 11})
    assert (too_many.status_code, too_many.json()["errors"][0]["pointer"]) == (422, "#/files")
    assert service.head() == head


@pytest.mark.parametrize(
    ("content", "said", "status"),
    [
        (b"<script>x()</script>", "text/html", 415),
        (b"MZ\x90", "", 415),
        (PHOTO, "application/pdf", 415),
        (b"", "image/jpeg", 422),
        (PHOTO + b"x" * 2000, "image/jpeg", 413),
    ],
)
def test_a_file_that_is_not_taken_is_refused_as_it_is_sent(
    module_database: Database, content: bytes, said: str, status: int
) -> None:
    with served(module_database, rules=FileRules(most_bytes=1000)) as small:
        page = small.caller(Role.INTAKE, "web")
        assert sent(page, content, said).status_code == status
        assert sent(page, PHOTO, "image/jpeg").status_code == 201


def test_a_file_that_others_sent_is_answered_like_one_that_nobody_did(
    page: Caller, agent: Caller, service: Served
) -> None:
    theirs = b"\xff\xd8\xff of another page"
    on_a_ticket = b"\xff\xd8\xff of an agent"
    handed(service.caller(Role.INTAKE, "another page"), theirs, "a.jpg")
    number = agent.register()["number"]
    path = f"/tickets/{number}/files?name=a.jpg&kind=photo"
    assert agent.ask("POST", path, {"Content-Type": "image/jpeg"}, content=on_a_ticket).status_code == 201
    answers = []
    for content in (theirs, on_a_ticket, b"\xff\xd8\xff of nobody"):
        named = {"sha256": sha256(content).hexdigest(), "name": "a.jpg"}
        form = page.post("/intake/forms", {"subject": "x", "text": "y", "files": [named]})
        chat = page.post("/intake/chats/c-92/say", {"id": "1", "author": "customer", "files": [named]})
        assert (form.status_code, form.json()["errors"][0]["pointer"]) == (422, "#/files/0/sha256")
        answers.append([_but_for_its_own(answer) for answer in (form, chat)])
    assert answers[0] == answers[1] == answers[2]
    mine = [handed(page, content, "a.jpg") for content in (theirs, on_a_ticket)]
    assert page.post("/intake/forms", {"subject": "x", "text": "y", "files": mine}).status_code == 201


def _but_for_its_own(answer: httpx.Response) -> dict[str, Any]:
    """An answer without what no two have in common."""
    return {name: value for name, value in answer.json().items() if name not in {"instance", "request_id"}}


def test_only_whoever_hands_in_sends_such_files(agent: Caller, nobody: Caller) -> None:
    assert [sent(caller, PHOTO).status_code for caller in (agent, nobody)] == [403, 401]
