"""Servers as processes of their own: one Granian worker each, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OURS = "interfaces.http.asgi:app"
BARE = "tests.benchmarks.bare:app"

RUN = """
import sys
from granian import Granian
from granian.constants import Interfaces, Loops
Granian(sys.argv[1], address="127.0.0.1", port=int(sys.argv[2]), interface=Interfaces.ASGI, factory=True,
        workers=1, loop=Loops.uvloop, log_access=False, log_enabled=False).serve()
"""


@contextmanager
def server(target: str, url: str) -> Iterator[tuple[int, int]]:
    """Run an application; yields its port and the process id of its one worker."""
    port = free_port()
    env = {**os.environ, "AFTERSALES_SERVICE_URL": url, "PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen([sys.executable, "-c", RUN, target, str(port)], env=env)
    try:
        _wait(port, process)
        yield port, max(_children(process.pid))
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """A port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def peak_megabytes(pid: int) -> float:
    """The most memory a process has held (VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise RuntimeError(f"process {pid} tells no peak")
