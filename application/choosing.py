"""Which contract and which plan a ticket goes by, and what that was settled by (R02, SLA 13)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from application.book import Book
from application.desk import REMEMBERED
from application.log.append import Basis
from application.log.event_log import EventLog
from application.streams import Streams
from domain.assignment.book import Assignments
from domain.assignment.choosing import choose_plan
from domain.assignment.events import BOOK
from domain.assignment.offers import PlanChoice
from domain.contract.choice import Choice, choose
from domain.contract.events import of_assets, of_customer
from domain.contract.state import Contract
from domain.ticket.events import PlanPin

NO_ASSIGNMENTS = Assignments()

DEFAULT_PLAN = "standard"
"""What a ticket pins that names no plan and falls under no contract."""


class Chosen(NamedTuple):
    """What a ticket goes by: the pin, what decided it, and which contract applies."""

    pin: PlanPin
    choice: PlanChoice
    contract: Choice | None


class Choosing:
    """Chooses by what is at hand, or by what the log has now.

    Args:
        log: the event log.
        contracts: the contracts that a ticket may fall under.
        assignments: the plans that are promised without a contract.
        book: the service plans and calendars that new tickets can pin.
        usual: what a ticket pins that names no plan and falls under no contract.
    """

    def __init__(
        self,
        log: EventLog,
        contracts: Streams[Contract],
        assignments: Streams[Assignments],
        book: Book,
        *,
        usual: str,
    ) -> None:
        self._log = log
        self._contracts = contracts
        self._assignments = assignments
        self._book = book
        self._usual = usual
        self._contracts_of: dict[str, frozenset[UUID]] = {}

    async def chosen(
        self,
        *,
        asset: str | None,
        customer: str | None,
        product: str | None,
        customer_class: str | None,
        moment: datetime,
        named: str | None,
        fresh: bool,
    ) -> tuple[Chosen, Basis]:
        """The plan of a ticket and what decided it, and all that this was settled by; see ``_contract``.

        Raises:
            UnknownPlan, NotOffered: what is promised or named cannot be pinned then.
            LogUnavailable: the database does not answer.
        """
        contract, basis = await self._contract(asset, customer, moment, fresh=fresh)
        book = await self._assignments.read(BOOK) if fresh else self._assignments.at_hand(BOOK)
        choice = choose_plan(
            book.state if book else NO_ASSIGNMENTS,
            contract,
            asset=asset,
            product=product,
            customer_class=customer_class,
            moment=moment,
            named=named,
            usual=self._usual,
        )
        pin, plans = await self._book.pin(choice.winner.plan, moment, fresh=fresh)
        streams = {**basis.streams, **plans, BOOK: book.version if book else 0}
        return Chosen(pin, choice, contract), msgspec.structs.replace(basis, streams=streams)

    async def _contract(
        self, asset: str | None, customer: str | None, moment: datetime, *, fresh: bool
    ) -> tuple[Choice | None, Basis]:
        """The contract in force for a serial or customer at a moment, and what that was settled by.

        Unless ``fresh``, by what is at hand; whether that still stands is seen as the ticket is recorded, so
        that most tickets cost no look-up, and none misses a contract. ``None`` where there never was one.
        """
        names = (*of_assets([asset] if asset else []), *(of_customer(customer) if customer else ()))
        if not names:
            return None, Basis()
        if fresh:
            found = await self._log.mentioned(names)
            self._remember(found)
        else:
            found = {name: self._contracts_of.get(name, frozenset()) for name in names}
        look = self._contracts.read if fresh else self._contracts.near
        held = [each for each in [await look(which) for which in frozenset().union(*found.values())] if each]
        basis = Basis(streams={each.state.id: each.version for each in held}, mentions=found)
        if not held:
            return None, basis
        states = (each.state for each in held)
        return choose(states, asset=asset, customer=customer, moment=moment), basis

    def _remember(self, found: dict[str, frozenset[UUID]]) -> None:
        if len(self._contracts_of) >= REMEMBERED:
            self._contracts_of.clear()
        self._contracts_of |= {name: contracts for name, contracts in found.items() if contracts}
