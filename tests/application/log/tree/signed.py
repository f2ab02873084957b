"""A log that is signed, and what is seen of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from application.database.connect import Database
from application.log.tree.checkpoints import Signed
from application.log.tree.delivering import Carrier, Delivery, carry, deliveries
from application.log.tree.keys import KeyDirectory
from application.log.tree.notes import Note, VerifierKey
from application.log.tree.signing import Signer
from tests.application.log.appending import append_many
from tests.application.log.committing import on_the_log
from tests.conftest import connected

ORIGIN = "log.example/service"


def sign(database: Database, keys: Path, origin: str | None = ORIGIN) -> Signed | None:
    """Sign the log as it stands, as a worker does that has just started."""
    with connected(database.service_url) as conn:
        return Signer(KeyDirectory(keys), origin).sign(conn)


def grow(database: Database, events: int) -> None:
    """Add so many events."""
    on_the_log(database, lambda log: append_many(log, callers=events, each=1))


def verifiers(keys: Path) -> list[VerifierKey]:
    """The public keys of a directory."""
    return [key.key for key in KeyDirectory(keys).all()]


def signers(signed: Signed, keys: Path) -> list[str]:
    """The ids of those keys of a directory that signed, after their signatures were checked."""
    return [key.id.hex() for key, _ in Note.of(signed.text).signed_by(verifiers(keys))]


def rows(database: Database, query: str) -> list[Any]:
    """What a query finds."""
    with connected(database.service_url) as conn:
        return conn.execute(query).fetchall()  # type: ignore[call-overload]


def more(database: Database, keys: Path, events: int = 5) -> Signed:
    """The next checkpoint."""
    grow(database, events)
    checkpoint = sign(database, keys)
    assert checkpoint
    return checkpoint


def carried(database: Database, *carriers: Carrier) -> dict[str, Delivery]:
    """Tell everybody who is due; how it stands then, by target."""
    with connected(database.service_url) as conn:
        carry(conn, carriers)
        return {delivery.target: delivery for delivery in deliveries(conn)}


def due_now(database: Database) -> None:
    """Let the time pass that somebody has to wait."""
    with connected(database.service_url) as conn:
        conn.execute("UPDATE log.delivery SET due_at = now()")
