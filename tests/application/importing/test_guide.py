"""The guide's example does what the guide says, and no key is left out of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console

from application.importing.check import check_file
from application.importing.commands import COMMANDS, WORDS
from application.importing.dialect import Dialect, Times
from application.importing.mapping import Activity, Columns, Mapping, load_mapping
from domain.ticket.decisions import ALLOWED
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
    console = Console(width=80)
    with console.capture() as said:
        for table in report.as_tables():
            console.print(table)
    shown = [line.rstrip() for line in said.get().splitlines()]
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
