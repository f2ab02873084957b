"""The last hour of the year, with what happens seldom: somebody who looks in finds an example of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import msgspec

from application.access import Caller, Role
from application.commands import Command
from application.demo.diary import Step
from application.demo.firm import VISITOR, caller, firm, say
from application.demo.ladder import UPPER
from application.demo.year import Fate, Report
from application.ticket_commands.aftercare import ComplainAboutTicket
from application.ticket_commands.course import CloseTicket, ReopenTicket, ResolveTicket
from application.ticket_commands.pairing import LinkTicket, SplitTicket
from application.ticket_commands.pinning import ApproveRepin, DeclineRepin, RepinTicket
from application.ticket_commands.tiers import AssignTicket, EscalateTicket, OwnTicket
from domain.ticket.words import Link

QUIET = timedelta(hours=1)
"""Nothing else has happened to them for so long."""
LATELY = timedelta(days=9)
HERS = 3
"""Tickets of the visitor's team that are given to her."""
OTHER_PLAN = "hot-water"


class Standing(msgspec.Struct, frozen=True):
    """A ticket that somebody works on at the end.

    Attributes:
        index: the place of its report.
        report: what was reported.
        owner: who works on it.
    """

    index: int
    report: Report
    owner: str


def today(reports: Sequence[Report], told: Sequence[Sequence[Step]], now: datetime) -> dict[int, list[Step]]:
    """What else happens to tickets in the last hour, by the place of their report."""
    idle = [*_idle(reports, told, now)]
    hers = [each for each in idle if each.report.customer.team == VISITOR.team][:HERS]
    others = iter([each for each in idle if each not in hers])
    day = _Day(now)
    for each in hers:
        day.add(each, each.owner, AssignTicket, "passed", team=VISITOR.team, person=VISITOR.name)
    for each in hers[:1]:
        day.add(each, each.owner, OwnTicket, "passed", person=VISITOR.name)
    for each in islice(others, 2):
        team, tier = UPPER[0]
        day.add(each, each.owner, EscalateTicket, "needed", tier=tier, team=team)
    usual = (each for each in others if each.report.plan != OTHER_PLAN)
    for answer, each in zip((None, ApproveRepin, DeclineRepin), usual, strict=False):
        day.add(each, each.owner, RepinTicket, "repin", plan=OTHER_PLAN)
        if answer is not None:
            what = "approved" if answer is ApproveRepin else "declined"
            manager = caller(firm().contract_managers[each.report.customer.lang][0], Role.CONTRACT_MANAGER)
            day.add(each, manager, answer, what, request=1)
    for each in islice(others, 1):
        seen = {"subject": day.say(each, "other"), "reported_at": now - QUIET}
        day.add(each, each.owner, SplitTicket, "split", **seen)
    for one, other in islice(zip(others, others, strict=False), 1):
        day.add(one, one.owner, LinkTicket, "linked", duplicate_of=other.index, to="", link=Link.RELATED)
    for each in islice(others, 1):
        day.add(each, each.owner, ComplainAboutTicket, "complaint", text=day.say(each, "complaint"))
    for each in islice(_closed(reports, told, now), 2):
        day.add(each, each.owner, ReopenTicket, "back")
        day.add(each, each.owner, AssignTicket, "back", team=each.report.customer.team, person=each.owner)
    return day.steps


def _idle(reports: Sequence[Report], told: Sequence[Sequence[Step]], now: datetime) -> Iterator[Standing]:
    for index, (report, story) in enumerate(zip(reports, told, strict=True)):
        passes = [step.command for step in story if isinstance(step.command, AssignTicket | EscalateTicket)]
        if report.fate is Fate.ACTIVE and story[-1].at < now - QUIET and len(passes) == 1:
            yield Standing(index, report, str(getattr(passes[0], "person", None)))


def _closed(reports: Sequence[Report], told: Sequence[Sequence[Step]], now: datetime) -> Iterator[Standing]:
    """Those that were closed some days ago."""
    for index, (report, story) in enumerate(zip(reports, told, strict=True)):
        last = story[-1]
        if isinstance(last.command, CloseTicket) and now - LATELY < last.at < now - QUIET:
            fixed = next(step for step in reversed(story) if isinstance(step.command, ResolveTicket))
            yield Standing(index, report, fixed.caller.name)


class _Day:
    """Writes down what happens, one thing after the other."""

    def __init__(self, now: datetime) -> None:
        self.steps: dict[int, list[Step]] = {}
        self._now = now
        self._at = now - QUIET + timedelta(minutes=20)

    def add(
        self,
        each: Standing,
        who: str | Caller,
        kind: type[Command],
        why: str,
        *,
        duplicate_of: int | None = None,
        **fields: Any,
    ) -> None:
        """Somebody does something about a ticket."""
        self._at += timedelta(seconds=95)
        at = None if kind is ApproveRepin else self._at  # which counts from when it is approved
        command = kind(occurred_at=at, reason=self.say(each, why), **fields)
        sender = caller(who) if isinstance(who, str) else who
        step = Step(at=at or self._now, caller=sender, command=command, duplicate_of=duplicate_of)
        self.steps.setdefault(each.index, []).append(step)

    def say(self, each: Standing, what: str) -> str:
        """Something, in the customer's language."""
        return say(Random(each.report.luck), f"today.{what}", each.report.customer.lang)  # noqa: S311
