"""Mails that could not be taken in, over HTTP and at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from interfaces.cli.main import answer
from tests.application.mail.post_office import mail
from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.setting_aside import set_aside

Putting = Callable[[str], str]
MAILBOXES = """
[[mailbox]]
name = "support"
address = "service@firm.example"
imap = "imaps://u@h"
smtp = "smtps://u@h"
"""


@pytest.fixture
def put(service: Served) -> Putting:
    """Sets a mail aside and says what it is called."""
    return lambda message: set_aside(service, message)


def test_what_waits_is_listed_shown_and_alerted(put: Putting, agent: Caller, nobody: Caller) -> None:
    first, second = put("a@x"), put("b@x")
    pages = [items for page in agent.pages("/set-aside-mails", limit=1) for items in page]
    assert [each["id"] for each in pages] == [first, second]
    assert (pages[0]["why"], pages[0]["message"]) == ("as if it were refused", "a@x")
    content = agent.get(f"/set-aside-mails/{first}/content")
    assert content.content == mail(message="a@x").as_bytes()
    assert "sandbox" in content.headers["Content-Security-Policy"]
    [alert] = nobody.get("/readyz").json()["mail"]
    assert alert["en"].startswith("2 mails to support could not be taken in")
    assert 'aftersales_mails_set_aside{mailbox="support"} 2.0' in nobody.get("/metrics").text
    for each in (first, second):
        agent.sends(f"/set-aside-mails/{each}/dismiss", reason="a test")
    assert nobody.get("/readyz").json()["mail"] == []


def test_a_retry_answers_with_the_ticket_and_the_same_key_with_the_same_receipt(
    put: Putting, agent: Caller, auditor: Caller
) -> None:
    one = put("c@x")
    receipt = agent.post(f"/set-aside-mails/{one}/retry", {}, idempotency_key="r-1")
    assert receipt.status_code == 200, receipt.text
    ticket = agent.reads(f"/tickets/{receipt.json()['made']}")
    assert (ticket["subject"], ticket["channel"]) == ("冷水", "email")
    assert agent.post(f"/set-aside-mails/{one}/retry", {}, idempotency_key="r-1").json() == receipt.json()
    again = agent.post(f"/set-aside-mails/{one}/dismiss", {"reason": "x"})
    assert (again.status_code, again.json()["state"]) == (409, "taken_in")
    [told] = auditor.reads("/audit/events", type="mail.taken_in")["items"]
    assert told["actor"] == "agent:li.wei"


def test_a_dismissal_needs_its_reason_and_stands_in_the_log(
    put: Putting, agent: Caller, auditor: Caller
) -> None:
    one = put("d@x")
    refused = agent.post(f"/set-aside-mails/{one}/dismiss", {})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/reason")
    agent.sends(f"/set-aside-mails/{one}/dismiss", reason="an advertisement")
    [told] = auditor.reads("/audit/events", type="mail.dismissed", stream_id=one)["items"]
    assert told["reason"] == "an advertisement"
    assert agent.get(f"/set-aside-mails/{UUID(int=7)}/content").status_code == 404


def test_the_command_line_lists_retries_and_dismisses(
    put: Putting,
    service: Served,
    agent: Caller,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AFTERSALES_DATABASE_URL", service.database.service_url)
    first, second = put("e@x"), put("f@x")
    assert answer(["mail", "set-aside", "--json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == [first, second]
    assert answer(["mail", "set-aside"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith(f"{first}\tsupport\t")
    assert answer(["mail", "retry", first]) == 1
    assert "AFTERSALES_MAILBOXES" in capsys.readouterr().err
    (tmp_path / "mailboxes.toml").write_text(MAILBOXES, encoding="utf-8")
    monkeypatch.setenv("AFTERSALES_MAILBOXES", str(tmp_path / "mailboxes.toml"))
    assert answer(["mail", "retry", first, "--by", "wang"]) == 0
    number = capsys.readouterr().err.rpartition(" ")[2].strip()
    assert number.startswith("T-")
    assert answer(["mail", "dismiss", second, "--reason", "spam", "--by", "wang"]) == 0
    assert "nothing becomes of it" in capsys.readouterr().err
    assert answer(["mail", "dismiss", second, "--reason", "spam"]) == 1
    assert capsys.readouterr().err == "aftersales: it is settled: dismissed\n"
    assert answer(["mail", "retry", "nope"]) == 1
    assert agent.reads("/set-aside-mails")["items"] == []
