"""Whom parts are for: the ticket must be there, must not have ended, and has every movement in its case."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from application.database.connect import Database
from application.part_commands import (
    InstallPart,
    QuarantinePart,
    ReleaseReservation,
    ReturnPart,
    TransferPart,
)
from application.ticket_commands.correspondence import RemarkOnTicket
from application.ticket_commands.course import CancelTicket, CloseTicket, ReopenTicket
from domain.errors import InvalidValue, NotAllowed
from domain.part.errors import NotEnoughStock
from domain.part.words import Condition, Fate, Tracking
from tests.application.asked_of_parts import EVERY, standing
from tests.application.firm import AGENT, PART, SHELF, SOON, STOREKEEPER, Firm, in_the_firm, in_two_processes


class TestTickets:
    """Whom parts are for."""

    @pytest.mark.parametrize("reference", ["T-2026-000009", str(UUID(int=9)), "x", "\u0001", PART])
    def test_there_must_be_one(self, database: Database, reference: str) -> None:
        async def story(firm: Firm) -> None:
            now = await standing(firm)
            head = await firm.log.head()
            for_tickets = [ask(now) for ask, _ in EVERY if getattr(ask(now), "ticket", None)]
            assert {command.action for command in for_tickets} == {
                *("reserve", "issue", "install", "return", "transfer", "scrap")
            }
            for command in for_tickets:
                with pytest.raises(InvalidValue) as refused:
                    await firm.desks.parts.send(
                        PART, msgspec.structs.replace(command, ticket=reference), STOREKEEPER
                    )
                assert refused.value.field == "/ticket"
            assert await firm.log.head() == head

        in_the_firm(database, story)

    def test_another_part_or_contract_is_no_ticket(self, database: Database) -> None:
        async def story(firm: Firm) -> None:
            await standing(firm)
            for other in (await firm.part("FAN-1"), await firm.contract("SN-1")):
                with pytest.raises(InvalidValue) as refused:
                    await firm.issue(str(other.id), quantity=1)
                assert refused.value.field == "/ticket"

        in_the_firm(database, story)

    @pytest.mark.parametrize("end", [CloseTicket(), CancelTicket(reason="x")])
    def test_for_one_that_has_ended_nothing_is_reserved_or_issued_and_the_rest_is_never_too_late(
        self, database: Database, end: CloseTicket | CancelTicket
    ) -> None:
        async def story(firm: Firm) -> None:
            ticket = await (firm.resolved() if isinstance(end, CloseTicket) else firm.ticket())
            await firm.part(tracking=Tracking.SERIAL)
            await firm.receive(serials=("S1", "S2", "S3"))
            kept = await firm.reserve(ticket.number, serials=("S2",))
            await firm.issue(ticket.number, serials=("S1",))
            fitted = InstallPart(
                ticket=ticket.number, asset="WH-77", serials=("S1",), serial_out="OLD", fate=Fate.RETURNED
            )
            await firm.desks.parts.send(PART, fitted, AGENT)
            await firm.desks.tickets.send(ticket.number, end, AGENT)

            for refused in (firm.reserve, firm.issue):
                with pytest.raises(NotAllowed, match=f"{ticket.number} is c"):
                    await refused(ticket.number, serials=("S3",))
            with pytest.raises(NotAllowed):
                await firm.issue(ticket.number, serials=("S2",), reservation=kept)
            faulty = ReturnPart(
                ticket=ticket.number, location=SHELF, serials=("OLD",), condition=Condition.FAULTY
            )
            await firm.desks.parts.send(PART, faulty, AGENT)
            moved = TransferPart(
                from_location=SHELF, to_location="VAN", serials=("S3",), ticket=ticket.number
            )
            await firm.desks.parts.send(PART, moved, STOREKEEPER)
            await firm.desks.parts.send(PART, ReleaseReservation(reservation=kept), AGENT)
            assert {fact.correlation_id for fact in await firm.last(3)} == {ticket.id}

        in_the_firm(database, story)

    def test_an_overdue_promise_gives_way_in_the_case_it_was_made_for(self, database: Database) -> None:
        async def story(firm: Firm) -> None:
            late, next_one = await firm.ticket(), await firm.ticket()
            await firm.part()
            await firm.receive(quantity=5)
            overdue = await firm.reserve(late.number, quantity=5)
            with pytest.raises(NotEnoughStock):
                await firm.reserve(next_one.number, quantity=1)
            firm.now = SOON
            made = await firm.reserve(next_one.number, quantity=1, expires_at=SOON + timedelta(hours=1))
            gone, kept = await firm.last(2)
            assert (gone.event.reservation, gone.correlation_id) == (overdue, late.id)  # type: ignore[attr-defined]
            assert (kept.event.reservation, kept.correlation_id) == (made, next_one.id)  # type: ignore[attr-defined]
            firm.now = SOON + timedelta(hours=2)
            await firm.desks.parts.send(PART, QuarantinePart(location=SHELF, quantity=5), STOREKEEPER)
            assert [fact.correlation_id for fact in await firm.last(2)] == [next_one.id, kept.stream_id]

        in_the_firm(database, story)

    @pytest.mark.parametrize("cold", [False, True])
    def test_what_counts_is_how_it_is_now_and_not_what_this_process_saw(
        self, database: Database, cold: bool
    ) -> None:
        """Ended and reopened elsewhere, with the part at hand here or not."""

        async def story(here: Firm, there: Firm) -> None:
            ticket = await here.resolved()
            await (there if cold else here).part()
            await (there if cold else here).receive(quantity=5)
            await there.desks.tickets.send(ticket.number, CloseTicket(), AGENT)
            for refused in (here.reserve, here.issue):
                with pytest.raises(NotAllowed, match="is closed"):
                    await refused(ticket.number, quantity=1)
            await there.desks.tickets.send(ticket.number, ReopenTicket(reason="x"), AGENT)
            await here.reserve(ticket.number, quantity=1)
            await there.desks.tickets.send(ticket.number, CancelTicket(reason="x"), AGENT)
            with pytest.raises(NotAllowed, match="is cancelled"):
                await here.issue(ticket.number, quantity=1)

        in_two_processes(database, story)

    def test_one_that_somebody_is_talking_about_does_not_hold_it_up(self, database: Database) -> None:
        """Each remark elsewhere makes the state at hand an old one."""

        async def story(here: Firm, there: Firm) -> None:
            ticket = await here.ticket()
            await here.part()
            await here.receive(quantity=5)
            for _ in range(5):
                await there.desks.tickets.send(ticket.number, RemarkOnTicket(text="x"), AGENT)
                await here.issue(ticket.number, quantity=1)

        in_two_processes(database, story)
