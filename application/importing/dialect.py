"""How a file is written: the parts of a mapping that say nothing of tickets."""

from __future__ import annotations

import codecs
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

Character = Annotated[str, msgspec.Meta(min_length=1, max_length=1)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the mapping; a key it does not know is an error."""


class Dialect(Part, frozen=True, kw_only=True):
    """How a CSV file is written. See docs/import.md for every key."""

    delimiter: Character = ","
    quote: Annotated[str, msgspec.Meta(max_length=1)] = '"'
    escape: Annotated[str, msgspec.Meta(max_length=1)] = ""
    encoding: str = "utf-8"
    header: bool = True
    skip_lines: Annotated[int, msgspec.Meta(ge=0)] = 0

    def __post_init__(self) -> None:
        try:
            codecs.lookup(self.encoding)
        except LookupError as error:
            raise ValueError(f"encoding {self.encoding!r} is not known") from error


class Times(Part, frozen=True, kw_only=True):
    """How times are written. ``zone`` is for times that carry no offset of their own."""

    formats: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("iso",)
    zone: str | None = None

    def __post_init__(self) -> None:
        try:
            if self.zone is not None:
                ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"zone {self.zone!r} is not an IANA time zone such as Europe/Rome") from error
        for form in self.formats:
            if form not in {"iso", "unix", "unix_ms"} and "%" not in form:
                raise ValueError(
                    f"format {form!r} is not iso, unix, unix_ms or a pattern such as %d/%m/%Y %H:%M"
                )
