"""A ticket that has ended needs nothing any more: what is still reserved for it is released (R17)."""

from __future__ import annotations

from collections.abc import Sequence

from application.log.event_log import EventLog
from application.policies.reply import Reply
from domain.event import Act, Event
from domain.part.events import PartReserved
from domain.part.reservations import release
from domain.part.state import Part
from domain.ticket.words import Reaction


async def release_reservations(reply: Reply, log: EventLog) -> None:
    """The ticket was closed, cancelled or merged."""
    ticket_id = reply.cause.correlation_id
    case = await log.case(ticket_id)
    parts = dict.fromkeys(fact.stream_id for fact in case if isinstance(fact.event, PartReserved))

    def decide(part: Part, act: Act) -> Sequence[Event]:
        kept = [each.id for each in part.reservations.values() if each.ticket == ticket_id]
        return [event for each in sorted(kept) for event in release(part, reservation=each, by=act)]

    for part_id in parts:
        await reply.ask(
            reply.desks.parts.streams,
            part_id,
            decide,
            reaction=Reaction.RELEASE_RESERVATION,
            subject=lambda part: part.number,
        )
