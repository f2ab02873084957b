"""Does a bundle prove what it says? With no database, no network, and nothing of the service: copy this file.

    python verify.py BUNDLE [--key VKEY-OR-FINGERPRINT] [--witness VKEY] [--checkpoint FILE] [--page FILE]

It needs Python 3.11 and the package ``cryptography``. It repeats on purpose what the service has elsewhere:
sealed bytes, tree, notes. Whoever trusts neither the service nor its code reads this file alone; and two
programs that were written apart and agree speak for each other, which a test makes sure of. It follows
docs/log-format.md and docs/bundle.md; RFC 9162 (2.1); C2SP signed-note, tlog-checkpoint, tlog-proof and
tlog-cosignature. Nothing above "What people read" rests on what is below it.

It ends with 0 when all is proven, 3 when it is not, 1 when it could not look, 2 when it was not understood.
"""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import re
import stat
import sys
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    raise SystemExit("verify.py needs the package cryptography: pip install cryptography") from None

FORM = "aftersales bundle 1"
MANIFEST, INDEX, CHECKPOINT, KEYS = "bundle.json", "index.html", "checkpoint", "keys"
SEALED, PROOF = ".sealed", ".tlog-proof"
MOST_BYTES = 256 * 1024 * 1024
"""Of a bundle, packed or unpacked: what is larger is not read."""
MOST_FILES = 65_534
"""What a zip without extensions can say it holds."""
MOST_DIRECTORY = 16 * 1024 * 1024
MOST_TEXT = 64 * 1024
"""Bytes of a manifest, a key, a checkpoint or a proof."""

Files = dict[str, bytes]


class NotProven(Exception):
    """The bundle does not prove what it says. The message is one line and names the first place."""


class Misused(Exception):
    """An argument cannot be right."""


# What a bundle holds. --------------------------------------------------------------------------------------

EVENT_NAME = re.compile(r"events/([0-9]{12,19})(\.sealed|\.tlog-proof)", re.ASCII)
FILE_NAME = re.compile(r"files/sha256-([0-9a-f]{64})", re.ASCII)
END_OF_ZIP = b"PK\x05\x06"


def event_name(position: int, kind: str) -> str:
    """Where an event, or its proof, stands in a bundle."""
    return f"events/{position:012d}{kind}"


def file_name(digest: str) -> str:
    """Where a photo or file stands in a bundle."""
    return f"files/sha256-{digest}"


def read_file(path: str | os.PathLike[str], most: int = MOST_BYTES) -> bytes:
    """A file of reasonable size.

    Raises:
        OSError: it cannot be read, or is no ordinary file.
        NotProven: it is too large.
    """
    told = Path(path).stat()
    if not stat.S_ISREG(told.st_mode):
        raise OSError(errno.EINVAL, "this is not a file", os.fspath(path))
    if told.st_size > most:
        raise NotProven(f"this is larger than {most:,} bytes, the most that is read")
    return Path(path).read_bytes()


def unpack(content: bytes) -> Files:
    """The files of a bundle by name; nothing is written anywhere.

    Raises:
        NotProven: it is not a plain zip with the files of a bundle and no others.
    """
    end = content[-22:]
    if len(end) < 22 or not end.startswith(END_OF_ZIP) or end[20:] != b"\0\0":
        raise NotProven("this is not a bundle: it does not end as a plain zip does; is it whole?")
    count, directory = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    if count > MOST_FILES or directory > MOST_DIRECTORY:
        raise NotProven("this is not a bundle: its list of files is too long")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _files(packed)
    except NotProven:
        raise
    except Exception as error:  # a zip can be wrong in more ways than its reader has errors
        raise NotProven(f"this is not a bundle: the zip cannot be read: {brief(error)}") from None


def _files(packed: zipfile.ZipFile) -> Files:
    files: Files = {}
    left = MOST_BYTES
    if len(packed.infolist()) > MOST_FILES:
        raise NotProven("this is not a bundle: its list of files is too long")
    for entry in packed.infolist():
        name = entry.orig_filename
        if name not in {MANIFEST, INDEX, CHECKPOINT, KEYS} and not (_is_event(name) or _is_file(name)):
            raise NotProven(f"this is not a bundle: {brief(name)} has no place in one")
        if name in files:
            raise NotProven(f"this is not a bundle: it holds {name} twice")
        if entry.flag_bits & 1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise NotProven(f"this is not a bundle: {name} is encrypted, or packed in an unusual way")
        large = name == INDEX or name.endswith(SEALED) or _is_file(name)
        most = left if large else min(left, MOST_TEXT)
        with packed.open(entry) as file:
            files[name] = file.read(most + 1)
        left -= len(files[name])
        if len(files[name]) > most:
            raise NotProven(f"this is not a bundle: {name} is too large")
    return files


def _is_event(name: str) -> bool:
    found = EVENT_NAME.fullmatch(name)
    return found is not None and name == event_name(int(found[1]), found[2])


def _is_file(name: str) -> bool:
    return FILE_NAME.fullmatch(name) is not None


# What an event is: docs/log-format.md. ---------------------------------------------------------------------

FORMAT = b"aftersales event 1"
ABSENT = b"\xff\xff\xff\xff"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """What the log recorded once, as its sealed bytes say it."""

    position: int
    stream_id: UUID
    version: int
    type: str
    schema: int
    data: bytes
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None
    correlation_id: UUID
    causation_id: UUID | None
    idempotency_key: str | None


def _integer(field: bytes) -> int:
    if len(field) != 8:
        raise ValueError("a number is not 8 bytes")
    return int.from_bytes(field, "big", signed=True)


def _moment(field: bytes) -> datetime:
    return EPOCH + timedelta(microseconds=_integer(field))


READ = {
    "position": _integer, "stream_id": lambda field: UUID(bytes=field), "version": _integer,
    "type": bytes.decode, "schema": _integer, "data": bytes, "occurred_at": _moment, "recorded_at": _moment,
    "actor": bytes.decode, "reason": bytes.decode, "correlation_id": lambda field: UUID(bytes=field),
    "causation_id": lambda field: UUID(bytes=field), "idempotency_key": bytes.decode,
}  # fmt: skip
"""How the bytes of every field are read, in their order."""
MAY_BE_ABSENT = {"reason", "causation_id", "idempotency_key"}


