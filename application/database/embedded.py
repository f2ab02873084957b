"""The embedded PostgreSQL server: one per data directory, shared by every process that uses it.

Who needs the server holds a lease. The first one starts it, the last one to leave stops it, and both
happen under one exclusive lock, ``transition.lock``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import msgspec

from application.database import leases
from application.database.account import open_way, server_account
from application.database.binaries import programs
from application.database.cluster import STOP_SECONDS, SUPERUSER, Cluster
from application.database.errors import DatabaseProblem, DatabaseUnavailable
from application.database.urls import socket_url

MEMORY = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
"""Bytes that this machine has; the server keeps a thirty-second of it, from 128 to 512 MB, for its pages."""

CONFIGURATION: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": f"{min(max(MEMORY >> 24, 128), 1024)}MB",
    # Checkpoints by time, not by how much a rebuild or an import writes.
    "max_wal_size": "2GB",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # The values of a refused statement may be a person's data: they stay out of the server's log (B06).
    "log_min_error_statement": "panic",
    "jit": "off",
}
"""How the server is set up; a caller may add to it, tests for example ``fsync=off``."""


class EmbeddedServer(msgspec.Struct, frozen=True):
    """A running server.

    Attributes:
        data_dir: the directory it belongs to.
        socket_dir: where it listens, and nowhere else.
    """

    data_dir: Path
    socket_dir: Path

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """The connection URL of one of its databases, as psql takes it."""
        return socket_url(self.socket_dir, user=user, database=database)


@contextmanager
def running_server(
    data_dir: Path, configuration: Mapping[str, str] | None = None
) -> Iterator[EmbeddedServer]:
    """The server of ``data_dir``, running for the length of the block; made, started or joined as needed.

    ``configuration`` counts only when this call starts the server.

    Raises:
        DatabaseProblem: the server cannot be made or does not start.
    """
    transition, lease_file = data_dir / "transition.lock", data_dir / "lease.lock"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        cluster = Cluster.of(data_dir)
        with leases.exclusive(transition) as lock:
            lease = leases.shared(lease_file)
            try:
                started = _running(cluster, lock, {**CONFIGURATION, **(configuration or {})})
            except BaseException:
                _leave(cluster, lease)
                raise
    except OSError as error:
        raise DatabaseProblem(f"the embedded database in {data_dir} cannot be used: {error}") from error
    try:
        yield EmbeddedServer(data_dir=data_dir, socket_dir=cluster.socket_dir)
    finally:
        with leases.exclusive(transition):
            _leave(cluster, lease, started)


def _running(cluster: Cluster, lock: int, configuration: Mapping[str, str]) -> Thread | None:
    """Come back when the server answers, with the thread that awaits its end if we are who started it."""
    if cluster.is_running() and cluster.answers():
        return None
    account = server_account(cluster.folder)
    open_way(account, cluster.data_dir)
    binaries = programs(account, cluster.data_dir / "programs")
    cluster.make(binaries, account, lock, durable=configuration["fsync"] == "on")
    started = cluster.start(binaries, account, configuration)
    if not cluster.answers():
        raise DatabaseUnavailable(f"the embedded database does not start: {cluster.last_words()}")
    return started


def _leave(cluster: Cluster, lease: int, started: Thread | None = None) -> None:
    """Give the lease back, and stop the server when it was the last."""
    try:
        if leases.is_last(lease):
            cluster.stop()
            if started:
                started.join(STOP_SECONDS)
    finally:
        os.close(lease)
