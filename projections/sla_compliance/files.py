"""A table of promises or of our own times as a file: CSV or XLSX, with the clocks behind it if wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import IO, Any

from psycopg import AsyncConnection

from domain.promises import Promises
from projections.sheets.csv import BOM, Csv
from projections.sheets.sheet import Cells, Column, Kind
from projections.sheets.xlsx import MOST_ROWS, Book
from projections.sla_compliance.compliance import answer
from projections.sla_compliance.own import own_answer
from projections.sla_compliance.question import Question
from projections.sla_compliance.sheets import Table, Wanted, clock_rows, clock_sheet, filters, table_sheet
from projections.sla_compliance.sources import PROMISED, Source
from projections.sla_compliance.standing import Standing, standing
from projections.sla_compliance.titled import categories_at
from projections.words.headings import heading

ABOUT = {"as_of": Kind.MOMENT, "position": Kind.COUNT, "filters": Kind.TEXT}
"""What every line of a CSV says besides, since nothing can stand above them."""


class TooMany(ValueError):
    """A sheet cannot have so many rows."""


async def titled(conn: AsyncConnection[Any], table: Table, how: Wanted) -> Wanted:
    """The same with the titles of categories, as they were at the position that the table is of."""
    return how._replace(categories=await categories_at(conn, table.position))


def table_csv(file: IO[bytes], table: Table, how: Wanted, *, bom: bool) -> None:
    """The rows, and the total as the last."""
    sheet, rows, total = table_sheet(table, how)
    writer = Csv([*sheet.columns, *_about(how)], how.language, how.zone)
    file.write((BOM if bom else b"") + writer.head())
    file.write(writer.lines(_with_about([*rows, total], table, how)))


async def clocks_csv(
    file: IO[bytes],
    conn: AsyncConnection[Any],
    promises: Promises,
    wanted: Question,
    how: Wanted,
    *,
    position: int | None,
    bom: bool,
    of: Source = PROMISED,
) -> int:
    """Every clock; returns the position that the list is of.

    Raises:
        TooLongAgo: the view has moved on too far from the position.
    """
    async with standing(conn, promises, position, of) as stands:
        table = await _answer(conn, promises, wanted, stands)
        how = await titled(conn, table, how)
        writer = Csv([*clock_sheet(table, promises, how).columns, *_about(how)], how.language, how.zone)
        file.write((BOM if bom else b"") + writer.head())
        async for rows in clock_rows(conn, promises, wanted, stands, (table, how)):
            told = _with_about(rows, table, how)
            await asyncio.to_thread(lambda told=told: file.write(writer.lines(told)))
        return stands.position


async def workbook(
    file: IO[bytes],
    conn: AsyncConnection[Any],
    promises: Promises,
    wanted: Question,
    how: Wanted,
    *,
    position: int | None,
    clocks: bool,
    of: Source = PROMISED,
) -> int:
    """The table on one sheet, and if wanted its clocks on a second; returns the position that it is of.

    Raises:
        TooLongAgo: the view has moved on too far from the position.
        TooMany: there are more clocks than a sheet can have rows.
    """
    async with standing(conn, promises, position, of) as stands:
        table = await _answer(conn, promises, wanted, stands)
        how = await titled(conn, table, how)
        if clocks and table.total.clocks > MOST_ROWS:
            most = f"a sheet has {MOST_ROWS:,} rows at most"
            raise TooMany(f"{table.total.clocks:,} clocks: {most}; filter, or take the list as CSV")
        book = Book(file, how.language, how.zone, table.as_of)
        sheet, rows, total = table_sheet(table, how)
        book.begin(sheet)
        book.add(rows)
        book.add([total], bold=True)
        if clocks:
            await _add_clocks(book, conn, promises, wanted, (stands, table, how))
        await asyncio.to_thread(book.close)
        return stands.position


async def _add_clocks(
    book: Book,
    conn: AsyncConnection[Any],
    promises: Promises,
    wanted: Question,
    told: tuple[Standing, Table, Wanted],
) -> None:
    stands, table, how = told
    book.begin(clock_sheet(table, promises, how))
    async for rows in clock_rows(conn, promises, wanted, stands, (table, how)):
        await asyncio.to_thread(book.add, rows)


async def _answer(
    conn: AsyncConnection[Any], promises: Promises, wanted: Question, stands: Standing
) -> Table:
    answering = answer if stands.of.is_promised else own_answer
    return await answering(conn, promises, wanted, stands)


def _about(how: Wanted) -> list[Column]:
    return [Column(heading(name, how.language), kind) for name, kind in ABOUT.items()]


def _with_about(rows: Sequence[Cells], table: Table, how: Wanted) -> list[Cells]:
    about = (table.as_of, table.position, filters(table, how) or None)
    return [[*row, *about] for row in rows]
