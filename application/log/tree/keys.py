"""The keys that sign the log: files outside the database, read and written by the signer's user alone."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.log.tree.notes import BadNote, Note, VerifierKey, signed, verifier_key

SUFFIX = ".key"
OTHERS = 0o077
"""Rights of anybody but the owner of a file."""


class KeyProblem(Exception):
    """The keys cannot be used. The message is one line and says what to do."""


class LogKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key of the log, as its file holds it.

    Attributes:
        vkey: the public key under the log's origin, for verifiers.
        since: when it was made.
        until: when it stops to sign; ``None`` while no other follows it.
        replaces: the vkey of the key before, after a rotation.
        seed: the private key, base64; gone once it is retired.
    """

    vkey: str
    since: datetime
    until: datetime | None = None
    replaces: str | None = None
    seed: str | None = None

    @property
    def key(self) -> VerifierKey:
        """The public key."""
        return VerifierKey.of(self.vkey)

    def signs(self, at: datetime) -> bool:
        """Whether checkpoints bear its signature at a time."""
        return self.seed is not None and (self.until is None or at < self.until)


class KeyDirectory:
    """The directory of the log's keys.

    Args:
        path: made when the first key is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[LogKey]:
        """Every key there ever was, oldest first.

        Raises:
            KeyProblem: a file is not a key, or others may read it.
        """
        if not self.path.exists():
            return []
        self._must_be_private(self.path)
        found = [self._read(file) for file in self.path.glob(f"*{SUFFIX}")]
        return sorted(found, key=lambda key: (key.since, key.vkey))

    def create(self, origin: str, at: datetime, *, replaces: LogKey | None = None) -> LogKey:
        """Make a key, and keep it; the caller sees to it that it may.

        Args:
            origin: what the log is called; all its keys bear this name.
            at: the time.
            replaces: the key before.
        """
        private = Ed25519PrivateKey.generate()
        key = LogKey(
            vkey=str(verifier_key(origin, private)),
            since=at,
            replaces=replaces.vkey if replaces else None,
            seed=base64.b64encode(private.private_bytes_raw()).decode(),
        )
        self.keep(key)
        return key

    def keep(self, key: LogKey) -> None:
        """Write a key's file, whole or not at all."""
        make_private(self.path)
        encoded = msgspec.json.format(msgspec.json.encode(key), indent=2) + b"\n"
        write_whole(self.path / f"{key.key.id.hex()}{SUFFIX}", encoded)

    def _read(self, file: Path) -> LogKey:
        self._must_be_private(file)
        try:
            key = msgspec.json.decode(file.read_bytes(), type=LogKey)
            public = key.key.public
            if key.seed and private_key(key).public_key().public_bytes_raw() != public:
                key = None
        except (ValueError, msgspec.MsgspecError):
            key = None
        if key is None:
            # What the file says is not repeated: it may be the private key.
            raise KeyProblem(f"{file} is not a key of the log: put it back from a copy")
        return key

    def _must_be_private(self, path: Path) -> None:
        try:
            status = path.stat()
        except OSError as error:
            raise KeyProblem(f"{path} cannot be read: {error.strerror}") from None
        if status.st_mode & OTHERS:
            right = "700" if path.is_dir() else "600"
            raise KeyProblem(f"others may read {path}: chmod {right} it, and rotate the key if they did")
        if not os.access(path, os.R_OK):
            raise KeyProblem(f"{path} cannot be read by this user: run as the one it belongs to")


def private_key(key: LogKey) -> Ed25519PrivateKey:
    """The private part of a key that is not retired."""
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(key.seed or ""))


def note_of(text: str, keys: Sequence[LogKey]) -> Note:
    """A note signed by keys, the newest first.

    Raises:
        BadNote: a signature does not hold, so nothing of it may leave.
    """
    newest_first = sorted(keys, key=lambda key: key.since, reverse=True)
    note = Note(text, tuple(signed(text, key.key.name, private_key(key)) for key in newest_first))
    if len(note.signed_by([key.key for key in keys])) != len(keys):
        raise BadNote("a key has not signed")
    return note


def make_private(directory: Path) -> None:
    """Make a directory that nobody else may enter, if there is none."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that, whatever crashes, it is either the old one or all of the new one."""
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        os.fchmod(descriptor, mode)
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