def unseal(sealed: bytes) -> Event:
    """The event of sealed bytes.

    Raises:
        ValueError: no event has these bytes.
    """
    if not sealed.startswith(FORMAT):
        raise ValueError("they do not begin as an event does")
    found: dict[str, Any] = {}
    at = len(FORMAT)
    for name, read in READ.items():
        length = sealed[at : at + 4]
        at += 4
        if length == ABSENT and name in MAY_BE_ABSENT:
            found[name] = None
            continue
        field = sealed[at : at + int.from_bytes(length, "big")]
        if len(length) < 4 or len(field) != int.from_bytes(length, "big"):
            raise ValueError(f"they end within {name}")
        at += len(field)
        try:
            found[name] = read(field)
        except (ValueError, OverflowError):
            raise ValueError(f"{name} is not what it should be") from None
    if at != len(sealed):
        raise ValueError("something follows the last field")
    return Event(**found)


# What a log is: RFC 9162, 2.1. -----------------------------------------------------------------------------


def leaf_hash(sealed: bytes) -> bytes:
    """The hash of an event in the tree."""
    return sha256(b"\x00" + sealed).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of what stands above two hashes."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to (2.1.3.2); ``None`` when it is too short or too long."""
    if not 0 <= index < size:
        return None
    first, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if first & 1 or first == last:
            root = node_hash(step, root)
            while first & 1 == 0 and first:
                first, last = first >> 1, last >> 1
        else:
            root = node_hash(root, step)
        first, last = first >> 1, last >> 1
    return root if last == 0 else None


# Who says so: signed notes, checkpoints, proofs. -----------------------------------------------------------

LOG_KEY, WITNESS_KEY = 1, 4
"""Signature types of c2sp.org/signed-note: Ed25519, and a witness's Ed25519 with the time."""
KEY_NAME = re.compile(r"[^\s+]+")
SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
FINGERPRINT = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def from_base64(text: str) -> bytes:
    """Raises:
    ValueError: it is not base64 as base64 is written.
    """
    found = b64decode(text, validate=True)
    if b64encode(found).decode() != text:
        raise ValueError("not canonical base64")
    return found


@dataclass(frozen=True)
class Key:
    """A public key by its vkey, ``name+id+base64``."""

    vkey: str
    name: str
    kind: int
    public: bytes

    @classmethod
    def of(cls, vkey: str) -> Key:
        """Raises:
        ValueError: this is no vkey of an Ed25519 key.
        """
        name, _, rest = vkey.partition("+")
        told, _, encoded = rest.partition("+")
        key = from_base64(encoded)
        if not KEY_NAME.fullmatch(name) or len(key) != 33 or key[0] not in {LOG_KEY, WITNESS_KEY}:
            raise ValueError("not the vkey of an Ed25519 key")
        read = cls(vkey, name, key[0], key[1:])
        if told != read.fingerprint[:8]:
            raise ValueError("the id in the vkey is not that of its key")
        return read

    @property
    def id(self) -> bytes:
        """What every signature of this key begins with."""
        return bytes.fromhex(self.fingerprint[:8])

    @property
    def fingerprint(self) -> str:
        """SHA-256 of name, newline, kind and key in hexadecimal digits; the id is the first eight."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).hexdigest()

    def signed(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made that signature of that message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Note:
    """A signed note: its text, and under it the signatures by key name and key id."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def of(cls, content: bytes) -> Note:
        """Raises:
        ValueError: this is no signed note.
        """
        written = content.decode()
        if re.search(r"[\x00-\x09\x0b-\x1f\x7f]", written):
            raise ValueError("a note has no control characters")
        text, found, below = written.rpartition("\n\n")
        *lines, end = below.split("\n")
        if not found or end or not lines or len(lines) > 100:
            raise ValueError("a note is a text, an empty line, and lines that sign it")
        signatures: list[tuple[str, bytes, bytes]] = []
        for line in lines:
            signed = SIGNATURE.fullmatch(line)
            made = from_base64(signed[2]) if signed else b""
            if signed is None or len(made) <= 4:
                raise ValueError("a line that signs is a dash, a name, and base64")
            signatures.append((signed[1], made[:4], made[4:]))
        return cls(text + "\n", tuple(signatures))

    def made_by(self, key: Key) -> list[bytes]:
        """The signatures that say they are of this key."""
        return [made for name, key_id, made in self.signatures if (name, key_id) == (key.name, key.id)]


@dataclass(frozen=True)
class Checkpoint:
    """How large a log was, and the root of its tree."""

    origin: str
    size: int
    root: bytes

    @property
    def root_text(self) -> str:
        """The root as checkpoints write it."""
        return b64encode(self.root).decode()

    @classmethod
    def of(cls, text: str) -> Checkpoint:
        """Raises:
        ValueError: this is not the text of a checkpoint.
        """
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines) or not NUMBER.fullmatch(lines[1]):
            raise ValueError("a checkpoint is an origin, a size and a root")
        root = from_base64(lines[2])
        if len(root) != 32:
            raise ValueError("a root is 32 bytes")
        return cls(lines[0], int(lines[1]), root)


def read_proof(content: bytes) -> tuple[int, list[bytes], bytes]:
    """Index, hashes, and the checkpoint that a c2sp.org/tlog-proof leads to.

    Raises:
        ValueError: this is no such proof.
    """
    head, _, checkpoint = content.partition(b"\n\n")
    first, *lines = head.decode().split("\n")
    if lines and lines[0].startswith("extra "):
        del lines[0]
    index = lines[0].removeprefix("index ") if lines else ""
    if first != "c2sp.org/tlog-proof@v1" or not NUMBER.fullmatch(index) or not lines[0].startswith("index "):
        raise ValueError("it does not begin as a proof does")
    path = [from_base64(line) for line in lines[1:]]
    if any(len(step) != 32 for step in path):
        raise ValueError("a hash of it is not 32 bytes")
    return int(index), path, checkpoint


# What a bundle says, and whether it is so. -----------------------------------------------------------------


