"""Judging and publishing at once, in two processes: the log says by which version, exactly."""

from __future__ import annotations

import asyncio

from application.database.connect import Database
from application.publishing_commands import PublishTriage
from application.ticket_commands.intake import ClassifyTicket
from application.triage import shipped_triages
from domain.publishing.events import TRIAGE, TriagePublished
from domain.ticket.events import TicketClassified, TicketRegistered
from domain.ticket.triage import Coded
from domain.title import Title
from tests.application.firm import AGENT, MANAGER, Firm, in_two_processes

PUBLISHED, JUDGED = 6, 20


def publication(number: int) -> PublishTriage:
    """A triage that calls the category by its own number."""
    named = Coded(code="heating", title=Title(zh=f"不加热 {number}", en=f"no heat {number}"))
    return PublishTriage(matrix=shipped_triages()[0].matrix, categories=(named,), reason="the review")


def test_whatever_is_judged_names_the_version_that_stood_before_it_in_the_log(database: Database) -> None:
    async def story(here: Firm, there: Firm) -> None:
        ticket = await there.ticket()

        async def publishes() -> None:
            for number in range(PUBLISHED):
                await here.desks.triage.send(TRIAGE, publication(number), MANAGER)

        async def judges() -> None:
            for _ in range(JUDGED):
                await there.ticket(category="heating")
                await there.desks.tickets.send(ticket.number, ClassifyTicket(category="heating"), AGENT)

        await asyncio.gather(publishes(), judges())
        counting, named = 1, None
        judged = 0
        for fact in await here.log.after(0, 1000):
            if isinstance(fact.event, TriagePublished):
                counting, named = fact.event.triage.version, fact.event.triage.categories[0].title
            elif isinstance(fact.event, TicketRegistered | TicketClassified) and fact.event.category:
                assert fact.event.triage is not None
                assert (fact.event.triage.version, fact.event.triage.category) == (counting, named)
                judged += 1
        assert (counting, judged) == (PUBLISHED + 1, 2 * JUDGED)

    in_two_processes(database, story)
