"""What became of every row of a file, counted."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from rich.table import Table

from application.importing.cases import Step

Counts = dict[str, int]


class Account(msgspec.Struct, kw_only=True):
    """What every import counts.

    Attributes:
        source: the system that the file is from.
        rows: rows of the file, good and bad.
        rejected_cases: cases of which nothing was recorded.
        rejected_rows: rows that were not recorded.
        bad_rows: those of them that cannot be used themselves; the others belong to their cases.
        seconds: how long it took.
    """

    source: str
    rows: int = 0
    rejected_cases: int = 0
    rejected_rows: int = 0
    bad_rows: int = 0
    seconds: float = 0.0

    def as_json(self) -> bytes:
        """The report for a program, on one line."""
        return msgspec.json.encode(self)


class Report(Account, kw_only=True):
    """The account of one history. Every row of the file is in exactly one of
    ``source_events``, ``already_there_events`` and ``rejected_rows``.

    Attributes:
        cases: tickets recorded by this run.
        source_events: source events recorded by this run, one fact each.
        derived: facts that the import told itself, by command.
        commands: source events by the command they became.
        activities: source events by activity, whatever they became.
        unmapped: source events kept as remarks because no command fits, by activity.
        refused: source events kept as remarks because the ticket refused, by activity and state.
        already_there_cases: cases that an earlier run recorded.
        not_found: columns the mapping names that no event of an XES log had, with the mapping's key.
    """

    cases: int = 0
    source_events: int = 0
    derived: Counts = {}
    commands: Counts = {}
    activities: Counts = {}
    unmapped: Counts = {}
    refused: dict[str, Counts] = {}
    already_there_cases: int = 0
    already_there_events: int = 0
    not_found: list[str] = []

    def add_case(self, steps: Iterable[Step]) -> None:
        """Count a case that was recorded."""
        self.cases += 1
        for step in steps:
            if step.kind == "derived":
                count(self.derived, step.command)
                continue
            self.source_events += 1
            count(self.activities, step.activity)
            if step.kind == "command":
                count(self.commands, step.command)
            elif step.kind == "unmapped":
                count(self.unmapped, step.activity)
            else:
                count(self.refused.setdefault(step.activity, {}), step.state)

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows == self.source_events + self.already_there_events + self.rejected_rows

    def as_tables(self) -> list[Table]:
        """The report for a person."""
        totals = [
            ("rows in the file", self.rows),
            ("tickets imported", self.cases),
            ("source events imported", self.source_events),
            ("facts the import added", sum(self.derived.values())),
            ("tickets already there", self.already_there_cases),
            ("source events already there", self.already_there_events),
            ("bad rows", self.bad_rows),
            ("cases rejected", self.rejected_cases),
            ("rows rejected with them, bad rows included", self.rejected_rows),
        ]
        refused = [
            (f"{activity} while {state}", count)
            for activity, states in self.refused.items()
            for state, count in states.items()
        ]
        kinds = [
            ("Became a command", list(self.commands.items())),
            ("Kept as a remark: no command fits", list(self.unmapped.items())),
            ("Kept as a remark: the ticket refused", refused),
            ("Added by the import", list(self.derived.items())),
        ]
        return [
            table(f"Import of {self.source}", totals),
            *(table(title, most_first(rows)) for title, rows in kinds if rows),
        ]


def count(counts: Counts, key: str, more: int = 1) -> None:
    """Count one more, or several."""
    counts[key] = counts.get(key, 0) + more


def most_first(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The largest counts first, and by name where they are equal."""
    return sorted(counts, key=lambda each: (-each[1], each[0]))


def table(title: str, rows: Iterable[tuple[str, int | str]]) -> Table:
    """A table of figures."""
    shown = Table(title=title, title_justify="left", show_header=False, min_width=56)
    shown.add_column(overflow="fold", ratio=1)
    shown.add_column(justify="right")
    for label, figure in rows:
        shown.add_row(label, figure if isinstance(figure, str) else f"{figure:,}")
    return shown
