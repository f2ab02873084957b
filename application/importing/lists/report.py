"""What became of every row of a list, counted."""

from __future__ import annotations

from decimal import Decimal

from rich.table import Table

from application.importing.lists.telling import Told
from application.importing.report import Account, Counts, count, most_first, table
from domain.contract.events import ContractDrafted
from domain.event import type_name
from domain.part.events import PartReceived


class ListReport(Account, kw_only=True):
    """The account of one list. Every row is in exactly one of ``imported_rows``, ``already_there_rows`` and
    ``rejected_rows``.

    Attributes:
        kind: parts, stock or contracts.
        imported_rows: rows recorded by this run.
        already_there_rows: rows that an earlier run recorded, or that say what is known.
        events: events recorded by this run, by type.
        received: how much was received by this run, by location; in whatever units the parts have.
        prices: what the contracts of this run cost together, by currency.
        unread: columns that nothing was read from.
    """

    kind: str
    imported_rows: int = 0
    already_there_rows: int = 0
    events: Counts = {}
    received: Counts = {}
    prices: dict[str, str] = {}
    unread: list[str] = []

    def add(self, told: Told) -> None:
        """Count what was recorded of one thing; its rejected rows are counted where they are set aside."""
        self.imported_rows += told.imported
        self.already_there_rows += told.there
        for fact in told.facts:
            event = fact.event
            count(self.events, type_name(event))
            if isinstance(event, PartReceived):
                count(self.received, event.location, event.goods.quantity)
            elif isinstance(event, ContractDrafted):
                sum_so_far = Decimal(self.prices.get(event.price.currency, "0"))
                self.prices[event.price.currency] = str(sum_so_far + event.price.exact)

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows == self.imported_rows + self.already_there_rows + self.rejected_rows

    def as_tables(self) -> list[Table]:
        """The report for a person."""
        totals: list[tuple[str, int | str]] = [
            ("rows in the file", self.rows),
            ("rows imported", self.imported_rows),
            ("rows already there", self.already_there_rows),
            ("rows rejected", self.rejected_rows),
        ]
        if self.rejected_cases:
            totals.append(("of them bad themselves", self.bad_rows))
            totals.append((f"{self.kind} rejected", self.rejected_cases))
        kinds: list[tuple[str, list[tuple[str, int | str]]]] = [
            ("Recorded", [*most_first(self.events.items())]),
            ("Received, by location", [*most_first(self.received.items())]),
            ("Agreed prices", [*sorted(self.prices.items())]),
        ]
        return [
            table(f"Import of {self.kind} from {self.source}", totals),
            *(table(title, rows) for title, rows in kinds if rows),
        ]
