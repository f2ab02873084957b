"""Whole lists into a real log."""

from __future__ import annotations

import json

import pytest

from application.database.connect import Database
from application.importing.lists import run
from domain.contract.state import replay as replay_contract
from domain.part.words import Bucket
from tests.application.importing.lists.imported import CONTRACTS, LISTS, STOCK, Importer, recorded
from tests.application.importing.lists.written import NOW, PARTS


def test_parts_stock_and_contracts_arrive_with_their_figures(importing, database: Database):
    async def play(desk: Importer) -> None:
        parts, stock, contracts = [await desk.take(kind, text) for kind, text in LISTS.items()]
        assert (parts.rows, parts.imported_rows, parts.events) == (3, 3, {"part.catalogued": 3})
        assert (stock.rows, stock.imported_rows, stock.received) == (4, 4, {"SH": 202, "HZ": 12})
        assert (contracts.rows, contracts.imported_rows) == (3, 3)
        assert contracts.prices == {"CNY": "100", "EUR": "80.50"}
        assert all(report.balanced and report.rejected_rows == 0 for report in (parts, stock, contracts))
        assert (await desk.part("GS-31")).stock(Bucket.GOOD, "SH").of("L1") == 60
        assert not desk.rejects.exists()

    importing(play)
    assert recorded(database) == {
        "part.catalogued": 3,
        "part.received": 4,
        "contract.drafted": 2,
        "contract.signed": 1,
        "contract.activated": 1,
    }


def test_contracts_get_numbers_of_the_year_in_which_they_were_agreed_where_the_firm_is(importing):
    async def play(desk: Importer) -> None:
        await desk.take("contracts", CONTRACTS)
        known = await desk.log.known(["contract:file/HT-1", "C-2025-000001", "C-2026-000001"])
        assert known["contract:file/HT-1"] == known["C-2025-000001"]
        # HT-2 has no moment of its own: the first of January, midnight in Shanghai, the day before in UTC.
        facts = await desk.log.stream(known["C-2026-000001"])
        contract = replay_contract(facts)
        assert contract is not None
        assert (contract.number, contract.source) == ("C-2026-000001", "file/HT-2")
        (of_its_asset,) = (await desk.log.mentioned(["contract of asset/B1"])).values()
        assert of_its_asset == {facts[0].stream_id}

    importing(play)


def test_running_them_twice_adds_nothing(importing):
    async def play(desk: Importer) -> None:
        for kind, text in LISTS.items():
            await desk.take(kind, text)
        head = await desk.log.head()
        for kind, text in LISTS.items():
            again = await desk.take(kind, text)
            assert (again.imported_rows, again.already_there_rows) == (0, again.rows)
            assert (again.events, again.received, again.prices) == ({}, {}, {})
            assert again.balanced
        assert await desk.log.head() == head

    importing(play)


def test_a_check_counts_what_an_import_would_and_records_nothing(importing):
    async def play(desk: Importer) -> None:
        for kind, text in LISTS.items():
            mixed = f"{text.strip()}\n{',' * text.strip().splitlines()[0].count(',')}\n"
            before = await desk.log.head()
            checked = await desk.take(kind, mixed, check=True, rejects=desk.folder / "other.csv")
            assert await desk.log.head() == before
            imported = await desk.take(kind, mixed)
            checked.seconds = imported.seconds
            assert checked == imported
            assert (imported.rejected_rows, imported.imported_rows) == (1, imported.rows - 1)
            assert (desk.folder / "other.csv").read_bytes() == desk.rejects.read_bytes()

    importing(play)


def test_the_rejects_file_says_line_column_and_reason_and_keeps_the_row(importing):
    async def play(desk: Importer) -> None:
        await desk.take("parts", PARTS)
        report = await desk.take(
            "stock",
            "备件编号,仓库,数量\nTS-08,上海,5\nTS-08,杭州,很多\nXX,上海,1\n".encode()
            + b"TS-08,Caf\xe9,1\nGS-31,X,-1\n",
        )
        assert (report.imported_rows, report.bad_rows, report.rejected_rows) == (1, 4, 4)
        assert report.rejected_cases == 0, "rows of a part stand alone"
        rows = {int(row["line"]): row for row in desk.rejected()}
        assert {line: row["reason"] for line, row in rows.items()} == {
            3: "column 数量: '很多' is no number",
            4: "column 备件编号: XX is not in the catalogue; import it with the parts first",
            5: "column 仓库: bytes that are not in the file's encoding",
            6: "column 数量: '-1' is below zero",
        }
        assert (rows[3]["case"], rows[3]["bad"]) == ("TS-08", "yes")
        assert json.loads(rows[3]["values"]) == {"备件编号": "TS-08", "仓库": "杭州", "数量": "很多"}

    importing(play)


def test_rejected_contracts_are_counted_with_the_rows_they_cost(importing):
    async def play(desk: Importer) -> None:
        report = await desk.take(
            "contracts",
            CONTRACTS
            + "HT-3,X,gold,2026-01-01,2026-12-31,1,CNY,C1,,,\nHT-3,X,gold,2026-01-01,2026-12-31,1,CNY,C2,,,\n"
            + "HT-4,X,standard,2026-01-01,2026-12-31,free,CNY,C1,,,\n",
        )
        assert (report.imported_rows, report.rejected_rows, report.bad_rows) == (3, 3, 2)
        assert report.rejected_cases == 2
        assert report.balanced

    importing(play)


def test_a_row_is_imported_once_it_is_put_right(importing):
    async def play(desk: Importer) -> None:
        await desk.take("parts", PARTS)
        await desk.take("stock", STOCK.replace("140", "many"))
        mended = await desk.take("stock", STOCK)
        assert (mended.imported_rows, mended.already_there_rows, mended.rejected_rows) == (1, 3, 0)
        assert not desk.rejects.exists()

    importing(play)


def test_without_a_moment_it_happened_now(importing):
    async def play(desk: Importer) -> None:
        await desk.take("parts", PARTS, as_of=None)
        stream_id = await desk.log.find("part/TS-08")
        assert stream_id is not None
        (fact,) = await desk.log.stream(stream_id)
        assert fact.act.occurred_at == NOW
        assert fact.recorded_at is not None
        assert fact.recorded_at > NOW

    importing(play)


def test_progress_goes_up_to_the_whole(importing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "BATCH_ROWS", 1)
    seen: list[tuple[str, int, int]] = []

    async def play(desk: Importer) -> None:
        await desk.take("parts", PARTS, progress=lambda *step: seen.append(step))

    importing(play)
    assert [step for step in seen if step[0] == "record"] == [
        ("record", 1, 3), ("record", 2, 3), ("record", 3, 3), ("record", 3, 3),
    ]  # fmt: skip
