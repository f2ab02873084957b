"""Photos and files of a ticket; what they consist of is kept beside the log, under its hash."""

from __future__ import annotations

from domain.event import Event, recorded
from domain.ticket.words import FileKind


def mention_of(sha256: str) -> str:
    """The name by which the tickets of a file are found."""
    return f"file/{sha256}"


@recorded
class FileAttached(Event, frozen=True, tag="ticket.file_attached"):
    """A photo or file belongs to the ticket; by its hash it is part of what the log proves (R02, B03).

    Attributes:
        sha256: the SHA-256 of its bytes, in hexadecimal.
        size: how many bytes it has.
        media_type: what they are, such as ``image/jpeg``.
        name: its file name.
        kind: what it shows.
        caption: what there is to see, in words.
    """

    sha256: str
    size: int
    media_type: str
    name: str
    kind: FileKind
    caption: str | None = None

    @property
    def mentions(self) -> tuple[str, ...]:
        """The file."""
        return (mention_of(self.sha256),)


@recorded
class FileWithdrawn(Event, frozen=True, tag="ticket.file_withdrawn"):
    """The file is not shown any more, but to auditors; nothing is deleted."""

    sha256: str
    name: str
