"""The change feed in batches: what an event looks like outside, missed by nobody, given to nobody twice."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from application.access import Role
from application.log.append import Append
from application.log.committer import Committer
from application.log.connect import appending
from application.log.stored import LogEvent
from domain.event import id_of
from interfaces.http import cloudevents, feeding
from tests.application.log.appending import WHEN
from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.refusing import is_refused
from tests.projections.views import until

BATCH = "application/cloudevents-batch+json"
NAME = re.compile(r"[a-z0-9]{1,20}")
STRANGE = UUID("019c2f0e-8a00-7000-8000-0000000000ff")


@pytest.fixture(scope="module", autouse=True)
def story(service: Served, admin: Caller) -> None:
    """A ticket, a part and a contract, and something done to the ticket."""
    ticket = admin.register(subject="热水器不出热水")["number"]
    admin.catalogues("HE 200")
    admin.contracts(assets=["SN-1"])
    admin.does(ticket, "remark", text="x", reason="first line\nsecond line")


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    """The CloudEvents of a batch."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == BATCH
    return answer.json()


def positions(answer: httpx.Response) -> list[int]:
    """The positions in a batch."""
    return [event["position"] for event in events(answer)]


def test_the_whole_log_batch_by_batch_each_event_once_in_order(auditor: Caller, service: Served) -> None:
    read, link = [], "/feed?limit=2"
    while batch := events(answer := auditor.ask("GET", link)):
        read += [event["position"] for event in batch]
        assert answer.headers["Log-Position"] == str(read[-1])
        link = answer.headers["Link"].removeprefix("</api/v1").partition(">")[0]
    assert read == list(range(1, service.head() + 1))
    assert answer.headers["Log-Position"] == str(service.head())


def test_an_event_is_a_cloudevent_and_says_all_that_the_log_says(auditor: Caller, service: Served) -> None:
    with psycopg.connect(service.database.service_url) as conn:
        rows = conn.execute(
            "SELECT stream_id, version, type, schema, convert_from(data, 'UTF8'), actor, reason, "
            "correlation_id FROM log.event ORDER BY position"
        ).fetchall()
        first = conn.execute("SELECT leaf_hash FROM log.event WHERE position = 1").fetchone()
    assert first is not None
    source = f"urn:aftersales:log:{first[0].hex()}"
    told = events(auditor.ask("GET", "/feed?limit=1000"))
    assert len(told) == len(rows)
    assert [event["sequence"] for event in told] == [f"{event['position']:019d}" for event in told]
    for event, (stream, version, kind, schema, data, actor, reason, case) in zip(told, rows, strict=True):
        assert event["specversion"] == "1.0"
        assert event["id"] == str(id_of(stream, version))
        assert event["source"] == source
        assert event["type"] == f"aftersales.{kind}"
        assert (event["stream"], event["version"]) == (str(stream), version)
        assert event["dataschema"] == f"urn:aftersales:schema:{kind}:{schema}"
        assert (event["actor"], event["correlationid"]) == (actor, str(case))
        assert event.get("reason") == (reason and reason.replace("\n", " "))
        assert event["data"] == json.loads(data)
        for name, value in event.items():
            assert NAME.fullmatch(name)
            assert value is not None
            assert name == "data" or not re.search(r"[\x00-\x1f]", str(value))


def test_a_place_beyond_the_largest_integer_of_cloudevents_is_told_as_text_alone() -> None:
    at, stream = WHEN, UUID(int=7)
    for position, number in ((2**31 - 1, 2**31 - 1), (2**31, None), (2**53, None)):
        row = (position, stream, 1, "ticket.registered", 1, b"{}", at, at, "x", None, stream, None, None)
        event = json.loads(cloudevents.encoded(row, "urn:x"))
        assert event.get("position") == number
        assert int(event["sequence"]) == position
    assert len(event["sequence"]) == len(str(2**63 - 1))


def test_the_data_is_byte_for_byte_what_was_recorded(auditor: Caller, service: Served) -> None:
    answer = auditor.ask("GET", "/feed?limit=1")
    with psycopg.connect(service.database.service_url) as conn:
        row = conn.execute("SELECT data FROM log.event WHERE position = 1").fetchone()
    assert row is not None
    assert answer.content.endswith(b'"data":' + row[0] + b"}]")


def test_the_subject_is_what_people_call_the_thing(auditor: Caller) -> None:
    subjects = {event["type"]: event["subject"] for event in events(auditor.ask("GET", "/feed"))}
    assert re.fullmatch(r"T-\d{4}-000001", subjects["aftersales.ticket.registered"])
    assert re.fullmatch(r"C-\d{4}-000001", subjects["aftersales.contract.signed"])
    assert subjects["aftersales.part.catalogued"] == "HE 200"


@pytest.mark.parametrize(
    "types", ["contract", "contract.", "aftersales.contract.", "contract.drafted,contract.signed,contract"]
)
def test_only_some_types(auditor: Caller, service: Served, types: str) -> None:
    answer = auditor.ask("GET", f"/feed?types={types}")
    kinds = [event["type"] for event in events(answer)]
    assert kinds == [f"aftersales.contract.{what}" for what in ("drafted", "signed", "activated")]
    assert answer.headers["Log-Position"] == str(service.head())


