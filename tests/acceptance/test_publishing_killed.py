"""Servers that die while they publish: it is published once, and whoever asks next goes by it (SLA 8)."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest

from application.access import Role, create_token
from application.database.connect import Database
from tests.acceptance.forked import forked_server
from tests.acceptance.installation import until
from tests.application.log.cutting import Line, Moment, on_a_line
from tests.benchmarks.serving import free_port

Said = dict[str, Any]
Answer = dict[str, Any] | None
NOW = datetime.now(UTC)
HOURS = ["09:00-12:00", "13:30-18:00"]
WEEK = dict.fromkeys(["mon", "tue", "wed", "thu", "fri"], HOURS)
YARD = {"zone": "UTC", "week": WEEK, "years": {str(NOW.year + each): {} for each in range(-1, 3)}}
PLAN = {"title": {"zh": "金牌服务", "en": "Gold"}, "calendar": "yard"}
FOR_X_1 = {"scope": "product", "key": "X-1"}
AHEAD = {"effective_from": (NOW + timedelta(days=10)).isoformat()}
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
PIN = "SELECT convert_from(data, 'UTF8')::json -> 'pin' FROM log.event WHERE position = %s"


def within(hours: int) -> Said:
    """A plan that promises P1 within so many hours."""
    return PLAN | {"targets": {"resolve": {"P1": f"PT{hours}H"}}}


GIVEN: tuple[tuple[str, Said], ...] = (
    ("/calendars/yard/publish", YARD),
    ("/plans/gold/publish", within(4)),
    ("/plans/silver/publish", within(8)),
    ("/plan-assignments", FOR_X_1 | {"plan": "gold"}),
)
ROUNDS: tuple[tuple[str, Said, Moment | None, tuple[str, int, int]], ...] = (
    ("/plans/gold/publish", within(3), Moment.AFTER, ("gold", 2, 1)),
    ("/calendars/yard/publish", YARD | {"week": WEEK | {"sat": HOURS}}, None, ("gold", 2, 2)),
    ("/plans/gold/publish", within(1) | AHEAD, Moment.BEFORE, ("gold", 2, 2)),
    ("/plan-assignments", FOR_X_1 | {"plan": "silver"}, None, ("silver", 1, 2)),
)
"""What is published, when the server dies, and what a ticket then pins: plan, version, calendar version.

The moments are those around the commit; with none it dies while the database has its commit wait.
"""


class Server:
    """One ``aftersales serve`` of several on a database."""

    def __init__(self, environment: dict[str, str], token: str) -> None:
        self._port = int(environment["AFTERSALES_PORT"])
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=30,
        )
        self._environment = environment
        self._process = forked_server(environment)

    def start_again(self) -> None:
        """Start it after its death."""
        self._process = forked_server(self._environment)

    def is_up(self) -> bool:
        """Whether it listens."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def send(self, path: str, said: Said, key: str | None = None) -> Answer:
        """The receipt of a command; ``None`` where nobody lived to give it."""
        try:
            answer = self._http.post(path, json=said, headers={"Idempotency-Key": key} if key else {})
        except httpx.TransportError:
            return None
        assert answer.is_success, answer.text
        return answer.json()

    def kill(self) -> None:
        """Kill -9 for all of it, first for the process that answers."""
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for child in listed.read_text(encoding="ascii").split():
            os.kill(int(child), signal.SIGKILL)
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        """End it as one does."""
        self._http.close()
        self._process.terminate()
        self._process.join()


class Service(NamedTuple):
    """Two servers on one database, the line on which they reach it, and a connection of our own."""

    first: Server
    other: Server
    line: Line
    conn: psycopg.Connection[Any]

    def head(self) -> int:
        """How many events there are."""
        return self.conn.execute("SELECT position FROM log.head").fetchone()[0]

    def pinned_by(self, server: Server) -> tuple[str, int, int]:
        """What a ticket pins that a server registers now: plan, version, calendar version."""
        ticket = server.send("/tickets", {"subject": "cold water", "product": "X-1"})
        [pin] = self.conn.execute(PIN, (ticket["position"],)).fetchone()
        return pin["plan"], pin["plan_version"], pin["calendar_version"]

    def dying_in(self, send: Callable[[], Answer], again: Callable[[], Answer]) -> Answer:
        """Kill the first server while its commit waits for another's; the answer to who asks again then."""
        with ThreadPoolExecutor(2) as senders:
            with psycopg.connect(self.conn.info.dsn) as holding:
                holding.execute("SELECT FROM log.head FOR UPDATE")
                lost = senders.submit(send)
                until(lambda: self._waiting() == 1)
                self.first.kill()
                answer = senders.submit(again)
                until(lambda: self._waiting() == 2)
            assert lost.result() is None
            return answer.result()

    def _waiting(self) -> int:
        return self.conn.execute(WAITING).fetchone()[0]


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[Service]:
    """Two servers."""
    with (
        on_a_line(database, tmp_path) as (line, over_the_line),
        psycopg.connect(database.service_url, autocommit=True) as conn,
    ):
        _, token = create_token(conn, name="sun.yue", role=Role.ADMIN)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AFTERSALES_")},
            "AFTERSALES_DATA_DIR": str(tmp_path),
            "AFTERSALES_DATABASE_URL": over_the_line.service_url,
            "AFTERSALES_OWNER_DATABASE_URL": database.owner_url,
            "AFTERSALES_LOG_LEVEL": "error",
        }
        servers = [Server(environment | {"AFTERSALES_PORT": str(free_port())}, token) for _ in range(2)]
        try:
            for server in servers:
                until(server.is_up)
            yield Service(*servers, line, conn)
        finally:
            for server in servers:
                server.stop()


def test_what_a_dying_server_publishes_is_there_once_and_the_next_ticket_goes_by_it(service: Service) -> None:
    first, other = service.first, service.other
    for path, said in GIVEN:
        other.send(path, said | {"reason": "agreed"})
    assert service.pinned_by(first) == ("gold", 1, 1)
    for number, (path, said, moment, expected) in enumerate(ROUNDS):
        if number:
            first.start_again()
            until(first.is_up)
        before, reason = service.head(), f"round-{number}"
        by_first, by_other = (
            partial(server.send, path, said | {"reason": reason}, reason) for server in (first, other)
        )
        if moment:
            service.line.cut(moment, reason, first.kill)
            assert by_first() is None
            answer = by_other()
        else:
            answer = service.dying_in(by_first, by_other)
        assert answer is not None
        assert answer["position"] == before + 1
        assert service.pinned_by(other) == expected
        assert by_other() == answer
        assert service.head() == before + 2
