"""Servers and workers on one database: any of them may die at any moment, and is started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

import psycopg

from application.database.cluster import Cluster
from tests.acceptance.installation import Installation, until


class Fleet:
    """The processes of an installation, as somebody sees them who can only start and kill.

    Args:
        home: the installation.
        servers: how many ``aftersales serve``, each on a port of its own.
        workers: how many ``aftersales worker``; the first one leads before the others start.
    """

    def __init__(self, home: Installation, *, servers: int = 3, workers: int = 2) -> None:
        self._home = home
        self._cluster = Cluster.of(home.data_dir)
        self.ports = [home.port, *(_free_port() for _ in range(servers - 1))]
        self._servers = [self._serve(port) for port in self.ports]
        self._workers = [home.start("worker")]
        until(home.caught_up)
        self._workers += [home.start("worker") for _ in range(workers - 1)]
        for port in self.ports:
            until(lambda port=port: _listens(port))

    def tend(self) -> None:
        """Start what ended by itself, as a supervisor does: a server whose process dies twice in a row."""
        for place, server in enumerate(self._servers):
            if server.poll() is not None:
                self._servers[place] = self._serve(self.ports[place])
        for place, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self._workers[place] = self._home.start("worker")

    def kill_a_server(self, draw: Random) -> str:
        """Kill -9 for a server: the whole of it, or the one process of it that answers."""
        place = draw.randrange(len(self._servers))
        server = self._servers[place]
        answering = _children(server.pid)
        if answering and draw.random() < 0.4:
            os.kill(answering[0], signal.SIGKILL)
            return f"the answering process of server {place + 1}"
        self._home.kill(server)
        until(lambda: not any(map(_is_there, answering)))
        self._servers[place] = self._serve(self.ports[place])
        return f"server {place + 1}"

    def kill_a_worker(self, draw: Random) -> str:
        """Kill -9 for a worker."""
        return self._kill_worker(draw.randrange(len(self._workers)))

    def kill_the_first_worker(self, draw: Random) -> str:
        """Kill -9 for the worker that leads, as long as nothing happened to it before."""
        return self._kill_worker(0)

    def kill_a_rebuild(self, draw: Random) -> str:
        """Kill -9 for somebody who has just begun to build all views anew."""
        rebuild = self._home.start("projections", "rebuild", "--all")
        until(lambda: rebuild.poll() is not None or self._is_rebuilding())
        self._home.kill(rebuild)
        return "a rebuild of all views"

    def crash_the_database(self, draw: Random) -> str:
        """What ``pg_ctl -m immediate`` does; whoever needs it starts it again, we do not."""
        pid = until(self._database)
        os.kill(pid, signal.SIGQUIT)
        until(lambda: not _is_there(pid))
        return "the database, in immediate mode"

    def kill_a_process_of_the_database(self, draw: Random) -> str:
        """Kill -9 for one session or writer of it; it then ends all the others and recovers."""
        pid = draw.choice(until(lambda: _children(self._database() or 0)))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not _is_there(pid))
        return "one process of the database"

    def _is_rebuilding(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self._home.database) as conn:
            return conn.execute("SELECT FROM log.rebuild WHERE outcome IS NULL").rowcount > 0
        return False

    def _database(self) -> int | None:
        """The database's main process, while it runs."""
        try:
            pid = int(self._cluster.pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError):
            return None
        return pid if _is_there(pid) else None

    def _kill_worker(self, place: int) -> str:
        self._home.kill(self._workers[place])
        self._workers[place] = self._home.start("worker")
        return f"worker {place + 1}"

    def _serve(self, port: int) -> subprocess.Popen[str]:
        return self._home.start("serve", "--port", str(port))


Fault = Callable[[Fleet, Random], str]
FAULTS: Mapping[Fault, int] = {
    Fleet.kill_a_server: 4,
    Fleet.kill_a_worker: 3,
    Fleet.crash_the_database: 3,
    Fleet.kill_a_process_of_the_database: 1,
    Fleet.kill_a_rebuild: 1,
}
"""What may happen, and how often beside the others; each says what died."""


def _children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in listed.split()]


def _is_there(pid: int) -> bool:
    """Whether it lives; one that is dead and not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
