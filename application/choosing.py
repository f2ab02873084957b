"""Which contract and which plan a ticket goes by, and what that was settled by (R02, SLA 13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from application.book import Book
from application.desk import REMEMBERED
from application.log.append import Basis
from application.log.event_log import EventLog
from application.streams import Streams
from domain.assignment.choosing import choose_plan
from domain.assignment.offers import PlanChoice
from domain.contract.choice import Choice, ranked
from domain.contract.events import of_assets, of_customer
from domain.contract.state import Contract
from domain.ticket.events import PlanPin

DEFAULT_PLAN = "standard"
"""What a ticket pins that names no plan and falls under no contract."""


class Chosen(NamedTuple):
    """What a ticket goes by: the pin, what decided it, and which contract applies."""

    pin: PlanPin
    choice: PlanChoice
    contract: Choice | None


class Choosing:
    """Chooses by what is at hand, or by what the log has now.

    What is at hand may be behind; whether it still stands is seen as the ticket is recorded, so that most
    tickets cost no look-up, and none misses a contract or a plan.

    Args:
        log: the event log.
        contracts: the contracts that a ticket may fall under.
        book: what can be promised, and what is promised without a contract.
        usual: what a ticket pins that names no plan and falls under no contract.
    """

    def __init__(self, log: EventLog, contracts: Streams[Contract], book: Book, *, usual: str) -> None:
        self._log = log
        self._contracts = contracts
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
        """The plan of a ticket and what decided it, and all that this was settled by.

        Unless ``fresh``, by what is at hand; nobody may be refused on that.

        Raises:
            UnknownPlan, NotOffered: what is named cannot be pinned then, or nothing can.
            LogUnavailable: the database does not answer.
        """
        names = _names(asset, customer)
        if fresh:
            await self._book.refresh()
            found = await self._log.mentioned(names)
            self._remember(found)
        else:
            found = {name: self._contracts_of.get(name, frozenset()) for name in names}
        basis = self._book.basis
        ids = frozenset[UUID]().union(*found.values())
        look = self._contracts.read if fresh else self._contracts.near
        held = [each for each in [await look(which) for which in ids] if each]
        contract, applying = None, ()
        if held:
            states = (each.state for each in held)
            contract, applying = ranked(states, asset=asset, customer=customer, moment=moment)
        choice, pin = choose_plan(
            self._book.assignments,
            self._book.promises,
            applying,
            asset=asset,
            product=product,
            customer_class=customer_class,
            moment=moment,
            named=named,
            usual=self._usual,
        )
        streams = {each.state.id: each.version for each in held}
        return Chosen(pin, choice, contract), Basis(streams, basis, found)

    def _remember(self, found: dict[str, frozenset[UUID]]) -> None:
        if len(self._contracts_of) >= REMEMBERED:
            self._contracts_of.clear()
        self._contracts_of |= {name: contracts for name, contracts in found.items() if contracts}


def _names(asset: str | None, customer: str | None) -> Sequence[str]:
    """What the contracts for a serial and a customer are found by."""
    return (*of_assets([asset] if asset else ()), *(of_customer(customer) if customer else ()))
