"""What callers get wrong: a problem with the right status and a pointer, and nothing recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.refusing import is_refused

DATED = '{"subject":"x","reason":"x","occurred_at":%s}'


@pytest.fixture(scope="module")
def ticket(agent: Caller) -> str:
    """A ticket that none of this changes."""
    return agent.register()["number"]


@pytest.fixture(scope="module")
def part(keeper: Caller) -> str:
    """A part with serial numbers, three of them at SH-MAIN."""
    number = keeper.catalogues("HE-200", tracking="serial")
    keeper.sends(
        f"/parts/{number}/receive", location="SH-MAIN", supplier="x", document="x", serials=["S1", "S2", "S3"]
    )
    return number


@pytest.fixture(scope="module")
def contract(manager: Caller) -> str:
    """A contract that is in force, for two visits to SN-1."""
    return manager.contracts(assets=["SN-1"], allowances={"visits": 2})


@pytest.fixture(autouse=True)
def nothing_recorded(service: Served, ticket: str, part: str, contract: str) -> Iterator[None]:
    """After every test the log ends where it did."""
    head = service.head()
    yield
    assert service.head() == head


@pytest.mark.parametrize(
    ("body", "status", "code", "where"),
    [
        pytest.param(b"{", 400, "malformed-json", None, id="half an object"),
        pytest.param(b"subject=x", 400, "malformed-json", None, id="a form"),
        pytest.param(b'{"subject":"\xff"}', 400, "malformed-json", None, id="not UTF-8"),
        pytest.param('{"subject":"x"}'.encode("utf-16"), 400, "malformed-json", None, id="UTF-16"),
        pytest.param(b'{"subject":"a\x00b"}', 400, "malformed-json", None, id="a bare NUL"),
        pytest.param(b'{"subject":"\\ud800"}', 400, "malformed-json", None, id="half a surrogate pair"),
        pytest.param(b'{"subject":"\\udc00x"}', 400, "malformed-json", None, id="the other half"),
        pytest.param(b'{"subject":NaN}', 400, "malformed-json", None, id="NaN"),
        pytest.param(b'{"subject":"x"} {}', 400, "malformed-json", None, id="two objects"),
        pytest.param(b"", 422, "invalid-form", "#", id="nothing"),
        pytest.param(b"null", 422, "invalid-form", "#", id="null"),
        pytest.param(b"[]", 422, "invalid-form", "#", id="a list"),
        pytest.param(b"[" * 100_000, 422, "invalid-form", "#", id="lists in lists"),
        pytest.param(b"{}", 422, "invalid-form", "#/subject", id="a missing field"),
        pytest.param(
            b'{"subject":"x","colour":"red"}', 422, "invalid-form", "#/colour", id="an unknown field"
        ),
        pytest.param(
            b'{"subject":"x","a/b~c":1}', 422, "invalid-form", "#/a~1b~0c", id="an odd unknown field"
        ),
        pytest.param(b'{"a":' * 50_000, 422, "invalid-form", "#/a", id="objects in objects"),
        pytest.param(b'{"subject":5}', 422, "invalid-form", "#/subject", id="a number for text"),
        pytest.param(b'{"subject":null}', 422, "invalid-form", "#/subject", id="null for text"),
        pytest.param(b'{"subject":["x"]}', 422, "invalid-form", "#/subject", id="a list for text"),
        pytest.param(b'{"subject":""}', 422, "invalid-form", "#/subject", id="empty text"),
        pytest.param('{"subject":"　 "}'.encode(), 422, "invalid-value", "#/subject", id="blank text"),
        pytest.param(b'{"subject":"a\\u0000b"}', 422, "invalid-form", "#/subject", id="NUL"),
        pytest.param(
            b'{"subject":"x","priority":"P9"}', 422, "invalid-form", "#/priority", id="no such priority"
        ),
        pytest.param(
            b'{"subject":"x","priority":1}', 422, "invalid-form", "#/priority", id="a number for a word"
        ),
        pytest.param(b'{"subject":"x","plan":"none"}', 422, "unknown-plan", "#/plan", id="no such plan"),
    ],
)
def test_bodies(agent: Caller, body: bytes, status: int, code: str, where: str | None) -> None:
    is_refused(agent.ask("POST", "/tickets", JSON, content=body), status, code, where)


JSON = {"Content-Type": "application/json"}
LONGEST = {
    "subject": 300,
    "description": 10_000,
    "customer": 200,
    "site": 200,
    "category": 200,
    "reason": 10_000,
}


@pytest.mark.parametrize("field", LONGEST)
def test_text_that_is_too_long(agent: Caller, field: str) -> None:
    body = {"subject": "x", field: "热" * (LONGEST[field] + 1)}
    is_refused(agent.post("/tickets", body), 422, "invalid-form", f"#/{field}")


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("2026-01-01T00:00:00", "invalid-form"),
        ("2026-01-01", "invalid-form"),
        ("yesterday", "invalid-form"),
        ("2026-02-30T00:00:00Z", "invalid-form"),
        ("10000-01-01T00:00:00Z", "invalid-form"),
        (1767225600, "invalid-form"),
        (True, "invalid-form"),
        ("0001-01-01T00:00:00+23:59", "invalid-value"),
        ("9999-12-31T23:59:59-23:59", "invalid-value"),
        ("9999-12-31T23:59:59Z", "invalid-value"),
    ],
)
def test_times_that_are_none(agent: Caller, ticket: str, time: Any, code: str) -> None:
    dated = {"reason": "x", "occurred_at": time}
    is_refused(agent.post("/tickets", {"subject": "x", **dated}), 422, code, "#/occurred_at")
    is_refused(agent.post(f"/tickets/{ticket}/close", dated), 422, code, "#/occurred_at")


def test_a_review_that_cannot_be_kept(agent: Caller, ticket: str) -> None:
    far = {"hold": "other", "review_at": "9999-12-31T23:59:59-23:59"}
    is_refused(agent.post(f"/tickets/{ticket}/hold", far), 422, "invalid-value", "#/review_at")
    past = {"hold": "other", "review_at": "2020-01-01T00:00:00Z"}
    is_refused(agent.post(f"/tickets/{ticket}/hold", past), 422, "invalid-value", "#/review_at")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"])
def test_another_kind_of_content(agent: Caller, kind: str) -> None:
    answer = agent.ask("POST", "/tickets", {"Content-Type": kind}, content=b'{"subject":"x"}')
    is_refused(answer, 415, "unsupported-media-type")


def test_a_body_that_is_too_large(agent: Caller) -> None:
    body = json.dumps({"subject": "x" * 1_100_000}).encode()
    is_refused(agent.ask("POST", "/tickets", JSON, content=body), 413, "too-large")


ACTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("classify", {}, "#/category"),
    ("prioritise", {"priority": None}, "#/priority"),
    ("assign", {"team": ""}, "#/team"),
    ("assign", {"team": "A", "person": 7}, "#/person"),
    ("contact", {"channel": "phone", "direction": "sideways", "party": "person"}, "#/direction"),
    ("contact", {"channel": "phone", "direction": "inbound"}, "#/party"),
    ("hold", {"hold": "lunch"}, "#/hold"),
    ("resume", {"unknown": 1}, "#/unknown"),
    ("escalate", {"tier": "L9"}, "#/tier"),
    ("resolve", {"solution": "\0"}, "#/solution"),
    ("cancel", {"reason": "x", "duplicate_of": 5}, "#/duplicate_of"),
    ("remark", {"text": "x" * 10_001}, "#/text"),
]


@pytest.mark.parametrize(("action", "body", "where"), ACTIONS)
def test_actions_of_the_wrong_form(
    agent: Caller, ticket: str, action: str, body: dict[str, Any], where: str
) -> None:
    is_refused(agent.post(f"/tickets/{ticket}/{action}", body), 422, "invalid-form", where)


UNKNOWN = [
    "T-2026-999999",
    "t-2026-000001",
    "T-2026-000001%0A",
    "T-2026-000001%20",
    "T-２０２６-000001",
    "6f2b1d1e-58a9-4f0f-9a3b-0d4f6f9d2c11",
    "%00",
    "a%00b",
    "%FF",
    "x",
    "-1",
    "{ticket}",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("reference", UNKNOWN)
def test_tickets_that_are_none(agent: Caller, reference: str) -> None:
    reference = quote(reference, safe="%")
    for path in ("", "/history", "/sla"):
        is_refused(agent.get(f"/tickets/{reference}{path}"), 404, "not-found")
    is_refused(agent.get(f"/tickets/{reference}", {"version": 1}), 404, "not-found")
    is_refused(agent.post(f"/tickets/{reference}/remark", {"text": "x"}), 404, "not-found")


@pytest.mark.parametrize("reference", ["T-2026-999999", "6f2b1d1e-58a9-4f0f-9a3b-0d4f6f9d2c11", "x", "\0"])
def test_a_duplicate_of_nothing(agent: Caller, ticket: str, reference: str) -> None:
    body = {"reason": "x", "duplicate_of": reference}
    is_refused(agent.post(f"/tickets/{ticket}/cancel", body), 422, "invalid-value", "#/duplicate_of")


def test_a_duplicate_of_itself(agent: Caller, ticket: str) -> None:
    body = {"reason": "x", "duplicate_of": ticket}
    is_refused(agent.post(f"/tickets/{ticket}/cancel", body), 422, "invalid-value", "#/duplicate_of")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        *(
            ("If-Match", value)
            for value in ('"x"', '"1', '"1","2"', "-1", '"99999999999999999999"', "", "\0", '"１"')
        ),
        *(("Idempotency-Key", value) for value in ("", "a b", "x" * 201, "\0", "ключ")),
    ],
)
def test_headers_of_commands(agent: Caller, ticket: str, header: str, value: str) -> None:
    answer = agent.ask("POST", f"/tickets/{ticket}/remark", {header: value.encode()}, json={"text": "x"})  # type: ignore[dict-item]
    is_refused(answer, 422, "invalid-form", header)


def test_a_version_that_never_was(agent: Caller, ticket: str) -> None:
    for version in ('"0"', '"999999999999999999"'):
        answer = agent.post(f"/tickets/{ticket}/remark", {"text": "x"}, if_match=version)
        is_refused(answer, 412, "stale-version")
