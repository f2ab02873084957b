"""An owner of the database who rewrites the log: what this project can make visible but not prevent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from application.database.connect import Database
from application.log.reading import Mark, head
from application.log.sealing import ORIGIN, chain_hash, leaf_hash, sealed_bytes
from application.log.stored import COLUMNS
from application.log.verifying import Verified, verify
from tests.conftest import connected


@contextmanager
def as_owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection, with nothing left that guards the rows."""
    with connected(database.owner_url) as owner:
        owner.execute("ALTER TABLE log.event DISABLE TRIGGER ALL")
        for table in ("subtree", "checkpoint", "cosignature"):
            owner.execute(f"ALTER TABLE log.{table} DISABLE TRIGGER USER")  # type: ignore[call-overload]
        yield owner


def tamper(database: Database, *statements: str) -> None:
    """Do this as the owner."""
    with as_owner(database) as owner:
        for statement in statements:
            owner.execute(statement)  # type: ignore[call-overload]


def rewrite(database: Database, *, start: int = 1) -> None:
    """Give every event from a position on, and the head, the hashes that fit what stands there now."""
    with as_owner(database) as owner:
        before = owner.execute("SELECT chain_hash FROM log.event WHERE position = %s", [start - 1]).fetchone()
        chain = before[0] if before else ORIGIN
        query = f"SELECT {COLUMNS} FROM log.event WHERE position >= %s ORDER BY position"
        rows: list[Any] = owner.execute(query, [start], binary=True).fetchall()  # type: ignore[call-overload]
        for row in rows:
            leaf = leaf_hash(sealed_bytes(*row))
            chain = chain_hash(chain, leaf)
            owner.execute(
                "UPDATE log.event SET leaf_hash = %s, chain_hash = %s WHERE position = %s",
                [leaf, chain, row[0]],
            )
        owner.execute("UPDATE log.head SET position = %s, chain_hash = %s", [rows[-1][0], chain])


def verified(database: Database, *kept: Mark) -> Verified:
    """What the service's role finds."""
    with connected(database.service_url) as conn:
        return verify(conn, kept)


def marked(database: Database) -> Mark:
    """The log's head now."""
    with connected(database.service_url) as conn:
        return head(conn)


def found(database: Database, *kept: Mark) -> tuple[int, str] | None:
    """Where the log first differs and how, or nothing."""
    difference = verified(database, *kept).difference
    return (difference.position, difference.kind) if difference else None
