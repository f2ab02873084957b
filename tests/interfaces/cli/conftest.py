"""The command, inside this process and as processes of its own."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

import pytest
import structlog

from application.database.connect import Database
from interfaces.cli.main import answer
from tests.application.database.conftest import PATIENCE, ROOT

Environment = dict[str, str]


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """A command that runs in here points the log of this process at a stream that ends with the test."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests, no files outside the test's own directory."""
    for name in [name for name in os.environ if name.startswith("AFTERSALES_")]:
        if name != "AFTERSALES_TEST_CLUSTER":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AFTERSALES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Does what the arguments say, in this process."""

    def run(*arguments: str) -> Answer:
        capsys.readouterr()
        code = answer(arguments)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


@pytest.fixture
def on_database(monkeypatch: pytest.MonkeyPatch, database: Database) -> Database:
    """A migrated database of the test's own that the command uses."""
    monkeypatch.setenv("AFTERSALES_DATABASE_URL", database.service_url)
    monkeypatch.setenv("AFTERSALES_OWNER_DATABASE_URL", database.owner_url)
    return database


class Service:
    """A command that runs until it is stopped."""

    def __init__(self, *arguments: str, errors: IO[str], **environment: str) -> None:
        self.errors = errors
        self.process = subprocess.Popen(
            [sys.executable, "-m", "interfaces.cli", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )

    def line(self) -> str:
        """The next line of its output, once it is there."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.said()
        return line

    def said(self) -> str:
        """What it has said on stderr so far."""
        self.errors.seek(0)
        return self.errors.read()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts services; whatever still runs at the end is killed with all its children."""
    services: list[Service] = []

    def begin(*arguments: str, **environment: str) -> Service:
        errors = (tmp_path / f"{len(services)}.err").open("w+")
        services.append(Service(*arguments, errors=errors, **environment))
        return services[-1]

    yield begin
    for service in services:
        if service.process.poll() is None:
            os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()
        if service.process.stdout:
            service.process.stdout.close()
        service.errors.close()


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
