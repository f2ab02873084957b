"""What a file is before anybody asks what it means: rows with a line number."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

LONGEST_VALUE = 10_000
"""Characters in one value; a longer one makes its row bad."""

LONGEST_NAME = 200
"""Characters in the name of a case, an activity, a person, a team and the like."""

UNDECODABLE = "aftersales-undecodable"
"""Name of the error handler that keeps a byte its encoding cannot read as a lone surrogate."""


class UnreadableFile(Exception):
    """The file as a whole cannot be read; nothing of it was imported."""


class BadValue(ValueError):
    """A value of a row makes no sense under the mapping."""


class Row(msgspec.Struct, frozen=True):
    """One record of the file.

    Attributes:
        line: the line it starts on, from 1.
        values: by column, as the file has them.
    """

    line: int
    values: dict[str, str]


class BadRow(msgspec.Struct, frozen=True):
    """A record that cannot be used, why, and what could still be made out of it."""

    line: int
    reason: str
    values: dict[str, str]


def flaw(values: dict[str, str]) -> str | None:
    """Why these values cannot be recorded, or ``None`` when they can."""
    for column, value in values.items():
        if len(value) > LONGEST_VALUE:
            return f"column {column}: {len(value):,} characters, the most is {LONGEST_VALUE:,}"
        if not value.isprintable():
            if "\0" in value:
                return f"column {column}: a NUL byte"
            if any("\ud800" <= character <= "\udfff" for character in value):
                return f"column {column}: bytes that are not in the file's encoding"
    return None


class Source(msgspec.Struct):
    """An open file, unpacked when it was packed.

    Attributes:
        stream: its bytes.
        size: bytes on disk.
    """

    stream: BinaryIO
    size: int
    raw: BinaryIO

    @property
    def read_so_far(self) -> int:
        """Bytes taken from the disk."""
        return self.raw.tell()


@contextmanager
def opened(path: Path) -> Generator[Source]:
    """Open a file, plain or gzip; which of the two its first bytes say, not its name.

    Raises:
        UnreadableFile: it is not there, may not be read, is empty, or is cut off or damaged.
    """
    try:
        with path.open("rb") as raw:
            magic = raw.read(2)
            raw.seek(0)
            if not magic:
                raise UnreadableFile(f"{path.name} is empty")
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if magic == b"\x1f\x8b" else raw
            yield Source(stream, path.stat().st_size, raw)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"{path.name} is cut off or damaged: {error}") from error
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror or error}") from error


def _keep(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in wrong), error.end


codecs.register_error(UNDECODABLE, _keep)
