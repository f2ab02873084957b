"""Two tickets in one append: merging one into another, and splitting one off (SLA 11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec

from application.streams import Held, facts_of, facts_told
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.pairing import SplitTicket
from domain.errors import InvalidValue
from domain.event import Act, Event, Fact, Told, id_of
from domain.promises import Promises
from domain.ticket.clocks import fold
from domain.ticket.errors import Owing
from domain.ticket.events import TicketRegistered
from domain.ticket.evolution import replay
from domain.ticket.file_events import FileAttached
from domain.ticket.filing import shown
from domain.ticket.pairing import absorb, merge, split, taken_along
from domain.ticket.state import Ticket
from domain.ticket.triage_events import TicketLinked
from domain.ticket.watch import corrections
from domain.ticket.words import Link


def merged_in_one(
    merged: Ticket, own: Sequence[Fact], its: Sequence[Fact], owing: Owing, promises: Promises, by: Act
) -> tuple[Sequence[Event], list[Fact]]:
    """What happens to a ticket that is merged, and to the one that goes on.

    Args:
        merged: the one that ends.
        own: the facts of the one that ends, all of them.
        its: those of the one that goes on, all of them.
        owing: parts issued for the one that ends and not accounted for.
        promises: by which their clocks run.
        by: who, when and why.

    Raises:
        DomainError: the rules refuse it.
    """
    survivor = replay(its)
    if survivor is None:
        raise AssertionError("it was found")
    events = merge(merged, survivor=survivor, owing=owing, by=by)
    along = taken_along(merged, survivor, by)
    return events, absorbed_by(its, merged, own, promises, by, along)


def absorbed_by(
    survivor: Sequence[Fact],
    merged: Ticket,
    facts: Sequence[Fact],
    promises: Promises,
    by: Act,
    along: Sequence[Told],
) -> list[Fact]:
    """What is said on the survivor, as an effect of the merge that follows the facts of the merged ticket.

    Args:
        survivor: the facts of the ticket that goes on, all of them.
        merged: the one that ends.
        facts: of the one that ends, all of them.
        promises: by which their clocks run.
        by: who, when and why.
        along: what the survivor goes on waiting for.
    """
    going_on, version = survivor[0].stream_id, survivor[-1].version
    cause = id_of(merged.id, facts[-1].version + 1)
    told = [Told(absorb(merged, fold(facts, promises), by), by), *along]
    then = [*survivor, *facts_told(going_on, version, told, cause=cause)]
    ticket = replay(then)
    corrected = corrections(then, ticket, promises) if ticket else []
    return facts_told(going_on, version, [*told, *corrected], cause=cause)


def split_in_two(
    held: Held[Ticket],
    command: SplitTicket,
    *,
    new: UUID,
    draft: TicketRegistered,
    reported: Act,
    by: Act,
) -> Callable[[str], list[Fact]]:
    """What is recorded on both tickets, once the new one has its number.

    Args:
        held: the ticket that a part is split off from.
        command: which part that is.
        new: the id of the new ticket.
        draft: its registration, but for its number.
        reported: who, when and why it was reported.
        by: who, when and why it is split off.

    Raises:
        InvalidValue: a file is not one that the ticket shows.
    """
    ticket, version = held
    cause = id_of(ticket.id, version + 1)
    along = brought_along(ticket, command)

    def facts(number: str) -> list[Fact]:
        begun = msgspec.structs.replace(draft, number=number)
        told = split(ticket, new=new, number=number, subject=command.subject, by=by)
        return [
            *new_stream(new, (begun, *along), reported, by, cause),
            *facts_of(ticket.id, version, told, by),
        ]

    return facts


def report_of(ticket: Ticket, command: SplitTicket) -> RegisterTicket:
    """The report that the new ticket is registered with: what the command does not say is as it was."""
    return RegisterTicket(
        subject=command.subject,
        description=command.description,
        priority=command.priority or ticket.priority,
        category=command.category,
        customer=ticket.customer,
        contact=ticket.contact,
        site=ticket.site,
        product=ticket.product,
        asset=ticket.asset,
        channel=ticket.channel,
        band=ticket.band,
    )


def brought_along(ticket: Ticket, command: SplitTicket) -> tuple[Event, ...]:
    """What the new ticket has from the beginning: where it comes from, and files of that.

    Raises:
        InvalidValue: a file is not one that the ticket shows.
    """
    events: list[Event] = [TicketLinked(ticket=ticket.id, number=ticket.number, link=Link.SPLIT_FROM)]
    for place, sha256 in enumerate(dict.fromkeys(command.files)):
        file = shown(ticket, sha256)
        if file is None:
            raise InvalidValue(f"{ticket.number} shows no file {sha256}", field=f"/files/{place}")
        own = {name: getattr(file, name) for name in FileAttached.__struct_fields__}
        events.append(FileAttached(**own))
    return tuple(events)


def new_stream(stream_id: UUID, events: Sequence[Event], reported: Act, by: Act, cause: UUID) -> list[Fact]:
    """The first facts of a ticket that was split off: reported when its customer reported it."""
    return [
        Fact(
            stream_id=stream_id,
            version=version,
            event=event,
            act=reported if version == 1 else by,
            correlation_id=stream_id,
            causation_id=cause,
        )
        for version, event in enumerate(events, 1)
    ]


def reported_by(by: Act, ticket: Ticket, command: SplitTicket) -> Act:
    """Who, when and why the new ticket was reported.

    Raises:
        InvalidValue: it would have been reported before the one it comes from, or after it was split off.
    """
    at = command.reported_at or ticket.reported_at
    if not ticket.reported_at <= at <= by.occurred_at:
        raise InvalidValue(
            f"what moves was reported between {ticket.reported_at.isoformat()}, when {ticket.number} was, "
            "and the split",
            field="/reported_at",
        )
    return msgspec.structs.replace(by, occurred_at=at)
