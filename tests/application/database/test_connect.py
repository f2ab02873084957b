from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from application.database.connect import (
    Database,
    embedded_database,
    existing_database,
    open_database,
    refuse_unfit,
)
from application.database.embedded import EmbeddedServer, running_server
from application.database.errors import DatabaseRefused, DatabaseUnavailable
from application.database.migrate import migrate, pending
from application.database.roles import OWNER, SERVICE
from application.settings import Settings
from tests.application.database.conftest import server_processes
from tests.conftest import FAST, connected


@pytest.fixture
def foreign(data_dir: Path) -> Iterator[EmbeddedServer]:
    """A server of somebody else's, on which nobody prepared anything."""
    with running_server(data_dir, FAST) as server:
        yield server


def given(server: EmbeddedServer, *statements: str) -> None:
    with connected(server.url()) as superuser:
        for statement in statements:
            superuser.execute(statement.encode())


def works_as(url: str) -> tuple[object, ...] | None:
    with connected(url) as connection:
        return connection.execute("SELECT session_user::text, current_user::text").fetchone()


def test_the_embedded_database_by_default(new_dir: Path) -> None:
    settings = Settings(data_dir=new_dir)
    with open_database(settings, FAST) as database:
        assert database.is_embedded
        assert migrate(database.owner_url)
        assert works_as(database.service_url) == (SERVICE, SERVICE)
        assert works_as(database.owner_url) == (OWNER, OWNER)
        with open_database(settings, FAST) as again:
            assert again == database
    assert server_processes(new_dir) == []


def test_making_the_embedded_database_at_once(foreign: EmbeddedServer) -> None:
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda _: embedded_database(foreign, "desk"), range(6)))
    assert made == [made[0]] * 6


@pytest.mark.parametrize(
    "refused",
    [
        "CREATE TABLE log.mine ()",
        "CREATE TABLE public.mine ()",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SET ROLE aftersales_owner",
        "DROP SCHEMA log",
        "DELETE FROM migration._yoyo_migration",
        "ALTER ROLE aftersales_service SUPERUSER",
    ],
)
def test_what_the_service_role_may_not_do(module_database: Database, refused: str) -> None:
    with (
        connected(module_database.service_url) as service,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        service.execute(refused.encode())


def test_the_service_role_never_changes_what_the_log_holds(module_database: Database) -> None:
    with connected(module_database.service_url) as service:
        too_much = service.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'log'::regnamespace AND relkind IN ('r', 'p')"
            " AND relname LIKE '%event%' AND has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
        ).fetchall()
    assert too_much == []


def test_the_service_role_keeps_its_own_projections(module_database: Database) -> None:
    with connected(module_database.service_url) as service:
        service.execute("CREATE TABLE view.mine (place int)")
        service.execute("INSERT INTO view.mine VALUES (1); TRUNCATE view.mine; DROP TABLE view.mine")


def test_one_url_of_a_plain_owner(foreign: EmbeddedServer, data_dir: Path) -> None:
    given(foreign, "CREATE ROLE desk LOGIN CREATEROLE", "CREATE DATABASE desk OWNER desk")
    settings = Settings(data_dir=data_dir, database_url=foreign.url("desk", "desk"))
    for _ in range(2):
        with open_database(settings) as database:
            migrate(database.owner_url)
            assert not database.is_embedded
            assert works_as(database.service_url) == ("desk", SERVICE)
            assert works_as(database.owner_url) == ("desk", "desk")
            with connected(database.service_url) as service:
                assert service.execute("SELECT has_schema_privilege('log', 'CREATE')").fetchone() == (False,)


def test_options_of_the_url_are_kept(foreign: EmbeddedServer) -> None:
    given(foreign, "CREATE DATABASE desk")
    url = foreign.url("desk") + "&options=-c%20statement_timeout%3D1234ms"
    with connected(existing_database(url).service_url) as service:
        assert service.execute("SHOW statement_timeout").fetchone() == ("1234ms",)
        assert service.execute("SELECT current_user").fetchone() == (SERVICE,)


def test_an_owner_and_a_service_login_of_its_own(foreign: EmbeddedServer) -> None:
    given(
        foreign,
        "CREATE ROLE boss LOGIN CREATEROLE",
        "CREATE ROLE clerk LOGIN",
        "CREATE DATABASE desk OWNER boss",
    )
    database = existing_database(foreign.url("desk", "clerk"), foreign.url("desk", "boss"))
    migrate(database.owner_url)
    assert works_as(database.service_url) == ("clerk", SERVICE)
    # From now on the service starts without the owner's URL.
    assert pending(existing_database(foreign.url("desk", "clerk")).owner_url) == []


