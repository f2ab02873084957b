"""The storekeeper's desk: every command, what it records, for which case, and who may send it."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec
import pytest

from application.access import Forbidden, Role
from application.database.connect import Database
from application.desk import Receipt
from application.log.append import Request
from application.part_commands import ACTIONS, CountPart, ReleaseReservation, ReservePart
from application.streams import StaleVersion
from domain.part.errors import NotEnoughStock
from domain.part.events import PartReserved
from domain.part.state import replay
from domain.part.words import Tracking
from tests.application.asked_of_parts import COMMANDS, EVERY, Ask, Follows, standing
from tests.application.firm import (
    AGENT,
    NOW,
    PART,
    PEOPLE,
    SHELF,
    SOON,
    STOREKEEPER,
    Firm,
    in_the_firm,
    in_two_processes,
)

SENDS: dict[Role, set[str]] = {
    Role.AGENT: {"reserve", "release", "issue", "install", "return"},
    Role.STOREKEEPER: {command.action for command in ACTIONS},
    Role.CONTRACT_MANAGER: set(),
    Role.AUDITOR: set(),
    Role.INTAKE: set(),
    Role.ADMIN: {command.action for command in ACTIONS},
}


def test_the_table_has_every_command() -> None:
    assert {type(command) for command in COMMANDS} == {*ACTIONS}


@pytest.mark.parametrize(("ask", "follows"), EVERY, ids=[command.action for command in COMMANDS])
def test_a_command_records_its_events(database: Database, ask: Ask, follows: Follows) -> None:
    async def story(firm: Firm) -> None:
        now = await standing(firm)
        head, part_id = await firm.log.head(), await firm.desks.parts.find(PART)
        before = len(await firm.desks.parts.facts(PART))
        receipt = await firm.desks.parts.send(PART, ask(now), STOREKEEPER)
        facts = await firm.log.after(head, 10)

        expected = follows(now._replace(made=receipt.made or now.made))
        assert tuple(fact.event for fact in facts) == expected
        assert [fact.version for fact in facts] == [before + n for n, _ in enumerate(facts, 1)]
        for fact in facts:
            act = (fact.act.actor, fact.act.occurred_at, fact.act.reason)
            assert act == ("storekeeper:li.wei", NOW - timedelta(hours=2), "from the paper book")
            assert (fact.stream_id, fact.recorded_at) == (part_id, receipt.recorded_at)
            assert fact.correlation_id == (getattr(fact.event, "for_ticket", None) or part_id)
        assert receipt == Receipt(
            id=part_id,
            number=PART,
            version=facts[-1].version,
            position=facts[-1].position,
            recorded_at=receipt.recorded_at,
            made=next((event.reservation for event in expected if isinstance(event, PartReserved)), None),
        )
        at_hand = await firm.desks.parts.streams.near(part_id)
        assert at_hand == (replay(await firm.log.stream(part_id)), receipt.version)

    in_the_firm(database, story)


@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_send(database: Database, role: Role) -> None:
    async def story(firm: Firm) -> None:
        now = await standing(firm)
        head = await firm.log.head()
        for command in (ask(now) for ask, _ in EVERY):
            if command.action not in SENDS[role]:
                with pytest.raises(Forbidden):
                    await firm.desks.parts.send(PART, command, PEOPLE[role])
        assert await firm.log.head() == head
        for command in [] if not SENDS[role] else [ReleaseReservation(reservation=now.reservation)]:
            await firm.desks.parts.send(PART, command, PEOPLE[role])
            assert (await firm.last())[0].act.actor == f"{role}:li.wei"

    in_the_firm(database, story)


class TestKeysAndVersions:
    def test_a_reservation_asked_for_twice_is_made_once(self, database: Database) -> None:
        """Even where there is not enough for two; both callers are told the same reservation."""

        async def story(here: Firm, there: Firm) -> None:
            ticket = await here.ticket()
            await here.part()
            await here.receive(quantity=5)
            wanted = ReservePart(location=SHELF, ticket=ticket.number, quantity=5, expires_at=SOON)
            key = Request("me", "1", b"r")
            head = await here.log.head()
            receipts = await asyncio.gather(
                *(
                    firm.desks.parts.send(PART, wanted, AGENT, request=key)
                    for firm in (here, there, here, there)
                )
            )
            receipts.append(await there.desks.parts.send(PART, wanted, AGENT, request=key))
            (fact,) = await here.log.after(head, 10)
            assert isinstance(fact.event, PartReserved)
            assert {receipt.made for receipt in receipts} == {fact.event.reservation}
            assert len({msgspec.json.encode(receipt) for receipt in receipts}) == 1

        in_two_processes(database, story)

    def test_what_came_after_does_not_change_the_answer(self, database: Database) -> None:
        async def story(firm: Firm) -> None:
            ticket = await firm.ticket()
            await firm.part()
            await firm.receive(quantity=5)
            wanted = ReservePart(location=SHELF, ticket=ticket.number, quantity=1, expires_at=SOON)
            key = Request("me", "1", b"r")
            first = await firm.desks.parts.send(PART, wanted, AGENT, request=key)
            await firm.reserve(ticket.number, quantity=1)
            await firm.issue(ticket.number, quantity=1, reservation=first.made)
            assert await firm.desks.parts.send(PART, wanted, AGENT, request=key) == first

        in_the_firm(database, story)

    def test_a_storekeeper_who_saw_an_older_shelf_is_told(self, database: Database) -> None:
        async def story(here: Firm, there: Firm) -> None:
            await here.part()
            seen = (await here.receive(quantity=5)).version
            await there.receive(quantity=5)
            count = CountPart(location=SHELF, quantity=5, reason="counted")
            with pytest.raises(StaleVersion) as stale:
                await here.desks.parts.send(PART, count, STOREKEEPER, expected=seen)
            assert stale.value.current == seen + 1
            await here.desks.parts.send(PART, count, STOREKEEPER, expected=seen + 1)

        in_two_processes(database, story)


def test_a_lots_last_good_day_ends_where_the_firm_is(database: Database) -> None:
    """In Shanghai it is the third of March from 16:00 UTC on."""

    async def story(firm: Firm) -> None:
        ticket = await firm.ticket()
        await firm.part(tracking=Tracking.LOT)
        await firm.receive(lots={"A": 5}, expires_on={"A": date(2026, 3, 2)})
        firm.now = NOW.replace(hour=15, minute=59, second=59)
        await firm.issue(ticket.number, quantity=1)
        firm.now = NOW.replace(hour=16)
        with pytest.raises(NotEnoughStock) as refused:
            await firm.issue(ticket.number, quantity=1)
        assert (refused.value.on_hand, refused.value.expired, refused.value.available) == (4, 4, 0)
        late = {"occurred_at": NOW.replace(hour=15), "reason": "from the paper book"}
        await firm.issue(ticket.number, quantity=1, **late)

    in_the_firm(database, story)
