"""How the firm serves a report, from the first answer to the confirmed close."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from application.demo.course import Hours, choose
from application.demo.diary import Diary, Step
from application.demo.firm import Person, firm
from application.demo.fitting import Fitter
from application.demo.needs import needs
from application.demo.year import Fate, Report
from application.ticket_commands.correspondence import LogContact, RemarkOnTicket
from application.ticket_commands.course import (
    CancelTicket,
    CloseTicket,
    ConfirmTicket,
    HoldTicket,
    RejectTicket,
    ReopenTicket,
    ResolveTicket,
    ResumeTicket,
)
from application.ticket_commands.intake import ClassifyTicket, PrioritiseTicket, RegisterTicket
from application.ticket_commands.tiers import AssignTicket, EscalateTicket
from domain.clock import Milestone
from domain.promises import Promises
from domain.ticket.clocks import LIVE
from domain.ticket.words import Channel, Direction, HoldReason, Party, Priority, Tier

MONITOR = "remote.monitoring"
URGENT = frozenset({Priority.P1, Priority.P2})
UPPER = (("service-centre", Tier.L2), ("research", Tier.L3))
SPOKEN: dict[str, Any] = {"direction": Direction.OUTBOUND, "party": Party.PERSON}
HEARD: dict[str, Any] = {"direction": Direction.INBOUND, "party": Party.PERSON}


def tell(report: Report, *, now: datetime, promises: Promises) -> list[Step]:
    """Everything that happened to a report until ``now``; the first step registers it."""
    return _Story(report, now, promises).steps()


class _Story:
    """One report being served."""

    def __init__(self, report: Report, now: datetime, promises: Promises) -> None:
        self.report = report
        self.rng = Random(report.luck)  # noqa: S311
        pin = promises.pin(report.plan, report.at)
        plan = promises.plan(pin)
        self.target = plan.target(Milestone.RESOLVE, report.priority) or 0
        self.answer_within = plan.target(Milestone.FIRST_RESPONSE, report.priority) or 0
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
            self._end()
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
            reason=self.diary.say("model_case") if report.thorough else None,
        )

    def _cancel(self) -> None:
        self._contact(self.diary.later(0.01, 0.03), HEARD, "called_in", channel=Channel.PHONE)
        if self.report.fate is Fate.DUPLICATE:
            at, why = self.diary.later(0.1, 0.8), self.diary.say("duplicate")
            self.diary.write(at, self.desk, CancelTicket, reason=why, duplicate_of=self.report.original)
        else:
            if self.rng.random() < 0.5:
                self.fitter.promise(self.diary.later(0.1, 0.4), self.desk)
            self.diary.write(self.diary.by_day(self.diary.later(0.5, 5)), self.desk, CancelTicket)

    def _answer(self) -> None:
        """The first contact: at once on a live channel, otherwise a call back (SLA 3)."""
        report, rng = self.report, self.rng
        if report.channel in LIVE:
            self._contact(self.diary.later(0.01, 0.04), HEARD, "called_in", channel=report.channel)
        else:
            automatic = {"direction": Direction.OUTBOUND, "party": Party.AUTOMATIC}
            self._contact(self.diary.later(0.005, 0.02), automatic, "acknowledged", channel=Channel.EMAIL)
            share = rng.uniform(0.05, 0.85) if rng.random() < 0.93 else rng.uniform(1.05, 2)
            at = self.hours.after(self.course.begins, share * self.answer_within)
            self._contact(at, SPOKEN, "answered", channel=Channel.PHONE)
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
            person=self.owner.name,
        )
        if rng.random() < 0.05:
            diary.write(self._way(0.2), self.desk, PrioritiseTicket, priority=self._nearby())
        if rng.random() < 0.7 or fitter.needs:
            self._contact(self._way(rng.uniform(0.22, 0.29)), SPOKEN, "arrived", channel=Channel.ON_SITE)
        fitter.promise(self._way(0.295), self.owner.id)
        if course.hold:
            self._wait(course.hold)
        fitter.promise(self._way(0.56), self.owner.id, transferred=True)
        fitter.fetch(self._way(0.57), self.owner.id)
        for step, (team, tier) in enumerate(UPPER[: course.upwards]):
            person = rng.choice(firm().teams[team].people)
            diary.write(self._way(0.58 + 0.16 * step), self.owner.id, EscalateTicket, tier=tier, team=team)
            self._hand_to(team, person, self._way(0.64 + 0.16 * step))
        if any(need.promised for need in fitter.needs):
            self._contact(self._way(0.82), SPOKEN, "came_back", channel=Channel.ON_SITE)
        fitter.fit(self._way(rng.uniform(0.83, 0.89)), self.owner.id)
        if rng.random() < 0.15:
            diary.write(self._way(0.84), self.owner.id, RemarkOnTicket, text=diary.say("note"))
        if rng.random() < 0.25:
            self._contact(self._way(0.9), SPOKEN, "progress", channel=Channel.PHONE)
        elif course.pace > 1:
            self._contact(self._way(0.9), HEARD, "chased", channel=Channel.PHONE)
        self._resolve(self._way(1.0), self.words["solution"], self.words["cause"])
        fitter.bring_back(diary.by_day(diary.later(1, 14)))

    def _end(self) -> None:
        """The customer confirms or not, it closes, and now and then it comes back (R08)."""
        diary, rng = self.diary, self.rng
        if rng.random() < 0.04:
            diary.write(diary.by_day(diary.later(1, 20)), self.desk, RejectTicket)
            self._again(4, 30)
        self._confirm_and_close()
        if rng.random() < 0.03:
            at = diary.by_day(diary.later(48, 290))
            diary.write(at, self.desk, ReopenTicket)
            self._contact(diary.later(0.01, 0.1), HEARD, "called_in", channel=Channel.PHONE)
            self._hand_to(self.report.customer.team, self.owner, diary.later(0.1, 0.6))
            self._again(2, 40)
            self._confirm_and_close()

    def _confirm_and_close(self) -> None:
        diary, rng = self.diary, self.rng
        wait = (100, 170)
        if rng.random() < 0.85:
            at = diary.by_day(diary.later(0.5, 36))
            diary.write(at, self.desk, ConfirmTicket, confirmed_by=self.report.contact)
            wait = (2, 60)
        diary.write(diary.by_day(diary.later(*wait)), self.desk, CloseTicket)

    def _wait(self, hold: HoldReason) -> None:
        diary, course = self.diary, self.course
        at = self._way(course.hold_at)
        review_at = max(at + min(course.hold_for, timedelta(days=self.rng.uniform(1, 12))), diary.at)
        review_at = review_at.replace(microsecond=0) + timedelta(hours=1)
        diary.write(at, self.owner.id, HoldTicket, hold=hold, review_at=review_at)
        until = diary.by_day(diary.at + course.hold_for)
        if hold is HoldReason.WAITING_FOR_CUSTOMER:
            self._contact(until, HEARD, "customer_came_back", channel=Channel.PHONE)
        else:
            diary.write(until, self.owner.id, ResumeTicket)

    def _again(self, least: float, most: float) -> None:
        at, say = self.diary.by_day(self.diary.later(least, most)), self.diary.say
        self.fitter.once_more(at, self.owner.id)
        self._resolve(at, say("repaired_again"), say("repeat_cause"))

    def _resolve(self, at: datetime, solution: str, cause: str) -> None:
        self.diary.write(at, self.owner.id, ResolveTicket, solution=solution, cause=cause)

    def _hand_to(self, team: str, person: Person, at: datetime) -> None:
        self.diary.write(at, person.id, AssignTicket, team=team, person=person.name)
        self.owner = person

    def _contact(self, at: datetime, how: dict[str, Any], what: str, *, channel: Channel) -> None:
        automatic = how["party"] is Party.AUTOMATIC
        inbound = how["direction"] is Direction.INBOUND
        self.diary.write(
            at,
            MONITOR if automatic else self.owner.id if channel is Channel.ON_SITE else self.desk,
            LogContact,
            channel=channel,
            person=self.report.contact if inbound else None,
            summary=self.diary.say(what),
            **how,
        )

    def _nearby(self) -> Priority:
        """The priority one above or below."""
        order = list(Priority)
        place = order.index(self.report.priority)
        return self.rng.choice([order[other] for other in (place - 1, place + 1) if 0 <= other < len(order)])
