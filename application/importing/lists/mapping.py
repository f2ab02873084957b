"""What a list means where its columns and words are not the usual ones, as data: a TOML mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from application.importing.dialect import Character, Dialect, Part, Times
from application.importing.lists.fields import Fields
from application.importing.mapping import RESERVED, BadMapping, SourceName

USUAL_FORMATS = (
    "iso",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
)
"""Days and times as they are understood without a mapping: only where the year comes first."""

USUAL_SOURCE = "file"


class ListTimes(Times, frozen=True, kw_only=True):
    """How days and times are written. Without ``zone`` the firm's own is meant."""

    formats: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = USUAL_FORMATS


class ListMapping(Part, frozen=True, kw_only=True):
    """A mapping file of a list. Nothing in it is required. See docs/import.md for every key."""

    source: SourceName = USUAL_SOURCE
    csv: Dialect = Dialect()
    time: ListTimes = ListTimes()
    decimal: Literal[".", ","] = "."
    separator: Character = ";"
    columns: dict[str, str] = {}
    defaults: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.source in RESERVED:
            raise ValueError(f"source: {self.source!r} is the name of people or parts of this service itself")


def load_list_mapping(path: Path | None, fields: Fields) -> ListMapping:
    """Read a mapping file; without one everything is as usual.

    Raises:
        BadMapping: it cannot be read, is not TOML, or a key is unknown or wrong.
    """
    if path is None:
        return ListMapping()
    try:
        mapping = msgspec.toml.decode(path.read_bytes(), type=ListMapping)
    except OSError as error:
        raise BadMapping(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        raise BadMapping(f"{path.name}: {error}") from error
    _must_be_known(mapping, fields, path.name)
    return mapping


def _must_be_known(mapping: ListMapping, fields: Fields, file: str) -> None:
    known = {field.name: field for field in fields}
    for table in ("columns", "defaults", "values"):
        for name in getattr(mapping, table):
            if name not in known:
                raise BadMapping(f"{file}: {table}.{name} is not known; there are {', '.join(known)}")
    for name, words in mapping.values.items():
        ours = known[name].words
        for word in words.values():
            if ours and word not in ours.values():
                listed = ", ".join(dict.fromkeys(ours.values()))
                raise BadMapping(f"{file}: values.{name}: {word!r} is not one of {listed}")
