"""ISO 9001 records over HTTP: one record in three forms, its events, the same bytes twice (R38, B10)."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Event
from typing import Any

import httpx
import psycopg
import pypdf
import pytest

from interfaces.http import records
from tests.interfaces.http.client import Caller, Served

LATER = "2099-01-01T00:00:00Z"
JSON, HTML, PDF = "application/json", "text/html; charset=utf-8", "application/pdf"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def hours_ago(hours: float) -> str:
    """A time before now."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


@pytest.fixture(scope="module")
def case(agent: Caller, keeper: Caller, manager: Caller) -> str:
    """A repair under contract: a tube went in, the old one came back, the customer accepted it."""
    contract = manager.contracts(assets=["SN-7"], allowances={"by_part": {"TUBE": 1}})
    keeper.catalogues("TUBE", tracking="serial")
    keeper.sends("/parts/TUBE/receive", location="SH", supplier="宁波热能", document="DN-1", serials=["T1"])
    ticket = agent.register(
        customer="海风酒店", asset="SN-7", occurred_at=hours_ago(9), reason="taken on paper"
    )["number"]
    agent.does(ticket, "assign", team="华东一组", person="王芳")
    agent.sends("/parts/TUBE/issue", location="SH", ticket=ticket, serials=["T1"])
    swapped = {"serial_out": "T0", "fate": "returned"}
    agent.sends("/parts/TUBE/install", asset="SN-7", ticket=ticket, serials=["T1"], **swapped)
    keeper.sends("/parts/TUBE/return", location="SH", ticket=ticket, serials=["T0"], condition="faulty")
    agent.sends(f"/contracts/{contract}/consume", ticket=ticket, kind="part", part="TUBE", amount=1)
    agent.does(ticket, "resolve", solution="更换加热管")
    agent.does(ticket, "confirm", confirmed_by="陈经理")
    agent.does(ticket, "close")
    return ticket


def test_its_hashes_are_those_of_the_log(auditor: Caller, service: Served, case: str) -> None:
    record = auditor.reads(path(case))
    told = {event["position"]: event["leaf_hash"] for event in record["events"]}
    with psycopg.connect(service.database.service_url) as conn:
        query = "SELECT position, leaf_hash, chain_hash FROM event_log WHERE position = ANY(%s)"
        rows = conn.execute(query, (list(told),)).fetchall()
    assert {position: leaf for position, leaf, _ in rows} == told
    assert {position: chain for position, _, chain in rows}[record["position"]] == record["chain_hash"]


def path(case: str) -> str:
    """Where its record is."""
    return f"/records/iso9001/cases/{case}"


def test_the_record_tells_the_case_clause_by_clause(auditor: Caller, case: str) -> None:
    record = auditor.reads(path(case))
    assert (record["ticket"]["number"], record["ticket"]["status"]) == (case, "closed")
    told = {clause["number"]: clause["state"] for clause in record["clauses"]}
    assert told["8.5.2"] == "present"
    (exchange,) = record["exchanges"]
    assert (exchange["serials"], exchange["serial_out"], exchange["asset"]) == (["T1"], "T0", "SN-7")
    assert [use["amount"] for use in record["uses"]] == [1]
    assert {stream["kind"] for stream in record["streams"]} == {"ticket", "part", "contract"}
    assert record["position"] == record["events"][-1]["position"]


