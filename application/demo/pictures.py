"""What engineers attach to tickets: photos of the controller and the plate, and what it wrote of itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec

from application.demo.firm import FOLDER, Language
from application.files.store import Files
from application.log.event_log import EventLog
from domain.ticket.words import FileKind


class Picture(msgspec.Struct, kw_only=True, dict=True):
    """A file that is attached again and again.

    Attributes:
        name: in the folder ``files``.
        captions: what there is to see, in each language.
    """

    name: str
    media_type: str
    kind: FileKind
    captions: dict[Language, str]

    @cached_property
    def content(self) -> bytes:
        """Its bytes."""
        return (FOLDER / "files" / self.name).read_bytes()

    def attached(self, language: Language) -> dict[str, Any]:
        """The fields of the command that attaches it."""
        return {
            "sha256": sha256(self.content).hexdigest(),
            "size": len(self.content),
            "media_type": self.media_type,
            "name": self.name,
            "kind": self.kind,
            "caption": self.captions[language],
        }


PANEL = Picture(
    name="panel.png",
    media_type="image/png",
    kind=FileKind.PHOTO,
    captions={"zh": "到场时的控制面板", "en": "Control panel on arrival"},
)
PLATE = Picture(
    name="plate.png",
    media_type="image/png",
    kind=FileKind.PHOTO,
    captions={"zh": "机组铭牌", "en": "Rating plate"},
)
LOG = Picture(
    name="controller.log",
    media_type="text/plain",
    kind=FileKind.LOG,
    captions={"zh": "控制器运行记录", "en": "What the controller recorded"},
)
PICTURES = (PANEL, PLATE, LOG)


async def keep_pictures(log: EventLog) -> None:
    """Put their contents where those of attached files are."""
    files = Files(log.connection)
    for picture in PICTURES:
        await files.keep(_pieces(picture.content), picture.media_type)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content
