"""The whole year: every step of every contract, part and ticket, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from application.demo.cover import Cover
from application.demo.diary import Step
from application.demo.rounds import keep
from application.demo.story import tell
from application.demo.supplies import supplies
from application.demo.year import DAYS, ZONE, Fate, Report, reports
from domain.part.words import Tracking
from domain.promises import Promises

SETTLED = timedelta(days=45)
"""How long before the end the ticket is reported that shows everything that can happen to a part."""
STOCKED = timedelta(days=DAYS + 7)
"""How long before the end the storekeepers begin."""


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Which history of the firm; the same one is told the same way.

    Attributes:
        tickets: how many; at least 10.
        seed: another seed, another year.
        now: the last moment of it, whole seconds.
    """

    tickets: int
    seed: int
    now: datetime

    @property
    def begun(self) -> str:
        """The key of its first command."""
        return f"demo seed={self.seed} tickets={self.tickets} now={self.now.astimezone(UTC).isoformat()}"

    @property
    def ended(self) -> str:
        """The key of its last command."""
        return f"{self.begun} whole"


def chronicle(history: History, promises: Promises, *, zone: ZoneInfo = ZONE) -> list[Step]:
    """Every step in the order of time. The ticket reported last is only registered.

    Args:
        history: which.
        promises: the service plans.
        zone: where the firm is, in which a lot's last good day ends.
    """
    year = reports(history.tickets, seed=history.seed, now=history.now)
    cover = Cover(year, seed=history.seed, now=history.now)
    told = _told(year, cover, history, promises)
    order = sorted(range(len(told)), key=lambda index: (told[index][0].at, index))
    place = {index: ticket for ticket, index in enumerate(order)}
    last = _placed(told[order[-1]][0], order[-1], place)
    steps = [_placed(step, index, place) for index in order[:-1] for step in told[index]]
    steps = [
        *cover.steps(),
        *_stock([step for step in steps if step.part], history, zone),
        *(step for step in steps if not step.part),
    ]
    steps.sort(key=lambda step: step.at)
    return [*steps, last]


def _told(year: Sequence[Report], cover: Cover, history: History, promises: Promises) -> list[list[Step]]:
    """The story of every report, under its contract."""
    shown = _shown(year, cover, history.now)
    told: list[list[Step]] = []
    for index, report in enumerate(year):
        winner = cover.winner(report, report.at)
        plan = winner.plan if winner else report.plan
        promised = msgspec.structs.replace(report, plan=plan, thorough=index == shown)
        story = tell(promised, now=history.now, promises=promises)
        cover.count(report, story)
        told.append(story)
    return told


def _shown(year: Sequence[Report], cover: Cover, now: datetime) -> int | None:
    """The ticket that shows everything that can happen to a part: of a contract, where there is one."""
    several = {
        repair.fault
        for repair in supplies().repairs
        if {supplies().part(number).tracking for number in repair.parts} >= {Tracking.SERIAL, Tracking.LOT}
    }
    fit = [
        index
        for index, report in enumerate(year)
        if report.fate is Fate.SERVED and report.fault.code in several and report.at < now - SETTLED
    ]
    covered = [index for index in fit if cover.winner(year[index], year[index].at)]
    return max(covered or fit, key=lambda index: year[index].at, default=None)


def _placed(step: Step, index: int, place: dict[int, int]) -> Step:
    original = None if step.duplicate_of is None else place[step.duplicate_of]
    return msgspec.structs.replace(step, ticket=place[index], duplicate_of=original)


def _stock(asked: Sequence[Step], history: History, zone: ZoneInfo) -> list[Step]:
    """What tickets ask of parts, completed, with what the storekeepers do between."""
    begins = (history.now - STOCKED).astimezone(zone).date()
    begins -= timedelta(days=begins.weekday())
    by_part: dict[str | None, list[Step]] = {}
    for step in sorted(asked, key=lambda step: step.at):
        by_part.setdefault(step.part, []).append(step)
    return [
        step
        for spare in supplies().parts
        for step in keep(
            spare,
            by_part.get(spare.number, []),
            luck=f"{history.seed}/{spare.number}",
            begins=begins,
            ends=history.now,
            zone=zone,
        )
    ]
