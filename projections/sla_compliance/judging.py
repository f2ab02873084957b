"""Clocks as they stand at a moment: one whose time has run out is breached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from domain.promises import Promises
from domain.ticket.events import PlanPin
from projections.cases.dials import Dials
from projections.sla_compliance.filters import where
from projections.sla_compliance.question import Question
from projections.sla_compliance.standing import Standing

MARK: LiteralString = "(%(marks)s::jsonb ->> (calendar || ' v' || calendar_version))::bigint"
"""Looked up, not joined, and only of clocks that run: a page of clocks then comes along its index."""
ELAPSED: LiteralString = f"CASE WHEN state = 'running' THEN target - (due_mark - {MARK}) ELSE elapsed END"
LATE: LiteralString = f"CASE WHEN state = 'running' THEN greatest({MARK} - late_mark, late) ELSE late END"


def judged(standing: Standing, more: LiteralString = "") -> LiteralString:
    """The clocks of a standing at ``as_of``, to select from.

    Args:
        more: other columns than those that clocks are filtered by.
    """
    named: LiteralString = ", ".join([column + " AS " + name for name, column in standing.of.columns.items()])
    return "(SELECT " + named + more + " FROM " + standing.source + ") AS clock"  # noqa: S608


def asked(standing: Standing, wanted: Question) -> tuple[LiteralString, dict[str, Any]]:
    """The condition that a question means, and the parameters of a query that looks at no calendar."""
    condition, params = where(wanted.which)
    return condition, {**standing.params, **params, "as_of": wanted.as_of}


def marked(promises: Promises, pins: Iterable[PlanPin], as_of: datetime) -> dict[str, Any]:
    """The parameter of a query that does: how far these calendars are at a moment, as far as they reach."""
    dials = Dials(promises, as_of)
    used = {(pin.calendar, pin.calendar_version) for pin in pins}
    marks = {f"{name} v{version}": dials.mark(name, version) for name, version in sorted(used)}
    return {"marks": msgspec.json.encode(marks).decode()}
