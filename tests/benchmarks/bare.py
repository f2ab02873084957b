"""The baseline: the least that Litestar and psycopg can do for the same answer."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, get, post
from litestar.datastructures import State
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

ROW = "x" * 400


@get("/rows")
async def rows(state: State) -> list[dict[str, Any]]:
    """One prepared SELECT of fifty rows."""
    async with state.pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT * FROM view.bare_queue ORDER BY due_at LIMIT 50", prepare=True)
        return await cursor.fetchall()


@post("/row")
async def row(state: State) -> dict[str, Any]:
    """One autocommit INSERT of 400 bytes."""
    async with state.pool.connection() as conn:
        cursor = await conn.execute(
            "INSERT INTO view.bare (data) VALUES (%s) RETURNING id", (ROW,), prepare=True
        )
        ((new,),) = await cursor.fetchall()
        return {"id": new}


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """Sixteen connections, one for every caller of the benchmark."""
    pool = AsyncConnectionPool(
        os.environ["AFTERSALES_SERVICE_URL"], min_size=16, max_size=16, open=False, kwargs={"autocommit": True}
    )
    await pool.open(wait=True)
    app.state.pool = pool
    yield
    await pool.close()


def app() -> Litestar:
    """The bare application."""
    return Litestar([rows, row], lifespan=[lifespan], logging_config=None, openapi_config=None)
