"""Opening stock: a row what one location has of a part, or of one of its lots (R16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from application.importing.lists.fields import OCCURRED_AT, Field
from application.importing.lists.parts import PART_NUMBER, part_name
from application.importing.lists.reading import Entry
from application.importing.lists.telling import IMPORTER, Origin, Seen, Told, refused
from application.importing.rows import LONGEST_NAME
from application.importing.spill import Case, Reject
from domain.errors import DomainError, InvalidValue
from domain.event import Fact
from domain.part.events import PartReceived
from domain.part.goods import Goods
from domain.part.state import Part, evolve, replay
from domain.part.storekeeping import receive

FIELDS = (
    PART_NUMBER,
    Field("location", "name", ("Location", "Warehouse", "库位", "仓库", "网点"), needed=True),
    Field("quantity", "whole", ("Quantity", "Qty", "On hand", "数量", "库存数量", "期初数量")),
    Field("lot", "name", ("Lot", "Lot number", "Batch", "批次", "批号")),
    Field("serials", "names", ("Serial numbers", "Serial number", "Serials", "Serial", "序列号")),
    Field("expires_on", "day", ("Expires on", "Expiry date", "Good until", "有效期至", "失效日期")),
    Field("supplier", "name", ("Supplier", "供应商")),
    Field("document", "name", ("Document", "Delivery note", "单据号", "入库单号")),
    Field("key", "name", ("Row key", "行键")),
    OCCURRED_AT,
)
OPENING = "opening stock"
"""Supplier and document of a row that names none."""
ALIASES = {"lots": "lot"}

Identity = tuple[str, str, str, frozenset[str]]
"""Location, supplier, document, and which lots or serial numbers."""


class Delivery(NamedTuple):
    """What a row says, as ``receive`` asks for it."""

    location: str
    goods: Goods
    supplier: str
    document: str
    expires_on: dict[str, date]


class StockTeller:
    """Receives opening stock. A row has a name of its own, so that it is received once."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin

    def names(self, case: Case[Entry]) -> tuple[str, ...]:
        """The part's, and one of every row."""
        return (part_name(case.name), *(self._name(entry, case.name) for entry in case.events))

    def tell(self, case: Case[Entry], seen: Seen) -> Told:
        """Receive every row that the part, as it then stands, lets in."""
        history = seen.history(part_name(case.name))
        part = replay(history)
        if part is None:
            reason = f"{case.name} is not in the catalogue; import it with the parts first"
            return Told(rejects=tuple(entry.reject(case.name, reason, "number") for entry in case.events))
        telling = _Telling(self._origin, part, history)
        for entry in case.events:
            name = self._name(entry, case.name)
            telling.tell(entry, name, recorded=name in seen.names)
        return Told(
            facts=tuple(telling.facts),
            names=tuple(telling.names),
            imported=len(telling.facts),
            there=telling.there,
            rejects=tuple(telling.rejects),
        )

    def _name(self, entry: Entry, number: str) -> str:
        return f"stock:{self._origin.source}/{number}/{_key(entry)}"


class _Telling:
    """The part so far, and what became of its rows."""

    def __init__(self, origin: Origin, part: Part, history: Sequence[Fact]) -> None:
        self.facts: list[Fact] = []
        self.names: list[str] = []
        self.there = 0
        self.rejects: list[Reject] = []
        self._origin = origin
        self._part = part
        self._version = history[-1].version
        self._lines: dict[str, int] = {}
        self._imported: dict[Identity, list[PartReceived]] = {}
        for fact in history:
            if fact.act.actor == IMPORTER and isinstance(fact.event, PartReceived):
                self._imported.setdefault(_identity(fact.event), []).append(fact.event)

    def tell(self, entry: Entry, name: str, *, recorded: bool) -> None:
        """Receive a row, or say why not.

        Args:
            name: the row's own.
            recorded: whether the log has it.
        """
        try:
            delivery = _delivery(entry)
            self._must_be_one(entry, name)
            if recorded:
                self._must_be_the_same(delivery)
                self.there += 1
            else:
                self._receive(entry, delivery)
                self.names.append(name)
        except DomainError as error:
            self.rejects.append(entry.reject(self._part.number, error.message, refused(error, ALIASES)))
        else:
            self._lines[name] = entry.row.line

    def _receive(self, entry: Entry, delivery: Delivery) -> None:
        act = self._origin.act(entry)
        today = act.occurred_at.astimezone(self._origin.zone).date()
        (event,) = receive(self._part, **delivery._asdict(), today=today, by=act)
        self._part = evolve(event, self._part, act)
        self._version += 1
        stream = self._part.id
        self.facts.append(
            Fact(stream_id=stream, version=self._version, event=event, act=act, correlation_id=stream)
        )

    def _must_be_one(self, entry: Entry, name: str) -> None:
        if len(_key(entry)) > LONGEST_NAME:
            raise InvalidValue(
                f"location, document and lot have over {LONGEST_NAME} characters", field="/key"
            )
        if name in self._lines:
            raise InvalidValue(
                f"line {self._lines[name]} has the same location, document and lot; "
                "make one row of the two, or give each a key",
                field="/key",
            )

    def _must_be_the_same(self, delivery: Delivery) -> None:
        alike = self._imported.get(_identity(delivery), [])
        last_days = {unit: day for unit, day in delivery.expires_on.items() if day < date.max}
        of_goods = [was for was in alike if was.goods == delivery.goods]
        if not alike:
            raise InvalidValue("the row of this key was imported with other values before", field="/key")
        if not of_goods:
            raise InvalidValue(
                f"{delivery.goods.quantity}, where {alike[0].goods.quantity} were imported before; "
                "correct the stock by counting",
                field="/quantity",
            )
        if not any(last_days.items() <= was.expires_on.items() for was in of_goods):
            raise InvalidValue("another day than was imported before", field="/expires_on")


def _delivery(entry: Entry) -> Delivery:
    """What a row says.

    Raises:
        InvalidValue: it does not say how much, or has a last good day for what bears no name.
    """
    said = entry.said
    lot, serials = said.get("lot"), said.get("serials", ())
    quantity = said.get("quantity", len(serials) or None)
    if quantity is None:
        raise InvalidValue("how much is there?", field="/quantity")
    goods = Goods(quantity, lots={lot: quantity} if lot else {}, serials=serials)
    last_day: date | None = said.get("expires_on")
    if last_day and not goods.named:
        raise InvalidValue("only a lot or a serial number has a last good day", field="/expires_on")
    return Delivery(
        location=said["location"],
        goods=goods,
        supplier=said.get("supplier", OPENING),
        document=said.get("document", OPENING),
        expires_on=dict.fromkeys(goods.units, last_day) if last_day else {},
    )


def _key(entry: Entry) -> str:
    """What tells a row of a part from its others: its key, or location, document and first lot or serial."""
    said = entry.said
    if "key" in said:
        return str(said["key"])
    unit = said.get("lot") or min(said.get("serials", ()), default="")
    return "/".join((said["location"], said.get("document", OPENING), unit))


def _identity(receipt: Delivery | PartReceived) -> Identity:
    return receipt.location, receipt.supplier, receipt.document, frozenset(receipt.goods.units)
