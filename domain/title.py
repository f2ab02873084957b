"""Names for people."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\u0000]*$")]


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name for people, in both languages."""

    zh: Word
    en: Word
