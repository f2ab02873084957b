"""The queues that everybody has, by name; any other name is a team's."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from projections.queue.filters import NONE, QueueFilter

ALL = "all"
UNASSIGNED = "unassigned"
SOON = 60
"""Minutes within which a deadline is soon, when nobody says another number."""


class Reader(NamedTuple):
    """Who looks at a queue.

    Attributes:
        name: the person, as tickets are assigned to.
        teams: those that the person belongs to.
    """

    name: str
    teams: tuple[str, ...]


class Queue(NamedTuple):
    """A queue: what is in it, before anything else is asked.

    Attributes:
        name: as it was asked for.
        base: its tickets.
        only_open: whether tickets that have ended are left out.
        is_empty: whether nothing can be in it: the queue of the teams of somebody who has none.
        is_own: whether it depends on who asks.
    """

    name: str
    base: QueueFilter
    only_open: bool = True
    is_empty: bool = False
    is_own: bool = False

    def asked(self, which: QueueFilter) -> tuple[QueueFilter, ...]:
        """Everything that its tickets must be. The minutes that somebody names stand in place of its own."""
        if which.breaking is None or self.base.breaking is None:
            return self.base, which
        return msgspec.structs.replace(self.base, breaking=None), which

    def moves(self, which: QueueFilter) -> bool:
        """Whether time alone changes what is in it."""
        return self.base.moves or which.moves


BUILT_IN: dict[str, Callable[[Reader], Queue]] = {
    ALL: lambda _: Queue(ALL, QueueFilter()),
    UNASSIGNED: lambda _: Queue(UNASSIGNED, QueueFilter(team=(NONE,))),
    "mine": lambda reader: Queue("mine", QueueFilter(whose=reader.name), is_own=True),
    "my-team": lambda reader: Queue(
        "my-team", QueueFilter(team=reader.teams), is_empty=not reader.teams, is_own=True
    ),
    "breaking": lambda _: Queue("breaking", QueueFilter(breaking=SOON)),
    "paused": lambda _: Queue("paused", QueueFilter(paused=True)),
    "waiting-for-part": lambda _: Queue("waiting-for-part", QueueFilter(waiting_for_part=True)),
    "reopened": lambda _: Queue("reopened", QueueFilter(reopened=True)),
    "handed-to-my-team": lambda reader: Queue(
        "handed-to-my-team",
        QueueFilter(handed_over=True, handover_team=reader.teams),
        is_empty=not reader.teams,
        is_own=True,
    ),
    "waiting-on-others": lambda _: Queue(
        "waiting-on-others", QueueFilter(waiting_on_others=True), only_open=False
    ),
    "others-overdue": lambda _: Queue("others-overdue", QueueFilter(others_overdue=True), only_open=False),
    "review-due": lambda _: Queue("review-due", QueueFilter(review_due=True)),
    "complaints": lambda _: Queue("complaints", QueueFilter(complaint=True), only_open=False),
}


def queue_named(name: str, reader: Reader) -> Queue:
    """A queue by its name, for somebody. A team that nobody knows has an empty one."""
    made = BUILT_IN.get(name)
    return made(reader) if made else Queue(name, QueueFilter(team=(name,)))
