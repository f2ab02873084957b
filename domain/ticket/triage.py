"""What reports are sorted by: the matrix of priorities, categories and fault codes (R02, R04).

It is published like a plan, version by version. What counts is the version of the moment at which something
is judged, not that of the report: a new category is there for an old ticket, too. What was given stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches

import msgspec

from domain.errors import InvalidValue
from domain.ticket.events import FromMatrix, Triaged
from domain.ticket.words import Impact, Priority, Urgency
from domain.title import Title, Word

NEAREST = 3
"""Codes that a refusal names."""


class Coded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category or a fault code.

    Attributes:
        code: what stands in events; never used again for another meaning.
        title: its name for people.
        parent: the category that it belongs to.
        active_from: the first day on which it is given; ``None`` from the beginning.
        active_to: the last such day; ``None`` without end. What has it keeps it.
    """

    code: Word
    title: Title
    parent: Word | None = None
    active_from: date | None = None
    active_to: date | None = None

    def is_given(self, day: date) -> bool:
        """Whether it is given on a day."""
        return (self.active_from or date.min) <= day <= (self.active_to or date.max)


class Triage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of what tickets are sorted by.

    Attributes:
        name: what it is called; there is one, ``standard``.
        version: from 1.
        matrix: the priority by impact, then by urgency; all twelve.
        categories: those that there are; with none any text is one.
        fault_codes: likewise; a parent is the category that it belongs to.

    Raises:
        InvalidValue: a cell of the matrix is missing, a code stands twice, ends before it begins, or has a
            parent that is no category.
    """

    name: str
    version: int
    matrix: dict[Impact, dict[Urgency, Priority]]
    categories: tuple[Coded, ...] = ()
    fault_codes: tuple[Coded, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is not whole."""
        for impact in Impact:
            if set(self.matrix.get(impact, {})) != {*Urgency}:
                said = "the matrix gives a priority for every impact and urgency"
                raise InvalidValue(said, field=f"/matrix/{impact}" if impact in self.matrix else "/matrix")
        known = {each.code for each in self.categories}
        for field, codes in (("categories", self.categories), ("fault_codes", self.fault_codes)):
            seen: set[str] = set()
            for place, each in enumerate(codes):
                at = f"/{field}/{place}"
                if each.code in seen:
                    raise InvalidValue(f"{each.code} stands twice", field=f"{at}/code")
                if each.parent and each.parent not in known:
                    raise InvalidValue(f"the parent of {each.code} is no category", field=f"{at}/parent")
                if each.active_from and each.active_to and each.active_to < each.active_from:
                    raise InvalidValue(f"{each.code} ends before it begins", field=f"{at}/active_to")
                seen.add(each.code)

    def priority(self, impact: Impact, urgency: Urgency) -> tuple[Priority, FromMatrix]:
        """The priority of a report, and where it comes from."""
        found = self.matrix[impact][urgency]
        return found, FromMatrix(version=self.version, impact=impact, urgency=urgency)

    def belongs(self, fault_code: str, category: str) -> bool:
        """Whether a fault code is listed, on whatever days, for a category or for all."""
        return any(each.code == fault_code and each.parent in {None, category} for each in self.fault_codes)

    def judged(self, category: str | None, fault_code: str | None, day: date) -> Triaged | None:
        """What these codes are called, and which version says so; ``None`` for no codes.

        Raises:
            InvalidValue: one is not given on that day; it names those that come nearest.
        """
        if category is None and fault_code is None:
            return None
        kind = _given(category, self.categories, day, "category")
        fault = _given(fault_code, self.fault_codes, day, "fault_code")
        if fault is not None and category and fault.parent not in {None, category}:
            said = f"{fault_code} is a fault of {fault.parent}, not of {category}"
            raise InvalidValue(said, field="/fault_code")
        return Triaged(version=self.version, category=kind and kind.title, fault_code=fault and fault.title)


def _given(code: str | None, known: Sequence[Coded], day: date, field: str) -> Coded | None:
    """The code as it is listed; ``None`` where nothing is listed, or none was named."""
    if code is None or not known:
        return None
    given = {each.code: each for each in known if each.is_given(day)}
    if code in given:
        return given[code]
    called = {
        text: each.code for each in given.values() for text in (each.code, each.title.zh, each.title.en)
    }
    near = get_close_matches(code, called, NEAREST, 0.4)
    nearest = ", ".join(dict.fromkeys(called[text] for text in near)) or ", ".join(sorted(given)[:NEAREST])
    said = f"there is no {field.replace('_', ' ')} {code}; the nearest are {nearest}"
    raise InvalidValue(said, field=f"/{field}")
