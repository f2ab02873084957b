"""The files and the server processes of one embedded cluster. Call it under the transition lock.

The server's processes hold a lock on ``alive.lock`` for as long as any of them lives, so that nobody has
to trust a pid file that a crash left behind.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import psycopg

from application.database import leases
from application.database.account import Account
from application.database.binaries import MAJOR
from application.database.errors import DatabaseRefused, DatabaseUnavailable
from application.database.urls import socket_url

SUPERUSER = "postgres"
SOCKET_FILE = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107
START_SECONDS = 300
STOP_SECONDS = 120
LOG_BYTES = 10_000_000

CHARACTERS = ("C.UTF-8", "C")
"""What the system's library calls a letter, by preference: trigrams of Chinese text need the first."""


class Cluster(msgspec.Struct, frozen=True):
    """One cluster.

    Attributes:
        data_dir: the directory that holds it, its log and its locks; symbolic links resolved.
        socket_dir: private directory of its socket; below ``data_dir`` unless that path will not do.
    """

    data_dir: Path
    socket_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> Cluster:
        """The cluster of a directory that exists."""
        data_dir = data_dir.resolve()
        socket_dir = data_dir / "socket"
        # libpq takes no longer path for a socket, and in any path a comma for the start of another host.
        if len(os.fsencode(socket_dir / SOCKET_FILE)) > LONGEST_SOCKET_PATH or "," in str(socket_dir):
            name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
            socket_dir = Path("/tmp", f"aftersales-{name}")  # noqa: S108 - private, and its owner is checked
        return cls(data_dir=data_dir, socket_dir=socket_dir)

    @property
    def folder(self) -> Path:
        """What PostgreSQL calls its data directory."""
        return self.data_dir / "postgres"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.data_dir / "postgres.log"

    @property
    def alive(self) -> Path:
        """The file that the server's processes hold locked."""
        return self.data_dir / "alive.lock"

    @property
    def pid_file(self) -> Path:
        """PostgreSQL's own record of its main process; a crash leaves it behind."""
        return self.folder / "postmaster.pid"

    def is_running(self) -> bool:
        """Whether any process of the server lives; one that is starting or stopping does."""
        return leases.is_held(self.alive)

    def answers(self) -> bool:
        """Wait until the server answers; no when it is gone instead.

        Raises:
            DatabaseUnavailable: it lives, but did not answer within ``START_SECONDS``.
        """
        url = socket_url(self.socket_dir, user=SUPERUSER, database="postgres")
        until = time.monotonic() + START_SECONDS
        while self.is_running():
            try:
                with psycopg.connect(url, connect_timeout=10):
                    return True
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    said = _last_line(str(error))
                    raise DatabaseUnavailable(f"the embedded database does not answer: {said}") from None
            time.sleep(0.02)
        return False

    def make(self, binaries: Path, account: Account, lock: int, *, durable: bool) -> None:
        """Make the cluster, unless it is there; it appears under its name only when complete.

        ``initdb`` keeps the ``lock`` should we be killed: nobody else starts before it has ended.

        Raises:
            DatabaseRefused: it is there, but of another major version.
            DatabaseUnavailable: ``initdb`` failed.
        """
        if self.folder.exists():
            version = (self.folder / "PG_VERSION").read_text().strip()
            if version != MAJOR:
                raise DatabaseRefused(f"{self.folder} is of PostgreSQL {version}; this release runs {MAJOR}")
            return
        partial = self.data_dir / "postgres.partial"
        said = ""
        for characters in CHARACTERS:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            account.own(partial)
            command = [
                *(binaries / "initdb", "--pgdata", partial, "--username", SUPERUSER, "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C", "--lc-ctype", characters),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *("--data-checksums", "--no-instructions", *(() if durable else ("--no-sync",))),
            ]
            around = {**_surroundings(account), "pass_fds": (lock,)}
            made = subprocess.run(command, check=False, capture_output=True, text=True, **around)  # noqa: S603
            if made.returncode == 0:
                partial.rename(self.folder)
                return
            said = _last_line(made.stderr)
        raise DatabaseUnavailable(f"the embedded database cannot be made: {said}")

    def start(self, binaries: Path, account: Account, configuration: Mapping[str, str]) -> Thread:
        """Start the server in a session of its own, so that no Ctrl-C of ours reaches it.

        It may end long before or after us. The thread returned awaits it, so that it leaves no zombie.
        """
        self._forget_crash()
        self._make_socket_dir(account)
        sockets = str(self.socket_dir).replace('"', '""')
        command = [binaries / "postgres", "-D", self.folder]
        for name, value in {**configuration, "unix_socket_directories": f'"{sockets}"'}.items():
            command += ["-c", f"{name}={value}"]
        with leases.exclusive(self.alive) as alive, self._opened_log() as log:
            around = {**_surroundings(account), "start_new_session": True, "pass_fds": (alive,)}
            program = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **around
            )
        awaiting = Thread(target=program.wait, name="embedded-postgres", daemon=True)
        awaiting.start()
        return awaiting

    def stop(self) -> None:
        """Stop the server and come back when it is gone. Its clients are disconnected.

        Raises:
            DatabaseUnavailable: it does not go.
        """
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10)):
            pid = self._recorded_pid()
            if pid and self.is_running():
                with suppress(ProcessLookupError):
                    os.kill(pid, how)
            if self._is_gone(seconds):
                shutil.rmtree(self.socket_dir, ignore_errors=True)
                return
        raise DatabaseUnavailable(f"the embedded database does not stop: {self.last_words()}")

    def last_words(self) -> str:
        """The last line of the server's log, and where to read more."""
        words = _last_line(self.log.read_text(errors="replace")) if self.log.exists() else ""
        return f"{words} ({self.log})"

    def _is_gone(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def _recorded_pid(self) -> int | None:
        try:
            return int(self.pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None

    def _forget_crash(self) -> None:
        """Remove what would stop a server from starting after a crash: files that name a pid used again."""
        for leftover in self.socket_dir.glob(".s.PGSQL.*"):
            leftover.unlink()
        pid = self._recorded_pid()
        process = Path("/proc", str(pid))
        if pid is None or not process.exists():
            return
        with suppress(OSError):  # a zombie has no directory, and another user's process does not show it
            if (process / "cwd").readlink() == self.folder:
                raise DatabaseRefused(f"process {pid} runs {self.folder} by hand: stop it first")
        self.pid_file.unlink()

    def _make_socket_dir(self, account: Account) -> None:
        with suppress(FileExistsError):
            self.socket_dir.mkdir(mode=0o700)
        if self.socket_dir.is_symlink() or self.socket_dir.stat().st_uid not in (account.uid, os.geteuid()):
            raise DatabaseRefused(f"{self.socket_dir} belongs to somebody else: remove it")
        account.own(self.socket_dir)

    @contextmanager
    def _opened_log(self) -> Iterator[int]:
        large = self.log.exists() and self.log.stat().st_size > LOG_BYTES
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if large else 0)
        descriptor = os.open(self.log, flags, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _surroundings(account: Account) -> dict[str, Any]:
    """What a program of the server runs in: its user, and nothing of our environment but the library path."""
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    if "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return {"env": environment, "cwd": "/", "umask": 0o077, **account.spawning()}


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no message")
