"""What happens because its time has come: contracts expire on their day, reservations at their hour.

Which are due is asked of the views, which may be behind; whether they really are is decided on the stream
itself. So a timer that is late, runs twice or runs in two workers changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.errors import UndefinedTable

from application.desk import wall_clock
from application.desks import Desks
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog
from application.policies.reactor import pause
from application.streams import Decided
from domain.contract import decisions
from domain.contract.state import Contract
from domain.contract.term import ends_at
from domain.errors import DomainError
from domain.event import Act
from domain.part import reservations
from domain.part.state import Part

ACTOR = "system:timer"
EVERY = 5.0
"""Seconds between looks."""

Due = Callable[[AsyncConnection[Any], datetime], Awaitable[Sequence[UUID]]]
"""The streams that are due at a moment, as far as a view knows."""

log = structlog.get_logger(__name__)


class Timers:
    """Ends what is over.

    Args:
        events: the event log.
        desks: where states are found.
        contracts: the contracts whose last day is over.
        parts: the parts with overdue reservations.
        now: the clock.
    """

    def __init__(
        self,
        events: EventLog,
        desks: Desks,
        *,
        contracts: Due,
        parts: Due,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._events = events
        self._desks = desks
        self._contracts = contracts
        self._parts = parts
        self._now = now

    async def run(self, stop: asyncio.Event) -> None:
        """Look again and again until asked to stop; a lost database is waited for."""
        while not stop.is_set():
            try:
                await self.look()
            except UndefinedTable:
                pass  # the views are being made
            except (psycopg.Error, LogUnavailable) as error:
                log.warning("timers wait for the database", error=str(error).partition("\n")[0])
            except Exception:
                log.exception("a timer failed")
            await pause(stop, EVERY)

    async def look(self) -> None:
        """End everything that is due now."""
        now = self._now()
        async with self._events.connection() as conn:
            contracts = await self._contracts(conn, now)
            parts = await self._parts(conn, now)
        for contract_id in contracts:
            await self._expire_contract(contract_id, now)
        for part_id in parts:
            await self._expire_reservations(part_id, now)

    async def _expire_contract(self, contract_id: UUID, now: datetime) -> None:
        """Record that the last day is over, as of its end in the contract's own zone (R13)."""
        held = await self._desks.contracts.streams.read(contract_id)
        if held is None or ends_at(held.state) > now:
            return
        act = Act(actor=ACTOR, occurred_at=ends_at(held.state))

        async def decide(contract: Contract, fresh: bool) -> Decided:  # noqa: ARG001
            return Decided(decisions.expire(contract, by=act))

        with contextlib.suppress(DomainError):  # ended, or renewed, in the meantime
            await self._desks.contracts.streams.change(contract_id, decide, act)

    async def _expire_reservations(self, part_id: UUID, now: datetime) -> None:
        """End every overdue reservation, each as of its own hour (R17)."""
        held = await self._desks.parts.streams.read(part_id)
        hours = {each.expires_at for each in held.state.reservations.values()} if held else set()
        for hour in sorted(hour for hour in hours if hour <= now):
            act = Act(actor=ACTOR, occurred_at=hour)

            async def decide(part: Part, fresh: bool, act: Act = act) -> Decided:  # noqa: ARG001
                return Decided(reservations.expire(part, by=act))

            await self._desks.parts.streams.change(part_id, decide, act)
