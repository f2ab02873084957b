"""An installation of the product as its users have it: processes, a data directory, a port."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from application.access import Role, create_token
from application.database.cluster import Cluster
from application.database.connect import DATABASE
from application.database.roles import SERVICE
from application.database.urls import socket_url
from tests.conftest import scratch

PATIENCE = 60.0
"""Seconds after which a condition that has not come true fails the test."""


class Installation:
    """Starts, kills and asks the running service from outside.

    Args:
        data_dir: where everything of it is kept.
        errors: a descriptor for what its processes say on stderr; ours when absent.
    """

    def __init__(self, data_dir: Path, errors: int | None = None) -> None:
        self.data_dir = data_dir
        self._errors = errors
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AFTERSALES_")},
            "AFTERSALES_DATA_DIR": str(data_dir),
            "AFTERSALES_PORT": str(self.port),
            "AFTERSALES_LOG_LEVEL": "warning",
        }
        self._running: list[subprocess.Popen[str]] = []
        self.token = ""

    @property
    def database(self) -> str:
        """The service role's connection string, for looking at the database itself."""
        socket_dir = Cluster.of(self.data_dir).socket_dir
        return socket_url(socket_dir, user=SERVICE, database=DATABASE)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        command = [sys.executable, "-m", "interfaces.cli", *arguments]
        around = {"stdout": subprocess.DEVNULL, "stderr": self._errors, "text": True}
        process = subprocess.Popen(command, env=self.environment, **around)
        self._running.append(process)
        return process

    def run(self, *arguments: str) -> str:
        """Run a command to its end and give its output."""
        command = [sys.executable, "-m", "interfaces.cli", *arguments]
        ended = subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True)
        assert ended.returncode == 0, f"aftersales {' '.join(arguments)}: {ended.stderr}"
        return ended.stdout

    def kill(self, process: subprocess.Popen[str]) -> None:
        """End it as a power cut would."""
        process.send_signal(signal.SIGKILL)
        process.wait()
        self._running.remove(process)

    def stop(self) -> None:
        """Stop everything that was started."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        self._running.clear()
        # Whoever comes last stops the database; after a kill -9 that may have been nobody.
        with suppress(AssertionError):
            self.run("projections")

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET, as the installation's auditor."""
        url = f"http://127.0.0.1:{self.port}{path}"
        answer = httpx.get(url, params=query, headers={"Authorization": f"Bearer {self.token}"}, timeout=30)
        return answer.raise_for_status().json()

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def person(self, role: str, name: str) -> Person:
        """Somebody with a token of their own, where the database runs."""
        with psycopg.connect(self.database, autocommit=True) as conn:
            _, token = create_token(conn, name=name, role=Role(role))
        return Person(f"http://127.0.0.1:{self.port}/api/v1", token)

    def ready(self) -> dict[str, Any] | None:
        """What ``/readyz`` says; ``None`` while it does not answer."""
        try:
            return self.get("/readyz")
        except httpx.HTTPError:
            return None

    def caught_up(self) -> bool:
        """Whether every view shows the whole log."""
        ready = self.ready()
        return ready is not None and all(view["state"] == "live" for view in ready["projections"])

    def settled(self) -> bool:
        """Whether every view shows the whole log, and everything in it was reacted to."""
        if not self.caught_up():
            return False
        readers = json.loads(self.run("projections", "--json"))
        return all(reader["state"] == "live" for reader in readers)


class Person:
    """Somebody who asks the service over HTTP.

    Args:
        url: of the API.
        token: what they send along.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    def sends(self, path: str, **command: Any) -> dict[str, Any]:
        """Send a command that is taken, and give its receipt."""
        answer = httpx.post(self._url + path, json=command, headers=self._headers, timeout=30)
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json()

    def is_refused(self, path: str, **command: Any) -> dict[str, Any]:
        """Send a command that the rules refuse, and give the problem."""
        answer = httpx.post(self._url + path, json=command, headers=self._headers, timeout=30)
        assert answer.status_code == httpx.codes.CONFLICT, answer.text
        return answer.json()

    def reads(self, path: str, **query: Any) -> Any:
        """Read something that is there."""
        return self.file(path, **query).json()

    def file(self, path: str, **query: Any) -> httpx.Response:
        """Read something that need not be JSON."""
        answer = httpx.get(self._url + path, params=query, headers=self._headers, timeout=30)
        return answer.raise_for_status()


@contextmanager
def installed(errors: int | None = None) -> Iterator[Installation]:
    """An installation of its own, gone at the end. Not below pytest's directory, whose rights it guards."""
    home = Path(tempfile.mkdtemp(prefix="aftersales-acceptance-", dir=scratch()))
    installation = Installation(home, errors)
    try:
        yield installation
    finally:
        installation.stop()
        shutil.rmtree(home, ignore_errors=True)


def until(condition: Callable[[], Any], awaited: Callable[[], str] | None = None) -> Any:
    """Wait until a condition is true and give what it answered; ``awaited`` tells what never came."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := condition()):
        late = time.monotonic() > deadline
        assert not late, f"within {PATIENCE:.0f} s not: {awaited() if awaited else condition}"
        time.sleep(0.02)
    return answer
