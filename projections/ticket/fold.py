"""How events make the tickets."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec

from domain.promises import Promises
from projections.cases.folding import SHAPE, TICKET_EVENTS, CaseFold, Folded
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows
from projections.ticket.wording import words_of


class TicketRow(msgspec.Struct, kw_only=True):
    """A row of the table."""

    id: UUID
    number: str
    status: str
    priority: str
    team: str | None
    person: str | None
    customer: str | None
    product: str | None
    asset: str | None
    source: str | None
    contract: str | None
    questions: int
    subject: str
    state: bytes


class TicketProjection(Projection):
    """Keeps the tickets."""

    name: ClassVar[str] = "ticket"
    version: ClassVar[int] = 2
    wants: ClassVar[tuple[str, ...]] = TICKET_EVENTS

    def __init__(self, promises: Promises) -> None:
        self._cases = CaseFold(promises, "ticket")

    @property
    def ingredients(self) -> bytes:
        """The shape of the cases it keeps."""
        return SHAPE

    def fold(self, batch: Batch, rows: Rows) -> None:
        """Every ticket that the batch touched gets the row it now has, and once the words it is found by."""
        touched, told = self._cases.touched(batch, rows), batch.told()
        rows.put("ticket", map(_row, touched))
        new = (folded.case.ticket for folded in touched if told[folded.case.ticket.id][0].version == 1)
        rows.put("ticket_words", [words_of(each.id, each.number, each.subject) for each in new])


def _row(folded: Folded) -> TicketRow:
    ticket = folded.case.ticket
    return TicketRow(
        id=ticket.id,
        number=ticket.number,
        status=ticket.status,
        priority=ticket.priority,
        team=ticket.team,
        person=ticket.person,
        customer=ticket.customer,
        product=ticket.product,
        asset=ticket.asset,
        source=ticket.source,
        contract=ticket.contract.winner.number if ticket.contract and ticket.contract.winner else None,
        questions=len(ticket.questions),
        subject=ticket.subject,
        state=folded.state,
    )
