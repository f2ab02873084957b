"""Ten thousand open tickets, through the same commands as users."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from application.access import Caller, Role
from application.desks import open_desks
from application.ids import uuid7
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.tiers import AssignTicket
from domain.ticket.words import Channel, Priority

TEAM = "华东 East"
TEAMS = (TEAM, "华南 South", "西南 Southwest", "专业服务中心 L2")
PRIORITIES = tuple(Priority)


async def open_tickets(url: str, count: int, callers: int = 64) -> None:
    """Register and assign so many tickets."""
    async with open_log(url) as log:
        desk = open_desks(log, shipped_promises(), time_zone="Asia/Shanghai").tickets
        caller = Caller("bench", Role.AGENT, uuid7())
        numbers = iter(range(count))

        async def work(mine: Iterator[int]) -> None:
            for n in mine:
                registered = await desk.register(_report(n), caller)
                team = AssignTicket(team=TEAMS[n % len(TEAMS)], person=f"技师 {n % 37:02d}")
                await desk.send(registered.number, team, caller)

        await asyncio.gather(*(work(numbers) for _ in range(callers)))


def _report(n: int) -> RegisterTicket:
    return RegisterTicket(
        subject=f"热水器不出热水 No hot water, building {n % 97}",
        priority=PRIORITIES[n % 4],
        customer=f"客户 Customer {n % 397}",
        product=f"HW-{n % 21 * 10 + 100}",
        asset=f"SN-2024-{n:05d}",
        channel=Channel.PHONE,
        plan="hot-water",
    )
