"""``aftersales log diff``: for people on a terminal, for pipes and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.text import Text

from application.database.connect import Database
from tests.application.policies.case import Case, tell
from tests.interfaces.cli.conftest import Answer

Command = Callable[..., Answer]
TICKET, PART, CONTRACT = "T-2026-000001", "HE/200", "C-2026-000001"


@pytest.fixture
def told(on_database: Database) -> Database:
    """A contract, a part, and a ticket for which it was installed."""

    async def story(case: Case) -> None:
        await case.contract()
        await case.part(PART)
        await case.installs((await case.ticket()).number, PART)

    tell(on_database, story)
    return on_database


def test_one_value_a_line(command: Command, told: Database) -> None:
    lines = command("log", "diff", "--contract", CONTRACT, "--from", "1", "--to", "2").out.splitlines()
    cells = [line.split("\t") for line in lines]
    assert ["/status", "draft", "signed"] in [cell[:3] for cell in cells]
    assert {cell[3] for cell in cells} == {"2"}
    assert [cell[1] for cell in cells if cell[0] == "/signed_by"] == ["—"]


def test_of_everything_that_has_versions(command: Command, told: Database) -> None:
    def paths(*arguments: str) -> set[str]:
        found = json.loads(command("log", "diff", "--json", *arguments).out)
        return {change["path"] for change in found["changes"]}

    assert "/stocks/good/" in str(paths("--part", PART, "--from", "2"))
    assert "/clocks/resolve/1/started_at" in paths("--ticket", TICKET)
    whole = paths("--case", TICKET)
    assert "/ticket/number" in whole
    assert any(path.startswith("/parts/HE~1200/goods/installed/") for path in whole)
    assert paths("--case", TICKET, "--from", "2030-01-01T00:00:00Z") == set()


@pytest.mark.parametrize(
    ("language", "status", "same"), [("zh", "状态", "没有变化"), ("en", "status", "nothing changed")]
)
def test_on_a_terminal_of_eighty_columns(
    command: Command,
    told: Database,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    status: str,
    same: str,
) -> None:
    monkeypatch.setenv("AFTERSALES_LANGUAGE", language)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    for arguments in (("--case", TICKET), ("--part", PART), ("--contract", CONTRACT, "--from", "1")):
        lines = [Text.from_ansi(line).plain for line in command("log", "diff", *arguments).out.splitlines()]
        assert max(map(cell_len, lines)) <= 80
        assert arguments[1] in lines[0]
    place = lines.index(status)
    assert lines[place + 1].startswith("  draft → active")
    assert same in command("log", "diff", "--ticket", TICKET, "--from", "1", "--to", "1").out


def test_ids_of_tickets_are_told_by_number(
    command: Command, told: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("AFTERSALES_LANGUAGE", "en")
    shown = command("log", "diff", "--part", PART, "--to", "3").out
    assert f"stock › issued › {TICKET} › quantity" in shown


REFUSED = [
    ((), 2, "ask for one of --ticket, --case, --part and --contract"),
    (("--ticket", TICKET, "--part", PART), 2, "ask for one of"),
    (("--ticket", TICKET, "--from", "yesterday"), 2, "--from 'yesterday' is not a version such as 7"),
    (("--ticket", TICKET, "--to", "2026-03-01"), 2, "--to '2026-03-01' is not"),
    (("--ticket", TICKET, "--from", "1", "--to", "0"), 2, "--from: it is later than the other one"),
    (("--ticket", TICKET, "--to", "99"), 2, "--to: it is at version 1"),
    (("--case", TICKET, "--to", "99999"), 2, "--to: the log ends at"),
    (("--case", "T-2020-000001"), 1, "there is no ticket T-2020-000001"),
    (("--part", "00000000-0000-0000-0000-000000000001"), 1, "there is no part"),
    (("--ticket", TICKET, "--basis", "told"), 2, "told"),
]


def test_what_cannot_be_meant_is_one_line(command: Command, told: Database) -> None:
    for arguments, code, said in REFUSED:
        refused = command("log", "diff", *arguments)
        assert (refused.code, refused.out) == (code, "")
        assert said in refused.err
        assert len(refused.err.splitlines()) == 1
