"""What happens because its time has come."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from application.contract_commands import RenewContract, TerminateContract
from application.database.connect import Database
from application.desks import open_desks
from application.part_commands import ReceivePart
from application.plans import shipped_promises
from application.policies.expiring import expire_contracts, expire_reservations
from application.policies.timers import Candidate, Timer, Timers, Upcoming
from domain.event import type_name
from domain.part.words import Release
from tests.application.policies.case import Case, tell

END = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
"""The first instant of 2027 in Shanghai."""


def timers(case: Case, contracts: list[UUID] | None = None, parts: list[UUID] | None = None) -> Timers:
    """Another worker's timers, to which a view says that all of these are due."""
    desks = open_desks(case.log, shipped_promises(), time_zone="Asia/Shanghai")

    def proposing(found: list[UUID] | None) -> Upcoming:
        async def upcoming(_: Any, after: Candidate, limit: int) -> list[Candidate]:
            return [each for each in ((case.now, stream) for stream in found or []) if each > after][:limit]

        return upcoming

    return Timers(
        case.log,
        [
            Timer("contracts", "", proposing(contracts), partial(expire_contracts, desks.contracts.streams)),
            Timer("reservations", "", proposing(parts), partial(expire_reservations, desks.parts.streams)),
        ],
        now=lambda: case.now,
    )


@pytest.mark.parametrize(("before", "expires"), [(timedelta(seconds=1), False), (timedelta(0), True)])
def test_a_contract_expires_at_the_midnight_of_its_own_zone(
    database: Database, before: timedelta, expires: bool
) -> None:
    async def story(case: Case) -> None:
        contract = await case.contract()
        case.now = END - before
        await timers(case, [contract.id]).look()
        last = (await case.log.stream(contract.id))[-1]
        assert (type_name(last.event) == "contract.expired") is expires
        if expires:
            assert (last.act.actor, last.act.occurred_at) == ("system:timer", END)

    tell(database, story)


def test_a_worker_that_comes_late_records_when_it_really_ended_and_only_once(database: Database) -> None:
    async def story(case: Case) -> None:
        contract = await case.contract()
        case.now = END + timedelta(days=3)
        several = [timers(case, [contract.id]) for _ in range(4)]
        await asyncio.gather(*(each.look() for each in several))
        ends = [
            fact for fact in await case.log.stream(contract.id) if type_name(fact.event) == "contract.expired"
        ]
        assert [fact.act.occurred_at for fact in ends] == [END]

    tell(database, story)


@pytest.mark.parametrize(
    "instead",
    [
        RenewContract(ends_on=date(2027, 12, 31)),
        TerminateContract(effective_on=date(2026, 6, 1), reason="site sold"),
    ],
)
def test_a_contract_that_was_renewed_or_ended_does_not_expire(database: Database, instead: Any) -> None:
    async def story(case: Case) -> None:
        contract = await case.contract()
        changed = await case.ask(contract.number, instead)
        case.now = END
        await timers(case, [contract.id]).look()
        assert (await case.log.stream(contract.id))[-1].version == changed.version

    tell(database, story)


def test_every_overdue_reservation_ends_at_its_own_hour_and_in_its_own_case(database: Database) -> None:
    async def story(case: Case) -> None:
        part = await case.part()
        one, two, later = [await case.ticket() for _ in range(3)]
        for ticket, hours in ((one, 1), (two, 2), (later, 9)):
            await case.reserves(ticket.number, hours=hours)
        case.passes(hours=3)
        await timers(case, parts=[part.id]).look()
        await timers(case, parts=[part.id]).look()
        for ticket in (one, two):
            reserved, released = (await case.told(ticket.id))[-2:]
            assert released.event.why is Release.EXPIRED  # type: ignore[attr-defined]
            assert released.act.occurred_at == reserved.event.expires_at  # type: ignore[attr-defined]
        assert (await case.types(later.id))[-1] == "part.reserved"

    tell(database, story)


def test_what_is_not_due_or_not_there_changes_nothing(database: Database) -> None:
    async def story(case: Case) -> None:
        part = await case.part()
        await case.ask("HE-200", ReceivePart(location="MAIN", supplier="S", document="DN-2", quantity=1))
        head = await case.log.head()
        await timers(case, [UUID(int=1)], [part.id, UUID(int=2)]).look()
        assert await case.log.head() == head

    tell(database, story)
