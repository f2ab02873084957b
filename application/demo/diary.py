"""What was done about one ticket, written down in the order in which it happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from application.access import Caller
from application.commands import Command
from application.demo.firm import Language, caller, say
from application.demo.year import ZONE
from application.ticket_commands.correspondence import LogContact
from application.ticket_commands.course import (
    CancelTicket,
    CloseTicket,
    ConfirmTicket,
    RejectTicket,
    ReopenTicket,
)
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.pairing import MergeTicket

LATE_REASONS: dict[type[Command], str] = {
    RegisterTicket: "late.register",
    LogContact: "late.contact",
    ConfirmTicket: "late.end",
    CloseTicket: "late.end",
    MergeTicket: "duplicate",
    RejectTicket: "rejected",
    ReopenTicket: "reopened",
    CancelTicket: "withdrawn",
}
"""Why each kind of command is recorded with an earlier time (SLA 2); the others come from the job sheets."""

OPENS, CLOSES = 8, 20
"""Hours between which work that can wait is done."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command, as somebody sent it.

    Attributes:
        at: when it happened; no two of a ticket, part or contract at the same second.
        ticket: the ticket it is for, by its place in the order of registration.
        part: the number of the part that it is asked of.
        contract: the contract that it is asked of, by its place in the order of drafting.
        duplicate_of: the ticket that this one repeats, or is linked to; first by the place of its report.
    """

    at: datetime
    caller: Caller
    command: Command
    ticket: int | None = None
    part: str | None = None
    contract: int | None = None
    duplicate_of: int | None = None


class Diary:
    """Writes the steps of one ticket.

    Args:
        rng: decides the small things.
        language: the customer's.
        begins: when the customer reported.
        ends: what would happen later is not written.
    """

    def __init__(self, rng: Random, language: Language, *, begins: datetime, ends: datetime) -> None:
        self.steps: list[Step] = []
        self.at = begins
        self._rng = rng
        self._language: Language = language
        self._ends = ends
        self._ended = False

    def write(
        self,
        at: datetime,
        who: str | Caller,
        kind: type[Command],
        /,
        *,
        of_part: str | None = None,
        duplicate_of: int | None = None,
        reason: str | None = None,
        **fields: Any,
    ) -> None:
        """Somebody does something: at the time given, or just after what came before it."""
        if self.steps:
            at = max(at, self.at + timedelta(seconds=self._rng.randint(20, 90)))
        self.at = at.replace(microsecond=0)
        self._ended = self._ended or self.at > self._ends
        if self._ended:
            return
        reason = reason or self.say(LATE_REASONS.get(kind, "late.work"))
        command = kind(occurred_at=self.at, reason=reason, **fields)
        sender = caller(who) if isinstance(who, str) else who
        step = Step(at=self.at, caller=sender, command=command, part=of_part, duplicate_of=duplicate_of)
        self.steps.append(step)

    def say(self, what: str) -> str:
        """Something, in the customer's language."""
        return say(self._rng, what, self._language)

    def later(self, least: float, most: float) -> datetime:
        """Some hours after what came before."""
        return self.at + timedelta(hours=self._rng.uniform(least, most))

    def by_day(self, at: datetime) -> datetime:
        """That time, or the next morning when it is night."""
        local = at.astimezone(ZONE)
        if OPENS <= local.hour < CLOSES:
            return at
        morning = local.replace(hour=OPENS, minute=0) + timedelta(minutes=self._rng.randint(0, 150))
        return morning if local.hour < OPENS else morning + timedelta(days=1)
