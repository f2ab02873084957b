"""How the reactions are run: who leads, what a defect does, and that nothing is passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from psycopg import AsyncConnection

from application.database.connect import Database
from application.desks import open_desks
from application.log.event_log import EventLog
from application.plans import shipped_promises
from application.policies.catalogue import POLICIES, Policy
from application.policies.reactor import READER, Reactor
from application.policies.reply import Reply
from projections.engine.status import ProjectionState, ProjectionStatus, status_async
from tests.application.policies.case import ON_SITE, Case, tell

USED = "contract.entitlement_consumed"
LEADERS = (
    "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database "
    "WHERE locktype = 'advisory' AND d.datname = current_database()"
)


def reactor(case: Case, policies: dict[str, tuple[Policy, ...]] | None = None) -> Reactor:
    """A worker's reactor."""
    desks = open_desks(case.log, shipped_promises(), time_zone="Asia/Shanghai")
    return Reactor(case.log, desks, case.url, policies=POLICIES if policies is None else policies)


async def state(case: Case) -> ProjectionStatus:
    """What people are shown of the reader."""
    async with case.log.connection() as conn:
        (found,) = await status_async(conn, [READER])
        return found


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask the database again and again."""
    async with asyncio.timeout(20):
        while not await holds():
            pass


async def run(*reactors: Reactor, during: Callable[[], Awaitable[None]]) -> None:
    """Let reactors run while something happens."""
    stop = asyncio.Event()
    running = [asyncio.create_task(each.run(stop)) for each in reactors]
    try:
        await during()
    finally:
        stop.set()
        await asyncio.gather(*running)


def test_what_happens_while_several_workers_run_is_reacted_to_once(database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract()
        tickets = [await case.ticket() for _ in range(2)]

        async def during() -> None:
            for ticket in tickets:
                await case.ask(ticket.number, ON_SITE)
                await until(lambda ticket=ticket: counted(case, ticket.id))  # type: ignore[misc]

        await run(reactor(case), reactor(case), during=during)
        assert [(await case.types(ticket.id)).count(USED) for ticket in tickets] == [1, 1]

    tell(database, story)


def test_another_worker_takes_over_when_the_leader_loses_its_connection(database: Database) -> None:
    async def story(case: Case) -> None:
        await case.contract()
        ticket, other = await case.ticket(), await case.ticket()

        async def during() -> None:
            await case.ask(ticket.number, ON_SITE)
            await until(lambda: counted(case, ticket.id))
            async with await AsyncConnection.connect(database.owner_url, autocommit=True) as owner:
                leaders = await (await owner.execute(LEADERS)).fetchall()
            async with case.log.connection() as conn:
                for (pid,) in leaders:
                    await conn.execute("SELECT pg_terminate_backend(%s)", (pid,))
            assert len(leaders) == 1
            await case.ask(other.number, ON_SITE)
            await until(lambda: counted(case, other.id))

        await run(reactor(case), reactor(case), during=during)
        assert (await case.types(ticket.id)).count(USED) == 1

    tell(database, story)


def test_a_defect_stops_at_its_fact_and_is_shown_until_it_is_mended(database: Database) -> None:
    async def breaks(reply: Reply, log: EventLog) -> None:
        raise RuntimeError("not\nfound")

    async def story(case: Case) -> None:
        await case.contract()
        ticket = await case.ticket()
        contact = await case.ask(ticket.number, ON_SITE)

        async def failed() -> bool:
            return (await state(case)).state is ProjectionState.FAILED

        await run(reactor(case, {"ticket.contacted": (breaks,)}), during=lambda: until(failed))
        shown = await state(case)
        assert shown.failure
        assert (shown.failure.error, shown.failure.message) == ("RuntimeError", "not")
        assert shown.failure.position == contact.position
        await run(reactor(case), during=lambda: until(lambda: counted(case, ticket.id)))
        await case.react()
        assert ((await state(case)).state, (await state(case)).lag) == (ProjectionState.LIVE, 0)

    tell(database, story)


async def counted(case: Case, ticket: object) -> bool:
    """Whether the visit of a ticket is taken from its contract."""
    return USED in await case.types(ticket)  # type: ignore[arg-type]
