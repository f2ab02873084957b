"""The audit log over HTTP: as pages and as a file, by case, and the same bytes for the same position."""

from __future__ import annotations

import csv
import io

import pytest

from tests.interfaces.http.client import Caller


@pytest.fixture(scope="module")
def number(agent: Caller) -> str:
    """A ticket that was remarked upon, beside another one."""
    agent.register()
    number = agent.register()["number"]
    agent.does(number, "remark", text="=1+1")
    return number


def test_a_case_is_asked_for_by_its_ticket(auditor: Caller, number: str) -> None:
    found = auditor.reads("/audit/events", case=number, order="oldest")
    assert [each["type"] for each in found["items"]] == ["ticket.registered", "ticket.remarked"]
    assert found["items"][1]["text"] == {"zh": "备注：=1+1", "en": "Remark: =1+1"}
    assert auditor.reads("/audit/counts", case=number)["total"] == 2
    nobody = auditor.get("/audit/events", {"case": "T-1999-000001"})
    assert (nobody.status_code, nobody.json()["errors"][0]["parameter"]) == (422, "case")


def test_the_same_position_gives_the_same_bytes_as_a_page_and_as_a_file(
    agent: Caller, auditor: Caller, number: str
) -> None:
    position = auditor.reads("/audit/events")["position"]
    asked = [{"position": position, "format": form} for form in ("json", "csv")]
    before = [auditor.get("/audit/events", each) for each in asked]
    agent.does(number, "remark", text="more")
    assert auditor.reads("/audit/events")["position"] > position
    for each, answer in zip(asked, before, strict=True):
        again = auditor.get("/audit/events", each)
        assert again.status_code == answer.status_code == 200
        assert again.content == answer.content
        assert auditor.get("/audit/events", each, if_none_match=answer.headers["etag"]).status_code == 304


def test_the_file_is_told_in_the_language_that_is_asked_for_and_holds_no_formula(
    auditor: Caller, number: str
) -> None:
    told = {}
    for language in ("zh", "en"):
        asked = {"case": number, "format": "csv", "language": language, "type": "ticket.remarked"}
        answer = auditor.get("/audit/events", asked)
        assert answer.headers["content-disposition"] == 'attachment; filename="events.csv"'
        told[language] = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert "事件内容" in told["zh"][0]
    assert "what happened" in told["en"][0]
    assert "备注：=1+1" in told["zh"][-1]
    assert "Remark: =1+1" in told["en"][-1]


def test_a_position_that_the_log_has_not_reached_is_refused(auditor: Caller) -> None:
    answer = auditor.get("/audit/events", {"position": 10**9})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "position")
