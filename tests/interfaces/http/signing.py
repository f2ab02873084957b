"""Signs the log of a test, with a key that its database does not hold."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.database.connect import Database
from application.log.tree import merkle, notes
from tests.conftest import connected

ORIGIN = "aftersales.example/log"
LOG = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
KEY = notes.verifier_key(ORIGIN, LOG)


def sign(database: Database) -> int:
    """Sign everything that is in the log; its size."""
    with connected(database.service_url) as conn:
        rows = conn.execute("SELECT leaf_hash FROM log.event ORDER BY position", binary=True).fetchall()
        complete: dict[merkle.Subtree, bytes] = {}
        tree = merkle.CompactRange().extended([row[0] for row in rows], complete.__setitem__)
        for (level, number), value in complete.items():
            conn.execute(
                "INSERT INTO log.subtree VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", (level, number, value)
            )
        text = str(notes.Checkpoint(ORIGIN, tree.size, tree.root()))
        note = str(notes.Note(text, (notes.signed(text, ORIGIN, LOG),)))
        conn.execute("INSERT INTO log.checkpoint VALUES (%s, %s, %s, now())", (tree.size, tree.root(), note))
    return tree.size
