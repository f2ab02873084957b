"""What follows the repair of a report: confirmed and closed, or not; complaints, and what comes back."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from application.demo.diary import Diary
from application.demo.fitting import Fitter
from application.demo.year import Report
from application.ticket_commands.aftercare import AnswerComplaint, CallCustomerBack, ComplainAboutTicket
from application.ticket_commands.correspondence import LogContact
from application.ticket_commands.course import (
    CloseTicket,
    ConfirmTicket,
    RejectTicket,
    ReopenTicket,
    ResolveTicket,
)
from application.ticket_commands.tiers import AssignTicket
from domain.clock import Milestone
from domain.plan import ServicePlan
from domain.ticket.words import Channel, Direction, Party

MONITOR = "remote.monitoring"
COMPLAIN, ANSWERED = 0.3, 0.8
"""Of the late ones: the share about which the customer complains, and of these that is answered."""
OWED, CALLED, REACHED, CONTENT = 0.9, 0.15, 0.85, 0.93
"""After closing: how often we call where it is promised, and elsewhere; they are there, and content."""
SPOKEN: dict[str, Any] = {"direction": Direction.OUTBOUND, "party": Party.PERSON}
HEARD: dict[str, Any] = {"direction": Direction.INBOUND, "party": Party.PERSON}


class Aftermath:
    """One report being served, towards its end.

    Attributes:
        report: the report.
        rng: decides the small things.
        diary: what is written down.
        fitter: writes what happens to parts.
        plan: what is promised.
        desk: who answers the telephone.
        owner: who works on it.
    """

    report: Report
    rng: Random
    diary: Diary
    fitter: Fitter
    plan: ServicePlan
    desk: str
    owner: str
    _complained = False

    def end(self) -> None:
        """The customer confirms or not, it closes, and now and then it comes back (R08)."""
        diary, rng = self.diary, self.rng
        if rng.random() < 0.04:
            diary.write(diary.by_day(diary.later(1, 20)), self.desk, RejectTicket)
            self._again(4, 30)
        self._confirm_and_close()
        if rng.random() < 0.03:
            at = diary.by_day(diary.later(48, 290))
            diary.write(at, self.desk, ReopenTicket)
            self.contact(diary.later(0.01, 0.1), HEARD, "called_in", channel=Channel.PHONE)
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
        if rng.random() < (OWED if Milestone.CALLBACK in self.plan.targets else CALLED):
            reached = rng.random() < REACHED
            said: dict[str, Any] = {"satisfied": rng.random() < CONTENT} if reached else {}
            at = diary.by_day(diary.later(3, 66))
            diary.write(at, self.desk, CallCustomerBack, reached=reached, **said)

    def _again(self, least: float, most: float) -> None:
        at, say = self.diary.by_day(self.diary.later(least, most)), self.diary.say
        self.fitter.once_more(at, self.owner)
        self.resolve(at, say("repaired_again"), say("repeat_cause"))

    def resolve(self, at: datetime, solution: str, cause: str) -> None:
        self.diary.write(at, self.owner, ResolveTicket, solution=solution, cause=cause)

    def _hand_to(self, team: str, person: str, at: datetime) -> None:
        self.diary.write(at, person, AssignTicket, team=team, person=person)
        self.owner = person

    def contact(self, at: datetime, how: dict[str, Any], what: str, *, channel: Channel) -> None:
        automatic = how["party"] is Party.AUTOMATIC
        inbound = how["direction"] is Direction.INBOUND
        self.diary.write(
            at,
            MONITOR if automatic else self.owner if channel is Channel.ON_SITE else self.desk,
            LogContact,
            channel=channel,
            person=self.report.contact if inbound else None,
            summary=self.diary.say(what),
            **how,
        )

    def complain(self, at: datetime) -> None:
        """The customer is not content with the service itself (R32)."""
        if self.rng.random() < COMPLAIN:
            self.diary.write(at, self.desk, ComplainAboutTicket, text=self.diary.say("complaint"))
            self._complained = True

    def answer_complaint(self) -> None:
        """Mostly they are told what became of it."""
        if self._complained and self.rng.random() < ANSWERED:
            at, answer = self.diary.later(2, 20), self.diary.say("sorry")
            self.diary.write(at, self.desk, AnswerComplaint, complaint=1, answer=answer)
