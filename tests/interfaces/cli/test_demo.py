"""The demo, as ``make demo`` starts it: with a database, a server and a worker of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from application.database.cluster import Cluster
from application.database.connect import Database
from tests.application.database.conftest import own_directory, server_processes, until
from tests.interfaces.cli.conftest import Service
from tests.interfaces.cli.test_commands import work
from tests.interfaces.cli.test_services import is_free

Start = Callable[..., Service]
TICKETS, PARTS, CONTRACTS = 12, 26, 4


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory in which nothing may be left running."""
    with own_directory() as parent:
        monkeypatch.setenv("AFTERSALES_DATA_DIR", str(parent / "data"))
        yield parent / "data"


def get(ready: dict[str, Any], path: str, role: str = "agent") -> httpx.Response:
    return httpx.get(ready["url"] + path, headers={"Authorization": f"Bearer {ready['tokens'][role]}"})


def test_ready_used_killed_started_again_and_stopped(start: Start, home: Path, port: int) -> None:
    arguments = ("demo", "--json", "--tickets", str(TICKETS), "--port", str(port))
    first = start(*arguments)
    ready = json.loads(first.line())
    assert ready["url"] == f"http://127.0.0.1:{port}"
    assert set(ready["tokens"]) == {
        "admin",
        "agent",
        "auditor",
        "storekeeper",
        "contract_manager",
        "engineer",
    }
    assert httpx.get(ready["url"] + "/healthz").status_code == 200
    tickets = get(ready, "/api/v1/tickets").json()["items"]
    assert len(tickets) == TICKETS
    assert get(ready, "/api/v1/queues").status_code == 200
    assert get(ready, "/api/v1/audit/events", "auditor").status_code == 200
    assert len(get(ready, "/api/v1/parts", "storekeeper").json()["items"]) == PARTS
    assert len(get(ready, "/api/v1/contracts", "contract_manager").json()["items"]) == CONTRACTS

    env = home / "demo.env"
    assert env.stat().st_mode & 0o777 == 0o600
    sourced = subprocess.check_output(
        ["/bin/sh", "-c", f". {env}; echo $AFTERSALES_URL $AFTERSALES_TOKEN_AGENT"]
    )
    assert sourced.decode().split() == [ready["url"], ready["tokens"]["agent"]]

    first.stop(signal.SIGKILL)
    second = start(*arguments)
    again = json.loads(second.line())
    assert [each["number"] for each in get(again, "/api/v1/tickets").json()["items"]] == [
        each["number"] for each in tickets
    ]
    old = {"url": again["url"], "tokens": ready["tokens"]}
    assert get(old, "/api/v1/tickets").status_code == 401
    assert second.stop() == 0
    assert second.process.stdout
    assert second.process.stdout.read() == "", "more than one line on stdout"
    assert server_processes(home) == []
    assert is_free(port)


def test_stopped_while_it_is_made_it_leaves_nothing_running(start: Start, home: Path, port: int) -> None:
    demo = start("demo", "--tickets", "2000", "--port", str(port))
    until(lambda: "20 %" in demo.said())
    assert demo.stop(signal.SIGINT) == 0
    assert server_processes(home) == []


def test_whatever_dies_is_started_again(start: Start, home: Path, port: int) -> None:
    demo = start("demo", "--json", "--tickets", "10", "--port", str(port))
    ready = json.loads(demo.line())
    for name in ("serve", "worker"):
        for child in children(demo.process.pid, name):
            os.kill(child, signal.SIGKILL)
        until(lambda name=name: f"aftersales {name} ended (signal 9); starting it again" in demo.said())
    database = _postmaster(home)
    os.kill(int(database), signal.SIGKILL)
    until(lambda: _postmaster(home) not in {"", database})
    until(lambda: _serves(ready))
    assert demo.stop() == 0


def _postmaster(home: Path) -> str:
    with suppress(FileNotFoundError):
        return Cluster.of(home).pid_file.read_text().partition("\n")[0]
    return ""


def _serves(ready: dict[str, Any]) -> bool:
    try:
        return get(ready, "/api/v1/tickets").status_code == 200
    except httpx.HTTPError:
        return False


def children(parent: int, command: str) -> list[int]:
    """The processes of ``command`` that a demo started itself."""
    processes = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [
        int(process)
        for process in processes
        if f"\0{command}\0" in Path("/proc", process, "cmdline").read_text()
    ]


def test_a_log_that_is_not_the_demos_is_served_as_it_is(
    start: Start, on_database: Database, port: int
) -> None:
    work(on_database)
    demo = start("demo", "--json", "--port", str(port))
    ready = json.loads(demo.line())
    assert "tickets of your own" in demo.said()
    assert len(get(ready, "/api/v1/tickets").json()["items"]) == 2
    assert demo.stop() == 0


def test_a_port_that_is_taken(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = start("demo", "--port", str(taken.getsockname()[1]))
        assert demo.process.wait(60) == 1
    assert "Address already in use" in demo.said()
    assert demo.said().count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_for_people(start: Start, on_database: Database, port: int) -> None:
    demo = start("demo", "--tickets", "10", "--port", str(port))
    said = demo.line()
    while "Ctrl-C" not in said:
        said += demo.line()
    assert f"http://127.0.0.1:{port}" in said
    assert said.count("afs_") == 6
    assert "demo.env" in said
    assert demo.stop(signal.SIGINT) == 0
