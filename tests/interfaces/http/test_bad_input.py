"""What callers get wrong: a problem with the right status and a pointer, and nothing recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from projections.engine import cursor
from tests.interfaces.http.client import Caller, Served

LEAKS = ("Traceback", "psycopg", "SELECT ", "INSERT ", 'File "', "log.event", "view.", "site-packages")
DATED = '{"subject":"x","reason":"x","occurred_at":%s}'


def is_refused(answer: httpx.Response, status: int, code: str, where: str | None = None) -> None:
    """The answer is a problem that names the place, and tells nothing of the inside."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:aftersales:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    if where is not None:
        assert [error.get("pointer") or error["parameter"] for error in problem["errors"]] == [where]
    assert not [leak for leak in LEAKS if leak in answer.text]


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


def test_a_position_that_the_log_has_not_reached(agent: Caller, service: Served) -> None:
    answer = agent.ask("GET", "/tickets", {"Wait-For-Position": str(service.head() + 1)})
    is_refused(answer, 422, "invalid-form", "Wait-For-Position")


@pytest.mark.parametrize("value", ["-1", "x", "1.5", " ", "null", "99999999999999999999", "\0"])
def test_positions_that_are_none(agent: Caller, ticket: str, value: str) -> None:
    for path in (
        "/tickets",
        "/queues",
        "/queues/all",
        f"/tickets/{ticket}",
        "/sla/compliance",
        "/sla/clocks",
        *("/parts/HE-200", "/stock", "/reservations", f"/tickets/{ticket}/parts", "/contracts"),
        *("/entitlements?asset=SN-1", *TRACES),
    ):
        answer = agent.ask("GET", path, {"Wait-For-Position": value})
        is_refused(answer, 422, "invalid-form", "Wait-For-Position")


TRACES = [
    *("/traces/serials/S1", "/traces/lots/L1", "/traces/assets/SN-1"),
    *("/traces/steps?serial=S1", "/traces/places?serial=S1", "/traces/reach?serial=S1"),
    "/traces/customers?serial=S1",
]
LISTS = [
    *("/tickets", "/queues/all", "/sla/clocks", "/audit/events"),
    *("/parts", "/parts/HE-200/ledger", "/parts/HE-200/units", "/stock", "/reservations", "/contracts"),
    *TRACES,
]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "%00", "1.5", "99999999999999999999", ""])
def test_limits(admin: Caller, path: str, limit: str) -> None:
    is_refused(admin.get(asked(path, limit=limit)), 422, "invalid-form", "limit")


def asked(path: str, **more: str) -> str:
    """A path that asks for more."""
    return path + ("&" if "?" in path else "?") + "&".join(f"{name}={value}" for name, value in more.items())


CURSORS: list[Any] = [
    [2**70],
    [2**63, "x"],
    ["a\0b"],
    [-(2**70), "x\0"],
    [1, "\0"],
    [None],
    [1.5],
    ["a"],
    ["a", "b"],
    ["a", "b", "\0"],
    ["", "9999-12-31", ""],
    ["", "0001-01-01", ""],
    ["", "2026-02-30", ""],
    ["9999-12-31T23:59:59-23:59", "6f2b1d1e-58a9-4f0f-9a3b-0d4f6f9d2c11"],
    ["2026-01-01T00:00:00", "6f2b1d1e-58a9-4f0f-9a3b-0d4f6f9d2c11"],
    ["2026-01-01T00:00:00Z", "6f2b1d1e-58a9-4f0f-9a3b-0d4f6f9d2c11"],
    [2**63, 1],
    [1, 2**63],
    [1, 2**31],
    ["a", "b", "c", "d"],
    ["a", "b", "c", "\0"],
    ["\ud800"],
    {},
    7,
]


@pytest.mark.parametrize("path", [*LISTS, "/tickets/{}/history"])
def test_cursors_that_no_page_gave(admin: Caller, ticket: str, path: str) -> None:
    foreign = ["x", "%00", "%FF", "x" * 1001, "W10=", "bnVsbA"]
    for value in [*foreign, *filter(None, map(written, CURSORS))]:
        answer = admin.get(asked(path.format(ticket), cursor=value))
        if answer.status_code != 200:  # a cursor of the right form may end the list
            is_refused(answer, 422, "invalid-form", "cursor")
        assert value not in foreign or answer.status_code == 422


