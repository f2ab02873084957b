"""What a person may ask of spare parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from application.access import Caller
from application.desk import Desk, Receipt, wall_clock
from application.ids import uuid7
from application.log.append import Basis, Request
from application.log.errors import NameTaken
from application.log.event_log import EventLog
from application.part_commands import CataloguePart, PartAction
from application.streams import Decided, Streams
from application.tickets.desk import TicketDesk
from domain.errors import NotAllowed
from domain.event import Act, Event, Fact
from domain.part.cataloguing import catalogue
from domain.part.errors import AlreadyCatalogued
from domain.part.events import PartReserved
from domain.part.state import Part
from domain.ticket.allowed import ENDED
from domain.ticket.state import Ticket

LONGEST = 200


class PartDesk(Desk[Part, PartAction]):
    """The storekeeper's desk.

    Args:
        log: the event log.
        streams: the parts.
        tickets: whom parts are for.
        time_zone: where the firm is: there a lot's last good day ends.
        now: the clock.
    """

    noun: ClassVar[str] = "part"
    prefix: ClassVar[str] = "part/"
    makes: ClassVar[dict[type[Event], str]] = {PartReserved: "reservation"}

    def __init__(
        self,
        log: EventLog,
        streams: Streams[Part],
        tickets: TicketDesk,
        *,
        time_zone: str,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        super().__init__(log, streams, time_zone=time_zone, now=now)
        self._tickets = tickets

    def is_number(self, reference: str) -> bool:
        """A part number is any text that is not too long."""
        return 0 < len(reference) <= LONGEST and "\0" not in reference

    async def catalogue(
        self, command: CataloguePart, caller: Caller, request: Request | None = None
    ) -> Receipt:
        """Take a part number into the catalogue (R16).

        Raises:
            Forbidden: the caller may not.
            AlreadyCatalogued: the number is there.
            DomainError: the rules refuse it.
            LogUnavailable: the database does not answer.
        """
        if before := await self._before(command, caller, request):
            return before
        act = self._act(command, caller)
        event = catalogue(**command.arguments())
        part_id = uuid7()
        fact = Fact(stream_id=part_id, version=1, event=event, act=act, correlation_id=part_id)
        try:
            recorded = await self._log.append([fact], names=[self.prefix + event.number], request=request)
        except NameTaken:
            raise AlreadyCatalogued(event.number) from None
        if recorded.repeated:
            return await self._repeated(recorded)
        self._remember(event.number, part_id)
        return self._receipt(recorded, event.number)

    async def _decide(self, command: PartAction, state: Part, act: Act, *, fresh: bool) -> Decided:
        arguments: dict[str, Any] = command.arguments()
        if command.asks("today"):
            arguments["today"] = self._today(act)
        if command.action == "reserve":
            arguments["reservation"] = uuid7()
        basis = None
        reference: str | None = getattr(command, "ticket", None)
        if reference is not None:
            ticket_id, ticket, version = await self._tickets.at(reference, "/ticket", fresh=fresh)
            arguments |= {"for_ticket": ticket_id, "ticket_number": ticket.number}
            if command.action in OPENING:
                _must_be_open(ticket)
                basis = Basis(streams={ticket_id: version})
        return Decided(type(command).decision(state, by=act, **arguments), basis)


OPENING = frozenset({"reserve", "issue"})
"""What is done only for a ticket that has not ended. The rest settles it, and is never too late."""


def _must_be_open(ticket: Ticket) -> None:
    if ticket.status in ENDED:
        raise NotAllowed(
            f"{ticket.number} is {ticket.status.value}: nothing is reserved or issued for it",
            state=ticket.status.value,
            allowed=(),
        )
