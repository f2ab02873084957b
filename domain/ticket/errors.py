"""What a ticket, as its case stands, does not let happen."""

from __future__ import annotations

from domain.errors import DomainError

Owing = dict[str, int]
"""Quantities by part number."""


class Unsettled(DomainError):
    """The case is not settled: a ticket does not end while parts are out or a question is open.

    Attributes:
        parts: what was issued for it and is not accounted for, by part number.
        questions: how many are open.
    """

    code = "unsettled"

    def __init__(self, number: str, parts: Owing, questions: int) -> None:
        out = ", ".join(f"{quantity} of {part}" for part, quantity in sorted(parts.items()))
        said = [
            f"parts are issued and not accounted for: {out}" if parts else "",
            f"open questions: {questions}" if questions else "",
        ]
        super().__init__(f"{number} cannot end: {'; '.join(filter(None, said))}")
        self.parts = parts
        self.questions = questions