@pytest.mark.parametrize(
    ("accept", "form", "kind"),
    [
        ("*/*", None, JSON),
        ("", None, JSON),
        (JSON, None, JSON),
        (BROWSER, None, HTML),
        ("text/*", None, HTML),
        (PDF, None, PDF),
        ("application/pdf, text/html;q=0.5", None, PDF),
        ("application/xml, application/json;q=0.1", None, JSON),
        (PDF, "json", JSON),
        ("image/png", "html", HTML),
        ("application/json;q=0, */*", None, HTML),
        ("text/html;q=x, application/pdf;q=0.9", None, HTML),
        ("text/html;q=0.1, application/pdf;q=nan", None, PDF),
        ("text/*;q=0.5, */*;q=0.4", None, HTML),
        (", ,", None, JSON),
        (JSON, "pdf", PDF),
    ],
)
def test_the_form_is_the_one_asked_for_or_else_the_one_accepted(
    agent: Caller, case: str, accept: str, form: str | None, kind: str
) -> None:
    answer = agent.get(path(case), {"format": form} if form else {}, accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["Vary"] == "Accept"
    ending = {JSON: "json", HTML: "html", PDF: "pdf"}[kind]
    assert answer.headers["Content-Disposition"] == f'inline; filename="{case}.{ending}"'


@pytest.mark.parametrize(
    "accept", ["image/png", "application/xml, text/plain", "x", "application/json;q=0", "*/*;q=0"]
)
def test_no_form_that_is_accepted_is_a_problem(agent: Caller, case: str, accept: str) -> None:
    answer = agent.get(path(case), accept=accept)
    assert (answer.status_code, answer.json()["type"]) == (406, "urn:aftersales:problem:not-acceptable")
    assert answer.headers["content-type"] == "application/problem+json"


def test_people_read_it_in_their_language(agent: Caller, case: str) -> None:
    chinese, english = (agent.get(path(case), {"format": "html", "language": each}) for each in ("zh", "en"))
    assert agent.get(path(case), {"format": "html"}).content == chinese.content
    assert 'lang="zh-CN"' in chinese.text
    assert 'lang="en"' in english.text
    assert "T0" in chinese.text


def pdf(answer: httpx.Response) -> pypdf.PdfReader:
    """A PDF to look into."""
    assert answer.status_code == 200, answer.text
    return pypdf.PdfReader(io.BytesIO(answer.content))


@pytest.mark.parametrize("asked", [{}, {"as_of": "{moment}"}, {"position": "{position}"}])
def test_the_pdf_carries_exactly_the_events_that_the_api_answers(
    agent: Caller, case: str, asked: dict[str, str]
) -> None:
    known = agent.reads(path(case))
    at = {"moment": known["events"][0]["occurred_at"], "position": known["events"][3]["position"]}
    asked = {name: value.format(**at) for name, value in asked.items()}
    events = agent.get(f"{path(case)}/events", asked)
    (name, (attached,)) = next(
        iter(pdf(agent.get(path(case), {"format": "pdf", **asked})).attachments.items())
    )
    assert attached == events.content
    record = agent.reads(path(case), **asked)
    told = record["attachment"]
    assert (told["name"], told["sha256"]) == (name, sha256(attached).hexdigest())
    assert [event["position"] for event in events.json()] == [each["position"] for each in record["events"]]
    assert events.headers["Content-Disposition"] == f'inline; filename="{name}"'
    assert {event["correlation_id"] for event in events.json()} == {record["ticket"]["id"]}


@pytest.mark.parametrize("form", ["json", "html", "pdf"])
def test_what_happens_elsewhere_changes_no_byte(agent: Caller, keeper: Caller, case: str, form: str) -> None:
    before = agent.get(path(case), {"format": form})
    keeper.sends("/parts/TUBE/receive", location="SH", supplier="x", document="x", serials=[f"new {form}"])
    agent.register()
    again = agent.get(path(case), {"format": form})
    assert again.content == before.content
    assert again.headers["ETag"] == before.headers["ETag"] == f'"{sha256(before.content).hexdigest()}"'
    unchanged = agent.get(path(case), {"format": form}, if_none_match=before.headers["ETag"])
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize("form", ["json", "html", "pdf"])
def test_at_its_own_position_a_record_stays_what_it_was(agent: Caller, service: Served, form: str) -> None:
    ticket = agent.register()["number"]
    agent.does(ticket, "assign", team="A")
    before = agent.get(path(ticket), {"format": form})
    position = agent.reads(path(ticket))["position"]
    agent.does(ticket, "resolve", solution="x")
    assert agent.get(path(ticket), {"format": form}).content != before.content
    for at in (position, position if form == "pdf" else service.head() - 1):
        then = agent.get(path(ticket), {"format": form, "position": at})
        assert then.content == before.content


def test_a_record_as_of_a_moment_by_what_had_happened_and_by_what_was_known(agent: Caller) -> None:
    ticket = agent.register(occurred_at=hours_ago(10), reason="paper")["number"]
    agent.does(ticket, "assign", team="A")
    agent.does(ticket, "resolve", solution="x", occurred_at=hours_ago(8), reason="paper")

    def told(**asked: Any) -> tuple[str, list[str]]:
        record = agent.reads(path(ticket), **asked)
        return record["ticket"]["status"], [event["type"].partition(".")[2] for event in record["events"]]

    recorded = [event["recorded_at"] for event in agent.reads(path(ticket))["events"]]
    assert told(as_of=hours_ago(9)) == ("new", ["registered"])
    assert told(as_of=hours_ago(7)) == ("resolved", ["registered", "resolved"])
    assert told(as_of=recorded[1], basis="recorded") == ("assigned", ["registered", "assigned"])
    both = agent.reads(path(ticket), as_of=hours_ago(9), position=agent.reads(path(ticket))["position"])
    assert both["as_of"]["basis"] == "occurred"
    for asked in ({"as_of": hours_ago(11)}, {"as_of": hours_ago(7), "basis": "recorded"}, {"position": 1}):
        answer = agent.get(path(ticket), asked)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:aftersales:problem:not-found")


def test_what_is_recorded_later_about_the_time_before_changes_only_what_names_no_position(
    agent: Caller,
) -> None:
    ticket = agent.register(occurred_at=hours_ago(10), reason="paper")["number"]
    then = {"as_of": hours_ago(7)}
    pinned = then | {"position": agent.reads(path(ticket))["position"]}
    before, kept = agent.get(path(ticket), then).content, agent.get(path(ticket), pinned).content
    agent.does(ticket, "resolve", solution="x", occurred_at=hours_ago(8), reason="paper")
    assert agent.get(path(ticket), then).content != before
    assert agent.get(path(ticket), pinned).content == kept == before


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"format": "docx"}, "format"),
        ({"format": "null"}, "format"),
        ({"language": "fr"}, "language"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"basis": "x"}, "basis"),
        ({"position": 0}, "position"),
        ({"position": "x"}, "position"),
        ({"position": 10**18}, "position"),
        ({"position": 2**53 - 1}, "position"),
    ],
)
def test_what_cannot_be_meant_names_the_parameter(agent: Caller, case: str, asked: Any, where: str) -> None:
    for place in (path(case), f"{path(case)}/events"):
        answer = agent.get(place, asked)
        if where not in {"format", "language"} or not place.endswith("/events"):
            assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, where)