def written(place: Any) -> str | None:
    """A cursor for any place at all, where it can be written."""
    try:
        return quote(cursor.write(place))
    except (ValueError, TypeError, OverflowError):
        return None


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("/tickets?status=open", "status"),
        ("/tickets?priority=P0", "priority"),
        ("/tickets?priority=null", "priority"),
        ("/audit/events?stream_id=NULL", "stream_id"),
        ("/audit/events?occurred_from=null", "occurred_from"),
        ("/tickets?team=", "team"),
        ("/tickets?team=%00", "team"),
        (f"/tickets?customer={'x' * 301}", "customer"),
        ("/queues/all?priority=x", "priority"),
        ("/queues/all?person=%00", "person"),
        ("/queues/%00", "name"),
        (f"/queues/{'x' * 201}", "name"),
        (f"/tickets/{'x' * 41}", "ticket"),
        ("/tickets/{}?version=0", "version"),
        ("/tickets/{}?version=x", "version"),
        ("/tickets/{}?version=99999999999", "version"),
        ("/tickets/{}?basis=x", "basis"),
        ("/tickets/{}?as_of=x", "as_of"),
        ("/tickets/{}?as_of=1767225600", "as_of"),
        ("/tickets/{}?as_of=2026-01-01T00:00:00", "as_of"),
        ("/tickets/{}?as_of=2026-01-01T00:00:00+08:00", "as_of"),
        ("/tickets/{}?as_of=0001-01-01T00:00:00%2B23:59", "as_of"),
        ("/sla/compliance?group_by=colour", "group_by"),
        ("/sla/compliance?group_by=%00", "group_by"),
        ("/sla/compliance?month=2026-13", "month"),
        ("/sla/compliance?month=２０２６-01", "month"),
        ("/sla/compliance?quarter=2026-Q5", "quarter"),
        ("/sla/compliance?milestone=x", "milestone"),
        ("/sla/compliance?team=%00", "team"),
        ("/sla/clocks?verdict=good", "verdict"),
        ("/sla/clocks?cause=x", "cause"),
        ("/audit/events?stream_id=x", "stream_id"),
        ("/audit/events?order=x", "order"),
        ("/audit/events?type=%00", "type"),
        ("/audit/events?occurred_from=2026-01-01T00:00:00", "occurred_from"),
        ("/audit/events?recorded_to=9999-12-31T23:59:59-23:59", "recorded_to"),
        ("/audit/counts?by=data", "by"),
        ("/parts?tracking=batch", "tracking"),
        ("/parts?below_reorder=maybe", "below_reorder"),
        ("/parts?below_reorder=null", "below_reorder"),
        ("/parts?text=%00", "text"),
        ("/parts/HE-200?version=0", "version"),
        ("/parts/HE-200?as_of=x", "as_of"),
        (f"/parts/{'x' * 201}", "part"),
        ("/parts/HE-200/ledger?bucket=x", "bucket"),
        ("/parts/HE-200/ledger?ticket=T-1999-000001", "ticket"),
        ("/parts/HE-200/ledger?location=%00", "location"),
        ("/stock?part=no such", "part"),
        ("/stock?part=%00", "part"),
        ("/reservations?overdue_at=2026-01-01", "overdue_at"),
        ("/reservations?ticket=", "ticket"),
        ("/traces/places?serial=S1&now=maybe", "now"),
        (f"/traces/serials/{'x' * 201}", "serial"),
        ("/traces/lots/%00", "lot"),
        ("/traces/assets/%00", "asset"),
        ("/contracts?status=new", "status"),
        ("/contracts?in_force=x", "in_force"),
        ("/contracts?expiring_within=-1", "expiring_within"),
        ("/contracts?expiring_within=36501", "expiring_within"),
        (f"/contracts/{'x' * 41}", "contract"),
        (f"/records/iso9001/cases/{'x' * 41}", "case"),
    ],
)
def test_parameters(admin: Caller, ticket: str, asked: str, where: str) -> None:
    is_refused(admin.get(asked.format(ticket)), 422, "invalid-form", where)


@pytest.mark.parametrize(
    "path", ["/nothing", "/tickets/T-1/explode", "/audit", "/queues/a%2Fb", "/tickets/..%2F.."]
)
def test_paths_that_are_none(agent: Caller, path: str) -> None:
    is_refused(agent.get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/tickets", {"GET", "POST"}),
        ("DELETE", "/tickets/{}", {"GET"}),
        ("PATCH", "/tickets/{}", {"GET"}),
        ("GET", "/tickets/{}/close", {"POST"}),
        ("POST", "/queues/all", {"GET"}),
        ("DELETE", "/audit/events", {"GET"}),
        ("PUT", "/parts", {"GET", "POST"}),
        ("PUT", "/contracts", {"GET", "POST"}),
        ("DELETE", "/parts/HE-200", {"GET"}),
        ("GET", "/parts/HE-200/receive", {"POST"}),
        ("GET", "/contracts/C-2026-000001/sign", {"POST"}),
        ("POST", "/stock", {"GET"}),
        ("POST", "/entitlements", {"GET"}),
        ("PUT", "/records/iso9001/cases/{}", {"GET"}),
    ],
)
def test_methods_that_are_none(admin: Caller, ticket: str, method: str, path: str, allowed: set[str]) -> None:
    answer = admin.ask(method, path.format(ticket))
    is_refused(answer, 405, "method-not-allowed")
    assert allowed <= set(answer.headers["Allow"].replace(",", " ").split())