def test_what_was_left_out_is_passed_over(
    auditor: Caller, service: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a stretch of the log that is looked through at a time holds none of the wanted."""
    monkeypatch.setattr(feeding, "SPAN", 2)
    answer = auditor.ask("GET", "/feed?types=ticket.remarked")
    assert positions(answer) == [service.head()]
    none = auditor.ask("GET", "/feed?types=ticket.cancelled")
    assert (events(none), none.headers["Log-Position"]) == ([], str(service.head()))


def test_a_batch_of_large_events_ends_early(
    auditor: Caller, service: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "MOST_BYTES", 1)
    answer = auditor.ask("GET", "/feed")
    assert (positions(answer), answer.headers["Log-Position"]) == ([1], "1")


def test_whoever_waits_gets_an_event_as_soon_as_it_is_there(service: Served, auditor: Caller) -> None:
    head = service.head()
    agent = service.caller(Role.AGENT)
    with ThreadPoolExecutor(3) as pool:
        asked = [
            pool.submit(auditor.ask, "GET", f"/feed?after={head}&wait=30{types}")
            for types in ("", "", "&types=ticket")
        ]
        until(lambda: following(service) == 3)
        position = agent.register()["position"]
        assert [positions(each.result(20)) for each in asked] == [[position]] * 3


def following(service: Served) -> int:
    """How many follow the log at this moment."""
    return service.http.app.state.service.feed.followers


def test_a_lost_connection_loses_no_event(service: Served, auditor: Caller) -> None:
    agent = service.caller(Role.AGENT)
    for _ in range(3):
        head = service.head()
        with ThreadPoolExecutor(1) as pool, psycopg.connect(service.database.service_url) as conn:
            asked = pool.submit(auditor.ask, "GET", f"/feed?after={head}&wait=30")
            until(lambda: following(service) == 1)
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE application_name = 'aftersales tail' AND datname = current_database()"
            )
            position = agent.register()["position"]
            assert positions(asked.result(20)) == [position]


def test_a_wait_ends_with_its_time(service: Served, auditor: Caller) -> None:
    head = service.head()
    answer = auditor.ask("GET", f"/feed?after={head}&wait=1")
    assert (events(answer), answer.headers["Log-Position"]) == ([], str(head))


def test_no_more_than_so_many_wait(service: Served, auditor: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "MOST_FOLLOWERS", 0)
    for more in ({}, {"Accept": "text/event-stream"}):
        answer = auditor.ask("GET", f"/feed?after={service.head()}&wait=30", more)
        is_refused(answer, 503, "busy")
        assert int(answer.headers["Retry-After"]) > 0
    assert auditor.ask("GET", "/feed").status_code == 200


WRONG = [
    ("after=-1", "after"),
    ("after=x", "after"),
    ("after=1.5", "after"),
    ("after=99999999999999999999", "after"),
    ("after=1000000", "after"),
    ("after=null", "after"),
    ("limit=0", "limit"),
    ("limit=1001", "limit"),
    ("wait=31", "wait"),
    ("wait=-1", "wait"),
    ("types=tickets", "types"),
    ("types=", "types"),
    ("types=ticket,", "types"),
    ("types=ticket.held%00", "types"),
]


@pytest.mark.parametrize("accept", [BATCH, "text/event-stream"])
@pytest.mark.parametrize(("query", "name"), WRONG)
def test_a_wrong_parameter_is_named(auditor: Caller, query: str, name: str, accept: str) -> None:
    is_refused(auditor.ask("GET", f"/feed?{query}", {"Accept": accept}), 422, "invalid-form", name)


@pytest.mark.parametrize("given", ["-1", "x", "1000000", "2"])
def test_a_last_event_id_that_cannot_be_meant(auditor: Caller, given: str) -> None:
    headers = {"Last-Event-ID": given, "Accept": "text/event-stream"}
    is_refused(auditor.ask("GET", "/feed?after=3", headers), 422, "invalid-form", "Last-Event-Id")


@pytest.mark.parametrize("accept", ["application/json", "image/png", "text/html"])
def test_neither_a_batch_nor_a_stream(auditor: Caller, accept: str) -> None:
    is_refused(auditor.ask("GET", "/feed", {"Accept": accept}), 406, "not-acceptable")


@pytest.fixture
def strange(service: Served) -> Iterator[list[bytes]]:
    """Events of a type, of a schema and with bytes that this release cannot read."""
    contents = [b'{"type": "ticket.teleported",\n "to": "Mars"}', b"\xff\x00 no JSON", b"{} {}", b""]

    async def append() -> None:
        async with Committer(appending(service.database.service_url)) as log:
            for version, content in enumerate(contents, 1):
                stored = LogEvent(
                    id=0,
                    originator_id=STRANGE,
                    originator_version=version,
                    topic="ticket.teleported",
                    state=content,
                    schema=77,
                    occurred_at=WHEN,
                )
                await log.append(Append((stored,)))

    asyncio.run(append())
    return contents


def test_what_this_release_cannot_read_goes_through_as_it_is(
    auditor: Caller, service: Served, strange: list[bytes]
) -> None:
    answer = auditor.ask("GET", f"/feed?after={service.head() - len(strange)}")
    read, *others = events(answer)
    assert strange[0] in answer.content
    assert read["data"] == {"type": "ticket.teleported", "to": "Mars"}
    assert read["dataschema"] == "urn:aftersales:schema:ticket.teleported:77"
    assert read["subject"] == str(STRANGE)
    for event, content in zip(others, strange[1:], strict=True):
        assert "data" not in event
        assert event["datacontenttype"] == "application/octet-stream"
        assert base64.b64decode(event["data_base64"]) == content
