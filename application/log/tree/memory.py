"""What the signer remembers by itself, beside its key, so that it need not believe the database."""

from __future__ import annotations

from pathlib import Path

import msgspec

from application.log.reading import Mark
from application.log.tree.keys import KeyProblem, make_private, write_whole
from application.log.tree.merkle import CompactRange

FILE = "memory.json"


class Memory(msgspec.Struct, frozen=True):
    """How far was signed.

    Attributes:
        size: of the newest checkpoint that is known to be stored with its subtrees; it is gone on from here.
        chain_hash: of the log up to there.
        subtrees: the tree up to there: the hashes of its complete subtrees, biggest first.
        signed_size: of the newest checkpoint that may have been signed. Written before anything is signed, so
            that a crash cannot make two different trees of one size.
        signed_root: its root.
    """

    size: int
    chain_hash: bytes
    subtrees: tuple[bytes, ...]
    signed_size: int
    signed_root: bytes

    @property
    def mark(self) -> Mark:
        """Where to read on."""
        return Mark(self.size, self.chain_hash)

    @property
    def tree(self) -> CompactRange:
        """The tree to go on from."""
        return CompactRange(self.size, self.subtrees)


NOTHING = Memory(0, Mark().chain_hash, (), 0, CompactRange().root())


def recall(directory: Path) -> Memory | None:
    """What the signer knew; ``None`` when it knows nothing.

    Raises:
        KeyProblem: the file is not what was written.
    """
    file = directory / FILE
    try:
        memory = msgspec.json.decode(file.read_bytes(), type=Memory)
    except FileNotFoundError:
        return None
    except (ValueError, OSError, msgspec.MsgspecError):
        raise KeyProblem(
            f"{file} cannot be read as the signer's memory: put it back from a copy, or move it away, and it"
            " is made anew from the whole log"
        ) from None
    if len(memory.subtrees) != memory.size.bit_count():
        raise KeyProblem(f"{file} is not a tree of {memory.size} events: move it away to have it made anew")
    return memory


def remember(directory: Path, memory: Memory) -> None:
    """Keep it, whole or not at all."""
    make_private(directory)
    write_whole(directory / FILE, msgspec.json.encode(memory))