def test_a_login_that_is_the_service_role(foreign: EmbeddedServer) -> None:
    given(
        foreign, f"CREATE ROLE {SERVICE} LOGIN", "CREATE ROLE boss LOGIN", "CREATE DATABASE desk OWNER boss"
    )
    url = foreign.url("desk", SERVICE)
    database = existing_database(url, foreign.url("desk", "boss"))
    migrate(database.owner_url)
    assert database.service_url == url
    assert existing_database(url).service_url == url


def test_what_the_administrator_must_run_is_said_and_suffices(foreign: EmbeddedServer) -> None:
    given(foreign, "CREATE ROLE desk LOGIN", "CREATE DATABASE desk OWNER desk")
    with pytest.raises(DatabaseRefused, match="database administrator run: ") as problem:
        existing_database(foreign.url("desk", "desk"))
    assert "\n" not in str(problem.value)
    given(foreign, str(problem.value).rpartition("run: ")[2])
    database = existing_database(foreign.url("desk", "desk"))
    migrate(database.owner_url)
    assert works_as(database.service_url) == ("desk", SERVICE)


def test_installations_that_meet_on_one_server(foreign: EmbeddedServer) -> None:
    names = [f"desk{number}" for number in range(6)]
    for name in names:
        given(foreign, f"CREATE ROLE {name} LOGIN SUPERUSER", f"CREATE DATABASE {name} OWNER {name}")
    with ThreadPoolExecutor(len(names)) as threads:
        databases = list(threads.map(lambda name: existing_database(foreign.url(name, name)), names))
        applied = list(threads.map(lambda database: migrate(database.owner_url), databases))
    assert applied == [applied[0]] * len(names)
    assert [works_as(database.service_url) for database in databases] == [(name, SERVICE) for name in names]


@pytest.mark.parametrize("power", [f"ALTER ROLE {SERVICE} SUPERUSER", f"GRANT desk TO {SERVICE}"])
def test_a_service_role_that_could_alter_the_log_is_refused(foreign: EmbeddedServer, power: str) -> None:
    given(
        foreign, "CREATE ROLE desk LOGIN", "CREATE DATABASE desk OWNER desk", f"CREATE ROLE {SERVICE} LOGIN"
    )
    existing_database(foreign.url("desk", SERVICE), foreign.url("desk", "desk"))
    given(foreign, power)
    with pytest.raises(DatabaseRefused, match="must not be able to alter the log"):
        existing_database(foreign.url("desk", SERVICE), foreign.url("desk", "desk"))


def test_another_encoding_is_refused(foreign: EmbeddedServer) -> None:
    given(
        foreign,
        "CREATE DATABASE desk TEMPLATE template0 ENCODING SQL_ASCII LOCALE_PROVIDER libc LOCALE 'C'",
    )
    with pytest.raises(DatabaseRefused, match="SQL_ASCII"):
        existing_database(foreign.url("desk"))


@pytest.mark.parametrize(("version", "shown"), [(140009, "14.9"), (90624, "9.624"), (149999, "14.9999")])
def test_a_server_older_than_15_is_refused(version: int, shown: str) -> None:
    with pytest.raises(DatabaseRefused, match=f"PostgreSQL {shown} is too old: 15 or newer"):
        refuse_unfit(version, "UTF8")


@pytest.mark.parametrize("version", [150000, 180006])
def test_a_server_of_15_or_newer_will_do(version: int) -> None:
    refuse_unfit(version, "UTF8")


@pytest.mark.parametrize("place", ["127.0.0.1:1", "no-such-host.invalid"])
def test_no_answer_is_said_in_one_line_without_the_password(place: str) -> None:
    with pytest.raises(DatabaseUnavailable) as problem:
        existing_database(f"postgresql://desk:s3cr3t@{place}/aftersales")
    assert place in str(problem.value)
    assert "s3cr3t" not in str(problem.value)
    assert "\n" not in str(problem.value)


def test_passwords_are_not_shown() -> None:
    url = "postgresql://desk:s3cr3t@db/aftersales"
    assert "s3cr3t" not in repr(Database(service_url=url, owner_url=url, is_embedded=False))
