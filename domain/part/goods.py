"""How much of a part, and which of it."""

from __future__ import annotations

import msgspec

from domain.errors import InvalidValue
from domain.part.words import Tracking


class Goods(msgspec.Struct, frozen=True):
    """A quantity of one part, and where it is tracked, which lots or serial numbers.

    Attributes:
        quantity: whole number of the part's unit.
        lots: how much of each lot; together the quantity. Empty when nobody chose.
        serials: the serial numbers; as many as the quantity. Empty when nobody chose.
    """

    quantity: int
    lots: dict[str, int] = {}
    serials: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Whether lots or serial numbers were chosen."""
        return bool(self.lots or self.serials)

    @property
    def units(self) -> dict[str, int]:
        """The quantity by lot or serial number; all of it under ``""`` when none is named."""
        if self.named:
            return self.lots or dict.fromkeys(self.serials, 1)
        return {"": self.quantity} if self.quantity else {}

    def less(self, other: Goods) -> Goods:
        """What is left when ``other`` is taken away."""
        left = ((lot, quantity - other.lots.get(lot, 0)) for lot, quantity in self.lots.items())
        return Goods(
            self.quantity - other.quantity,
            lots={lot: quantity for lot, quantity in left if quantity > 0},
            serials=tuple(serial for serial in self.serials if serial not in other.serials),
        )

    def must_suit(self, tracking: Tracking, *, least: int = 1) -> None:
        """Check that this is a quantity of a part with this tracking; nothing needs to be named.

        Args:
            tracking: how the part is tracked.
            least: the smallest quantity that makes sense, in all and of each lot.

        Raises:
            InvalidValue: too small, named the wrong way, or the names do not make up the quantity.
        """
        if self.quantity < least:
            raise InvalidValue(f"a quantity is at least {least}, not {self.quantity}", field="/quantity")
        for kind, names in ((Tracking.LOT, [*self.lots]), (Tracking.SERIAL, [*self.serials])):
            if not names:
                continue
            field = f"/{kind.value}s"
            if tracking is not kind:
                raise InvalidValue(f"the part's tracking is {tracking.value}: no {kind.value}s", field=field)
            if not all(name.strip() for name in names) or len(set(names)) < len(names):
                raise InvalidValue(f"each {kind.value} is named once, and none is blank", field=field)
            if sum(self.units.values()) != self.quantity:
                raise InvalidValue(f"the {kind.value}s do not make up {self.quantity}", field=field)
        if any(quantity < least for quantity in self.lots.values()):
            raise InvalidValue(f"the quantity of a lot is at least {least}", field="/lots")

    def must_be_named(self, tracking: Tracking) -> None:
        """Check that a tracked part's lots or serial numbers are named.

        Raises:
            InvalidValue: they are not.
        """
        if tracking is not Tracking.NONE and not self.named:
            raise InvalidValue(
                f"the part is tracked: name its {tracking.value}s", field=f"/{tracking.value}s"
            )


def goods_of(units: dict[str, int], tracking: Tracking) -> Goods:
    """Goods from quantities by lot or serial number, of a part with this tracking."""
    quantity = sum(units.values())
    if tracking is Tracking.LOT:
        return Goods(quantity, lots=units)
    return Goods(quantity, serials=tuple(units) if tracking is Tracking.SERIAL else ())
