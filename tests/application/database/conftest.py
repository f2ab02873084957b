"""Data directories, and other processes that use them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from application.database.embedded import running_server
from tests.conftest import FAST, scratch

ROOT = Path(__file__).parents[3]
PATIENCE = 60


@pytest.fixture(scope="session")
def pristine() -> Iterator[Path]:
    """A directory whose cluster nobody has used yet: copying it is faster than making one."""
    with own_directory() as parent:
        with running_server(parent / "data", FAST):
            pass
        yield parent / "data"


@pytest.fixture
def data_dir(pristine: Path) -> Iterator[Path]:
    """A directory with a cluster of the test's own; nothing of it may be left running."""
    with own_directory() as parent:
        subprocess.check_call(["/bin/cp", "-a", pristine, parent / "data"])
        yield parent / "data"


@pytest.fixture
def new_dir(data_dir: Path) -> Path:
    """The same place before there is anything."""
    shutil.rmtree(data_dir)
    return data_dir


@contextmanager
def own_directory() -> Iterator[Path]:
    """A place in which servers may run, gone at the end; whatever still runs there then is an error."""
    parent = Path(tempfile.mkdtemp(prefix="aftersales-test-", dir=scratch()))
    parent.chmod(0o711)
    yield parent
    left = server_processes(parent / "data")
    for process in left:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    shutil.rmtree(parent)
    assert left == []


class Holder:
    """Another process with a lease on the server of a data directory."""

    def __init__(self, data_dir: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "tests.application.database.holder", str(data_dir), *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def server_pid(self) -> int:
        """Wait until it uses the server."""
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def leave(self) -> str:
        """Let it end cleanly; what it said on stderr."""
        _, said = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, said
        return said

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it and all of its terminal session."""
        os.killpg(self.process.pid, how)
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def hold(data_dir: Path) -> Iterator[Callable[..., Holder]]:
    """Starts other processes that use ``data_dir``."""
    holders: list[Holder] = []

    def start(*arguments: str) -> Holder:
        holders.append(Holder(data_dir, *arguments))
        return holders[-1]

    yield start
    for holder in holders:
        if holder.process.poll() is None:
            holder.kill()


def server_processes(data_dir: Path) -> list[int]:
    """Processes, zombies apart, that work in the cluster of ``data_dir``."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == data_dir.resolve() / "postgres":
                found.append(int(process.name))
    return found


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that is bound to come."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
