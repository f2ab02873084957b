"""What the timers would have noted of each ticket had they run all year: warnings and misses, when they came.

The story is decided once more, by the domain's own rules and without a log, for the clocks that it makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from application.access import Caller, Permission, Role
from application.commands import Command
from application.demo.diary import Step
from application.demo.long_mail import TakeMail
from application.demo.year import Report
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.pairing import LinkTicket, MergeTicket, SplitTicket
from application.ticket_commands.pinning import ApproveRepin, DeclineRepin, RepinTicket
from application.ticket_commands.shapes import TicketAction
from application.triage import shipped_triages
from domain.event import Act, Event
from domain.promises import Promises
from domain.ticket.clocks import advance
from domain.ticket.evolution import begin, evolve
from domain.ticket.internal import liaised
from domain.ticket.promised import Clocks
from domain.ticket.registration import register
from domain.ticket.state import Ticket
from domain.ticket.triage_events import TicketMerged
from domain.ticket.watch import note, unnoted
from domain.ticket.words import Priority

TIMER = Caller("timer", Role.AGENT, UUID(int=0))
"""Stands for the worker, whose notes have an actor of their own."""
NOBODY = UUID(int=0)


class NoteDeadline(Command, frozen=True, kw_only=True):
    """Record what a worker noticed of a ticket's deadline."""

    action: ClassVar[str] = "note"
    needs: ClassVar[Permission] = Permission.WORK

    event: Event


def watched(report: Report, story: Sequence[Step], promises: Promises, now: datetime) -> list[Step]:
    """The story with what was noted of its deadlines until ``now``.

    Args:
        report: what was reported, with the plan that its ticket is promised.
        story: what was done about it, in order; the first step registers it.
        promises: the service plans and calendars.
        now: the last moment of the history.
    """
    ticket, clocks = _lived(report, story, promises)
    notes = [
        Step(
            at=passing.certain_at,
            caller=TIMER,
            command=NoteDeadline(
                occurred_at=passing.at, event=note(clock, passing, passing.certain_at, promises)
            ),
        )
        for clock in clocks
        for passing in unnoted(ticket, clock, promises, None)
        if passing.certain_at <= now
    ]
    return sorted([*story, *notes], key=lambda step: step.at)


def _lived(report: Report, story: Sequence[Step], promises: Promises) -> tuple[Ticket, Clocks]:
    first, *rest = story
    if not isinstance(first.command, RegisterTicket):
        raise TypeError("a story begins with a report")
    act = _act(first)
    told: dict[str, Any] = first.command.arguments() | {"priority": first.command.priority or Priority.P3}
    registered = register(number="", pin=promises.pin(report.plan, first.at), **told)
    ticket = begin(NOBODY, registered, act)
    clocks = advance((), registered, act, promises)
    others: Clocks = ()
    for step in rest:
        act = _act(step)
        for event in _decided(step.command, ticket, act):
            before, ticket = ticket, evolve(event, ticket, act)
            clocks = advance(clocks, event, act, promises)
            if before.liaisons is not ticket.liaisons:
                others = liaised(others, ticket, act.occurred_at)
    return ticket, (*clocks, *others)


def _decided(command: Command, ticket: Ticket, act: Act) -> Iterable[Event]:
    """Of what happens in the last hour only, the timers will know more than is worked out here."""
    match command:
        case MergeTicket():
            return (TicketMerged(into=NOBODY, number=""),)
        case SplitTicket() | LinkTicket() | RepinTicket() | ApproveRepin() | DeclineRepin():
            return ()
        case TakeMail():
            return command.events
        case TicketAction():
            arguments: dict[str, Any] = command.arguments()
            if command.asks("triage"):
                arguments["triage"] = shipped_triages()[-1]
            if command.asks("owing"):
                arguments["owing"] = {}
            return type(command).decision(ticket, by=act, **arguments)
        case _:
            return ()


def _act(step: Step) -> Act:
    return Act(actor=step.caller.actor, occurred_at=step.at, reason=step.command.reason)