OFFSET = re.compile(r"[+-](?:0[0-9]|1[0-4]):[0-5][0-9]")


@dataclass(frozen=True)
class Manifest:
    """What a bundle is about; nothing rests on it that is not compared with the events.

    Attributes:
        about: ``case`` for everything with one correlation id, ``stream`` for one part or contract.
        id: of that case or stream.
        signed_at: when the log says that it signed the checkpoint, which the checkpoint itself does not say.
        utc_offset: in which times are shown, such as +08:00.
        left_out: why a file is not here, by its SHA-256.
    """

    about: str
    id: UUID
    signed_at: datetime
    utc_offset: str
    left_out: dict[str, str]

    @classmethod
    def of(cls, content: bytes) -> Manifest:
        """Raises:
        ValueError: this is no manifest.
        """
        told = json.loads(content)
        if not isinstance(told, dict) or told.get("form") != FORM:
            raise ValueError(f"it does not say {FORM!r}")
        about, of, offset = told.get("about"), told.get("id"), told.get("utc_offset")
        if about not in ("case", "stream") or not isinstance(of, str) or str(UUID(of)) != of:
            raise ValueError("it does not say which case or stream")
        if not isinstance(offset, str) or not OFFSET.fullmatch(offset):
            raise ValueError("it says no offset")
        signed_at = told.get("signed_at")
        at = datetime.fromisoformat(signed_at) if isinstance(signed_at, str) else None
        if at is None or at.tzinfo is None:
            raise ValueError("it does not say when the checkpoint was signed")
        left_out = told.get("left_out", {})
        if not isinstance(left_out, dict) or not all(isinstance(why, str) for why in left_out.values()):
            raise ValueError("it does not say why files are left out")
        return cls(about, UUID(of), at, offset, left_out)

    @property
    def zone(self) -> timezone:
        """Where times are shown."""
        hours, minutes = int(self.utc_offset[1:3]), int(self.utc_offset[4:])
        sign = -1 if self.utc_offset[0] == "-" else 1
        return timezone(sign * timedelta(hours=hours, minutes=minutes))


@dataclass(frozen=True)
class Attached:
    """A photo or file that an event names; what the event says of it is proven.

    Attributes:
        position: of the event.
        sha256: of its bytes, in hexadecimal.
        size: how many bytes it has.
        absent: why it is not here, in the bundle's own words; ``None`` where it is, byte for byte.
    """

    position: int
    sha256: str
    size: int
    media_type: str
    name: str
    absent: str | None = None


@dataclass(frozen=True)
class Proven:
    """A bundle that proves what it says.

    Attributes:
        events: in the order of the log.
        keys: of the log, each of which signed the checkpoint; several while one replaces another.
        expected: the one of them that was asked for; ``None`` when none was.
        witnesses: who of those that were asked for cosigned the checkpoint, and when each says it did.
        unchecked: signatures of others under the checkpoint.
        files: photos and files that the events name, each once, in the order of the log.
    """

    manifest: Manifest
    events: tuple[Event, ...]
    checkpoint: Checkpoint
    keys: tuple[Key, ...]
    expected: Key | None
    witnesses: tuple[tuple[str, datetime], ...]
    unchecked: int
    files: tuple[Attached, ...]

    @property
    def number(self) -> str:
        """What people call the case, part or contract: by its first event, else its id."""
        return _words(self._first).get("number") or str(self.manifest.id)

    @property
    def subject(self) -> str:
        """What it is about, by its first event."""
        told = _words(self._first)
        return told.get("subject") or told.get("title") or told.get("name.zh") or ""

    @property
    def own(self) -> list[Event]:
        """The events of the case's own stream."""
        return [event for event in self.events if event.stream_id == self.manifest.id]

    @property
    def _first(self) -> bytes:
        return self.own[0].data


def prove(
    files: Files, *, key: str | None = None, witnesses: Sequence[str] = (), kept: bytes | None = None
) -> Proven:
    """Verify everything but the page (``prove_page``).

    Args:
        key: the vkey or fingerprint of the log's key, as known from elsewhere.
        witnesses: vkeys of witnesses, each of which must have cosigned.
        kept: a checkpoint that was kept elsewhere, whose text must be the same.

    Raises:
        NotProven: something is not as the bundle says.
        Misused: ``key``, ``witnesses`` or ``kept`` is not what it should be.
    """
    wanted, watched = _wanted(key), [_witness(vkey) for vkey in witnesses]
    manifest = _read(files, MANIFEST, Manifest.of)
    keys = _read(files, KEYS, _keys)
    expected = next((key for key in keys if wanted in {key.vkey, key.fingerprint}), None)
    if wanted is not None and expected is None:
        raise NotProven(f"the key is not the one you expect, but {keys[0].fingerprint}")
    note = _read(files, CHECKPOINT, Note.of)
    checkpoint = _read(files, CHECKPOINT, lambda _: Checkpoint.of(note.text))
    for own in keys:
        if checkpoint.origin != own.name:
            raise NotProven(f"checkpoint: it is of {brief(checkpoint.origin)}, the key of {brief(own.name)}")
        made = note.made_by(own)
        if not made or not all(own.signed(signature, note.text.encode()) for signature in made):
            raise NotProven("checkpoint: the key did not sign it: it was changed, or another key did")
    if kept is not None and note.text != _kept(kept).text:
        raise NotProven("checkpoint: it is not the one that was kept")
    cosigned = tuple(_cosigned(note, witness) for witness in watched)
    events = tuple(_proven(files, checkpoint))
    _belong(manifest, events)
    attached = tuple(_carried(files, events, manifest.left_out))
    known = {(each.name, each.id) for each in (*keys, *watched)}
    others = sum((name, key_id) not in known for name, key_id, _ in note.signatures)
    return Proven(manifest, events, checkpoint, keys, expected, cosigned, others, attached)


def prove_page(files: Files, proven: Proven) -> None:
    """Compare the page with the one that the proven events make.

    Raises:
        NotProven: it is another one.
    """
    if INDEX not in files or files[INDEX] == page(proven):
        return
    unknown = next((event.type for event in proven.events if event.type not in TITLES), None)
    why = (
        f"cannot be compared: a newer verifier knows {brief(unknown)}"
        if unknown
        else "is not the page of them"
    )
    raise NotProven(f"every event is proven, but {INDEX} {why}; do not read it, --page FILE writes another")


