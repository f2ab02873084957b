"""Parts, opening stock and contracts brought in from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from application.database.connect import Database
from application.database.embedded import EmbeddedServer
from tests.conftest import connected
from tests.interfaces.cli.conftest import Answer

Command = Callable[..., Answer]

PARTS = "Part number,Name,Unit,Tracking\nPU-15,Pump,pcs,serial\nTS-08,Sensor,pcs,\n"
STOCK = "备件编号,仓库,数量,序列号\nPU-15,上海总库,,S1；S2\nTS-08,上海总库,140,\n"
CONTRACTS = (
    "Contract number,Customer,Plan,Start date,End date,Price,Currency,Assets\n"
    "HT-1,ACME,standard,2026-01-01,2026-12-31,100.00,CNY,A1\n"
)


@pytest.fixture
def lists(tmp_path: Path) -> None:
    """A list of each kind in the directory of the command."""
    for kind, text in (("parts", PARTS), ("stock", STOCK), ("contracts", CONTRACTS)):
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")


def bring_in(command: Command, kind: str, *more: str) -> Answer:
    return command("import", "--kind", kind, f"{kind}.csv", *more)


@pytest.mark.usefixtures("lists")
def test_lists_once_and_again(command: Command, on_database: Database) -> None:
    for kind, events in (("parts", 2), ("stock", 2), ("contracts", 1)):
        first = bring_in(command, kind, "--json")
        assert first.code == 0
        assert sum(json.loads(first.out)["events"].values()) == events
        again = json.loads(bring_in(command, kind, "--json").out)
        assert (again["imported_rows"], again["already_there_rows"]) == (0, events)
    assert len(command("log", "show", "-n", "99").out.splitlines()) == 5


@pytest.mark.usefixtures("lists")
def test_a_list_of_a_day(command: Command, on_database: Database) -> None:
    bring_in(command, "parts", "--as-of", "2026-01-01")
    events = [json.loads(line) for line in command("log", "show", "--json").out.splitlines()]
    assert {event["occurred_at"] for event in events} == {"2025-12-31T16:00:00Z"}
    assert {(event["actor"], event["reason"]) for event in events} == {("system:import", "parts.csv")}


@pytest.mark.usefixtures("lists")
def test_a_list_only_checked(command: Command, on_database: Database) -> None:
    bring_in(command, "parts")
    told = bring_in(command, "stock", "--check")
    assert told.code == 0
    assert "上海总库" in told.out
    assert len(command("log", "show").out.splitlines()) == 2


@pytest.mark.usefixtures("lists")
def test_a_list_under_a_mapping(command: Command, on_database: Database, tmp_path: Path) -> None:
    (tmp_path / "erp.toml").write_text('source = "erp"\n[csv]\nencoding = "gbk"\n', encoding="utf-8")
    (tmp_path / "parts.csv").write_bytes("料号,名称,单位,重量\nPU-15,循环泵,台,2 kg\n".encode("gbk"))
    told = bring_in(command, "parts", "--mapping", "erp.toml")
    assert told.code == 0
    assert "Import of parts from erp" in told.out
    assert 'column "重量" was not read' in told.err


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize("how", [(), ("--check",)])
def test_rejected_rows_are_exit_code_3(command: Command, on_database: Database, how: tuple[str, ...]) -> None:
    told = bring_in(command, "stock", *how)
    assert told.code == 3
    assert "rows rejected" in told.out
    assert told.err.splitlines()[-1] == (
        "aftersales: 2 rows were rejected; stock.csv.rejects.csv says which and why"
    )
    rejects = Path("stock.csv.rejects.csv").read_text(encoding="utf-8")
    assert "column 备件编号: PU-15 is not in the catalogue" in rejects
    bring_in(command, "parts")
    assert bring_in(command, "stock", *how).code == 0
    assert not Path("stock.csv.rejects.csv").exists()


@pytest.mark.usefixtures("lists")
def test_the_report_is_whole_though_rows_were_rejected(command: Command, on_database: Database) -> None:
    told = bring_in(command, "stock", "--json", "--rejects", "aside.csv")
    assert json.loads(told.out)["rejected_rows"] == 2
    assert Path("aside.csv").exists()


@pytest.mark.usefixtures("lists")
def test_a_check_leaves_a_database_that_is_not_up_to_date_alone(
    command: Command, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from application.database.connect import embedded_database

    empty = embedded_database(server, "test_cli_lists")
    monkeypatch.setenv("AFTERSALES_DATABASE_URL", empty.service_url)
    monkeypatch.setenv("AFTERSALES_OWNER_DATABASE_URL", empty.owner_url)
    try:
        told = bring_in(command, "parts", "--check")
        assert told.code == 1
        assert "aftersales migrate" in told.err
        assert bring_in(command, "parts").code == 0
    finally:
        with connected(server.url()) as superuser:
            superuser.execute("DROP DATABASE test_cli_lists WITH (FORCE)")


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (("--kind", "invoices", "parts.csv"), "--kind"),
        (("--kind", "parts", "parts.csv", "--as-of", "soon"), "--as-of soon: give a time such as"),
        (("--kind", "parts", "parts.csv", "--as-of", "2126-01-01"), "is still to come"),
        (("parts.csv", "--mapping", "helpdesk", "--as-of", "2026-01-01"), "--as-of is for lists"),
        (("parts.csv",), "tickets need --mapping"),
    ],
)
def test_misuse_is_one_line_and_exit_code_2(command: Command, arguments: tuple[str, ...], about: str) -> None:
    told = command("import", *arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.count("\n") == 1
    assert about in told.err


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (("--kind", "parts", "nope.csv"), "nope.csv"),
        (("--kind", "parts", "parts.csv", "--mapping", "nope.toml"), "nope.toml"),
        (("--kind", "parts", "contracts.csv"), 'no column called "Part number"'),
    ],
)
def test_a_list_that_cannot_be_read_at_all(
    command: Command, on_database: Database, arguments: tuple[str, ...], about: str
) -> None:
    told = command("import", *arguments)
    assert (told.code, told.out) == (1, "")
    assert about in told.err
    assert "Traceback" not in told.err
