"""How the firm serves a report, from the first answer to the confirmed close."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import msgspec

from application.demo.aftermath import HEARD, MONITOR, SPOKEN, Aftermath
from application.demo.course import Hours, choose
from application.demo.diary import Diary, Step
from application.demo.firm import firm
from application.demo.fitting import Fitter
from application.demo.ladder import climb
from application.demo.needs import needs
from application.demo.pictures import LOG, PANEL, PLATE
from application.demo.year import FAR_AND_WIDE, Fate, Report
from application.ticket_commands.correspondence import AttachFile, RemarkOnTicket
from application.ticket_commands.course import (
    CancelTicket,
    HoldTicket,
    ResumeTicket,
)
from application.ticket_commands.fieldwork import DeliverPart, DispatchTechnician, OrderPart
from application.ticket_commands.intake import (
    AcknowledgeTicket,
    ClassifyTicket,
    PrioritiseTicket,
    RegisterTicket,
)
from application.ticket_commands.pairing import MergeTicket
from application.ticket_commands.tiers import AssignTicket
from domain.clock import Milestone
from domain.promises import Promises
from domain.ticket.clocks import LIVE
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority

UNPROMISED = 48 * 3600
"""Seconds that a repair takes for which nothing is promised."""
SHARES = ((PANEL, 0.2), (PLATE, 0.06), (LOG, 0.05))
"""How often a visit leaves one of these."""
URGENT = frozenset({Priority.P1, Priority.P2})


def tell(report: Report, *, now: datetime, promises: Promises) -> list[Step]:
    """Everything that happened to a report until ``now``; the first step registers it."""
    return _Story(report, now, promises).steps()


class _Story(Aftermath):
    """One report being served."""

    def __init__(self, report: Report, now: datetime, promises: Promises) -> None:
        self.report = report
        self.rng = Random(report.luck)  # noqa: S311
        pin = promises.pin(report.plan, report.at)
        self.plan = promises.plan(pin)
        self.target = self.plan.target(Milestone.RESOLVE, report.priority) or UNPROMISED
        self.answer_within = self.plan.target(Milestone.FIRST_RESPONSE, report.priority) or 0
        self.hours = Hours(promises.calendar(pin))
        self.course = choose(report, self.rng, now=now, hours=self.hours, target=self.target)
        language = report.customer.lang
        self.diary = Diary(self.rng, language, begins=self.course.begins, ends=now)
        self.desk = self.rng.choice(firm().hotline[language])
        self.owner = self.rng.choice(firm().teams[report.customer.team].people)
        words = report.fault.zh if language == "zh" else report.fault.en
        count = self.rng.randint(2, 9)
        self.words = {name: text.format(count=count) for name, text in msgspec.structs.asdict(words).items()}
        waits = self.course.hold is HoldReason.WAITING_FOR_PART
        self.fitter = Fitter(self.diary, report, needs(report, self.rng, count=count, waits=waits), self.rng)

    def steps(self) -> list[Step]:
        """The whole story."""
        self._register()
        if self.report.fate in {Fate.DUPLICATE, Fate.WITHDRAWN}:
            self._cancel()
        else:
            self._answer()
            self._work()
            self.end()
        return self.diary.steps

    def _way(self, part: float) -> datetime:
        """The time at which this part of the way to the resolution is done."""
        at = self.hours.after(self.course.begins, part * self.course.pace * self.target)
        if self.course.hold and part > self.course.hold_at:
            at += self.course.hold_for
        return at if self.report.priority in URGENT else self.diary.by_day(at)

    def _register(self) -> None:
        report, watched = self.report, self.report.channel is Channel.MONITORING
        self.diary.write(
            self.course.begins,
            MONITOR if watched else self.desk,
            RegisterTicket,
            subject=self.words["subject"],
            description=self.words["description"],
            priority=report.priority,
            customer=report.customer.name,
            contact=None if watched else report.contact,
            site=report.customer.site,
            product=report.asset.product.model,
            asset=report.asset.serial,
            channel=report.channel,
            category=self.words["category"],
            customer_class=report.customer.kind,
            band=report.customer.band if report.plan in FAR_AND_WIDE.values() else None,
            reason=self.diary.say("model_case") if report.thorough else None,
        )

    def _cancel(self) -> None:
        self.contact(self.diary.later(0.01, 0.03), HEARD, "called_in", channel=Channel.PHONE)
        if self.report.fate is Fate.DUPLICATE and self.report.merges:
            original = self.report.original
            self.diary.write(
                self.diary.later(0.1, 0.5), self.desk, MergeTicket, into="", duplicate_of=original
            )
        elif self.report.fate is Fate.DUPLICATE:
            at, why = self.diary.later(0.1, 0.8), self.diary.say("duplicate")
            self.diary.write(at, self.desk, CancelTicket, reason=why, duplicate_of=self.report.original)
        else:
            if self.rng.random() < 0.5:
                self.fitter.promise(self.diary.later(0.1, 0.4), self.desk)
            self.diary.write(self.diary.by_day(self.diary.later(0.5, 5)), self.desk, CancelTicket)

    def _answer(self) -> None:
        """The first contact: at once on a live channel, otherwise a call back (SLA 3)."""
        report, rng = self.report, self.rng
        if Milestone.ACKNOWLEDGE in self.plan.targets:
            self.diary.write(self.diary.later(0.02, 0.2), self.desk, AcknowledgeTicket)
        if report.channel in LIVE:
            self.contact(self.diary.later(0.01, 0.04), HEARD, "called_in", channel=report.channel)
        else:
            automatic = {"direction": Direction.OUTBOUND, "party": Party.AUTOMATIC}
            self.contact(self.diary.later(0.005, 0.02), automatic, "acknowledged", channel=Channel.EMAIL)
            share = rng.uniform(0.05, 0.85) if rng.random() < 0.93 else rng.uniform(1.05, 2)
            at = self.hours.after(self.course.begins, share * self.answer_within)
            self.contact(at, SPOKEN, "answered", channel=Channel.PHONE)
        self.diary.write(
            self.diary.later(0.03, 0.2),
            self.desk,
            ClassifyTicket,
            category=self.words["category"],
            fault_code=report.fault.code,
            impact=report.fault.impact,
        )

    def _work(self) -> None:
        """Assigned, visited, perhaps waiting, perhaps escalated, the parts fitted, resolved."""
        diary, rng, course, fitter = self.diary, self.rng, self.course, self.fitter
        diary.write(
            self._way(rng.uniform(0.05, 0.18)),
            self.desk,
            AssignTicket,
            team=self.report.customer.team,
            person=self.owner,
        )
        if rng.random() < 0.05:
            diary.write(self._way(0.2), self.desk, PrioritiseTicket, priority=self._nearby())
        if rng.random() < 0.7 or fitter.needs:
            self._visit(self._way(rng.uniform(0.22, 0.29)))
        fitter.promise(self._way(0.295), self.owner)
        if course.hold:
            self._wait(course.hold)
        fitter.promise(self._way(0.56), self.owner, transferred=True)
        fitter.fetch(self._way(0.57), self.owner)
        team = self.report.customer.team
        self.owner = climb(diary, rng, self._way, owner=self.owner, team=team, tiers=course.upwards)
        if any(need.promised for need in fitter.needs):
            self.contact(self._way(0.82), SPOKEN, "came_back", channel=Channel.ON_SITE)
        fitter.fit(self._way(rng.uniform(0.83, 0.89)), self.owner)
        if rng.random() < 0.15:
            diary.write(self._way(0.84), self.owner, RemarkOnTicket, text=diary.say("note"))
        if rng.random() < 0.25:
            self.contact(self._way(0.9), SPOKEN, "progress", channel=Channel.PHONE)
        elif course.pace > 1:
            self.contact(self._way(0.9), HEARD, "chased", channel=Channel.PHONE)
            self.complain(self._way(0.95))
        self.resolve(self._way(1.0), self.words["solution"], self.words["cause"])
        self.answer_complaint()
        fitter.bring_back(diary.by_day(diary.later(1, 14)))

    def _visit(self, at: datetime) -> None:
        """Somebody is sent, arrives, and takes a picture or two."""
        diary, rng, customer = self.diary, self.rng, self.report.customer
        sent = max(self._way(0.19), diary.at)
        planned = at.replace(microsecond=0) if at > sent + timedelta(hours=1) else None
        who = {"technician": self.owner, "band": customer.band, "planned_at": planned}
        diary.write(sent, self.desk, DispatchTechnician, **who)
        self.contact(at, SPOKEN, "arrived", channel=Channel.ON_SITE)
        for picture, share in SHARES:
            if rng.random() < share:
                diary.write(diary.later(0, 0.1), self.owner, AttachFile, **picture.attached(customer.lang))

    def _wait(self, hold: HoldReason) -> None:
        diary, course = self.diary, self.course
        at = self._way(course.hold_at)
        review_at = max(at + min(course.hold_for, timedelta(days=self.rng.uniform(1, 12))), diary.at)
        review_at = review_at.replace(microsecond=0) + timedelta(hours=1)
        diary.write(at, self.owner, HoldTicket, hold=hold, review_at=review_at)
        until = diary.by_day(diary.at + course.hold_for)
        if hold is HoldReason.WAITING_FOR_PART and self.fitter.needs:
            need = self.fitter.needs[0]
            diary.write(diary.at, self.owner, OrderPart, part=need.part.number, quantity=need.quantity)
            diary.write(until - timedelta(minutes=20), self.owner, DeliverPart, order=1)
        if hold is HoldReason.WAITING_FOR_CUSTOMER:
            self.contact(until, HEARD, "customer_came_back", channel=Channel.PHONE)
        else:
            diary.write(until, self.owner, ResumeTicket)

    def _nearby(self) -> Priority:
        """The priority one above or below."""
        order = list(Priority)
        place = order.index(self.report.priority)
        return self.rng.choice([order[other] for other in (place - 1, place + 1) if 0 <= other < len(order)])
