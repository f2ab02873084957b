"""What files may be: by what they are said to be and by how they begin, which must agree."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

MOST_BYTES = 100 * 1024 * 1024
"""Of one file, unless an installation says otherwise."""
LOOKED_AT = 512
"""Bytes from its beginning that tell what a file is."""
UNKNOWN = frozenset({"", "application/octet-stream"})
"""How a sender says that it does not know."""

Beginning = tuple[int, bytes]
"""Bytes, and where they stand."""


def _at(place: int, *texts: bytes) -> tuple[tuple[Beginning, ...], ...]:
    return tuple(((place, text),) for text in texts)


ZIPPED = _at(0, b"PK\x03\x04", b"PK\x05\x06")
OFFICE = "application/vnd.openxmlformats-officedocument."
OLD_OFFICE = _at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

BEGINNINGS: dict[str, tuple[tuple[Beginning, ...], ...]] = {
    "image/jpeg": _at(0, b"\xff\xd8\xff"),
    "image/png": _at(0, b"\x89PNG\r\n\x1a\n"),
    "image/gif": _at(0, b"GIF87a", b"GIF89a"),
    "image/webp": (((0, b"RIFF"), (8, b"WEBP")),),
    "image/heic": _at(4, b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"),
    "application/pdf": _at(0, b"%PDF-"),
    "video/mp4": _at(
        4, b"ftypisom", b"ftypiso2", b"ftypmp41", b"ftypmp42", b"ftypavc1", b"ftypM4V", b"ftyp3gp"
    ),
    "video/quicktime": _at(4, b"ftypqt"),
    "video/webm": _at(0, b"\x1a\x45\xdf\xa3"),
    "audio/mpeg": _at(0, b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "audio/mp4": _at(4, b"ftypM4A"),
    "audio/wav": (((0, b"RIFF"), (8, b"WAVE")),),
    "audio/ogg": _at(0, b"OggS"),
    "application/zip": ZIPPED,
    "application/gzip": _at(0, b"\x1f\x8b"),
    OFFICE + "wordprocessingml.document": ZIPPED,
    OFFICE + "spreadsheetml.sheet": ZIPPED,
    OFFICE + "presentationml.presentation": ZIPPED,
    "application/msword": OLD_OFFICE,
    "application/vnd.ms-excel": OLD_OFFICE,
}
"""How a file of each type begins: in one of these ways, of which all parts must stand there."""
TEXTS = ("text/plain", "text/csv", "application/json", "message/rfc822")
"""What begins in no way of its own; it holds no NUL, and does not begin as anything else does."""
TYPES = (*BEGINNINGS, *TEXTS)
"""Every type that a file may have."""


class WrongFileType(Exception):
    """A file of a type that is not taken, or that is not of the type that it is said to be."""


class FileRules(msgspec.Struct, frozen=True):
    """What an installation takes.

    Attributes:
        most_bytes: of one file.
        types: the media types.
    """

    most_bytes: int = MOST_BYTES
    types: tuple[str, ...] = TYPES

    def must_take(self, said: str) -> None:
        """Refuse by what a file is said to be, before any of it has come.

        Raises:
            WrongFileType: it is not taken.
        """
        if bare(said) not in UNKNOWN and bare(said) not in self.types:
            raise WrongFileType(f"{bare(said)} is not taken; {_taken(self.types)}")

    def type_of(self, said: str, beginning: bytes) -> str:
        """The media type of a file that is said to be of one, and begins so.

        Raises:
            WrongFileType: it is not taken, or is another.
        """
        self.must_take(said)
        own = bare(said)
        seen = tuple(name for name in BEGINNINGS if _begins(name, beginning))
        if own in UNKNOWN:
            own = next((name for name in seen if name in self.types), "")
            if not own:
                raise WrongFileType(f"how it begins does not say what it is; {_taken(self.types)}")
        fits = own in seen or (own in TEXTS and not seen and b"\0" not in beginning)
        if not fits:
            raise WrongFileType(f"it is said to be {own}, and does not begin as one")
        return own


def bare(said: str) -> str:
    """A media type without its parameters."""
    return said.partition(";")[0].strip().lower()


def _begins(name: str, beginning: bytes) -> bool:
    return any(all(beginning.startswith(text, place) for place, text in parts) for parts in BEGINNINGS[name])


def _taken(types: Iterable[str]) -> str:
    return f"these are taken: {', '.join(types)}"
