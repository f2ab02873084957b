"""What docs/log.md says of the log is so: its SQL runs, and its table of types is whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from application.database.connect import Database
from application.log.event_log import EventLog
from application.part_commands import InstallPart
from application.ticket_commands.course import CloseTicket
from domain.catalogue import EVENT_TYPES
from domain.event import Act, Fact
from domain.part.events import MovedForTicket, MovedInStock
from domain.ticket.events import TicketClosed
from tests.application.firm import AGENT, NOW, PART, Firm, in_the_firm
from tests.conftest import connected

TEXT = (Path(__file__).parents[3] / "docs" / "log.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
QUERIES = [query for block in BLOCKS for query in block.split(";") if query.strip()]


def answer(database: Database, of: str) -> list[Any]:
    """What the query that has this text answers."""
    (query,) = (query for query in QUERIES if of in query)
    with connected(database.service_url) as conn:
        return conn.execute(query).fetchall()  # type: ignore[call-overload]


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_runs(database: Database, query: str) -> None:
    with connected(database.service_url) as conn:
        assert conn.execute(query).description  # type: ignore[call-overload]


def test_the_query_for_tickets_that_ended_with_parts_out_finds_them(database: Database) -> None:
    """None by any desk; one that somebody appended past the desks is seen."""

    async def story(firm: Firm) -> None:
        await firm.part()
        await firm.receive(quantity=5)
        ticket = await firm.resolved()
        await firm.issue(ticket.number, quantity=2)
        fitted = InstallPart(ticket=ticket.number, asset="WH-77", quantity=2)
        await firm.desks.parts.send(PART, fitted, AGENT)
        await firm.desks.tickets.send(ticket.number, CloseTicket(), AGENT)
        assert answer(database, "with parts out") == []
        forged = await firm.ticket()
        await firm.issue(forged.number, quantity=1)
        await past_the_desk(firm.log, forged.id)
        assert answer(database, "with parts out") == [(await firm.log.head(), forged.number)]

    in_the_firm(database, story)


async def past_the_desk(log: EventLog, ticket: UUID) -> None:
    """Close a new ticket without asking anybody."""
    act = Act(actor="somebody", occurred_at=NOW)
    await log.append(
        [Fact(stream_id=ticket, version=2, event=TicketClosed(), act=act, correlation_id=ticket)]
    )


def test_a_serial_finds_the_contracts_that_named_it(database: Database) -> None:
    async def story(firm: Firm) -> None:
        number = (await firm.contract("SN-2024-00117")).number
        await firm.contract("SN-1")
        assert answer(database, "log.mention") == [(number,)]

    in_the_firm(database, story)


def test_every_type_is_there_with_its_fields() -> None:
    said: dict[str, set[str]] = {}
    for types, fields in re.findall(r"^\| (`[a-z]+\.[^|]*) \|([^|]*)\|$", TEXT, re.MULTILINE):
        names = {word.strip() for word in re.sub(r"\(.*?\)|;.*", "", fields).split(",") if word.strip()}
        said |= dict.fromkeys(re.findall(r"`([a-z_.]+)`", types), names)
    assert said.keys() == EVENT_TYPES.keys()
    moved = {*MovedForTicket.__struct_fields__} & {*MovedInStock.__struct_fields__}
    for name, fields in said.items():
        stated = (fields - {"*moved*"}) | (moved if "*moved*" in fields else set())
        imported = {"kind", "activity", "values", "meant"} if name == "ticket.remarked" else set()
        assert stated | imported == {*EVENT_TYPES[name].__struct_fields__}, name
