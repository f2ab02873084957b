"""The whole year: every step of every contract, part and ticket, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from application.access import Role
from application.assignment_commands import AssignPlan
from application.demo.cover import Cover
from application.demo.diary import Step
from application.demo.firm import caller, firm, say
from application.demo.inquiring import inquired
from application.demo.long_mail import sender_of_film, with_film
from application.demo.rounds import keep
from application.demo.story import tell
from application.demo.supplies import supplies
from application.demo.today import today
from application.demo.watching import watched
from application.demo.year import DAYS, FAR_AND_WIDE, ZONE, Fate, Report, reports
from application.ticket_commands.course import CancelTicket, ResolveTicket
from application.ticket_commands.shapes import TicketAction
from domain.assignment.events import Scope
from domain.part.words import Tracking
from domain.promises import Promises

SETTLED = timedelta(days=45)
"""How long before the end the ticket is reported that shows everything that can happen to a part."""
SEEN_LATER = 0.3
UNDER_WAY = timedelta(hours=2)
"""How long after a repeated report the first one must still be in work, so that both are merged."""
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
    """Every step in the order of time, but for the last one, which is a command to a ticket.

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
    steps = [_placed(step, index, place) for index in order for step in told[index]]
    steps = [
        *_to_classes(history.now),
        *cover.steps(),
        *_stock([step for step in steps if step.part], history, zone),
        *(step for step in steps if not step.part),
    ]
    steps.sort(key=lambda step: step.at)
    return _ending(steps)


def _ending(steps: list[Step]) -> list[Step]:
    """With a command to a ticket at the end, of which nothing was to come."""
    later: set[int | None] = set()
    for place, step in reversed([*enumerate(steps)]):
        if isinstance(step.command, TicketAction) and step.ticket not in later:
            return [*steps[:place], *steps[place + 1 :], step]
        later |= {step.ticket, step.duplicate_of}
    raise AssertionError("nothing was done about any ticket")


def _to_classes(now: datetime) -> list[Step]:
    """The plans that some kinds of customer are promised without a contract."""
    manager = caller(firm().contract_managers["zh"][0], Role.CONTRACT_MANAGER)
    reason = say(Random(0), "late.contract", "zh")  # noqa: S311
    return [
        Step(
            at=(at := (now - STOCKED).replace(microsecond=0)),
            caller=manager,
            command=AssignPlan(
                scope=Scope.CUSTOMER_CLASS, key=kind, plan=plan, occurred_at=at, reason=reason
            ),
        )
        for kind, plan in FAR_AND_WIDE.items()
    ]


def _told(year: Sequence[Report], cover: Cover, history: History, promises: Promises) -> list[list[Step]]:
    """The story of every report, under its contract."""
    shown = _shown(year, cover, history.now)
    told: list[list[Step]] = []
    owed: list[Report] = []
    for index, report in enumerate(year):
        winner = cover.winner(report, report.at)
        plan = winner.plan if winner else report.plan
        promised = msgspec.structs.replace(report, plan=plan, thorough=index == shown)
        promised = msgspec.structs.replace(promised, merges=_merges(report, told))
        story = tell(promised, now=history.now, promises=promises)
        cover.count(report, story)
        told.append(story)
        owed.append(promised)
    for index, steps in today(owed, told, history.now).items():
        told[index] += steps
    told = [inquired(report, story, history.now) for report, story in zip(owed, told, strict=True)]
    if (index := sender_of_film(owed, told)) is not None:
        told[index] = with_film(owed[index], told[index])
    return [watched(report, story, promises, history.now) for report, story in zip(owed, told, strict=True)]


def _merges(report: Report, told: Sequence[Sequence[Step]]) -> bool:
    """Whether a repeated report finds the first one still in work; of some it is not seen until later."""
    if report.original is None or Random(report.luck).random() < SEEN_LATER:  # noqa: S311
        return False
    ends = (
        step.at for step in told[report.original] if isinstance(step.command, ResolveTicket | CancelTicket)
    )
    return next(ends, datetime.max.replace(tzinfo=UTC)) > report.at + UNDER_WAY


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
