"""Files that customers hand in with a form or a message: kept first, named by their hash then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from application.commands import Line
from application.files.kinds import WrongFileType
from application.files.store import FileAltered, Files, FileTooLarge
from domain.errors import InvalidValue
from domain.ticket.file_events import FileAttached
from domain.ticket.words import FileKind

MOST = 10
"""Files that come with one form or message."""
FileName = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f/\\]+$", examples=["cold.jpg"])
]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class HandedIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that was sent before, to ``POST /intake/files``.

    Attributes:
        sha256: as that answered.
        name: its file name, without a folder.
        media_type: as that answered; absent, its first bytes must say what it is.
        caption: what there is to see.
    """

    sha256: Digest
    name: FileName
    media_type: Annotated[str, Meta(max_length=200)] = ""
    caption: Line | None = None


HandedInFiles = Annotated[tuple[HandedIn, ...], Meta(max_length=MOST)]


async def attached(files: Files, handed: Sequence[HandedIn], by: UUID) -> list[FileAttached]:
    """What each of them is on a ticket. All of them are there and are taken, or none is.

    Args:
        files: where they are kept.
        handed: what is named.
        by: the token of whoever names them, who has to have sent them.

    Raises:
        InvalidValue: one was never sent with this token, or is not taken; the field says which.
        LogUnavailable: the database does not answer.
    """
    kept: dict[str, FileAttached] = {}
    for place, each in enumerate(handed):
        try:
            content = await files.offered(each.sha256, each.media_type, by=by)
        except FileAltered:
            field = f"/files/{place}/sha256"
            raise InvalidValue("send the file first: POST /intake/files", field=field) from None
        except (WrongFileType, FileTooLarge) as refused:
            raise InvalidValue(str(refused), field=f"/files/{place}/media_type") from None
        kind = FileKind.PHOTO if content.media_type.startswith("image/") else FileKind.DOCUMENT
        file = FileAttached(
            sha256=content.sha256,
            size=content.size,
            media_type=content.media_type,
            name=each.name,
            kind=kind,
            caption=each.caption,
        )
        kept.setdefault(content.sha256, file)
    return list(kept.values())