@pytest.mark.parametrize("reference", ["T-2026-999999", "6f2b1d1e-58a9-4f0f-9a3b-0d4f6f9d2c11", "x", "%00"])
def test_no_case_no_record(agent: Caller, reference: str) -> None:
    for place in (path(reference), f"{path(reference)}/events"):
        answer = agent.get(place, accept=BROWSER)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_farthest_moment_is_answered(agent: Caller, case: str) -> None:
    for form in ("json", "html", "pdf"):
        answer = agent.get(path(case), {"as_of": "9999-12-31T23:59:59Z", "format": form})
        assert answer.status_code == 200, answer.text


def test_while_documents_are_set_the_server_goes_on(
    agent: Caller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting, go_on = Event(), Event()

    def slowly(*_: object) -> bytes:
        setting.set()
        assert go_on.wait(30)
        return b"%PDF"

    monkeypatch.setattr(records, "to_pdf", slowly)
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(agent.get, path(case), {"format": "pdf"}) for _ in range(5)]
        assert setting.wait(30)
        assert agent.get("/healthz").status_code == 200
        assert agent.reads(path(case))["ticket"]["number"] == case
        assert not any(each.done() for each in waiting)
        go_on.set()
        assert [each.result().content for each in waiting] == [b"%PDF"] * 5
