"""The commands a spare part takes, as they arrive."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta

from application.access import Permission
from application.commands import Action, Command, Decision, Moment, Name, Reference, in_utc
from domain.errors import InvalidValue
from domain.part import cataloguing, reservations, stocktaking, storekeeping, usage
from domain.part.events import PartName
from domain.part.goods import Goods
from domain.part.words import Bucket, Condition, Fate, Tracking

MOST = 1_000_000_000
Quantity = Annotated[int, Meta(ge=0, le=MOST)]
Lots = Annotated[dict[Name, Quantity], Meta(max_length=1000)]
Serials = Annotated[tuple[Name, ...], Meta(max_length=1000)]
LastDays = Annotated[dict[Name, date], Meta(max_length=1000)]


class PartTitle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people call a part, in both languages."""

    zh: Name
    en: Name


class CataloguePart(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a part number into the catalogue (R16). Number, unit and tracking stay as they are."""

    action: ClassVar[str] = "catalogue"
    needs: ClassVar[Permission] = Permission.STOCK

    number: Name
    revision: Name
    name: PartTitle
    unit: Name
    tracking: Tracking = Tracking.NONE
    shelf_life_days: int | None = None
    reorder_point: Quantity = 0

    def arguments(self) -> dict[str, Any]:
        """The name as the domain has it."""
        return super().arguments() | {"name": PartName(self.name.zh, self.name.en)}


class PartAction(Action, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command to a part."""

    needs: ClassVar[Permission] = Permission.STOCK

    def arguments(self) -> dict[str, Any]:
        """The fields; the ticket is looked up by the desk."""
        return {name: value for name, value in super().arguments().items() if name != "ticket"}


class WithGoods(PartAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that moves goods.

    Attributes:
        quantity: whole number of the part's unit; may be left out where lots or serials say it.
        lots: how much of each lot.
        serials: the serial numbers.
    """

    quantity: Quantity | None = None
    lots: Lots = {}
    serials: Serials = ()

    def arguments(self) -> dict[str, Any]:
        """Quantity, lots and serials as goods."""
        rest = super().arguments()
        quantity, lots, serials = rest.pop("quantity"), rest.pop("lots"), rest.pop("serials")
        if quantity is None and not lots and not serials:
            raise InvalidValue("say how much: quantity, lots or serials", field="/quantity")
        said = sum(lots.values()) + len(serials)
        return rest | {"goods": Goods(said if quantity is None else quantity, lots=lots, serials=serials)}


class RevisePart(PartAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change the catalogue entry (R16). Every field is stated anew."""

    action: ClassVar[str] = "revise"
    decision: ClassVar[Decision] = cataloguing.revise

    revision: Name
    name: PartTitle
    shelf_life_days: int | None = None
    reorder_point: Quantity = 0

    def arguments(self) -> dict[str, Any]:
        """The name as the domain has it."""
        return super().arguments() | {"name": PartName(self.name.zh, self.name.en)}


class ReceivePart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a delivery into stock (R16). `expires_on` is the last good day of a lot or serial number."""

    action: ClassVar[str] = "receive"
    decision: ClassVar[Decision] = storekeeping.receive

    location: Name
    supplier: Name
    document: Name
    expires_on: LastDays = {}


class ReservePart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keep good stock for a ticket until `expires_at` (R17). The receipt's `made` is the reservation."""

    action: ClassVar[str] = "reserve"
    needs: ClassVar[Permission] = Permission.PARTS
    decision: ClassVar[Decision] = reservations.reserve

    location: Name
    ticket: Reference
    expires_at: Moment

    def arguments(self) -> dict[str, Any]:
        """The end of the promise in UTC."""
        return super().arguments() | {"expires_at": in_utc(self.expires_at, "/expires_at")}


class ReleaseReservation(PartAction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give up what is left of a reservation (R17)."""

    action: ClassVar[str] = "release"
    needs: ClassVar[Permission] = Permission.PARTS
    decision: ClassVar[Decision] = reservations.release

    reservation: UUID


class IssuePart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hand out goods for a ticket, of a reservation or free; of the lots the first to expire (R17)."""

    action: ClassVar[str] = "issue"
    needs: ClassVar[Permission] = Permission.PARTS
    decision: ClassVar[Decision] = usage.issue

    location: Name
    ticket: Reference
    reservation: UUID | None = None


class InstallPart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put issued goods into an asset, and say which serial number came out and its fate (R18)."""

    action: ClassVar[str] = "install"
    needs: ClassVar[Permission] = Permission.PARTS
    decision: ClassVar[Decision] = usage.install

    ticket: Reference
    asset: Name
    serial_out: Name | None = None
    fate: Fate | None = None


class ReturnPart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bring back what a ticket has, good or faulty; what is faulty is quarantined (R17, ISO 8.7)."""

    action: ClassVar[str] = "return"
    needs: ClassVar[Permission] = Permission.PARTS
    decision: ClassVar[Decision] = usage.give_back

    ticket: Reference
    location: Name
    condition: Condition


class TransferPart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bring free good stock to another location (R17)."""

    action: ClassVar[str] = "transfer"
    decision: ClassVar[Decision] = storekeeping.transfer

    from_location: Name
    to_location: Name
    ticket: Reference | None = None


class CountPart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Count the good stock of a location; a difference needs a `reason` and sets the books right (R17)."""

    action: ClassVar[str] = "count"
    decision: ClassVar[Decision] = stocktaking.count

    location: Name


class QuarantinePart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set good stock aside until somebody has decided (ISO 8.7)."""

    action: ClassVar[str] = "quarantine"
    decision: ClassVar[Decision] = storekeeping.quarantine

    location: Name


class ReleaseQuarantine(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Find quarantined stock good after all (ISO 8.7)."""

    action: ClassVar[str] = "release-quarantine"
    decision: ClassVar[Decision] = storekeeping.release_quarantine

    location: Name


class ScrapPart(WithGoods, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Do away with goods for good: off a shelf, or issued for a ticket or removed on one (R17)."""

    action: ClassVar[str] = "scrap"
    decision: ClassVar[Decision] = storekeeping.scrap

    bucket: Bucket
    location: Name | None = None
    ticket: Reference | None = None


ACTIONS: tuple[type[PartAction], ...] = (
    RevisePart,
    ReceivePart,
    ReservePart,
    ReleaseReservation,
    IssuePart,
    InstallPart,
    ReturnPart,
    TransferPart,
    CountPart,
    QuarantinePart,
    ReleaseQuarantine,
    ScrapPart,
)
"""Everything that may be asked of a part."""
