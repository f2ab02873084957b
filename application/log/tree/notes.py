"""Signed notes and checkpoints, in the text forms of C2SP: signed-note, tlog-checkpoint, tlog-cosignature."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519, COSIGNATURE = 0x01, 0x04
"""What a key signs: the text of a note, or, as a witness, that text under a time (tlog-cosignature, v1)."""

SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE: 8 + 64}
TIME = slice(0, 8)
"""Where a cosignature has its time, seconds since 1970."""

LONGEST = 1_000_000
"""Characters of a note that are read at most."""

MOST_SIGNATURES = 100

_VKEY = re.compile(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")
_SIGNATURE = re.compile(r"— ([^+\s]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class BadNote(ValueError):
    """A note, key or signature that is not what it says, or whose signature is wrong."""


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key under its name, as verifiers are given it (a *vkey*).

    Attributes:
        name: whose it is; for a log its origin.
        public: the 32 bytes of the Ed25519 key.
        algorithm: ``ED25519`` or ``COSIGNATURE``.
    """

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def fingerprint(self) -> str:
        """SHA-256 over name, algorithm and key, in hex; its first eight digits are the key's id."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).hexdigest()

    @property
    def id(self) -> bytes:
        """The four bytes that a signature of this key begins with."""
        return bytes.fromhex(self.fingerprint[:8])

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.algorithm]) + self.public)}"

    @classmethod
    def of(cls, text: str) -> VerifierKey:
        """Read a vkey.

        Raises:
            BadNote: it is none, its id is not that of the key, or its algorithm is not one of the two.
        """
        found = _VKEY.fullmatch(text.strip())
        if found is None:
            raise BadNote(f"{text[:80]!r} is not a verifier key: name+id+key")
        key = _decoded(found[3])
        if len(key) != 33 or key[0] not in SIGNATURE_BYTES:
            raise BadNote(f"the verifier key of {found[1]} is not an Ed25519 key of type 1 or 4")
        read = cls(found[1], key[1:], key[0])
        if read.id.hex() != found[2]:
            raise BadNote(f"the verifier key of {found[1]} has another id than it says: a digit is wrong")
        return read

    def made(self, signature: Signature) -> bool:
        """Whether a signature says that it is of this key; it may still be wrong."""
        return (signature.name, signature.key_id) == (self.name, self.id)

    def holds(self, signature: Signature, text: str) -> bool:
        """Whether this key made the signature over this text of a note."""
        if not self.made(signature) or len(signature.value) != SIGNATURE_BYTES[self.algorithm]:
            return False
        signed, over = signature.value, text.encode()
        if self.algorithm == COSIGNATURE:
            over, signed = cosigned(text, signature.time), signed[TIME.stop :]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signed, over)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signature(msgspec.Struct, frozen=True):
    """One signature line of a note.

    Attributes:
        name: of the key.
        key_id: its four bytes.
        value: what the key made of the text; of a witness, its time first.
    """

    name: str
    key_id: bytes
    value: bytes

    @property
    def time(self) -> int:
        """When a witness cosigned, in seconds since 1970; without meaning for other signatures."""
        return int.from_bytes(self.value[TIME], "big")

    def __str__(self) -> str:
        return f"— {self.name} {encoded(self.key_id + self.value)}\n"

    @classmethod
    def of(cls, line: str) -> Signature:
        """Read a signature line, without its newline.

        Raises:
            BadNote: it is none.
        """
        found = _SIGNATURE.fullmatch(line)
        signed = _decoded(found[2]) if found else b""
        if found is None or len(signed) < 5:
            raise BadNote(f"{line[:80]!r} is not a signature line")
        return cls(found[1], signed[:4], signed[4:])


class Note(msgspec.Struct, frozen=True):
    """A text with signatures.

    Attributes:
        text: what is signed; ends with a newline.
        signatures: by anybody; see ``signed_by``.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    @classmethod
    def of(cls, text: str) -> Note:
        """Read a note; its signatures are not looked at.

        Raises:
            BadNote: it is none.
        """
        if len(text) > LONGEST or _CONTROL.search(text):
            raise BadNote("this is not a signed note: it is too long or has control characters")
        body, blank, lines = text.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise BadNote("this is not a signed note: a text, an empty line, and lines of signatures")
        signed = lines[:-1].split("\n")
        if len(signed) > MOST_SIGNATURES:
            raise BadNote(f"the note has more than {MOST_SIGNATURES} signatures")
        return cls(body + "\n", tuple(map(Signature.of, signed)))

    def signed_by(self, keys: Iterable[VerifierKey]) -> list[tuple[VerifierKey, Signature]]:
        """The signatures of these keys. Those of other keys prove nothing and are passed over.

        Raises:
            BadNote: none of the keys signed it, or a signature of one of them is wrong.
        """
        known = [(key, signature) for key in keys for signature in self.signatures if key.made(signature)]
        for key, signature in known:
            if not key.holds(signature, self.text):
                raise BadNote(f"the signature of {key.name} {key.id.hex()} is wrong: it is of another text")
        if not known:
            raise BadNote("the note has no signature of a key that is known here")
        return known


class Checkpoint(msgspec.Struct, frozen=True):
    """What a note about a log says (tlog-checkpoint).

    Attributes:
        origin: which log.
        size: how many leaves its tree has; here the position of the last event it covers.
        root: of that tree.
        extensions: lines that follow; of no meaning here.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = (self.origin, str(self.size), encoded(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def of(cls, text: str) -> Checkpoint:
        """Read the text of a note.

        Raises:
            BadNote: it is not a checkpoint.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines) or not _SIZE.fullmatch(lines[1]):
            raise BadNote("this is not a checkpoint: origin, size and root, each in a line")
        root = _decoded(lines[2])
        if len(root) != 32:
            raise BadNote("the root of the checkpoint is not 32 bytes long")
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))


def signed(text: str, name: str, private: Ed25519PrivateKey) -> Signature:
    """The signature of a note's text, under a key's name."""
    key = verifier_key(name, private)
    return Signature(name, key.id, private.sign(text.encode()))


def verifier_key(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    """What verifiers are given of a private key."""
    return VerifierKey(name, private.public_key().public_bytes_raw())


def cosigned(text: str, time: int) -> bytes:
    """What a witness signs: the whole text of a checkpoint, under the seconds since 1970 (v1)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def encoded(value: bytes) -> str:
    """Bytes as notes write them: standard base64."""
    return base64.b64encode(value).decode()


def _decoded(text: str) -> bytes:
    """Standard base64; only its one canonical form, so that no two texts stand for the same bytes."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote(f"{text[:80]!r} is not base64") from None
    if encoded(value) != text:
        raise BadNote(f"{text[:80]!r} is not base64 as it is written")
    return value
