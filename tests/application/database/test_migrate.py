from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from application.database.connect import embedded_database
from application.database.embedded import EmbeddedServer
from application.database.errors import DatabaseNewer, DatabaseProblem, DatabaseRefused, DatabaseUnavailable
from application.database.migrate import FOLDER, migrate, pending
from tests.application.database.conftest import ROOT, until
from tests.conftest import Database, connected

SCHEMAS = "CREATE SCHEMA room;"
SHELF = "CREATE TABLE room.shelf (place int);"


@pytest.fixture
def empty(server: EmbeddedServer) -> Iterator[Database]:
    """A database that nobody migrated."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield embedded_database(server, name)
    with connected(server.url()) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "migrations", SCHEMAS, SHELF)


def written(folder: Path, *files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(files, 1):
        (folder / f"{number:04}.step.sql").write_text(text)
    return folder


def migrating(database: Database, folder: Path) -> subprocess.Popen[str]:
    program = (
        "import json, sys; from pathlib import Path; from application.database.migrate import migrate;"
        "print(json.dumps(migrate(sys.argv[1], Path(sys.argv[2]))))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, database.owner_url, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_empty_database_is_brought_to_this_release(empty: Database) -> None:
    names = [path.stem for path in sorted(FOLDER.glob("*.sql"))]
    assert pending(empty.service_url) == names
    assert migrate(empty.owner_url) == names
    assert pending(empty.service_url) == pending(empty.owner_url) == []
    assert migrate(empty.owner_url) == migrate(empty.service_url) == []


def test_only_what_is_missing_is_applied_in_order_of_number(empty: Database, folder: Path) -> None:
    assert migrate(empty.owner_url, folder) == ["0001.step", "0002.step"]
    steps = [f"INSERT INTO room.shelf VALUES ({number});" for number in range(3, 13)]
    written(folder, SCHEMAS, SHELF, *steps)
    assert migrate(empty.owner_url, folder) == [f"{number:04}.step" for number in range(3, 13)]
    with connected(empty.owner_url) as owner:
        places = owner.execute("SELECT place FROM room.shelf ORDER BY ctid").fetchall()
    assert places == [(number,) for number in range(3, 13)]


def test_several_processes_at_once_apply_each_migration_once(empty: Database) -> None:
    processes = [migrating(empty, FOLDER) for _ in range(4)]
    outcomes = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outcomes
    applied = [name for out, _ in outcomes for name in json.loads(out)]
    assert applied == [path.stem for path in sorted(FOLDER.glob("*.sql"))]


def test_killed_in_the_middle_of_a_migration(empty: Database, folder: Path) -> None:
    blocked = f"{SHELF} SELECT pg_advisory_lock(42);"
    written(folder, SCHEMAS, blocked)
    with connected(empty.owner_url) as owner:
        owner.execute("SELECT pg_advisory_lock(42)")
        process = migrating(empty, folder)
        waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
        until(lambda: owner.execute(waiting).rowcount == 1)
        process.kill()
        process.communicate(timeout=60)
        # The lock of the killed process is given back although its statement still waits for ours.
        written(folder, SCHEMAS, SHELF)
        assert migrate(empty.owner_url, folder) == ["0002.step"]
        assert owner.execute("SELECT FROM room.shelf").rowcount == 0


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database, folder: Path) -> None:
    written(folder, SCHEMAS, f"{SHELF} SELECT 1/0;")
    with pytest.raises(DatabaseProblem, match=r"0002\.step .*division by zero") as problem:
        migrate(empty.owner_url, folder)
    assert "\n" not in str(problem.value)
    assert pending(empty.owner_url, folder) == ["0002.step"]
    written(folder, SCHEMAS, SHELF)
    assert migrate(empty.owner_url, folder) == ["0002.step"]


def test_a_body_with_semicolons_percent_signs_and_colons_arrives_as_written(
    empty: Database, folder: Path
) -> None:
    body = """
    -- 工单; it's a comment
    CREATE FUNCTION room.said() RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
        IF true THEN RETURN format('%s;:name %%', '100 %'::text); END IF;
    END $$;
    """
    written(folder, SCHEMAS, body)
    migrate(empty.owner_url, folder)
    with connected(empty.owner_url) as owner:
        assert owner.execute("SELECT room.said()").fetchone() == ("100 %;:name %",)


def test_a_name_without_schema_is_refused(empty: Database, folder: Path) -> None:
    written(folder, SCHEMAS, "CREATE TABLE shelf ();")
    with pytest.raises(DatabaseProblem, match="no schema has been selected"):
        migrate(empty.owner_url, folder)


def test_a_migration_may_not_wait_long_for_a_lock_or_run_for_ever(empty: Database, folder: Path) -> None:
    limits = "CREATE TABLE room.limits AS SELECT current_setting('lock_timeout'), current_setting('{}') AS b;"
    written(folder, SCHEMAS, limits.format("statement_timeout"))
    migrate(empty.owner_url, folder)
    with connected(empty.owner_url) as owner:
        assert owner.execute("SELECT * FROM room.limits").fetchone() == ("10s", "15min")


def test_a_database_newer_than_the_code_is_refused(empty: Database, folder: Path) -> None:
    migrate(empty.owner_url, folder)
    (folder / "0002.step.sql").unlink()
    for ask in (migrate, pending):
        with pytest.raises(DatabaseNewer, match=r"0002\.step"):
            ask(empty.owner_url, folder)


def test_the_service_role_does_not_migrate(empty: Database) -> None:
    with pytest.raises(DatabaseRefused, match="AFTERSALES_OWNER_DATABASE_URL"):
        migrate(empty.service_url)


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable) as problem:
        pending(f"postgresql://desk:s3cr3t@/aftersales?host={tmp_path}")
    assert "s3cr3t" not in str(problem.value)
    assert "\n" not in str(problem.value)
