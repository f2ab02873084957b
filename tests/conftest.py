"""A real PostgreSQL for every test that asks: one server for the whole run, a fresh database each."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from application.database import leases
from application.database.cluster import Cluster
from application.database.connect import Database, embedded_database
from application.database.embedded import EmbeddedServer, running_server
from application.database.migrate import migrate
from application.database.roles import OWNER, SERVICE

CLUSTER = "AFTERSALES_TEST_CLUSTER"
TEMPLATE = "aftersales_template"
ROOMY = 2 * 1024**3
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "200"}

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
"""No test fails because the machine is busy."""


def pytest_configure(config: pytest.Config) -> None:
    """The first process names the server's directory; workers of pytest-xdist inherit the name."""
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a run that is stopped cleans up, too
        os.environ[CLUSTER] = str(scratch() / f"aftersales-test-{uuid.uuid4().hex[:12]}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """When all workers are gone, so is the server: even one that a crashed worker left running."""
    directory = Path(os.environ[CLUSTER])
    if not hasattr(config, "workerinput") and directory.exists():
        if Cluster.of(directory).is_running():
            with running_server(directory):
                pass
        shutil.rmtree(directory)


def scratch() -> Path:
    """Where test databases live: in memory when there is room, and programs may run there."""
    memory = Path("/dev/shm")  # noqa: S108 - each run makes a directory of its own
    if not os.access(memory, os.W_OK) or os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return Path(tempfile.gettempdir())
    return memory if shutil.disk_usage(memory).free > ROOMY else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The run's embedded server, shared by all workers, with a migrated template database."""
    directory = Path(os.environ[CLUSTER])
    with running_server(directory, FAST) as server:
        with leases.exclusive(directory / "template.lock"), connected(server.url()) as superuser:
            made = superuser.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", [TEMPLATE])
            if made.fetchone() != (True,):
                migrate(embedded_database(server, TEMPLATE).owner_url)
                superuser.execute(
                    sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(sql.Identifier(TEMPLATE))
                )
        yield server


@pytest.fixture
def database(server: EmbeddedServer) -> Iterator[Database]:
    """A migrated, empty database of the test's own."""
    with fresh_database(server) as database:
        yield database


@pytest.fixture(scope="module")
def module_database(server: EmbeddedServer) -> Iterator[Database]:
    """A migrated database that the tests of one module share."""
    with fresh_database(server) as database:
        yield database


@contextmanager
def fresh_database(server: EmbeddedServer) -> Iterator[Database]:
    """A copy of the template, dropped at the end with whoever is still connected."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with connected(server.url()) as superuser:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
        superuser.execute(copy.format(*map(sql.Identifier, (name, TEMPLATE, OWNER))))
    try:
        yield Database(
            service_url=server.url(name, SERVICE), owner_url=server.url(name, OWNER), is_embedded=True
        )
    finally:
        with connected(server.url()) as superuser:
            superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def connected(url: str) -> psycopg.Connection:
    """An autocommit connection, closed at the end of its block."""
    return psycopg.connect(url, autocommit=True)
