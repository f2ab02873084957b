"""Which steps are meant."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

import msgspec

STEPS: LiteralString = "view.trace_step s LEFT JOIN view.trace_ticket t ON t.id = s.ticket"
"""The steps, with the customers of their tickets."""

UNIT: LiteralString = "coalesce(s.lot, s.serial, '')"
"""The lot or serial number of a step."""

CONDITIONS: dict[str, LiteralString] = {
    "lot": "s.lot = %(lot)s",
    "serial": "s.serial = %(serial)s",
    "part": "s.part_id = %(part)s",
    "ticket": "s.ticket = %(ticket)s",
    "asset": "s.asset = %(asset)s",
    "customer": "s.ticket = ANY(ARRAY(SELECT id FROM view.trace_ticket WHERE customer = %(customer)s))",
}


class TraceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which steps are meant: those that fit everything that is given.

    A lot or serial number asks where its goods went; a ticket, an asset or a customer which goods came.

    Attributes:
        lot: a lot number; of every part that has one like it.
        serial: a serial number, likewise.
        part: the id of a part.
        ticket: the id of a ticket.
        asset: the serial number of an asset that the goods went into or came out of.
        customer: whose tickets they were for.
    """

    lot: str | None = None
    serial: str | None = None
    part: UUID | None = None
    ticket: UUID | None = None
    asset: str | None = None
    customer: str | None = None
