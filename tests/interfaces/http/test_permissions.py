"""Who may do what: roles on every route, tokens and their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from application.access import Role, list_tokens, revoke_token
from interfaces.http.app import create_app
from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.setting_aside import set_aside
from tests.projections.views import until

DOCUMENT: dict[str, Any] = create_app("postgresql://").openapi_schema.to_schema()
ROUTES = [
    (method.upper(), path)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if path.startswith("/api")
]
FILES, HANDED_IN = "/api/v1/tickets/{ticket}/files", "/api/v1/intake/files"
"""Take files, not commands: test_ticket_files.py, test_intake.py."""
OTHERS = {
    FILES,
    HANDED_IN,
    "/api/v1/tickets/bulk",
    "/api/v1/saved-views",
    "/api/v1/sla/simulations",
}
"""Take other things than a command: their own tests say who may send them."""
COMMANDS = [
    path for method, path in ROUTES if method == "POST" and "/log/" not in path and path not in OTHERS
]
ENDLESS = {"/api/v1/queues/{name}/events", "/api/v1/queues/saved/{view}/events"}
"""Answers that do not end: test_queue_events.py."""
BODIES = {
    operation["operationId"]: DOCUMENT["components"]["schemas"][operation["operationId"]]["examples"][0]
    for path in COMMANDS
    for operation in [DOCUMENT["paths"][path]["post"]]
}
EVERYBODY = frozenset(Role) - {Role.INTAKE}
WORKERS = frozenset({Role.AGENT, Role.ADMIN})
KEEPERS = frozenset({Role.STOREKEEPER, Role.ADMIN})
MOVERS = WORKERS | KEEPERS
MANAGERS = frozenset({Role.CONTRACT_MANAGER, Role.ADMIN})
AUDITORS = frozenset({Role.AUDITOR, Role.ADMIN})
ASKERS = WORKERS | MANAGERS
WHO: dict[str, frozenset[Role]] = {
    "POST /tickets/{ticket}/repin": ASKERS,
    "POST /tickets/{ticket}/decline-repin": ASKERS,
    "POST /tickets/{ticket}/approve-repin": MANAGERS,
    "POST /tickets": WORKERS,
    "POST /parts/{part}/reserve": MOVERS,
    "POST /parts/{part}/release": MOVERS,
    "POST /parts/{part}/issue": MOVERS,
    "POST /parts/{part}/install": MOVERS,
    "POST /parts/{part}/return": MOVERS,
    "POST /parts": KEEPERS,
    "POST /contracts/{contract}/consume": WORKERS,
    "POST /contracts/{contract}/restore": WORKERS,
    "POST /contracts": MANAGERS,
    "POST /plan-assignments": MANAGERS,
    "POST /plans": MANAGERS,
    "POST /calendars": MANAGERS,
    "POST /set-aside-mails": WORKERS,
    "POST /triage": MANAGERS,
    "POST /intake": frozenset({Role.INTAKE, Role.ADMIN}),
    "GET /audit": AUDITORS,
    "GET /feed": AUDITORS,
    "GET /log": AUDITORS,
    "GET /": EVERYBODY,
}
"""Who may ask what; where a route does not stand here itself, the first of its beginnings says."""
ASKED = {
    "/entitlements": "?asset=SN-1",
    "/duplicates": "?asset=SN-1",
    "/tickets/{ticket}/repin/preview": "?plan=distance-bands",
    "/log/proof/inclusion": "?position=1",
    "/log/proof/consistency": "?first=1",
    "/calendars/{calendar}/working-time": "?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z",
} | dict.fromkeys(("/traces/steps", "/traces/places", "/traces/reach", "/traces/customers"), "?serial=X")
"""What must be asked for."""


def allowed(method: str, path: str) -> frozenset[Role]:
    """Whom the table lets in."""
    route = f"{method} {path.removeprefix('/api/v1')}"
    exact = WHO.get(route)
    return exact or next(
        roles for start, roles in WHO.items() if "{" not in start and route.startswith(start)
    )


def below(path: str, named: dict[str, str] | None = None) -> str:
    """A documented path, about something."""
    path = path.removeprefix("/api/v1")
    path += ASKED.get(path, "")
    for name, value in (named or {}).items():
        path = path.replace(f"{{{name}}}", value)
    path = path.replace("{name}", "all").replace("{version}", "1")
    return path.replace("{view}", str(UUID(int=7))).replace("{simulation}", str(UUID(int=1)))


@pytest.fixture(scope="module")
def named(service: Served, agent: Caller, keeper: Caller, manager: Caller) -> dict[str, str]:
    """One thing for every name in a path, in a log that is signed."""
    ticket = agent.register()["number"]
    part, contract = keeper.catalogues("HE-200"), manager.contracts(assets=["SN-1"])
    photo = agent.ask(
        "POST", f"/tickets/{ticket}/files", params={"name": "cold.jpg"}, content=b"\xff\xd8\xffcold"
    )
    assigned = {"scope": "product", "key": "P-1", "plan": "standard", "reason": "x"}
    assignment = manager.sends("/plan-assignments", **assigned)["number"]
    service.sign()
    manager.sends("/plans/gold/publish", **BODIES["PublishPlan"])
    run = manager.post("/sla/simulations", {"calendar": {"name": "24x7"}}).json()["id"]
    units = {"serial": "S-1", "lot": "L-1", "asset": "SN-1", "simulation": run}
    view = manager.post("/saved-views", {"name": "all", "shared": "everybody"}).json()["id"]
    units |= {
        "plan": "gold",
        "calendar": "cn-office",
        "view": view,
        "assignment": assignment,
        "conversation": "c-1",
        "mailbox": "support",
        "mail": set_aside(service, "refused@hotel.example"),
    }
    return {"ticket": ticket, "case": ticket, "part": part, "contract": contract, **units} | {
        "digest": photo.headers["Location"].rpartition("/")[2]
    }


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is the problem that it should be."""
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:aftersales:problem:{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_there_are_routes() -> None:
    assert (len(COMMANDS), len(ROUTES)) == (77, 169)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_is_taken_of_those_who_may_send_it(
    service: Served, named: dict[str, str], role: Role, path: str
) -> None:
    head = service.head()
    body = BODIES[DOCUMENT["paths"][path]["post"]["operationId"]]
    answer = service.caller(role).post(below(path, named), body)
    if role in allowed("POST", path):
        assert answer.status_code in {200, 201, 409, 422}, answer.text
    else:
        is_problem(answer, 403, "forbidden")
        assert service.head() == head


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "GET" and path not in ENDLESS])
def test_whoever_may_read_reads(service: Served, named: dict[str, str], role: Role, path: str) -> None:
    answer = service.caller(role).get(below(path, named))
    if role in allowed("GET", path):
        assert answer.status_code == 200, answer.text
    else:
        is_problem(answer, 403, "forbidden")


def test_an_auditor_changes_nothing_and_nobody_else_but_an_admin_reads_the_audit_log() -> None:
    assert not [path for path in COMMANDS if Role.AUDITOR in allowed("POST", path)]
    assert [allowed("GET", path) for _, path in ROUTES if "/audit/" in path] == [AUDITORS, AUDITORS]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic bGk6d2Vp", "Bearer afs_no such", "afs_x", "Bearer \x00"]
)
def test_without_a_known_token_nothing_is_told(nobody: Caller, service: Served, header: str) -> None:
    head = service.head()
    for method, path in ROUTES:
        answer = nobody.ask(method, below(path), {"Authorization": header})
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
