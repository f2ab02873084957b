"""Wrong parameters of queries, paths and headers: a problem that names the parameter; nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from projections.engine import cursor
from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.refusing import is_refused


@pytest.fixture(scope="module")
def ticket(agent: Caller) -> str:
    """A ticket that none of this changes."""
    return agent.register()["number"]


@pytest.fixture(scope="module")
def part(keeper: Caller) -> str:
    """A part that none of this changes."""
    return keeper.catalogues("HE-200")


@pytest.fixture(autouse=True)
def nothing_recorded(service: Served, ticket: str, part: str) -> Iterator[None]:
    """After every test the log ends where it did."""
    head = service.head()
    yield
    assert service.head() == head


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
    "path", ["/nothing", "/tickets/T-1/explode", "/audit", "/queues/a%2Fb/c", "/tickets/..%2F.."]
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
