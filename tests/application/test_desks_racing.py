"""Two desks decide at once about a ticket and its parts: never does one end with parts out (R17)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from application.database.connect import Database
from application.desk import Receipt
from application.part_commands import InstallPart, ReturnPart
from application.ticket_commands.course import CancelTicket, CloseTicket, ReopenTicket, ResolveTicket
from domain.errors import NotAllowed
from domain.event import Fact
from domain.part.events import PartInstalled, PartIssued, PartReturned
from domain.part.words import Condition
from domain.ticket.allowed import ENDED
from domain.ticket.errors import Unsettled
from domain.ticket.events import TicketCancelled, TicketClosed
from tests.application.firm import AGENT, PART, Firm, in_two_processes

END = {"close": CloseTicket(), "cancel": CancelTicket(reason="x")}
TURNS = 60


async def one_to_end(firm: Firm, how: str) -> Receipt:
    """A ticket that may be ended so."""
    return await (firm.resolved() if how == "close" else firm.ticket())


def overtaken(firm: Firm, by: Callable[[], Awaitable[object]]) -> None:
    """What this process has just decided is recorded only after something else was."""
    append = firm.log.append

    async def late(facts: Sequence[Fact], **more: Any) -> Any:
        firm.log.append = append  # type: ignore[method-assign]
        await by()
        return await append(facts, **more)

    firm.log.append = late  # type: ignore[method-assign, assignment]


def parts_out(case: list[Fact]) -> int:
    """What was issued less what was installed or came back, counted from the events alone."""
    signs = {PartIssued: 1, PartInstalled: -1, PartReturned: -1}
    return sum(
        signs.get(type(fact.event), 0) * fact.event.goods.quantity  # type: ignore[attr-defined]
        for fact in case
        if hasattr(fact.event, "goods")
    )


async def never_ended_with_parts_out(firm: Firm, ticket: Receipt) -> None:
    """Whenever the ticket was ended, nothing was out."""
    case = await firm.log.case(ticket.id)
    for place, fact in enumerate(case, 1):
        if isinstance(fact.event, TicketClosed | TicketCancelled):
            assert parts_out(case[:place]) == 0
    held = await firm.desks.tickets.streams.read(ticket.id)
    assert held is not None
    assert held.state.status not in ENDED or parts_out(case) == 0


@pytest.mark.parametrize("how", END)
class TestDecidedBeforeAndRecordedAfter:
    """The two orders that a naive service gets wrong."""

    def test_what_is_issued_after_the_look_keeps_the_ticket_open(self, database: Database, how: str) -> None:
        async def story(here: Firm, there: Firm) -> None:
            await here.part()
            await here.receive(quantity=5)
            ticket = await one_to_end(here, how)
            overtaken(here, lambda: there.issue(ticket.number, quantity=2))
            with pytest.raises(Unsettled) as refused:
                await here.desks.tickets.send(ticket.number, END[how], AGENT)
            assert refused.value.parts == {PART: 2}
            await never_ended_with_parts_out(here, ticket)

        in_two_processes(database, story)

    def test_what_is_ended_after_the_look_has_nothing_issued(self, database: Database, how: str) -> None:
        async def story(here: Firm, there: Firm) -> None:
            await here.part()
            await here.receive(quantity=5)
            for wanted in (here.issue, here.reserve):
                ticket = await one_to_end(here, how)
                end = there.desks.tickets.send(ticket.number, END[how], AGENT)
                overtaken(here, lambda end=end: end)
                head = await here.log.head()
                with pytest.raises(NotAllowed, match="nothing is reserved or issued"):
                    await wanted(ticket.number, quantity=2)
                assert await here.log.head() == head + 1
                await never_ended_with_parts_out(here, ticket)

        in_two_processes(database, story)

    def test_what_is_settled_after_the_look_lets_it_end(self, database: Database, how: str) -> None:
        async def story(here: Firm, there: Firm) -> None:
            await here.part()
            await here.receive(quantity=5)
            ticket = await one_to_end(here, how)
            await here.issue(ticket.number, quantity=2)
            fitted = InstallPart(ticket=ticket.number, asset="WH-77", quantity=2)
            # Refused on the state at hand, the end is decided again on the newest: which is settled by then.
            await there.desks.parts.send(PART, fitted, AGENT)
            await here.desks.tickets.send(ticket.number, END[how], AGENT)
            await never_ended_with_parts_out(here, ticket)

        in_two_processes(database, story)


@pytest.mark.parametrize("how", END)
def test_at_the_same_time_one_of_them_gives_way(database: Database, how: str) -> None:
    """Again and again, each side starting a little earlier or later."""
    draw = random.Random(how)  # noqa: S311

    async def story(here: Firm, there: Firm) -> None:
        await here.part()
        await here.receive(quantity=TURNS)

        async def a_moment(of: Firm) -> None:
            for _ in range(draw.randrange(4)):
                await of.log.head()

        async def end(ticket: Receipt) -> Receipt:
            await a_moment(here)
            return await here.desks.tickets.send(ticket.number, END[how], AGENT)

        async def issue(ticket: Receipt) -> Receipt:
            await a_moment(there)
            return await there.issue(ticket.number, quantity=1)

        seen = {"ended": 0, "issued": 0}
        for _ in range(TURNS):
            ticket = await one_to_end(here, how)
            ended, issued = await asyncio.gather(end(ticket), issue(ticket), return_exceptions=True)
            assert (type(ended), type(issued)) in {(Receipt, NotAllowed), (Unsettled, Receipt)}
            seen["ended" if isinstance(ended, Receipt) else "issued"] += 1
            await never_ended_with_parts_out(there, ticket)
        assert min(seen.values()) > 0, "both were first sometimes"

    in_two_processes(database, story)


def test_a_ticket_lives_on_and_ends_again_while_parts_come_and_go(database: Database) -> None:
    """In both processes somebody closes, reopens, resolves, issues and brings back, all at once."""

    async def story(here: Firm, there: Firm) -> None:
        await here.part()
        await here.receive(quantity=100)
        ticket = await here.resolved()
        back = ReturnPart(ticket=ticket.number, location="VAN", quantity=1, condition=Condition.GOOD)
        asks: list[Callable[[Firm], Awaitable[Receipt]]] = [
            lambda firm: firm.desks.tickets.send(ticket.number, CloseTicket(), AGENT),
            lambda firm: firm.desks.tickets.send(ticket.number, ReopenTicket(reason="x"), AGENT),
            lambda firm: firm.desks.tickets.send(ticket.number, ResolveTicket(solution="x"), AGENT),
            lambda firm: firm.issue(ticket.number, quantity=1),
            lambda firm: firm.desks.parts.send(PART, back, AGENT),
        ]

        async def person(firm: Firm, ask: Callable[[Firm], Awaitable[Receipt]]) -> int:
            answers = [await asyncio.gather(ask(firm), return_exceptions=True) for _ in range(40)]
            return sum(isinstance(answer, Receipt) for (answer,) in answers)

        done = await asyncio.gather(*(person(firm, ask) for firm in (here, there) for ask in asks))
        ends = [fact for fact in await here.log.case(ticket.id) if isinstance(fact.event, TicketClosed)]
        assert len(ends) == done[0] + done[len(asks)]
        assert len(ends) > 1
        await never_ended_with_parts_out(there, ticket)

    in_two_processes(database, story)
