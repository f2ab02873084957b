"""The hashes that bind a case's events to the log (R38, ISO 7.5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

SEALS: LiteralString = "SELECT position, leaf_hash, chain_hash FROM log.event WHERE correlation_id = %s"


class Seal(NamedTuple):
    """The two hashes of an event: of itself, and of the log up to it (docs/log-format.md)."""

    leaf_hash: bytes
    chain_hash: bytes


Seals = Mapping[int, Seal]
"""By position."""


async def seals_of(conn: AsyncConnection[Any], case: UUID) -> Seals:
    """The seals of every event of a service case."""
    found = await conn.execute(SEALS, (case,), binary=True)
    return {position: Seal(leaf, chain) for position, leaf, chain in await found.fetchall()}
