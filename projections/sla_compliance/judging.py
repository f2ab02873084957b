"""Clocks as they stand at a moment: one whose time has run out is breached."""

from __future__ import annotations

from typing import Any, LiteralString

import msgspec

from domain.promises import Promises
from projections.cases.dials import Dials
from projections.sla_compliance.filters import COLUMNS, where
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
    named: LiteralString = ", ".join([column + " AS " + name for name, column in COLUMNS.items()])
    return "(SELECT " + named + more + " FROM " + standing.source + ") AS clock"  # noqa: S608


def asked(standing: Standing, wanted: Question, promises: Promises) -> tuple[LiteralString, dict[str, Any]]:
    """The condition that a question means, and all parameters of a query of judged clocks."""
    condition, params = where(wanted.which)
    dials = Dials(promises, wanted.as_of)
    marks = {
        f"{each.name} v{each.version}": dials.mark(each.name, each.version) for each in promises.calendars
    }
    given = {"as_of": wanted.as_of, "marks": msgspec.json.encode(marks).decode()}
    return condition, {**standing.params, **params, **given}
