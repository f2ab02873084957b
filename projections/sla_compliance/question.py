"""What somebody asks about the compliance rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import LiteralString, NamedTuple

from projections.sla_compliance.filters import EVERY, GROUPS, ClockFilter


class UnknownGroup(ValueError):
    """Compliance cannot be grouped by this."""


class Question(NamedTuple):
    """Which clocks, judged when, and grouped by what.

    Attributes:
        as_of: when running clocks are judged.
        names: the groups, in the order of those there are.
    """

    as_of: datetime
    which: ClockFilter = EVERY
    names: tuple[LiteralString, ...] = ()


def question(
    as_of: datetime,
    which: ClockFilter = EVERY,
    group_by: Iterable[str] = (),
    groups: tuple[LiteralString, ...] = GROUPS,
) -> Question:
    """What is asked, checked.

    Args:
        groups: what there is to group by, in order.

    Raises:
        UnknownGroup: not one of these.
    """
    wanted = set(group_by)
    if unknown := wanted.difference(groups):
        raise UnknownGroup(f"group by {', '.join(groups)}, not by {', '.join(sorted(unknown))}")
    return Question(as_of, which, tuple(name for name in groups if name in wanted))
