"""The guide's example does what the guide says, and no key is left out of it."""

from __future__ import annotations

import asyncio
import re
import tomllib
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from application.database.connect import Database
from application.importing.check import check_file
from application.importing.commands import COMMANDS, WORDS
from application.importing.dialect import Dialect, Times
from application.importing.lists.mapping import ListMapping, load_list_mapping
from application.importing.lists.report import ListReport
from application.importing.lists.run import KINDS, import_list
from application.importing.mapping import Activity, Columns, Mapping, load_mapping
from application.log.event_log import open_log
from domain.ticket.allowed import ALLOWED
from domain.ticket.words import Status
from tests.application.importing.written import NOW, PROMISES

GUIDE = Path(__file__).parents[3] / "docs" / "import.md"


@pytest.fixture(scope="module")
def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def block(guide: str, kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", guide, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_answers_as_the_guide_shows(guide: str, tmp_path: Path):
    export, written, rejects = (tmp_path / name for name in ("export.csv", "desk.toml", "rejects.csv"))
    export.write_text(block(guide, "csv"), encoding="utf-8")
    written.write_text(block(guide, "toml"), encoding="utf-8")
    report = check_file(PROMISES, load_mapping(written), export, rejects=rejects, now=lambda: NOW)
    shown = [line.rstrip() for line in said(report.as_tables())]
    assert shown == block(guide, "text").splitlines()
    lines = [line.split(",")[:3] for line in rejects.read_text(encoding="utf-8").splitlines()[1:]]
    assert lines == [["7", "4713", "yes"], ["12", "4713", "no"]]


def test_every_key_and_argument_is_explained(guide: str):
    keys = {
        *Mapping.__struct_encode_fields__,
        *Columns.__struct_encode_fields__,
        *Dialect.__struct_encode_fields__,
        *Times.__struct_encode_fields__,
        *Activity.__struct_encode_fields__,
        *COMMANDS,
    }
    assert {key for key in keys if f"`{key}`" not in guide and f"`[{key}" not in guide} <= {"columns"}
    assert "`[columns]`" in guide
    arguments = {argument for command in COMMANDS.values() for argument in command.takes}
    words = {word.value for field in WORDS.values() for word in field}
    assert {text for text in arguments | words if not re.search(rf"\b{text}\b", guide)} <= {"P2", "P3", "L3"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_states_that_allow_a_command_are_the_tickets_own(guide: str, command: str):
    row = re.search(rf"^\| `{command}` \|.*\| (.*?) \|$", guide, re.MULTILINE)
    assert row is not None
    said = row[1].partition(";")[0]
    states = {
        "anything": set(Status),
        "not closed or cancelled": set(Status) - {Status.CLOSED, Status.CANCELLED},
    }.get(said) or {Status(state.replace(" ", "_")) for state in said.split(", ")}
    assert states == ALLOWED[command]


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_a_list_is_explained_with_its_headers(guide: str, kind: str):
    title = {"parts": "Parts", "stock": "Opening stock", "contracts": "Contracts"}[kind]
    section = guide.partition(f"\n### {title}\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| (\**)`(\w+)`\** \| (.*?) \| .+ \|$", section, re.MULTILINE)
    told = [(name, bool(bold), headers) for bold, name, headers in rows]
    fields = KINDS[kind].fields
    assert told == [(field.name, field.needed, ", ".join(field.headers)) for field in fields]


def test_every_key_of_a_lists_mapping_is_explained(guide: str, tmp_path: Path):
    written = tmp_path / "list.toml"
    written.write_text(re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)[1], encoding="utf-8")
    mapping = load_list_mapping(written, KINDS["parts"].fields)
    told = {*tomllib.loads(written.read_text(encoding="utf-8"))}
    assert told == {*ListMapping.__struct_encode_fields__}
    assert mapping.values == {"tracking": {"批次管理": "lot"}}


def test_the_examples_of_lists_are_imported_as_the_guide_shows(
    guide: str, database: Database, tmp_path: Path
):
    async def imported() -> list[ListReport]:
        async with open_log(database.service_url) as log:
            return [
                await import_list(
                    log,
                    PROMISES,
                    kind,
                    ListMapping(),
                    GUIDE.parent / "examples" / f"{kind}.csv",
                    rejects=tmp_path / "rejects.csv",
                    time_zone="Asia/Shanghai",
                    as_of=NOW,
                    now=lambda: NOW,
                )
                for kind in KINDS
            ]

    reports = asyncio.run(imported())
    assert [(report.rejected_rows, report.unread) for report in reports] == [(0, [])] * 3
    shown = [line.rstrip() for line in said(reports[1].as_tables())]
    assert shown == re.findall(r"```text\n(.*?)```", guide, re.DOTALL)[1].splitlines()


def said(tables: list[Table]) -> list[str]:
    console = Console(width=80)
    with console.capture() as told:
        for table in tables:
            console.print(table)
    return told.get().splitlines()
