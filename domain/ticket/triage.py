"""What an installation sorts reports by: its matrix of priorities, categories and fault codes (R02, R04)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches

import msgspec

from domain.errors import InvalidValue
from domain.plan import Title
from domain.ticket.events import FromMatrix
from domain.ticket.words import Impact, Priority, Urgency

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

    code: str
    title: Title
    parent: str | None = None
    active_from: date | None = None
    active_to: date | None = None

    def is_given(self, day: date) -> bool:
        """Whether it is given on a day."""
        return (self.active_from or date.min) <= day <= (self.active_to or date.max)


class Triage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an installation sorts its tickets by.

    Attributes:
        version: of the matrix; a changed one has the next.
        matrix: the priority by impact, then by urgency; all twelve.
        categories: those that there are; with none any text is one.
        fault_codes: likewise; a parent is the category that it belongs to.
    """

    version: int
    matrix: dict[Impact, dict[Urgency, Priority]]
    categories: tuple[Coded, ...] = ()
    fault_codes: tuple[Coded, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is not whole.

        Raises:
            InvalidValue: a cell of the matrix is missing, a code stands twice, or a parent is no category.
        """
        if any(set(self.matrix.get(impact, {})) != {*Urgency} for impact in Impact):
            raise InvalidValue("the matrix gives a priority for every impact and urgency", field="/matrix")
        known = {each.code for each in self.categories}
        for field, codes in (("categories", self.categories), ("fault_codes", self.fault_codes)):
            if len({each.code for each in codes}) < len(codes):
                raise InvalidValue("a code stands twice", field=f"/{field}")
            lost = next((each for each in codes if each.parent and each.parent not in known), None)
            if lost is not None:
                raise InvalidValue(f"the parent of {lost.code} is no category", field=f"/{field}")

    def priority(self, impact: Impact, urgency: Urgency) -> tuple[Priority, FromMatrix]:
        """The priority of a report, and where it comes from."""
        found = self.matrix[impact][urgency]
        return found, FromMatrix(version=self.version, impact=impact, urgency=urgency)

    def must_know(self, category: str | None, fault_code: str | None, day: date) -> None:
        """Refuse codes that are not given.

        Raises:
            InvalidValue: it names those that come nearest.
        """
        _must_be_given(category, self.categories, day, "category")
        _must_be_given(fault_code, self.fault_codes, day, "fault_code")
        code = next((each for each in self.fault_codes if each.code == fault_code), None)
        if code is not None and category and code.parent not in {None, category}:
            said = f"{fault_code} is a fault of {code.parent}, not of {category}"
            raise InvalidValue(said, field="/fault_code")


def _must_be_given(code: str | None, known: Sequence[Coded], day: date, field: str) -> None:
    given = {each.code: each for each in known if each.is_given(day)}
    if code is None or not known or code in given:
        return
    called = {
        text: each.code for each in given.values() for text in (each.code, each.title.zh, each.title.en)
    }
    near = get_close_matches(code, called, NEAREST, 0.4)
    nearest = ", ".join(dict.fromkeys(called[text] for text in near)) or ", ".join(sorted(given)[:NEAREST])
    said = f"there is no {field.replace('_', ' ')} {code}; the nearest are {nearest}"
    raise InvalidValue(said, field=f"/{field}")
