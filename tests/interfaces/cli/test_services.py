"""The server and the worker: they come, they go, and nothing of them stays."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from application.database.connect import Database
from projections.catalogue import NAMES
from projections.engine.status import ProjectionState, status
from tests.application.database.conftest import until
from tests.conftest import connected
from tests.interfaces.cli.conftest import Answer, Service
from tests.interfaces.cli.test_commands import work

Start = Callable[..., Service]


def answers(port: int, path: str = "/healthz") -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}{path}").status_code == 200
    return False


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_until_it_is_stopped(
    start: Start, on_database: Database, port: int, how: signal.Signals
) -> None:
    server = start("serve", "--port", str(port))
    until(lambda: answers(port, "/readyz"))
    assert f"http://127.0.0.1:{port}" in server.said()
    assert server.stop(how) == 0
    assert is_free(port)


def test_a_stream_ends_in_order_when_its_server_stops(
    start: Start, command: Callable[..., Answer], on_database: Database, port: int
) -> None:
    """It would be cut off otherwise, when the time for the last requests is over."""
    token = command("token", "create", "erp", "--role", "auditor").out.strip()
    server = start("serve", "--port", str(port))
    until(lambda: answers(port))
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    url = f"http://127.0.0.1:{port}/api/v1/feed"
    with httpx.stream("GET", url, headers=headers, timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        server.process.send_signal(signal.SIGTERM)
        assert [*lines] == [""]
    assert server.process.wait(30) == 0


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_many_signals_at_once_are_one(start: Start, on_database: Database, port: int, command: str) -> None:
    service = start(command, AFTERSALES_PORT=str(port))
    until(lambda: "Ctrl-C" in service.said())
    for _ in range(20):
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            service.process.send_signal(how)
    assert service.process.wait(60) == 0


def test_a_killed_server_leaves_no_process_that_answers(
    start: Start, on_database: Database, port: int
) -> None:
    server = start("serve", AFTERSALES_PORT=str(port), AFTERSALES_WORKERS="2")
    until(lambda: answers(port))
    server.stop(signal.SIGKILL)
    until(lambda: is_free(port))


def test_a_port_that_is_taken(command: Callable[..., Answer], on_database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = command("serve", "--port", str(port))
    assert (told.code, told.out) == (1, "")
    assert told.err.count("\n") == 1
    assert f"port {port}" in told.err
    assert "AFTERSALES_PORT" in told.err


def test_a_host_that_is_none(command: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSALES_HOST", "nobody.invalid")
    told = command("serve")
    assert told.code == 1
    assert "nobody.invalid" in told.err


def test_a_worker_follows_the_log_until_it_is_stopped(start: Start, on_database: Database) -> None:
    worker = start("worker")

    def live(head: int) -> bool:
        with connected(on_database.service_url) as conn:
            views = status(conn, NAMES)
        return all(view.state is ProjectionState.LIVE and view.head == head for view in views)

    until(lambda: live(0))
    work(on_database)
    until(lambda: live(3))
    assert worker.stop() == 0


def test_a_worker_says_what_happens_to_it_in_json(start: Start, on_database: Database) -> None:
    worker = start("worker")
    with connected(on_database.owner_url) as owner:

        def lost() -> bool:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'aftersales projections' AND datname = current_database()"
            )
            return "wait for the database" in worker.said()

        with connected(_superuser(on_database)) as superuser:
            superuser.execute("GRANT pg_signal_backend TO aftersales_owner")
        until(lost)
    line = next(line for line in worker.said().splitlines() if "wait for the database" in line)
    assert json.loads(line)["level"] == "warning"
    assert worker.stop() == 0


def _superuser(database: Database) -> str:
    return database.owner_url.replace("aftersales_owner", "postgres", 1)


def test_the_log_is_followed_until_one_has_seen_enough(start: Start, on_database: Database) -> None:
    follower = start("log", "follow", "--after", "0", "--json")
    for position in range(1, 7):
        if position % 3 == 1:
            work(on_database)
        assert json.loads(follower.line())["position"] == position
    assert follower.stop() == 0


def test_a_service_does_not_outlive_its_demo(start: Start, on_database: Database, tmp_path: Path) -> None:
    nobody = start("worker", "--under", str(_ended_process()))
    assert nobody.process.wait(60) == 0


def _ended_process() -> int:
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {})
    os.waitpid(pid, 0)
    return pid
