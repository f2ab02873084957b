"""All desks of the service, on one log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from application import forms
from application.assignments import AssignmentDesk
from application.book import Book
from application.choosing import DEFAULT_PLAN
from application.contracts import ContractDesk
from application.desk import wall_clock
from application.files.kinds import FileRules
from application.files.store import Files
from application.log.event_log import EventLog
from application.parts import PartDesk
from application.publishing import CalendarDesk, PlanDesk, TriageDesk
from application.reception import Reception
from application.streams import Streams
from application.tickets.desk import TicketDesk
from domain.contract import state as contract
from domain.part import state as part
from domain.promises import Promises
from domain.ticket import evolution as ticket
from domain.ticket.decisions import REVIEW_WITHIN


class Desks(msgspec.Struct, frozen=True):
    """Where commands are taken, one desk for each kind of aggregate."""

    tickets: TicketDesk
    parts: PartDesk
    contracts: ContractDesk
    reception: Reception
    plans: PlanDesk
    calendars: CalendarDesk
    triage: TriageDesk
    assignments: AssignmentDesk


def open_desks(
    log: EventLog,
    promises: Promises,
    *,
    time_zone: str,
    mailboxes: Sequence[str] = (),
    rules: FileRules | None = None,
    review_within: timedelta = REVIEW_WITHIN,
    now: Callable[[], datetime] = wall_clock,
) -> Desks:
    """The desks on a log.

    Args:
        log: the event log.
        promises: the service plans and calendars, and what tickets are sorted by.
        time_zone: IANA time zone of the firm.
        mailboxes: those that letters can go out from, by name.
        rules: what files are taken; the usual where absent.
        review_within: how long after its beginning a wait is looked at again, where nobody says when.
        now: the clock.
    """
    book = Book(log, promises)
    contracts = Streams(log, contract.replay, forms.CONTRACT)
    tickets = TicketDesk(
        log,
        Streams(log, ticket.replay, forms.TICKET),
        contracts,
        book,
        time_zone=time_zone,
        mailboxes=mailboxes,
        review_within=review_within,
        now=now,
    )
    return Desks(
        tickets,
        PartDesk(log, Streams(log, part.replay, forms.PART), tickets, time_zone=time_zone, now=now),
        ContractDesk(log, contracts, tickets, book, time_zone=time_zone, now=now),
        Reception(log, tickets, Files(log.connection, rules)),
        PlanDesk(log, book, needed=DEFAULT_PLAN, now=now),
        CalendarDesk(log, book, needed=DEFAULT_PLAN, now=now),
        TriageDesk(log, book, now=now),
        AssignmentDesk(log, book, now=now),
    )
