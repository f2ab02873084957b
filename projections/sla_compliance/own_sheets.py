"""Our own times as sheets for people: their columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from projections.cases.duration import seconds
from projections.sheets.sheet import Column, Kind, Language
from projections.sla_compliance.own import OwnTimes
from projections.words.headings import heading

COLUMNS: dict[str, Kind] = {
    **dict.fromkeys(("clocks", "met", "breached", "overdue", "pending", "cancelled"), Kind.COUNT),
    "no_target": Kind.COUNT,
    "met_percent": Kind.PERCENT,
    "ended": Kind.COUNT,
    **dict.fromkeys(("mean", "p50", "p90"), Kind.DURATION),
}
"""What is told of a group."""
OTHERS = frozenset({"technician", "contract", "region"})
"""What the list of clocks that were promised tells, and that of our own does not."""


def own_measures(language: Language) -> Iterator[Column]:
    """The columns, with what people call them."""
    return (Column(heading(name, language), kind) for name, kind in COLUMNS.items())


def own_measured(row: OwnTimes) -> Iterator[Any]:
    """What stands in them."""
    yield from (row.clocks, row.met, row.breached, row.overdue, row.pending, row.cancelled, row.none)
    yield from (row.met_percent, row.ended)
    yield from (None if text is None else seconds(text) for text in (row.mean, row.p50, row.p90))
