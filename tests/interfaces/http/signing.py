"""Signs the log of a test, with a key that its database does not hold."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.database.connect import Database
from application.log.tree import notes
from application.log.tree.keys import KeyDirectory, LogKey
from application.log.tree.signing import Signer
from application.log.tree.witnesses import Witness
from tests.conftest import connected

ORIGIN = "aftersales.example/log"
LOG = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
KEY = notes.verifier_key(ORIGIN, LOG)


WATCHING = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
WITNESS = Witness(
    notes.VerifierKey("witness.example/w1", WATCHING.public_key().public_bytes_raw(), notes.COSIGNATURE)
)
"""One whose cosignatures are taken."""


def make_key(directory: Path) -> None:
    """Put the key of all tests there."""
    seed = base64.b64encode(LOG.private_bytes_raw()).decode()
    KeyDirectory(directory).keep(LogKey(vkey=str(KEY), since=datetime(2026, 1, 1, tzinfo=UTC), seed=seed))


def sign(database: Database, keys: Path) -> int:
    """Sign everything that is in the log; its size."""
    with connected(database.service_url) as conn:
        signed = Signer(KeyDirectory(keys), ORIGIN).sign(conn)
    assert signed is not None
    return signed.size
