"""Tables of clocks, and the clocks behind them, in the form that somebody wants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from litestar import Response
from psycopg import AsyncConnection

from interfaces.http.downloads import File, TableForm, sent
from interfaces.http.freshness import encoded, fresh
from interfaces.http.params import WrongParameter
from interfaces.http.service import Service
from interfaces.http.travel import must_be_recorded
from projections.sheets.sheet import Language
from projections.sla_compliance.clocks import behind
from projections.sla_compliance.files import TooMany, clocks_csv, table_csv, titled, workbook
from projections.sla_compliance.question import Question
from projections.sla_compliance.sheets import Table, Wanted
from projections.sla_compliance.sources import Source
from projections.sla_compliance.standing import VIEW, TooLongAgo

Ask = Callable[..., Coroutine[Any, Any, Table]]
"""Makes the table of a question, at a position."""


class Told(NamedTuple):
    """How an answer is wanted.

    Attributes:
        form: as what.
        language: of a file.
        bom: whether a CSV begins with a mark of its encoding.
        position: of the log that the rows are of; ``None`` for where the view is.
        wait: for this position, if the view is not there yet.
        if_none_match: what the reader has.
    """

    form: TableForm
    language: Language
    bom: bool
    position: int | None
    wait: int
    if_none_match: str | None


async def tabled(
    known: Service, wanted: Question, how: Told, ask: Ask, of: Source, *, clocks: bool
) -> Response[Any]:
    """The table that answers a question, and in a workbook perhaps the clocks behind it.

    Raises:
        WrongParameter: the log does not go so far, or has gone on too far since; too many clocks for a sheet.
        NotYetVisible: the view did not come so far in time.
    """
    called, told = "compliance" if of.is_promised else "own-times", Wanted(how.language, known.zone)
    async with _rows_at(known, how) as conn:
        if how.form is TableForm.XLSX:
            async with known.press:
                file = File(called)
                try:
                    await workbook(
                        file, conn, known.promises, wanted, told, position=how.position, clocks=clocks, of=of
                    )
                except TooMany as many:
                    raise WrongParameter(str(many), "clocks") from None
                return sent(file, how.form, how.if_none_match)
        table = await ask(conn, known.promises, wanted, position=how.position)
        if how.form is TableForm.CSV:
            told = await titled(conn, table, told)
    if how.form is TableForm.JSON:
        return encoded(table, how.if_none_match)
    file = File(called)
    table_csv(file, table, told, bom=how.bom)
    return sent(file, how.form, how.if_none_match)


async def listed(
    known: Service, wanted: Question, how: Told, of: Source, cursor: str | None, limit: int
) -> Response[Any]:
    """The clocks that a question is about: a page of them, or all in a file.

    Raises:
        WrongParameter: the log does not go so far, or has gone on too far since.
        NotYetVisible: the view did not come so far in time.
    """
    book, position = known.promises, how.position
    async with _rows_at(known, how) as conn:
        if how.form is TableForm.JSON:
            page = await behind(conn, book, wanted, position=position, cursor=cursor, limit=limit, of=of)
            return encoded(page, how.if_none_match)
        file, told = File("clocks" if of.is_promised else "own-clocks"), Wanted(how.language, known.zone)
        async with known.press:
            await clocks_csv(file, conn, book, wanted, told, position=position, bom=how.bom, of=of)
    return sent(file, how.form, how.if_none_match)


@asynccontextmanager
async def _rows_at(known: Service, how: Told) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection for asking the rows as they were at a position."""
    await must_be_recorded(known, how.position)
    try:
        async with fresh(known, VIEW, max(how.wait, how.position or 0)) as conn:
            yield conn
    except TooLongAgo as gone:
        raise WrongParameter(str(gone), "position") from None
