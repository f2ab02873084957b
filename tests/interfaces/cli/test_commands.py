"""The commands that do one thing and end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from rich.cells import cell_len
from rich.text import Text

from application.access import hashed
from application.database.connect import Database, embedded_database
from application.database.embedded import EmbeddedServer
from application.demo.firm import caller
from application.desk import Receipt
from application.desks import open_desks
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.policies.reactor import READER
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.tiers import AssignTicket
from projections.catalogue import NAMES, every_projection
from projections.engine.runner import Runner
from tests.application.policies.case import Case, tell
from tests.conftest import connected
from tests.interfaces.cli.conftest import Answer

Command = Callable[..., Answer]

MAPPING = """
source = "olddesk"
format = "csv"
plan = "standard"
time = { zone = "Asia/Shanghai" }
columns = { case = "case", time = "time", activity = "activity" }
activities.New = { do = "register" }
activities.Done = { do = "resolve" }
"""
ROWS = [
    "case,time,activity",
    "1,2026-01-05T09:00:00,New",
    "1,2026-01-05T10:00:00,Done",
    "2,2026-01-06T09:00:00,New",
]


def work(database: Database) -> list[Receipt]:
    """Two tickets, one of them assigned and reported an hour late."""

    async def run() -> list[Receipt]:
        async with open_log(database.service_url) as log:
            desk = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai").tickets
            earlier = datetime.now(UTC) - timedelta(hours=1)
            first = RegisterTicket(
                subject="主机不启动，整栋没有热水",
                customer="云栖酒店 客房部",
                occurred_at=earlier,
                reason="电话补录",
            )
            one = await desk.register(first, caller("wang.fang"))
            two = await desk.register(RegisterTicket(subject="Leak in the plant room"), caller("grace.chen"))
            assigned = AssignTicket(team="east-field", person="张伟")
            return [one, two, await desk.send(one.number, assigned, caller("wang.fang"))]

    return asyncio.run(run())


def test_a_token_is_shown_once_and_kept_as_its_hash(command: Command, on_database: Database) -> None:
    told = command("token", "create", "li.wei", "--role", "agent")
    token = told.out.strip()
    assert told.code == 0
    with connected(on_database.service_url) as conn:
        rows = conn.execute("SELECT name, role, hash FROM access.token").fetchall()
    assert rows == [("li.wei", "agent", hashed(token))]
    assert token not in told.err + command("token", "list").out + command("token", "list", "--json").out


def test_a_token_that_ends(command: Command, on_database: Database) -> None:
    told = command("token", "create", "shift", "--role", "auditor", "--expires", "2126-01-31", "--json")
    assert json.loads(told.out)["expires_at"] == "2126-01-31T00:00:00+08:00"
    assert "until 2126-01-31 00:00+08:00" in command("token", "list").out


def test_who_belongs_to_which_team(command: Command, on_database: Database) -> None:
    for _ in range(2):
        assert command("team", "join", "li.wei", "华东一组").code == 0
    command("team", "join", "王芳", "华东一组")
    listed = json.loads(command("team", "list", "--json").out)
    assert [(each["person"], each["team"]) for each in listed] == [
        ("li.wei", "华东一组"),
        ("王芳", "华东一组"),
    ]
    assert command("team", "leave", "li.wei", "华东一组").code == 0
    again = command("team", "leave", "li.wei", "华东一组")
    assert (again.code, again.out) == (1, "")
    assert "does not belong" in again.err
    assert "王芳" in command("team", "list").out


def test_a_revoked_token(command: Command, on_database: Database) -> None:
    made = json.loads(command("token", "create", "li.wei", "--role", "admin", "--json").out)
    assert command("token", "revoke", made["id"]).code == 0
    (listed,) = json.loads(command("token", "list", "--json").out)
    assert listed["revoked_at"]
    again = command("token", "revoke", made["id"])
    assert again.code == 1
    assert "no live token" in again.err


def test_migrating_an_empty_database(
    command: Command, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = embedded_database(server, "test_cli_empty")
    monkeypatch.setenv("AFTERSALES_DATABASE_URL", empty.service_url)
    monkeypatch.setenv("AFTERSALES_OWNER_DATABASE_URL", empty.owner_url)
    try:
        refused = command("log", "show")
        assert refused.code == 1
        assert "aftersales migrate" in refused.err
        assert "migrated: 0001" in command("migrate").err
        assert command("migrate").err == "the database is up to date\n"
        assert command("log", "show").code == 0
    finally:
        with connected(server.url()) as superuser:
            superuser.execute("DROP DATABASE test_cli_empty WITH (FORCE)")


def test_the_connection_string_connects(command: Command, on_database: Database) -> None:
    for arguments, role in (((), "aftersales_service"), (("--owner",), "aftersales_owner")):
        with psycopg.connect(command("db", "url", *arguments).out.strip()) as conn:
            assert conn.execute("SELECT current_user").fetchone() == (role,)


def test_the_connection_string_of_a_database_that_does_not_run(command: Command, tmp_path: Path) -> None:
    told = command("db", "url")
    assert told.code == 0
    assert told.out.startswith("postgresql://aftersales_service@/aftersales?host=")
    assert "not running" in told.err
    assert not (tmp_path / "data").exists()


def test_the_log_in_words(command: Command, on_database: Database) -> None:
    one, two, _ = work(on_database)
    lines = [line.split("\t") for line in command("log", "show").out.splitlines()]
    assert [line[0] for line in lines] == ["1", "2", "3"]
    assert [line[2] for line in lines] == [one.number, two.number, one.number]
    assert [line[3] for line in lines] == ["agent:wang.fang", "agent:grace.chen", "agent:wang.fang"]
    assert "云栖酒店" in lines[0][5]
    assert lines[0][6] == "电话补录"
    assert lines[2][5] == "派单给east-field，处理人：张伟"


def test_the_log_in_english(command: Command, on_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    work(on_database)
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    assert "Assigned to east-field, 张伟" in command("log", "show", "-n", "1").out


def test_part_of_the_log(command: Command, on_database: Database) -> None:
    one, _, _ = work(on_database)

    def positions(*arguments: str) -> list[int]:
        told = command("log", "show", "--json", *arguments)
        return [json.loads(line)["position"] for line in told.out.splitlines()]

    assert positions("-n", "2") == [2, 3]
    assert positions("--after", "0", "-n", "2") == [1, 2]
    assert positions("--after", "3") == []
    assert positions("--ticket", one.number) == [1, 3]
    assert positions("--ticket", str(one.id), "--after", "1") == [3]


def test_the_log_of_a_case_of_a_part_and_of_a_contract(command: Command, on_database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract()
        await case.part("HE/200")
        await case.installs((await case.ticket()).number, "HE/200")

    tell(on_database, story)

    def told(noun: str, reference: str) -> list[tuple[str, str]]:
        lines = command("log", "show", "--json", f"--{noun}", reference).out.splitlines()
        return [(event["number"], event["type"]) for event in map(json.loads, lines)]

    installed = [("HE/200", "part.issued"), ("HE/200", "part.installed")]
    assert told("ticket", "T-2026-000001") == [("T-2026-000001", "ticket.registered"), *installed]
    assert told("part", "HE/200") == [
        ("HE/200", "part.catalogued"),
        ("HE/200", "part.received"),
        *installed,
    ]
    assert {number for number, _ in told("contract", "C-2026-000001")} == {"C-2026-000001"}
    refused = command("log", "show", "--part", "HE/200", "--contract", "C-2026-000001")
    assert (refused.code, refused.out) == (2, "")


@pytest.mark.parametrize("noun", ["ticket", "part", "contract"])
@pytest.mark.parametrize("reference", ["T-2020-000001", "nonsense"])
def test_the_log_of_nothing(command: Command, on_database: Database, noun: str, reference: str) -> None:
    told = command("log", "show", f"--{noun}", reference)
    assert told.code == 1
    assert f"there is no {noun} {reference}" in told.err


@pytest.mark.parametrize("columns", [30, 72])
def test_a_narrow_terminal(
    command: Command, on_database: Database, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    work(on_database)
    command("token", "create", "li.wei", "--role", "agent")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    for arguments in (("log", "show"), ("token", "list"), ("projections",)):
        lines = [Text.from_ansi(line).plain for line in command(*arguments).out.splitlines()]
        assert lines
        assert all(line.strip() for line in lines)
        assert max(cell_len(line) for line in lines) <= columns


def test_views_before_and_after_a_worker(command: Command, on_database: Database) -> None:
    work(on_database)
    assert {view["state"] for view in json.loads(command("projections", "--json").out)} == {"missing"}
    with Runner(on_database.service_url, every_projection(shipped_promises())) as runner:
        runner.run_once()
        table = [line.split("\t") for line in command("projections").out.splitlines()]
        *views, reactions = (row[:5] for row in table[1:])
        assert views == [[name, "3", "3", "0", "live"] for name in NAMES]
        assert reactions == [READER, "0", "3", "3", "missing"]
        (rebuilt,) = json.loads(command("projections", "rebuild", "queue", "--json").out)
        assert (rebuilt["projection"], rebuilt["outcome"], rebuilt["position"]) == ("queue", "swapped", 3)
        assert all(table["old"] == table["new"] for table in rebuilt["tables"])
        assert json.loads(command("projections", "rebuilds", "--json").out) == [rebuilt]
        assert command("projections", "rebuild", "--changed", "--json").out == "[]\n"
        runner.run_once()
    states = {view["name"]: view["state"] for view in json.loads(command("projections", "--json").out)}
    assert states == dict.fromkeys(NAMES, "live") | {READER: "missing"}


@pytest.fixture
def export(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "desk.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "export.csv").write_text("\n".join(ROWS), encoding="utf-8")
    return "--mapping=desk.toml", "export.csv"


def test_import_once_and_again(command: Command, on_database: Database, export: tuple[str, str]) -> None:
    first = json.loads(command("import", *export, "--json").out)
    again = json.loads(command("import", *export, "--json").out)
    assert (first["cases"], first["source_events"]) == (2, 3)
    assert (again["cases"], again["already_there_cases"]) == (0, 2)
    assert len(command("log", "show").out.splitlines()) == 3


def test_import_only_checked(
    command: Command, export: tuple[str, str], monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setenv("AFTERSALES_DATABASE_URL", f"postgresql://li@127.0.0.1:{port}/desk")
    told = command("import", "--check", *export)
    assert told.code == 0
    assert "tickets imported" in told.out
    assert "recording the cases: 100 %" in told.err


def test_import_with_a_bad_row(
    command: Command, on_database: Database, export: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "export.csv").write_text("\n".join([*ROWS, "2,yesterday,Done"]), encoding="utf-8")
    told = command("import", *export)
    assert told.code == 3
    assert "2 rows were rejected; export.csv.rejects.csv" in told.err
    assert "yesterday" in (tmp_path / "export.csv.rejects.csv").read_text(encoding="utf-8")
    elsewhere = command("import", *export, "--rejects", "aside.csv")
    assert "aside.csv" in elsewhere.err
    assert (tmp_path / "aside.csv").exists()


@pytest.mark.parametrize(
    ("mapping", "file", "about"),
    [
        ("nope.toml", "export.csv", "nope.toml"),
        ("desk.toml", "nope.csv", "nope.csv"),
        ("export.csv", "export.csv", "export.csv"),
    ],
)
def test_import_of_what_is_not_there(
    command: Command, on_database: Database, export: tuple[str, str], mapping: str, file: str, about: str
) -> None:
    told = command("import", f"--mapping={mapping}", file)
    assert (told.code, told.out) == (1, "")
    assert about in told.err
    assert "Traceback" not in told.err
