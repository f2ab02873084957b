"""The baseline: the least that Litestar and psycopg can do for the same answer."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, get, post
from litestar.datastructures import State
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from projections.queue.front import Front

OTHER_TYPES = {
    **dict.fromkeys(("reported_at", "changed_at", "due_at", "late_from"), "timestamptz"),
    **dict.fromkeys(("handover_since", "liaison_due_at", "review_at"), "timestamptz"),
    **dict.fromkeys(("cycle", "hand_offs", "complaints", "parts", "questions", "version", "gap"), "int"),
    "liaisons": "int",
    **dict.fromkeys(("is_contract", "paused"), "boolean"),
    "id": "uuid",
}
COLUMNS = {name: OTHER_TYPES.get(name, "text") for name in Front.__struct_fields__}
TABLES = f"""
    CREATE TABLE view.bare_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data text NOT NULL);
    CREATE TABLE view.bare_queue AS
    SELECT rank, queue.number AS key, item.*
    FROM view.queue, jsonb_to_record(convert_from(front || '}}', 'UTF8')::jsonb) AS item (
        {", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())})
    ORDER BY rank, key;
    CREATE INDEX ON view.bare_queue (team, rank, key);
    ANALYZE view.bare_queue;
"""
"""The queue's own rows as plain columns, and a table to insert into."""

SELECT = f"SELECT {', '.join(COLUMNS)} FROM view.bare_queue WHERE team = %s ORDER BY rank, key LIMIT 50"
BYTES = "x" * 400
Pool = AsyncConnectionPool[AsyncConnection[Any]]


@get("/rows/{team:str}")
async def rows(state: State, team: str) -> list[dict[str, Any]]:
    """One prepared SELECT of fifty rows."""
    pool: Pool = state.pool
    async with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SELECT.encode(), (team,), prepare=True)
        return await cursor.fetchall()


@post("/row")
async def row(state: State) -> dict[str, Any]:
    """One autocommit INSERT of 400 bytes."""
    pool: Pool = state.pool
    async with pool.connection() as conn:
        query = "INSERT INTO view.bare_row (data) VALUES (%s) RETURNING id"
        cursor = await conn.execute(query, (BYTES,), prepare=True)
        ((new,),) = await cursor.fetchall()
        return {"id": new}


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """Sixteen connections, one for every caller of the benchmark."""
    pool: Pool = AsyncConnectionPool(
        os.environ["AFTERSALES_SERVICE_URL"],
        min_size=16,
        max_size=16,
        open=False,
        kwargs={"autocommit": True},
    )
    await pool.open(wait=True)
    app.state.pool = pool
    yield
    await pool.close()


def app() -> Litestar:
    """The bare application."""
    return Litestar([rows, row], lifespan=[lifespan], logging_config=None, openapi_config=None)
