"""The processes of a demo: a server and a worker, started again when they die, stopped together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import interfaces
from interfaces.cli.output import note
from interfaces.cli.problems import Refused

CODE = Path(interfaces.__file__).parents[1]
LONGEST_WAIT = 30.0
GOOD_LIFE = 60.0
"""Seconds after which a process that dies is taken to have worked."""
STOP_SECONDS = 30


class Children:
    """Commands of ours that run as processes of their own. What they print goes to stderr."""

    def __init__(self, environment: dict[str, str]) -> None:
        code = os.pathsep.join(filter(None, (str(CODE), environment.get("PYTHONPATH"))))
        self._environment = {**environment, "PYTHONPATH": code}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._born: dict[str, float] = {}
        self._waits: dict[str, float] = {}
        self._ended: SimpleQueue[tuple[str, subprocess.Popen[bytes]]] = SimpleQueue()

    def start(self, command: str) -> None:
        """Start ``aftersales COMMAND``; it does not outlive us."""
        line = [sys.executable, "-P", "-m", "interfaces.cli", command, "--under", str(os.getpid())]
        child = subprocess.Popen(  # noqa: S603 - our own program
            line, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), env=self._environment
        )
        self._running[command] = child
        self._born[command] = time.monotonic()
        Thread(target=self._await, args=(command, child), daemon=True).start()

    def must_live(self) -> None:
        """Raises:
        Refused: one of them has ended.
        """
        for command, child in self._running.items():
            if child.poll() is not None:
                raise Refused(f"aftersales {command} does not start; the lines above say why")

    def watch(self) -> None:
        """Start again whatever dies, until we are stopped."""
        while True:
            command, child = self._ended.get()
            lived = time.monotonic() - self._born[command]
            wait = 1.0 if lived > GOOD_LIFE else self._waits.get(command, 1.0)
            self._waits[command] = min(2 * wait, LONGEST_WAIT)
            note(f"aftersales {command} ended ({_how(child.returncode)}); starting it again in {wait:.0f} s")
            time.sleep(wait)
            self.start(command)

    def stop(self) -> None:
        """End all of them in order; by force what does not go."""
        for child in self._running.values():
            child.terminate()
        for command, child in self._running.items():
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                note(f"aftersales {command} does not stop: killing it")
                child.kill()
                child.wait()

    def _await(self, command: str, child: subprocess.Popen[bytes]) -> None:
        child.wait()
        self._ended.put((command, child))


@contextmanager
def running(commands: Sequence[str], environment: dict[str, str]) -> Iterator[Children]:
    """These commands, running for the length of the block."""
    children = Children(environment)
    try:
        for command in commands:
            children.start(command)
        yield children
    finally:
        children.stop()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
