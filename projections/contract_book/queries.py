"""What may be asked of the contract book. Every answer is about a moment, which the caller names."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from domain.contract.term import ends_at, in_force, terms
from domain.contract.words import Scope, Status
from projections.contract_book.detail import ContractDetail, detail
from projections.contract_book.filed import Filed, read
from projections.contract_book.shown import ShownBalance, shown_balances
from projections.contract_book.stretches import last_on
from projections.engine import cursor as cursors
from projections.engine.filters import meant

STRETCH: LiteralString = (
    "EXISTS (SELECT FROM view.contract_stretch s WHERE s.contract = c.id AND s.since <= %(moment)s "
    "AND (s.until IS NULL OR s.until > %(moment)s) AND "
)
FILTERS: dict[str, LiteralString] = {
    "customer": "customer = %(customer)s",
    "status": "status = %(status)s",
    "plan": STRETCH + "s.plan = %(plan)s)",
    "asset": "id = ANY(ARRAY(SELECT contract FROM view.contract_asset WHERE serial = %(asset)s))",
    "text": "(number || ' ' || title || ' ' || customer) ILIKE %(text)s",
    "in_force": STRETCH + "s.in_force = %(in_force)s)",
    "expiring_within": STRETCH + "s.in_force) AND EXISTS (SELECT FROM "
    "unnest(%(zones)s::text[], %(days)s::date[]) AS soon (zone, upto) "
    "WHERE soon.zone = c.zone AND c.last_on <= soon.upto)",
}
SELECT: LiteralString = "SELECT state FROM view.contract c WHERE "
ENDS: LiteralString = (
    "SELECT ends_at, id FROM view.contract WHERE status = 'active' AND (ends_at, id) > (%s, %s) "
    "ORDER BY ends_at, id LIMIT %s"
)


class ContractFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which contracts are meant: those that fit everything that is given.

    Attributes:
        plan: the service plan that it promises at the moment.
        asset: a serial that it names, or once named.
        text: part of the number, the title or the customer, in any case.
        in_force: whether it counts at the moment.
        expiring_within: it counts at the moment, and its last day, as renewed or terminated, is the day of
            the moment or one of so many days after it, in its own zone.
    """

    customer: str | None = None
    status: Status | None = None
    plan: str | None = None
    asset: str | None = None
    text: str | None = None
    in_force: bool | None = None
    expiring_within: int | None = None


class ContractLine(msgspec.Struct, frozen=True, kw_only=True):
    """A contract in a list, as it is at the moment of the list.

    Attributes:
        status: how far the paper is; ``in_force`` says whether it counts.
        asset_count: how many serials it names.
        ends_on: the last day as renewed, in the contract's own ``zone``.
        last_on: the last day on which it may count, as renewed or terminated.
        ends_at: the first instant after ``ends_on``.
        balances: what the term of the moment includes, and what remains; none outside of all terms.
    """

    id: UUID
    number: str
    version: int
    status: Status
    in_force: bool
    customer: str
    title: str
    plan: str
    scope: Scope
    asset_count: int
    zone: str
    starts_on: date
    ends_on: date
    last_on: date
    ends_at: datetime
    balances: tuple[ShownBalance, ...]


class ContractPage(msgspec.Struct, frozen=True, kw_only=True):
    """Contracts, the newest number first.

    Attributes:
        next: the cursor of the following page; ``None`` on the last.
    """

    items: tuple[ContractLine, ...]
    next: str | None


async def filed(conn: AsyncConnection[Any], contract_id: UUID) -> Filed | None:
    """A contract as the book has it; ``None`` when it has none such."""
    found = await conn.execute("SELECT state FROM view.contract WHERE id = %s", (contract_id,), binary=True)
    row = await found.fetchone()
    return read(row[0]) if row else None


async def one(conn: AsyncConnection[Any], contract_id: UUID, moment: datetime) -> ContractDetail | None:
    """A contract in full; ``None`` when the book has none such."""
    known = await filed(conn, contract_id)
    return detail(known, moment) if known else None


async def search(
    conn: AsyncConnection[Any],
    moment: datetime,
    which: ContractFilter = ContractFilter(),  # noqa: B008 - frozen
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> ContractPage:
    """A page of the contracts that a filter means at a moment.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    query, params = meant(which, FILTERS)
    params |= {"moment": moment, "limit": limit + 1}
    if cursor:
        query += " AND number < %(after)s"
        params["after"] = cursors.read(cursor, tuple[str])[0]
    if which.expiring_within is not None:
        params |= await _upto(conn, moment, which.expiring_within)
    found = await conn.execute(SELECT + query + " ORDER BY number DESC LIMIT %(limit)s", params, binary=True)
    lines = [_line(read(row[0]), moment) for row in await found.fetchall()]
    items, more = cursors.cut(lines, limit, lambda line: [line.number])
    return ContractPage(items=tuple(items), next=more)


async def ends(
    conn: AsyncConnection[Any], after: tuple[datetime, UUID], limit: int
) -> list[tuple[datetime, UUID]]:
    """When active contracts end, and which, the earliest first after a place: what a timer takes note of."""
    found = await conn.execute(ENDS, (*after, limit), binary=True)
    return await found.fetchall()


async def _upto(conn: AsyncConnection[Any], moment: datetime, days: int) -> dict[str, object]:
    """For every zone that contracts have, the last of so many days after the day of a moment."""
    found = await conn.execute("SELECT DISTINCT zone FROM view.contract")
    zones = [zone for (zone,) in await found.fetchall()]
    return {"zones": zones, "days": [_later(moment, ZoneInfo(zone), days) for zone in zones]}


def _later(moment: datetime, zone: ZoneInfo, days: int) -> date:
    try:
        return moment.astimezone(zone).date() + timedelta(days=days)
    except OverflowError:  # there is no later day
        return date.max


def _line(filed: Filed, moment: datetime) -> ContractLine:
    contract = filed.contract
    agreed = terms(contract, moment)
    return ContractLine(
        id=contract.id,
        number=contract.number,
        version=filed.version,
        status=contract.status,
        in_force=in_force(contract, moment),
        customer=contract.customer,
        title=contract.title,
        plan=agreed.plan,
        scope=contract.scope,
        asset_count=len(agreed.assets),
        zone=contract.zone,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        last_on=last_on(contract),
        ends_at=ends_at(contract),
        balances=shown_balances(contract, moment),
    )
