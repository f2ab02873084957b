"""What the writer of one process has done since it was opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Figures:
    """Counted up, never down.

    Attributes:
        commits: how often what was waiting was committed together.
        recorded: appends that were answered with their positions.
        refused: appends that were not: conflicts, names and keys that are taken, a lost database.
    """

    commits: int = 0
    recorded: int = 0
    refused: int = 0

    def count(self, answers: Sequence[object]) -> None:
        """Add what became of those who went together."""
        refused = sum(isinstance(answer, Exception) for answer in answers)
        self.commits += bool(answers)
        self.refused += refused
        self.recorded += len(answers) - refused
