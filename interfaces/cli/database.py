"""The database as a command needs it: brought up to date, or refused when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection

from application.database.cluster import Cluster
from application.database.connect import DATABASE, Database, open_database
from application.database.embedded import EmbeddedServer
from application.database.migrate import migrate, pending
from application.database.roles import OWNER, SERVICE
from application.settings import Settings
from interfaces.cli.output import note
from interfaces.cli.problems import Refused


@contextmanager
def migrated_database(settings: Settings) -> Iterator[Database]:
    """The database in the form that this release needs: for what writes."""
    with open_database(settings) as database:
        for name in migrate(database.owner_url):
            note(f"migrated: {name}")
        yield database


@contextmanager
def current_database(settings: Settings) -> Iterator[Database]:
    """The database, untouched: for what only looks.

    Raises:
        Refused: it lacks migrations.
    """
    with open_database(settings) as database:
        if missing := pending(database.service_url):
            raise Refused(f"the database lacks {len(missing)} migrations: run aftersales migrate first")
        yield database


@contextmanager
def connection(settings: Settings) -> Iterator[Connection[Any]]:
    """A connection of the service's role to the database, which must be up to date."""
    with (
        current_database(settings) as database,
        psycopg.connect(database.service_url, autocommit=True) as conn,
    ):
        yield conn


def url(settings: Settings, *, owner: bool) -> str:
    """The connection string; for the embedded database without starting it."""
    if settings.database_url:
        with open_database(settings) as database:
            return database.owner_url if owner else database.service_url
    cluster = Cluster.of(settings.data_dir)
    if not (cluster.folder.exists() and cluster.is_running()):
        note("the database is not running now; aftersales serve, worker or demo runs it")
    server = EmbeddedServer(data_dir=settings.data_dir, socket_dir=cluster.socket_dir)
    return server.url(DATABASE, OWNER if owner else SERVICE)
