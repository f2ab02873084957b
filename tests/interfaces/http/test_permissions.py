"""Who may do what: roles on every route, tokens and their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from application.access import Role, list_tokens, revoke_token
from interfaces.http.app import create_app
from tests.interfaces.http.client import Caller, Served
from tests.projections.views import until

DOCUMENT: dict[str, Any] = create_app("postgresql://").openapi_schema.to_schema()
ROUTES = [
    (method.upper(), path)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if path.startswith("/api")
]
COMMANDS = [path for method, path in ROUTES if method != "GET"]
VALID: dict[str, dict[str, Any]] = {
    "tickets": {"subject": "x"},
    "classify": {"category": "x"},
    "prioritise": {"priority": "P1"},
    "assign": {"team": "A"},
    "contact": {"channel": "phone", "direction": "inbound", "party": "person"},
    "hold": {"hold": "other"},
    "escalate": {"tier": "L2"},
    "resolve": {"solution": "x"},
    "reject": {"reason": "x"},
    "reopen": {"reason": "x"},
    "cancel": {"reason": "x"},
    "remark": {"text": "x"},
}


def below(path: str, ticket: str) -> str:
    """A documented path, about a ticket."""
    return path.removeprefix("/api/v1").replace("{ticket}", ticket).replace("{name}", "all")


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is the problem that it should be."""
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:aftersales:problem:{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_there_are_commands() -> None:
    assert len(COMMANDS) == 15


@pytest.mark.parametrize("path", COMMANDS)
def test_an_auditor_changes_nothing(auditor: Caller, agent: Caller, service: Served, path: str) -> None:
    ticket = agent.register()["number"]
    head = service.head()
    body = VALID.get(path.rpartition("/")[2], {})
    is_problem(auditor.post(below(path, ticket), body), 403, "forbidden")
    assert service.head() == head


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "GET"])
def test_an_auditor_and_an_admin_read_everything(
    auditor: Caller, admin: Caller, agent: Caller, path: str
) -> None:
    ticket = agent.register()["number"]
    agent.reads("/tickets")
    assert [caller.get(below(path, ticket)).status_code for caller in (auditor, admin)] == [200, 200]


def test_an_agent_does_not_read_the_audit_log(agent: Caller) -> None:
    for path in ("/audit/events", "/audit/counts"):
        is_problem(agent.get(path), 403, "forbidden")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic bGk6d2Vp", "Bearer afs_no such", "afs_x", "Bearer \x00"]
)
def test_without_a_known_token_nothing_is_told(nobody: Caller, service: Served, header: str) -> None:
    head = service.head()
    for method, path in ROUTES:
        answer = nobody.ask(method, below(path, "T-2026-000001"), {"Authorization": header})
        is_problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert service.head() == head


def test_health_and_the_document_need_no_token(nobody: Caller) -> None:
    for path in ("/healthz", "/readyz", "/schema/openapi.json"):
        assert nobody.get(path).status_code == 200


def test_a_revoked_token_is_worthless_as_soon_as_the_server_has_heard_of_it(service: Served) -> None:
    caller = service.caller(Role.AGENT, "leaver")
    for _ in range(3):  # remembered by now
        assert caller.get("/tickets").status_code == 200
    with psycopg.connect(service.database.service_url, autocommit=True) as conn:
        (token,) = [token for token in list_tokens(conn) if token.name == "leaver"]
        assert revoke_token(conn, token.id)
        until(lambda: caller.get("/tickets").status_code == 401)
        is_problem(caller.post("/tickets", {"subject": "x"}), 401, "unauthenticated")
        assert not revoke_token(conn, token.id)


def test_an_expired_token_is_worthless(service: Served) -> None:
    now = datetime.now(UTC)
    expired = Caller(service, service.token(Role.ADMIN, expires_at=now - timedelta(seconds=1)))
    current = Caller(service, service.token(Role.ADMIN, expires_at=now + timedelta(hours=1)))
    is_problem(expired.get("/tickets"), 401, "unauthenticated")
    assert current.get("/tickets").status_code == 200


def test_the_name_of_the_token_is_the_actor(service: Served, auditor: Caller) -> None:
    number = service.caller(Role.ADMIN, "王芳").register()["number"]
    assert [entry["actor"] for entry in auditor.reads(f"/tickets/{number}/history")["items"]] == [
        "admin:王芳"
    ]
