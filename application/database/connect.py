"""The one door to the database: the embedded server by default, an existing one when a URL is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import msgspec
import psycopg
from psycopg import sql

from application.database.embedded import EmbeddedServer, running_server
from application.database.errors import DatabaseRefused, DatabaseUnavailable
from application.database.roles import OWNER, SERVICE, ensure_service_role
from application.database.urls import as_role, redacted
from application.settings import Settings

DATABASE = "aftersales"
OLDEST_VERSION = 150000
CONNECT_SECONDS = 10

_MADE_MEANWHILE = (
    psycopg.errors.DuplicateObject,
    psycopg.errors.DuplicateDatabase,
    psycopg.errors.UniqueViolation,
)


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """Where the database is, for each of the two roles.

    Attributes:
        service_url: for everything the service does; its connections work as ``aftersales_service``.
        owner_url: for migrations only.
        is_embedded: whether this installation runs the server itself.
    """

    service_url: str
    owner_url: str
    is_embedded: bool

    def __repr__(self) -> str:
        return f"Database({redacted(self.service_url)!r}, is_embedded={self.is_embedded})"


@contextmanager
def open_database(settings: Settings, configuration: Mapping[str, str] | None = None) -> Iterator[Database]:
    """The database of an installation, reachable for the length of the block, its roles in place.

    Tables are not touched: that is ``migrate``'s. The embedded server is started or joined, and stopped at
    the end when nobody else uses it; ``configuration`` adds to its settings when this call starts it.

    Raises:
        DatabaseProblem: it cannot be reached or used; the message says what to do.
    """
    if settings.database_url:
        yield existing_database(settings.database_url, settings.owner_database_url)
        return
    with running_server(settings.data_dir, configuration) as server:
        yield embedded_database(server, DATABASE)


def embedded_database(server: EmbeddedServer, name: str) -> Database:
    """A database of the embedded server, made with its two roles when missing."""
    with _connected(server.url()) as superuser:
        for role in (OWNER, SERVICE):
            if superuser.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount == 0:
                with suppress(*_MADE_MEANWHILE):
                    superuser.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if superuser.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount == 0:
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            with suppress(*_MADE_MEANWHILE):
                superuser.execute(create.format(sql.Identifier(name), sql.Identifier(OWNER)))
    return Database(
        service_url=server.url(name, SERVICE), owner_url=server.url(name, OWNER), is_embedded=True
    )


def existing_database(url: str, owner_url: str | None = None) -> Database:
    """A database on a server that somebody else runs.

    Raises:
        DatabaseUnavailable: it does not answer.
        DatabaseRefused: it is too old, not in UTF-8, or lacks a role that nobody here may create.
    """
    with _connected(url) as service:
        login = service.info.user
        refuse_unfit(service.info.server_version, service.info.parameter_status("server_encoding"))
    with _connected(owner_url or url) as owner:
        ensure_service_role(owner, login)
    return Database(
        service_url=url if login == SERVICE else as_role(url, SERVICE),
        owner_url=owner_url or url,
        is_embedded=False,
    )


def refuse_unfit(version: int, encoding: str | None) -> None:
    """Refuse a server that the service cannot work with; ``version`` is libpq's number, such as 150004.

    Raises:
        DatabaseRefused: older than PostgreSQL 15, or not in UTF-8.
    """
    if version < OLDEST_VERSION:
        raise DatabaseRefused(
            f"PostgreSQL {version // 10000}.{version % 10000} is too old: 15 or newer is needed"
        )
    if encoding != "UTF8":
        raise DatabaseRefused(f"the database is encoded in {encoding}: create it with ENCODING 'UTF8'")


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"no connection to {redacted(url)}: {_first_line(error)}") from None
    with connection:
        yield connection


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