def _read(files: Files, name: str, read: Any) -> Any:
    if name not in files:
        raise NotProven(f"{name} is missing")
    try:
        return read(files[name])
    except (ValueError, RecursionError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else brief(error)
        raise NotProven(f"{name} cannot be read: {why}") from None


def _wanted(key: str | None) -> str | None:
    """A vkey or a fingerprint, as it is compared."""
    if key is None:
        return None
    found = FINGERPRINT.fullmatch(key.strip().lower())
    if found:
        return found[1]
    try:
        return Key.of(key.strip()).vkey
    except ValueError as error:
        raise Misused(f"--key is neither a vkey nor 64 hexadecimal digits: {error}") from None


def _witness(vkey: str) -> Key:
    try:
        found = Key.of(vkey.strip())
    except ValueError as error:
        raise Misused(f"--witness: {error}") from None
    if found.kind != WITNESS_KEY:
        raise Misused("--witness: the vkey of a witness begins with the byte 04, this one does not")
    return found


def _kept(content: bytes) -> Note:
    try:
        note = Note.of(content)
        Checkpoint.of(note.text)
    except ValueError as error:
        raise Misused(f"--checkpoint is no checkpoint: {error}") from None
    return note


def _keys(content: bytes) -> tuple[Key, ...]:
    keys = tuple(Key.of(line) for line in content.decode().split("\n")[:-1:2])
    if not keys or any(key.kind != LOG_KEY for key in keys):
        raise ValueError("it does not say the log's key")
    if content != b"".join(key_lines(key.vkey, key.fingerprint) for key in keys):
        raise ValueError("below the key is not its fingerprint")
    return keys


def key_lines(vkey: str, fingerprint: str) -> bytes:
    """How a bundle names a key."""
    return f"{vkey}\nsha256:{fingerprint}\n".encode()


def _cosigned(note: Note, witness: Key) -> tuple[str, datetime]:
    """Raises:
    NotProven: the witness did not cosign.
    """
    who = f"the witness {brief(witness.name)}"
    made = next(iter(note.made_by(witness)), None)
    if made is None:
        raise NotProven(f"checkpoint: {who} did not cosign it")
    seconds = int.from_bytes(made[:8], "big")
    if not witness.signed(made[8:], f"cosignature/v1\ntime {seconds}\n{note.text}".encode()):
        raise NotProven(f"checkpoint: {who} cosigned another one")
    try:
        return witness.name, EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise NotProven(f"checkpoint: {who} says a time that no calendar has") from None


def _proven(files: Files, checkpoint: Checkpoint) -> Iterator[Event]:
    """Every event, when its bytes and its proof lead to the root.

    Raises:
        NotProven: names the first that does not.
    """
    positions = sorted({int(found[1]) for name in files if (found := EVENT_NAME.fullmatch(name))})
    if not positions:
        raise NotProven("it holds no events")
    for position in positions:
        sealed = files.get(event_name(position, SEALED))
        proof = files.get(event_name(position, PROOF))
        if sealed is None or proof is None:
            lacks = "the event" if sealed is None else "its proof"
            raise NotProven(f"position {position}: {lacks} is missing")
        try:
            event = unseal(sealed)
        except ValueError as error:
            raise NotProven(f"position {position}: these bytes are not an event: {error}") from None
        try:
            index, path, below = read_proof(proof)
        except ValueError as error:
            why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
            raise NotProven(f"position {position}: its proof cannot be read: {why}") from None
        if event.position != position:
            raise NotProven(f"position {position}: the event here says that it stands at {event.position}")
        if index != position - 1:
            raise NotProven(f"position {position}: the proof here is of position {index + 1}")
        if below != files[CHECKPOINT]:
            raise NotProven(f"position {position}: its proof is for another checkpoint")
        if root_of(leaf_hash(sealed), index, checkpoint.size, path) != checkpoint.root:
            raise NotProven(
                f"position {position}: it does not lead to the checkpoint: it was changed, or its proof"
            )
        yield event


def _belong(manifest: Manifest, events: Sequence[Event]) -> None:
    """Raises:
    NotProven: an event is of something else, or one of the case's own stream is missing before the last.
    """
    for event in events:
        of = event.correlation_id if manifest.about == "case" else event.stream_id
        if of != manifest.id:
            raise NotProven(f"position {event.position}: it does not belong to this {manifest.about}")
    own = [event for event in events if event.stream_id == manifest.id]
    if not own:
        raise NotProven(f"no event of the {manifest.about}'s own stream is there")
    for version, event in enumerate(own, 1):
        if event.version != version:
            raise NotProven(
                f"position {event.position}: version {version} of its stream is not there before it"
            )


def attached(events: Sequence[Event]) -> list[Attached]:
    """The photos and files that events name, each by the first event that does."""
    found: dict[str, Attached] = {}
    for event in events:
        told = _told(event.data) if event.type == "ticket.file_attached" else {}
        digest, size, kind, name = (told.get(field) for field in ("sha256", "size", "media_type", "name"))
        if isinstance(digest, str) and isinstance(size, int) and FILE_NAME.fullmatch(file_name(digest)):
            found.setdefault(digest, Attached(event.position, digest, size, f"{kind}", f"{name}"))
    return list(found.values())


def _told(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _carried(files: Files, events: Sequence[Event], left_out: dict[str, str]) -> Iterator[Attached]:
    """Every file that is named, when what is here of it is what its event names.

    Raises:
        NotProven: a file is another than its event names, or no event here names it.
    """
    named = attached(events)
    for each in named:
        content = files.get(file_name(each.sha256))
        if content is None:
            why = left_out.get(each.sha256)
            yield replace(each, absent="the bundle does not say why" if why is None else why)
        elif (sha256(content).hexdigest(), len(content)) != (each.sha256, each.size):
            raise NotProven(
                f"{file_name(each.sha256)}: it was altered: it is not the file that the event at "
                f"{each.position} names"
            )
        else:
            yield each
    known = {file_name(each.sha256) for each in named}
    stray = next((name for name in files if FILE_NAME.fullmatch(name) and name not in known), None)
    if stray is not None:
        raise NotProven(f"{stray}: no event here names this file")


# What people read. -----------------------------------------------------------------------------------------

HIDING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Characters that hide, or turn a line or a terminal around; listed here, since Python's own list grows."""


def visible(text: str) -> str:
    """The text with every character that hides said as its code point."""
    return HIDING.sub(lambda found: f"[U+{ord(found[0]):04X}]", text.replace("\r\n", "\n"))


def brief(text: object) -> str:
    """As much of something as one line can tell."""
    return _line(str(text)[:120])


def _line(text: str) -> str:
    return " ".join(visible(text.replace("\n", " ")).split())


def shown_at(at: datetime, zone: timezone) -> str:
    """A time with its offset; in UTC where the calendar ends."""
    try:
        at = at.astimezone(zone)
    except OverflowError:
        at = at.astimezone(UTC)
    return at.isoformat(" ", "seconds")


def _words(data: bytes) -> dict[str, str]:
    """What happened, by the path of every field that has a value; the bytes if they are no object."""
    try:
        told = json.loads(data, parse_int=str, parse_float=str, parse_constant=str)
        if isinstance(told, dict):
            return dict(_leaves(told, ""))
    except (ValueError, RecursionError):
        pass
    return {"data": data.decode("utf-8", "backslashreplace")}


def _leaves(told: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            if value:
                yield prefix + name, json.dumps(value, ensure_ascii=False)
        elif isinstance(value, bool):
            yield prefix + name, str(value).lower()
        elif value is not None and prefix + name != "type":
            yield prefix + name, value


UNCHECKED = "NOT CHECKED: that it is the log's is this bundle's own word; give --key"
LIMITS = (
    "Not proven: that nothing follows these events; that other streams hold no more",
    "of the case; that what was recorded is true.",
)


def told(proven: Proven) -> list[str]:
    """What is proven, line by line, for somebody at a terminal."""
    zone, checkpoint, own = proven.manifest.zone, proven.checkpoint, proven.own
    last = max(event.recorded_at for event in proven.events)
    what = f"{proven.manifest.about} {_line(proven.number)}"
    lines = [
        f"proven: {len(proven.events)} events of the {what} are in the log",
        f"  subject     {_line(proven.subject)}",
        f"  log         {_line(checkpoint.origin)}",
        f"  checkpoint  the first {checkpoint.size} events, signed after {shown_at(last, zone)};",
        f"              at {shown_at(proven.manifest.signed_at, zone)}, as the log says",
        f"  root        {checkpoint.root_text}",
        *(f"  key         {key.fingerprint}" for key in proven.keys if proven.expected in {None, key}),
        f"              {'as you expected' if proven.expected else UNCHECKED}",
        *(f"  witness     {_line(name)}, {shown_at(at, zone)}" for name, at in proven.witnesses),
    ]
    if proven.unchecked:
        lines.append(f"  witness     {proven.unchecked} more signatures, not checked; --witness checks one")
    lines.append(f"  complete    versions 1 to {own[-1].version} of its own stream, none missing between")
    lines += _files_told(proven.files)
    broad = len(str(proven.events[-1].position))
    lines += ["", f"{'#':>{broad}}  {proven.manifest.utc_offset:19}  {'what':24}  who"]
    for event in proven.events:
        at = shown_at(event.occurred_at, zone).removesuffix(proven.manifest.utc_offset)
        lines.append(f"{event.position:{broad}}  {at}  {_line(event.type):24}  {_line(event.actor)}")
    return [*lines, "", *LIMITS]


def _files_told(files: Sequence[Attached]) -> Iterator[str]:
    """Which files are here, and which are not and why; nothing where the events name none."""
    if not files:
        return
    absent = [file for file in files if file.absent is not None]
    here = len(files) - len(absent)
    yield f"  files       {len(files)} named, {here} here, byte for byte as their events say"
    for file in absent:
        yield f"  absent      {brief(file.name)} (event {file.position}): {brief(file.absent)}"


def plain(proven: Proven) -> dict[str, Any]:
    """The same for programs."""
    checkpoint = proven.checkpoint
    return {
        "about": proven.manifest.about,
        "id": str(proven.manifest.id),
        "number": visible(proven.number),
        "checkpoint": {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root_text,
            "signed_at": proven.manifest.signed_at.isoformat(),
        },
        "keys": [{"vkey": key.vkey, "sha256": key.fingerprint} for key in proven.keys],
        "expected_key": proven.expected.vkey if proven.expected else None,
        "witnesses": [{"name": name, "cosigned_at": at.isoformat()} for name, at in proven.witnesses],
        "unchecked_signatures": proven.unchecked,
        "own_versions": proven.own[-1].version,
        "files": [vars(file) for file in proven.files],
        "events": [{name: _plain(each) for name, each in vars(event).items()} for event in proven.events],
    }


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


# The page, for whoever has no terminal. --------------------------------------------------------------------

TITLES = {
    "ticket.registered": ("登记工单", "Ticket registered"),
    "ticket.classified": ("故障分类", "Fault classified"),
    "ticket.prioritised": ("调整优先级", "Priority set"),
    "ticket.assigned": ("派单", "Assigned"),
    "ticket.contacted": ("联系记录", "Contact"),
    "ticket.held": ("挂起", "Put on hold"),
    "ticket.resumed": ("恢复处理", "Work resumed"),
    "ticket.escalated": ("升级", "Escalated"),
    "ticket.rule_applied": ("自动升级规则", "Rule applied"),
    "ticket.owned": ("指定负责人", "Owner named"),
    "ticket.handover_accepted": ("接收移交", "Handover accepted"),
    "ticket.handover_refused": ("拒收移交", "Handover refused"),
    "ticket.handed_back": ("退回下级", "Handed back"),
    "ticket.diagnosed": ("诊断结论", "Fault diagnosed"),
    "ticket.guided": ("远程指导", "Customer guided"),
    "ticket.liaison_asked": ("发起协查", "Others asked"),
    "ticket.liaison_answered": ("协查答复", "Others answered"),
    "ticket.liaison_moved": ("调整协查期限", "Due time of others moved"),
    "ticket.liaison_withdrawn": ("撤回协查", "Question to others withdrawn"),
    "ticket.resolved": ("已解决", "Resolved"),
    "ticket.confirmed": ("客户确认解决", "Customer confirmed"),
    "ticket.rejected": ("客户不认可处理结果", "Customer rejected the resolution"),
    "ticket.closed": ("工单关闭", "Ticket closed"),
    "ticket.reopened": ("重新打开", "Reopened"),
    "ticket.cancelled": ("工单取消", "Ticket cancelled"),
    "ticket.remarked": ("备注", "Remark"),
    "ticket.question_raised": ("提出待决事项", "Question raised"),
    "ticket.question_answered": ("答复待决事项", "Question answered"),
    "ticket.acknowledged": ("受理", "Acknowledged"),
    "ticket.dispatched": ("派出技术员", "Technician sent"),
    "ticket.arrived": ("到达现场", "On site"),
    "ticket.worked_around": ("临时措施", "Workaround given"),
    "ticket.part_ordered": ("备件需求", "Part ordered"),
    "ticket.part_delivered": ("备件送达", "Part delivered"),
    "ticket.complained": ("投诉", "Complaint made"),
    "ticket.complaint_answered": ("投诉答复", "Complaint answered"),
    "ticket.called_back": ("回访", "Called back"),
    "ticket.merged": ("并入其他工单", "Merged into another ticket"),
    "ticket.absorbed": ("其他工单并入", "Another ticket merged into this one"),
    "ticket.linked": ("关联工单", "Linked"),
    "ticket.unlinked": ("取消关联", "Link taken back"),
    "ticket.split": ("拆分", "Split"),
    "ticket.file_attached": ("附件", "File attached"),
    "ticket.file_withdrawn": ("撤下附件", "File withdrawn"),
    "ticket.letter_written": ("撰写邮件", "Letter written"),
    "ticket.mail_cut": ("邮件过大，仅收取开头", "Mail too large, its beginning taken"),
    "ticket.letter_taken": ("邮件已接收", "Letter taken by a mail server"),
    "ticket.letter_failed": ("邮件未送达", "Letter not delivered"),
    "ticket.identified": ("确认来电方", "Caller identified"),
    "ticket.repin_requested": ("申请变更服务承诺", "Another plan or calendar asked for"),
    "ticket.repin_declined": ("不变更服务承诺", "Another plan or calendar declined"),
    "ticket.repinned": ("变更服务承诺", "Re-pinned"),
    "ticket.deadline_warned": ("时限提醒", "Deadline warning"),
    "ticket.deadline_missed": ("超时", "Deadline missed"),
    "ticket.miss_corrected": ("超时更正", "Miss corrected"),
    "part.catalogued": ("备件建档", "Part catalogued"),
    "part.revised": ("备件档案变更", "Part revised"),
    "part.received": ("备件入库", "Parts received"),
    "part.reserved": ("备件预留", "Parts reserved"),
    "part.reservation_released": ("解除预留", "Reservation released"),
    "part.issued": ("备件出库", "Parts issued"),
    "part.installed": ("备件安装", "Parts installed"),
    "part.returned": ("备件退回", "Parts returned"),
    "part.transferred": ("备件调拨", "Parts transferred"),
    "part.counted": ("库存盘点", "Stock counted"),
    "part.quarantined": ("备件隔离", "Parts quarantined"),
    "part.quarantine_released": ("解除隔离", "Released from quarantine"),
    "part.scrapped": ("备件报废", "Parts scrapped"),
    "contract.drafted": ("起草合同", "Contract drafted"),
    "contract.signed": ("合同签订", "Contract signed"),
    "contract.activated": ("合同生效", "Contract activated"),
    "contract.amended": ("合同变更", "Contract amended"),
    "contract.renewed": ("合同续签", "Contract renewed"),
    "contract.terminated": ("合同终止", "Contract terminated"),
    "contract.expired": ("合同到期", "Contract expired"),
    "contract.entitlement_consumed": ("合同权益扣减", "Entitlement used"),
    "contract.entitlement_restored": ("合同权益返还", "Entitlement given back"),
    "plan.assigned": ("指定服务等级", "Plan assigned"),
    "plan.unassigned": ("取消指定服务等级", "Plan unassigned"),
    "plan.published": ("服务等级发布", "Service plan published"),
    "plan.withdrawn": ("服务等级停用", "Service plan withdrawn"),
    "calendar.published": ("工作日历发布", "Calendar published"),
    "calendar.withdrawn": ("工作日历停用", "Calendar withdrawn"),
    "triage.published": ("分类方案发布", "Triage published"),
    "mail.set_aside": ("邮件搁置", "Mail set aside"),
    "mail.taken_in": ("搁置邮件已受理", "Mail that was set aside taken in"),
    "mail.dismissed": ("搁置邮件已忽略", "Mail that was set aside dismissed"),
}
"""What every type of event is called; one that is not here goes by its own name.

New types bring their words, here and below. What is here is never changed: pages of ``FORM`` have it.
"""

LABELS = {
    "activity": "活动", "added": "增加", "amount": "数量", "answer": "答复", "asset": "设备",
    "assets": "设备", "attributes": "属性", "band": "距离", "bounce": "回流", "bucket": "库存状态",
    "by": "确认人", "by_contact": "客户主动联系", "calendar": "日历", "calendar_version": "日历版本",
    "caption": "说明", "media_type": "文件类型", "name": "名称", "sha256": "SHA-256", "size": "字节数",
    "broken": "未收全的附件", "cut_from": "原文字节数", "taken": "已收字节数",
    "carries": "结转", "category": "类别", "cause": "原因", "channel": "渠道", "complaint": "投诉",
    "condition": "状况", "contact": "联系人", "contract": "合同", "currency": "币种", "customer": "客户",
    "cycle": "轮次", "description": "描述", "detail": "详情", "direction": "方向", "document": "单据",
    "duplicate_of": "重复于", "effective_on": "生效日", "ends_on": "终止日", "entry": "权益使用编号",
    "expires_at": "到期时间", "fate": "去向", "fault_code": "故障代码", "finding": "结论",
    "for_ticket": "所属工单", "from_location": "调出库位", "hold": "挂起原因", "hours": "工时",
    "impact": "影响", "kind": "类型", "level": "级别", "location": "库位", "losers": "未适用的合同",
    "lots": "批次", "number": "编号", "obstacle": "障碍", "on": "日期", "order": "备件需求",
    "owner": "负责人", "part": "备件", "parts": "备件", "party": "方式", "person": "人员", "plan": "服务等级",
    "plan_version": "服务等级版本", "planned_at": "预计到达", "priority": "优先级", "product": "产品",
    "quantity": "数量", "question": "待决事项", "reached": "已联系上", "reaction": "自动动作",
    "remark": "备注", "removed": "拆下件/删除", "reorder_point": "再订货点", "reported_at": "报修时间",
    "reservation": "预留编号", "review_at": "复核时间", "revision": "版本", "satisfied": "客户满意",
    "scope": "范围", "serial_out": "换下序列号", "serials": "序列号", "shelf_life_days": "保质期（天）",
    "site": "地点", "solution": "解决办法", "source": "来源", "starts_on": "开始日", "subject": "主题",
    "summary": "摘要", "supplier": "供应商", "team": "班组", "technician": "技术员", "text": "内容",
    "ticket": "工单", "ticket_number": "工单号", "tier": "升级至", "title": "名称", "to_location": "调入库位",
    "tracking": "追踪方式", "unit": "单位", "visits": "上门次数", "why": "原因", "workaround": "临时措施",
    "meant": "本应为", "zone": "时区",
    "effective_from": "生效时间", "sources": "来源", "version": "版本", "week": "每周工作时间",
    "years": "年份",
    "address": "地址", "answers": "回复的邮件", "automatic": "自动", "cc": "抄送", "letter": "邮件",
    "mailbox": "邮箱", "message": "消息编号", "recording": "录音", "seconds": "通话秒数", "to": "收件人",
    "trouble": "未送达原因", "sender": "发件人", "arrived_at": "到达时间",
    "uid": "邮箱内编号", "uid_validity": "邮箱编号批次",
    "before": "原定", "begins": "新增时效", "milestone": "时效节点", "request": "申请编号",
    "requested_by": "申请人", "since": "起", "assignment": "指定编号", "choice": "服务等级选定",
    "customer_class": "客户等级", "key": "对象",
    "detected_at": "发现时间", "due_at": "截止时间", "elapsed": "已用（秒）", "fact": "依据事件类型",
    "missed": "被更正的事件", "missed_at": "超时时间", "percent": "百分比", "shown_by": "依据事件",
    "target": "时限（秒）",
    "matrix": "优先级矩阵", "urgency": "紧急程度", "triage": "分类方案", "categories": "故障分类",
    "fault_codes": "故障代码", "code": "代码", "parent": "所属分类", "active_from": "启用日",
    "active_to": "停用日",
    "brought": "带入的计时", "into": "并入", "link": "关系", "pauses": "暂停", "reached_at": "达成时间",
    "until": "止",
    "answered_by": "答复人", "articles": "参考知识条目", "cause_code": "原因代码",
    "counterpart": "协查对象类别", "guidance": "指导方式", "liaison": "协查编号", "solved": "已排除",
    "who": "协查对象", "came_with": "随并入的工单",
}  # fmt: skip
"""What the fields of events are called in Chinese, by the last step of their path."""

OWN_NAMES = {"attributes", "values", "lots", "by_part", "expires_on"}
"""Fields whose parts have names of their own, which are nobody's words."""

STYLE = """
body { margin: 1.5rem auto; padding: 0 1.5rem; max-width: 60rem; color: #1d2733; background: #fff;
  font: 0.9rem/1.5 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.5rem; color: #0b4f6c; }
.subject { margin: 0 0 1rem; font-size: 1.1rem; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: 0.15rem 1rem; margin: 0.4rem 0; }
dt, .envelope { color: #5b6775; }
dd { margin: 0; white-space: pre-wrap; }
dd, td, .subject, .envelope { overflow-wrap: anywhere; }
.cover { background: #eef2f6; padding: 0.8rem 1rem; border-radius: 4px; }
.claims { border-left: 4px solid #0b4f6c; margin: 1rem 0; padding: 0.1rem 1rem; }
table { width: 100%; border-collapse: collapse; margin: 0 0 1.5rem; }
th, td { text-align: start; vertical-align: top; padding: 0.15rem 0.5rem 0.15rem 0; }
td { border-top: 1px solid #e4e8ed; }
th { color: #5b6775; font-weight: normal; }
tr { break-inside: avoid; }
td:first-child { overflow-wrap: normal; }
a { color: #0b4f6c; }
article { border-top: 1px solid #c9d1da; padding: 0.7rem 0; break-inside: avoid; }
h2 { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0; font-size: 1rem; }
h2 .position { color: #0b4f6c; min-width: 4rem; }
.when { margin: 0; }
.envelope, code { font-size: 0.78rem; }
.envelope { margin: 0; }
@media (max-width: 40rem) { dl { grid-template-columns: 7rem 1fr; } }
@page { size: A4; margin: 16mm 14mm; }
@media print { html { font-size: 10.5px; } body { margin: 0; padding: 0; max-width: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""

PAGE = """<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{form}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{number}</title>
<style>{style}</style>
</head>
<body>
<h1>{heading} <bdi>{number}</bdi></h1>
<p class="subject"><bdi>{subject}</bdi></p>
<dl class="cover">
{cover}</dl>
<div class="claims">
<p>本页由日志中封存的事件生成，经核验方可采信。<br>
<span lang="en">This page is made of the log's sealed events. It proves nothing until verified:</span><br>
<code>aftersales verify BUNDLE --key FINGERPRINT</code><br>
<code>python verify.py BUNDLE --key FINGERPRINT</code></p>
<p>核验通过即证明：<br>
下列事件逐字节存在于检查点所签名的日志中；<br>
本页与其相符；自身事件流中间无缺失。<br>
<span lang="en">Verified, it is proven that these events are, byte for byte, in the log that the checkpoint
signs; that this page says what they say; that none of its own stream is missing between them.</span></p>
<p>不能证明：<br>
此后再无事件；其他事件流中没有更多本案例的事件；所记录的内容属实。<br>
<span lang="en">Not proven: that nothing follows them; that other streams hold no more of it; that what was
recorded is true.</span></p>
</div>
<table>
<tr><th>位置 #</th><th>时间 when</th><th>事件 what</th><th>操作人 who</th></tr>
{lines}</table>
<main>
{events}</main>
</body>
</html>
"""
HEADINGS = {
    "case": '服务案例证据 <span lang="en">Evidence of a service case</span>',
    "stream": '备件或合同证据 <span lang="en">Evidence of a part or contract</span>',
}


def page(proven: Proven) -> bytes:
    """The page that these events make: always the same bytes, in every release that says ``FORM``."""
    zone, checkpoint = proven.manifest.zone, proven.checkpoint
    cover = (
        ("日志", "log", checkpoint.origin),
        ("检查点", "checkpoint", f"{checkpoint.size} {checkpoint.root_text}"),
        ("检查点签名时间", "signed at", shown_at(proven.manifest.signed_at, zone)),
        *(("公钥指纹", "key fingerprint", key.fingerprint) for key in proven.keys),
        ("事件数", "events", str(len(proven.events))),
        ("自身版本", "own versions", f"1–{proven.own[-1].version}"),
    )
    written = PAGE.format(
        form=FORM,
        number=_html(proven.number),
        style=STYLE,
        heading=HEADINGS[proven.manifest.about],
        subject=_html(proven.subject),
        cover="".join(_field(zh, en, value) for zh, en, value in cover),
        lines="".join(_row(event, zone) for event in proven.events),
        events="".join(_article(event, zone) for event in proven.events),
    )
    return written.encode()


def _title(event: Event) -> str:
    zh, en = TITLES.get(event.type, ("", event.type))
    return f'{_html(zh)} <span lang="en">{_html(en)}</span>'


def _row(event: Event, zone: timezone) -> str:
    cells = (
        f'<a href="#{event.position}">{event.position}</a>',
        shown_at(event.occurred_at, zone),
        _title(event),
        f"<bdi>{_html(event.actor)}</bdi>",
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _article(event: Event, zone: timezone) -> str:
    fields = [(_label(path), path, value) for path, value in _words(event.data).items()]
    if event.reason is not None:
        fields.append(("理由", "reason", event.reason))
    envelope = (
        f"{event.type} {event.schema}",
        f"{event.stream_id} / {event.version}",
        f"案例 case {event.correlation_id}",
        *([f"起因 cause {event.causation_id}"] if event.causation_id else []),
        *([f"幂等键 key {event.idempotency_key}"] if event.idempotency_key is not None else []),
    )
    return f"""<article id="{event.position}">
<h2><span class="position">#{event.position}</span><span>{_title(event)}</span></h2>
<p class="when">{shown_at(event.occurred_at, zone)} <bdi>{_html(event.actor)}</bdi>
<span class="envelope">记录于 recorded {shown_at(event.recorded_at, zone)}</span></p>
<dl>
{"".join(_field(*field) for field in fields)}</dl>
<p class="envelope">{" · ".join(map(_html, envelope))}</p>
</article>
"""


def _label(path: str) -> str:
    """What a field is called; nothing for what customers, suppliers or other systems named."""
    *above, last = path.split(".")
    return "" if OWN_NAMES.intersection(above) else LABELS.get(last, "")


def _field(zh: str, en: str, value: str) -> str:
    return f"<dt>{_html(f'{zh} {en}'.strip())}</dt><dd><bdi>{_html(value)}</bdi></dd>\n"


def _html(text: str) -> str:
    return escape(visible(text))


# The command. ----------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Verify a bundle with no database and no network.", allow_abbrev=False
    )
    parser.add_argument("bundle", metavar="BUNDLE")
    option = parser.add_argument
    option("--key", metavar="VKEY|FINGERPRINT", help="the log's key, as you know it from elsewhere")
    option("--witness", metavar="VKEY", action="append", default=[], help="who must have cosigned")
    option("--checkpoint", metavar="FILE", help="one that you kept; it must be the same")
    option("--page", metavar="FILE", help="write the page that the proven events make")
    option("--json", action="store_true", help="answer in JSON, for programs")
    asked = parser.parse_args(arguments)
    try:
        proven = verify(asked.bundle, asked.key, asked.witness, asked.checkpoint, asked.page)
    except (NotProven, Misused, OSError) as error:
        wrong = isinstance(error, OSError)
        said = f"{error.filename}: {error.strerror}" if wrong else str(error)
        said = f"not proven: {said}" if isinstance(error, NotProven) else said
        print(f"verify.py: {_line(said)}", file=sys.stderr)
        return 1 if wrong else 2 if isinstance(error, Misused) else 3
    print(json.dumps(plain(proven)) if asked.json else "\n".join(told(proven)))
    return 0


def verify(
    bundle: str | os.PathLike[str],
    key: str | None = None,
    witnesses: Sequence[str] = (),
    kept: str | os.PathLike[str] | None = None,
    write_page: str | os.PathLike[str] | None = None,
) -> Proven:
    """Verify a bundle.

    Args:
        bundle: the file.
        key: the vkey or fingerprint of the log's key, as known from elsewhere.
        witnesses: vkeys of those who must have cosigned.
        kept: a file with a checkpoint that was kept elsewhere.
        write_page: where to write the page that the proven events make.

    Raises:
        NotProven: something is not as the bundle says.
        Misused: an argument is not what it should be.
        OSError: a file cannot be read or written.
    """
    files = unpack(read_file(bundle))
    proven = prove(
        files, key=key, witnesses=witnesses, kept=None if kept is None else read_file(kept, MOST_TEXT)
    )
    if write_page is not None:
        Path(write_page).write_bytes(page(proven))
    prove_page(files, proven)
    return proven


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
