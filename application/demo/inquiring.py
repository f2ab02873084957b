"""What is found out about faults, how customers are helped from afar, and what others are asked (R06).

It is put between what a story tells already, and changes nothing of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from application.commands import Command
from application.demo.diary import Step
from application.demo.firm import caller, say
from application.demo.supplies import supplies
from application.demo.year import ZONE, Report
from application.ticket_commands.correspondence import LogContact
from application.ticket_commands.course import HoldTicket, ResolveTicket, ResumeTicket
from application.ticket_commands.diagnosis import DiagnoseTicket, GuideCustomer
from application.ticket_commands.fieldwork import DispatchTechnician, OrderPart
from application.ticket_commands.liaison import AnswerLiaison, AskOthers, MoveLiaison, WithdrawLiaison
from application.ticket_commands.tiers import AssignTicket, EscalateTicket
from domain.ticket.clocks import LIVE
from domain.ticket.words import Counterpart, Direction, Guidance, HoldReason, Party

GUIDED, SOLVED = 0.25, 0.6
"""Shares: of those who were spoken to, helped at once; of those whom nobody visits, helped so in the end."""
DIAGNOSED, READ_UP = 0.35, 0.5
"""Shares: of what is worked on, said what was found; of that, by a knowledge article."""
SUPPLIER_ASKED, COLLEAGUES_ASKED, BY_THE_WAY = 0.8, 0.5, 0.04
"""Shares: of those that wait for a part, go up a tier, or do neither."""
MOVED, WITHDRAWN = 0.3, 0.15
WAYS = {Guidance.PHONE: (60, 4, 25), Guidance.REMOTE_SESSION: (30, 10, 50), Guidance.WRITTEN: (10, 0, 0)}
"""How often each, and how many minutes it takes."""
QUIET = timedelta(hours=1)
"""The last hour of the year has a story of its own."""


def inquired(report: Report, story: Sequence[Step], now: datetime) -> list[Step]:
    """The story of a report with what was found out and asked on the way, in order.

    Args:
        report: the report.
        story: what was done about it, in order; the first step registers it.
        now: the last moment of the history.
    """
    return _Inquiry(report, story, now - QUIET).steps()


class _Inquiry:
    """What may be told between the steps of one story."""

    def __init__(self, report: Report, story: Sequence[Step], ends: datetime) -> None:
        self._rng = Random(f"{report.luck}/inquiry")  # noqa: S311 - a story, not a secret
        self._report = report
        self._steps = [*story]
        self._taken = {step.at for step in story}
        resolved = _first(story, ResolveTicket)
        self._until = min(resolved.at, ends) if resolved else ends
        self._resolved = resolved is not None
        self._liaisons = 0

    def steps(self) -> list[Step]:
        assigned = _first(self._steps, AssignTicket)
        if assigned is not None:
            owner = str(getattr(assigned.command, "person", None))
            self._guide(owner)
            self._diagnose(assigned, owner)
            self._ask(assigned, owner)
        return sorted(self._steps, key=lambda step: step.at)

    def _guide(self, owner: str) -> None:
        spoken = next((step for step in self._steps if _answers(step)), None)
        if spoken is not None and self._rng.random() < GUIDED:
            at = spoken.at + timedelta(minutes=self._rng.uniform(3, 15))
            self._help(at, spoken.caller.name, solved=False)
        visited = _first(self._steps, DispatchTechnician)
        if self._resolved and visited is None and self._rng.random() < SOLVED:
            self._help(self._until - timedelta(minutes=self._rng.uniform(3, 20)), owner, solved=True)

    def _help(self, at: datetime, who: str, *, solved: bool) -> None:
        way = self._rng.choices(list(WAYS), [share for share, _, _ in WAYS.values()])[0]
        _, least, most = WAYS[way]
        summary = self._say(f"{way.value}_{'solved' if solved else 'tried'}")
        took = timedelta(seconds=self._rng.randint(least * 60, most * 60)) if most else None
        articles = self._articles()
        self._write(
            at,
            who,
            GuideCustomer,
            guidance=way,
            summary=summary,
            person=who,
            solved=solved,
            duration=took,
            articles=articles,
        )

    def _diagnose(self, assigned: Step, owner: str) -> None:
        if self._rng.random() >= DIAGNOSED:
            return
        fault, language = self._report.fault, self._report.customer.lang
        cause = (fault.zh if language == "zh" else fault.en).cause
        at = self._until - timedelta(minutes=self._rng.uniform(10, 40))
        what = "diagnosed"
        if not self._resolved:
            at, what = assigned.at + timedelta(hours=self._rng.uniform(0.5, 4)), "suspected"
        if at > assigned.at:
            finding = self._say(what).format(cause=cause)
            code = f"{fault.code}.1"
            self._write(
                at, owner, DiagnoseTicket, finding=finding, cause_code=code, articles=self._articles()
            )

    def _articles(self) -> tuple[str, ...]:
        return (f"KB-{self._report.fault.code}",) if self._rng.random() < READ_UP else ()

    def _ask(self, assigned: Step, owner: str) -> None:
        rng, steps = self._rng, self._steps
        waits = next((step for step in steps if _waits_for_part(step)), None)
        raised = _first(steps, EscalateTicket)
        if waits is not None and rng.random() < SUPPLIER_ASKED:
            ordered = _first(steps, OrderPart)
            part = getattr(ordered.command, "part", None) if ordered else None
            spare = supplies().part(str(part)) if part else rng.choice(supplies().parts)
            name = spare.zh if self._report.customer.lang == "zh" else spare.en
            question = self._say("when_delivered").format(part=f"{spare.number} {name}")
            resumed = _first(steps, ResumeTicket)
            until = resumed.at if resumed else None
            self._others(waits.at, until, owner, Counterpart.SUPPLIER, spare.suppliers[0], question)
        if raised is not None and rng.random() < COLLEAGUES_ASKED:
            until = self._until if self._resolved else None
            self._colleagues(raised.at, until, raised.caller.name)
        elif waits is None and rng.random() < BY_THE_WAY:
            self._colleagues(assigned.at, self._until if self._resolved else None, owner)

    def _colleagues(self, since: datetime, until: datetime | None, owner: str) -> None:
        who = self._say("department")
        self._others(since, until, owner, Counterpart.INTERNAL, who, self._say("question"))

    def _others(
        self,
        since: datetime,
        until: datetime | None,
        owner: str,
        counterpart: Counterpart,
        who: str,
        question: str,
    ) -> None:
        """They are asked; and answer, or need longer, or are not needed any more, before ``until``."""
        rng = self._rng
        asked_at = since + timedelta(minutes=rng.uniform(5, 40))
        due_at = _oclock(asked_at + timedelta(hours=rng.uniform(6, 60)))
        if not self._write(
            asked_at, owner, AskOthers, counterpart=counterpart, who=who, question=question, due_at=due_at
        ):
            return
        self._liaisons += 1
        which = self._liaisons
        if rng.random() < MOVED and due_at < (until or self._until):
            later = _oclock(due_at + timedelta(hours=rng.uniform(20, 50)))
            at = due_at - timedelta(minutes=rng.uniform(20, 90))
            if at > asked_at:
                why = self._say("moved")
                self._write(at, owner, MoveLiaison, reason=why, due_at=later, liaison=which)
                asked_at = at
        if until is None:
            return
        over_at = asked_at + (until - asked_at) * rng.uniform(0.4, 0.95)
        if rng.random() < WITHDRAWN and counterpart is Counterpart.INTERNAL:
            self._write(over_at, owner, WithdrawLiaison, reason=self._say("not_needed"), liaison=which)
            return
        answer = self._say("delivered" if counterpart is Counterpart.SUPPLIER else "answer")
        self._write(
            over_at, owner, AnswerLiaison, answer=answer, answered_by=self._say("name"), liaison=which
        )

    def _write(
        self, at: datetime, by: str, kind: type[Command], *, reason: str | None = None, **fields: Any
    ) -> bool:
        """Put a step between the others, where there is room before the repair is done."""
        at = at.replace(microsecond=0)
        while at in self._taken:
            at += timedelta(seconds=7)
        if not self._steps[0].at < at < self._until:
            return False
        self._taken.add(at)
        reason = reason or say(self._rng, "late.work", self._report.customer.lang)
        command = kind(occurred_at=at, reason=reason, **fields)
        self._steps.append(Step(at=at, caller=caller(by), command=command))
        return True

    def _say(self, what: str) -> str:
        return say(self._rng, f"inquiry.{what}", self._report.customer.lang)


def _first(story: Sequence[Step], kind: type[Command]) -> Step | None:
    return next((step for step in story if isinstance(step.command, kind)), None)


def _answers(step: Step) -> bool:
    """Whether the customer has been spoken to, so that the first response is over (SLA 3)."""
    match step.command:
        case LogContact(party=Party.PERSON, direction=direction, channel=channel):
            return direction is Direction.OUTBOUND or channel in LIVE
        case _:
            return False


def _waits_for_part(step: Step) -> bool:
    return isinstance(step.command, HoldTicket) and step.command.hold is HoldReason.WAITING_FOR_PART


def _oclock(at: datetime) -> datetime:
    """The next full hour, and not at night."""
    local = at.astimezone(ZONE).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if 9 <= local.hour <= 18:
        return local
    return local.replace(hour=10) + timedelta(days=local.hour > 18)
