"""Bring a database to the form this release needs: numbered SQL, forward only, one transaction each.

yoyo orders the files and keeps the list of what was applied, in the schema ``migration``. Three things
are our own: all of it happens on one connection under an advisory lock, which the server gives back when
that connection dies, so a killed process leaves nothing locked; a migration and its mark commit together;
and each file is sent whole, with an empty search path: it writes its names with their schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import parse_uri
from yoyo.migrations import Migration, MigrationList, default_migration_table

import migrations
from application.database.errors import DatabaseNewer, DatabaseProblem, DatabaseRefused, DatabaseUnavailable
from application.database.roles import SERVICE
from application.database.urls import redacted

FOLDER = Path(migrations.__file__).parent
SCHEMA = "migration"
APPLIED = sql.Identifier(SCHEMA, default_migration_table)
LOCK = 0x6166_7465_7273
"""Key of the advisory lock: "afters" in ASCII."""

WAITING = {"lock_timeout": "10min", "statement_timeout": "0"}
"""Limits while another process migrates."""

MIGRATING = {
    "lock_timeout": "10s",
    "statement_timeout": "15min",
    "idle_in_transaction_session_timeout": "1min",
    "client_connection_check_interval": "1s",
}
"""Limits of every migration: it gives up rather than hold up the running service, also when we are killed."""


def migrate(owner_url: str, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing; several processes may call it at once. Returns the names applied here.

    Raises:
        DatabaseProblem: the database is newer than this release, cannot be reached, or a migration failed;
            then that migration left nothing behind, and those before it stay.
    """
    files = _files(folder)
    with _connected(owner_url) as connection:
        if not _missing(connection, files):
            return []
        if connection.info.user == SERVICE:
            raise DatabaseRefused(
                f"{SERVICE} must not own the log it may only add to: "
                "set AFTERSALES_OWNER_DATABASE_URL to another role that may create schemas"
            )
        _limit(connection, WAITING)
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        _limit(connection, MIGRATING)
        missing = _missing(connection, files)
        if missing:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
            backend = _Backend(connection)
            for file in backend.to_apply(files):
                _apply(backend, file)
        return missing


def pending(url: str, folder: Path = FOLDER) -> list[str]:
    """Names of the migrations that the database still lacks, in order; either role may ask.

    Raises:
        DatabaseProblem: the database is newer than this release, or cannot be reached.
    """
    with _connected(url) as connection:
        return _missing(connection, _files(folder))


def _files(folder: Path) -> MigrationList:
    paths = sorted(folder.glob("[0-9]*.sql"))
    return MigrationList(Migration(path.stem, str(path), source_dir=str(folder)) for path in paths)


def _missing(connection: psycopg.Connection, files: MigrationList) -> list[str]:
    known = [file.id for file in files]
    done: set[str] = set()
    if connection.execute("SELECT to_regclass(%s)", [APPLIED.as_string()]).fetchone() != (None,):
        rows = connection.execute(sql.SQL("SELECT migration_id FROM {}").format(APPLIED))
        done = {str(row[0]) for row in rows}
    if unknown := sorted(done.difference(known)):
        raise DatabaseNewer(
            f"the database has migration {unknown[-1]}, which this release does not know: "
            "install the newer release"
        )
    return [name for name in known if name not in done]


class _Backend(PostgresqlPsycopgBackend):
    """yoyo's list of what was applied, on a connection that is open and already holds the lock."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._ours = connection
        self._is_locked = True
        super().__init__(parse_uri("postgresql+psycopg:///"), default_migration_table)

    def connect(self, dburi: object) -> psycopg.Connection:  # noqa: ARG002
        self.schema = SCHEMA
        return self._ours


def _apply(backend: _Backend, file: Migration) -> None:
    connection: psycopg.Connection = backend.connection
    try:
        with backend.transaction():
            connection.execute("SET LOCAL search_path = ''")
            connection.execute(Path(file.path).read_bytes())
            connection.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(SCHEMA)))
            backend.mark_one(file, log=False)
    except psycopg.Error as error:
        error.add_note(file.id)
        raise


def _limit(connection: psycopg.Connection, limits: dict[str, str]) -> None:
    for name, limit in limits.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, limit])


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    """An autocommit connection; what the server refuses on it is said in one line."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            yield connection
    except psycopg.Error as error:
        said = str(error).strip().splitlines()
        what = " ".join(["migration", *getattr(error, "__notes__", ())])
        line = f"{what} of {redacted(url)} failed: {said[0] if said else type(error).__name__}"
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            raise DatabaseRefused(
                f"{line}; set AFTERSALES_OWNER_DATABASE_URL to a role that may create schemas"
            ) from error
        if isinstance(error, psycopg.OperationalError):
            raise DatabaseUnavailable(line) from error
        raise DatabaseProblem(line) from error
