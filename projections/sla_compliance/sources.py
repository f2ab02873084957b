"""Two kinds of clocks, each with a table of its own: promises to customers, and our own (R07)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import LiteralString, NamedTuple

from domain.clock import Clock
from domain.promises import Promises
from projections.cases.case import Case
from projections.cases.settled import settle
from projections.cases.tracing import Trace
from projections.sla_compliance.filters import COLUMNS, OWN_COLUMNS
from projections.sla_compliance.row import ClockRow, OwnRow, own_rows_of, rows_of


class Source(NamedTuple):
    """Where clocks of a kind stand.

    Attributes:
        table: that holds them.
        fields: its columns.
        columns: what they are filtered and grouped by.
        clocks: those of a case, each with its story.
        rows: the same as rows.
        is_promised: whether a customer was promised them.
    """

    table: LiteralString
    fields: LiteralString
    columns: Mapping[LiteralString, LiteralString]
    clocks: Callable[[Case], Iterable[tuple[Clock, Trace]]]
    rows: Callable[[Case, Promises], list[ClockRow]]
    is_promised: bool


def _fields(kind: type[ClockRow]) -> LiteralString:
    return ", ".join(kind.__struct_fields__)  # type: ignore[return-value]


def _promised(case: Case, promises: Promises) -> list[ClockRow]:
    return rows_of(case, [settle(clock, promises) for clock in case.clocks], promises)


def _own(case: Case, promises: Promises) -> list[ClockRow]:
    return [*own_rows_of(case, [settle(clock, promises) for clock in case.internal], promises)]


PROMISED = Source(
    "view.sla_clock",
    _fields(ClockRow),
    COLUMNS,
    lambda case: zip(case.clocks, case.traces, strict=True),
    _promised,
    is_promised=True,
)
OWN = Source(
    "view.own_clock",
    _fields(OwnRow),
    OWN_COLUMNS,
    lambda case: zip(case.internal, case.internal_traces, strict=True),
    _own,
    is_promised=False,
)
