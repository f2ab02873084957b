"""What a bundle is made of, and its bytes: the same contents make the same ones."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from application.log.tree.notes import VerifierKey
from interfaces.offline import verify

ORIGIN_OF_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can name: what every file in it says of its age."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle says of itself.

    Attributes:
        about: a whole service case, or the stream of one part or contract.
        id: of that case or stream.
        signed_at: when the checkpoint was signed.
        utc_offset: in which times are shown, such as +08:00.
        left_out: why a file is not in it, by its SHA-256.
    """

    form: str = verify.FORM
    about: Literal["case", "stream"]
    id: UUID
    signed_at: datetime
    utc_offset: str
    left_out: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class Sealed(msgspec.Struct, frozen=True):
    """One event as it is proven.

    Attributes:
        content: its sealed bytes.
        path: the hashes that lead from it to the root.
    """

    position: int
    content: bytes
    path: Sequence[bytes]


def bundle(
    about: About,
    events: Iterable[Sealed],
    note: str,
    keys: Iterable[VerifierKey],
    attached: Mapping[str, bytes] | None = None,
) -> tuple[bytes, verify.Proven]:
    """A bundle, and what it proves.

    Args:
        events: in the order of the log.
        note: the checkpoint with its signatures.
        keys: of the log, which signed it.
        attached: photos and files that the events name, by their SHA-256.

    Raises:
        NotProven: the events, proofs and checkpoint do not belong together.
    """
    checkpoint = note.encode()
    files = {
        verify.MANIFEST: msgspec.json.encode(about) + b"\n",
        verify.CHECKPOINT: checkpoint,
        verify.KEYS: b"".join(verify.key_lines(str(key), key.fingerprint) for key in keys),
    }
    for event in events:
        files[verify.event_name(event.position, verify.SEALED)] = event.content
        files[verify.event_name(event.position, verify.PROOF)] = proof(event, checkpoint)
    files |= {verify.file_name(digest): content for digest, content in (attached or {}).items()}
    proven = verify.prove(files)
    files[verify.INDEX] = verify.page(proven)
    return packed(files), proven


def proof(event: Sealed, checkpoint: bytes) -> bytes:
    """The proof of one event, as c2sp.org/tlog-proof writes it."""
    lines = [
        b"c2sp.org/tlog-proof@v1",
        b"index %d" % (event.position - 1),
        *map(base64.b64encode, event.path),
    ]
    return b"\n".join(lines) + b"\n\n" + checkpoint


def packed(files: dict[str, bytes]) -> bytes:
    """A zip that depends on nothing but its files: their order, not packed, without their age."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=_place):
            entry = zipfile.ZipInfo(name, ORIGIN_OF_TIME)
            entry.create_system = 3  # as on Unix, wherever it is made
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def _place(name: str) -> tuple[bool, str]:
    """What people open first; then the events, in their order; then the files."""
    return name.startswith(("events/", "files/")), name
