"""What is done for a ticket is taken from its contract, and given back when the ticket is cancelled (R13)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from application.log.event_log import EventLog
from application.policies.reply import Reply
from domain.contract.events import EntitlementConsumed
from domain.contract.state import Contract
from domain.contract.term import day_of
from domain.contract.uses import consume, restore
from domain.contract.words import Kind
from domain.event import Act, Event
from domain.part.events import PartInstalled
from domain.ticket.events import TicketContacted
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Direction, Party, Reaction


async def count_visit(reply: Reply, log: EventLog) -> None:  # noqa: ARG001 - as all react
    """A person of ours was on site: a visit, but one a day and ticket, whatever is said there."""
    event = reply.cause.event
    if not isinstance(event, TicketContacted) or event.channel is not Channel.ON_SITE:
        return
    if event.direction is Direction.OUTBOUND and event.party is Party.PERSON:
        await _take(reply, Kind.VISIT, 1, Reaction.COUNT_VISIT)


async def count_part(reply: Reply, log: EventLog) -> None:  # noqa: ARG001
    """A part was installed for a ticket."""
    event = reply.cause.event
    if isinstance(event, PartInstalled):
        await _take(
            reply,
            Kind.PART,
            event.goods.quantity,
            Reaction.COUNT_PART,
            part=event.number,
            asset=event.asset,
        )


async def give_back(reply: Reply, log: EventLog) -> None:
    """The ticket was cancelled: what was taken for it has not been used."""
    case = await log.case(reply.cause.correlation_id)
    uses = {fact.event.entry: fact for fact in case if isinstance(fact.event, EntitlementConsumed)}
    for entry, fact in uses.items():

        def decide(contract: Contract, act: Act, entry: UUID = entry) -> Sequence[Event]:
            used = contract.entry(entry)
            if used is None or used.standing <= 0:
                return ()
            return restore(contract, entry=entry, amount=used.standing, by=act)

        await reply.ask(
            reply.desks.contracts.streams,
            fact.stream_id,
            decide,
            reaction=Reaction.GIVE_BACK,
            subject=_number,
            at=max(reply.cause.act.occurred_at, fact.act.occurred_at),
        )


async def _take(
    reply: Reply,
    kind: Kind,
    amount: int,
    reaction: Reaction,
    *,
    part: str | None = None,
    asset: str | None = None,
) -> None:
    held = await reply.desks.tickets.streams.read(reply.cause.correlation_id)
    if held is None or held.state.contract is None or held.state.contract.winner is None:
        return
    ticket = held.state

    def decide(contract: Contract, act: Act) -> Sequence[Event]:
        if kind is Kind.VISIT and _counted(contract, ticket, act):
            return ()
        return consume(
            contract,
            entry=reply.derived("entry"),
            ticket=ticket.id,
            ticket_number=ticket.number,
            kind=kind,
            amount=amount,
            asset=asset or ticket.asset,
            part=part,
            reported_at=ticket.reported_at,
            by=act,
        )

    await reply.ask(
        reply.desks.contracts.streams,
        held.state.contract.winner.contract,
        decide,
        reaction=reaction,
        subject=_number,
    )


def _counted(contract: Contract, ticket: Ticket, act: Act) -> bool:
    """Whether a visit of this ticket on this day, in the contract's zone, is counted already."""
    today = day_of(contract, act.occurred_at)
    visits = (
        entry.consumed_at
        for entry in contract.entries
        if entry.kind is Kind.VISIT and entry.ticket == ticket.id and entry.standing > 0
    )
    return any(day_of(contract, at) == today for at in visits)


def _number(contract: Contract) -> str:
    return contract.number
