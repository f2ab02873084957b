"""Which records each clause of ISO 9001 needs: the map in ``clauses.toml``, read strictly (R38)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import msgspec

from domain.catalogue import EVENT_TYPES
from projections.words.values import Text

FILE = Path(__file__).with_name("clauses.toml")
OF_THE_FACT = ("act.actor", "act.reason", "position")


class Wording(Text, frozen=True, forbid_unknown_fields=True):
    """A text of the map: both languages, and nothing else."""


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts of one kind.

    Attributes:
        event: the type.
        where: fields that must have these values.
        filled: fields that may not be empty.
    """

    event: str
    where: dict[str, str] = {}
    filled: tuple[str, ...] = ()


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record that a clause needs.

    Attributes:
        id: its name within the clause.
        records: any of these is one.
        needed_by: what calls for it; empty when every case needs it.
        not_needed: why it is not applicable where nothing calls for it.
        same: the field in which a record and what calls for it have the same value.
        later: whether the record must come after what calls for it.
        waived_by: what excuses a case from it.
        waived: why.
    """

    id: str
    title: Wording
    records: tuple[Kind, ...]
    needed_by: tuple[Kind, ...] = ()
    not_needed: Wording | None = None
    same: str | None = None
    later: bool = False
    waived_by: tuple[Kind, ...] = ()
    waived: Wording | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Every kind of fact that it names."""
        return (*self.records, *self.needed_by, *self.waived_by)


class Clause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clause of the standard, by number, and the records that it needs."""

    number: str
    title: Wording
    requirements: tuple[Requirement, ...]


class Unrecorded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a clause asks for and no event holds yet."""

    clause: str
    title: Wording


class ClauseMap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One edition of the standard. Another reading of it is another ``version``."""

    standard: str
    edition: str
    version: int
    clauses: tuple[Clause, ...]
    unrecorded: tuple[Unrecorded, ...] = ()


@cache
def shipped_clauses() -> ClauseMap:
    """The map that comes with the product."""
    return read_clauses(FILE.read_bytes())


def read_clauses(toml: bytes) -> ClauseMap:
    """A clause map as its file states it.

    Raises:
        ValueError: a key is unknown or missing, a text is blank, an event type or field does not exist, or a
            requirement cannot be judged as it is written.
    """
    stated = msgspec.toml.decode(toml, type=ClauseMap)
    wrong = [*_faults(stated)]
    if wrong:
        raise ValueError("; ".join(wrong))
    return stated


def _faults(stated: ClauseMap) -> Iterator[str]:
    numbers = [clause.number for clause in stated.clauses]
    yield from (f"clause {number} is there twice" for number in set(numbers) if numbers.count(number) > 1)
    for unrecorded in stated.unrecorded:
        yield from _blank(unrecorded.clause, unrecorded.title)
    for clause in stated.clauses:
        yield from _blank(clause.number, clause.title)
        ids = [requirement.id for requirement in clause.requirements]
        if not ids or len(set(ids)) < len(ids):
            yield f"{clause.number}: its requirements are none, or two have one id"
        for requirement in clause.requirements:
            for fault in _unfit(requirement):
                yield f"{clause.number} {requirement.id}: {fault}"


def _unfit(requirement: Requirement) -> Iterator[str]:
    yield from _blank("title", requirement.title)
    if not requirement.records:
        yield "no record would do"
    for name in ("needed_by", "waived_by"):
        said = name.replace("needed", "not_needed").removesuffix("_by")
        reason: Wording | None = getattr(requirement, said)
        if bool(getattr(requirement, name)) is not bool(reason):
            yield f"{name} and {said} belong together"
        yield from _blank(said, reason) if reason else ()
    if (requirement.same or requirement.later) and not requirement.needed_by:
        yield "nothing calls for it that a record could be compared with"
    for kind in requirement.kinds:
        cls = EVENT_TYPES.get(kind.event)
        if cls is None:
            yield f"there is no event {kind.event}"
            continue
        compared = () if requirement.same is None or kind in requirement.waived_by else (requirement.same,)
        for path in (*kind.filled, *kind.where, *compared):
            if path not in OF_THE_FACT and _type_of(cls, path) is None:
                yield f"{kind.event} has no field {path}"
        for path, value in kind.where.items():
            if value not in _values(_type_of(cls, path)):
                yield f"{path} of {kind.event} is never {value}"


def _blank(name: str, text: Text) -> Iterator[str]:
    if not (text.zh.strip() and text.en.strip()):
        yield f"{name} says nothing"


def _type_of(cls: Any, path: str) -> Any:
    """The type of the value at the end of a path; ``None`` when there is no such path."""
    for name in path.split("."):
        hints = get_type_hints(cls) if isinstance(cls, type) and issubclass(cls, msgspec.Struct) else {}
        cls = hints.get(name) if name in getattr(cls, "__struct_fields__", ()) else None
        kinds = [kind for kind in get_args(cls) if kind is not NoneType]
        cls = kinds[0] if NoneType in get_args(cls) else cls
    return cls


def _values(cls: Any) -> tuple[str, ...]:
    """What ``where`` can ask of a type: listed values and truth."""
    if isinstance(cls, type) and issubclass(cls, Enum):
        return tuple(str(one.value) for one in cls)
    return ("True", "False") if cls is bool else ()
