"""The closed lists a part is described with. Each value is stored in events: add, never rename."""

from __future__ import annotations

from enum import StrEnum

from domain.errors import InvalidValue


class Tracking(StrEnum):
    """How closely single pieces are followed (R16)."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


class Bucket(StrEnum):
    """What a quantity is there for."""

    GOOD = "good"
    """On a shelf, fit for use; what is reserved is still among it."""
    QUARANTINE = "quarantine"
    """On a shelf, not to be used until somebody has decided (ISO 8.7)."""
    RESERVED = "reserved"
    """Of the good stock of a place, promised to tickets."""
    ISSUED = "issued"
    """Handed out for a ticket and not accounted for yet."""
    REMOVED = "removed"
    """Taken out of an asset for a ticket and not brought back yet."""


SHELVED = frozenset({Bucket.GOOD, Bucket.QUARANTINE, Bucket.RESERVED})
"""Kept by location; the others by ticket."""


class Gone(StrEnum):
    """Where a serial number is that is in nobody's stock."""

    INSTALLED = "installed"
    SCRAPPED = "scrapped"
    KEPT_BY_CUSTOMER = "kept_by_customer"
    LOST = "lost"


OUT_OF_SIGHT = frozenset({Gone.KEPT_BY_CUSTOMER, Gone.LOST})
"""A serial number that is in one of these may turn up anywhere."""


class Fate(StrEnum):
    """What became of the serial number that came out of an asset (R18)."""

    RETURNED = "returned"
    """On its way back to a shelf."""
    SCRAPPED = "scrapped"
    KEPT_BY_CUSTOMER = "kept_by_customer"
    LOST = "lost"


class Release(StrEnum):
    """Why a reservation holds less than before."""

    RELEASED = "released"
    EXPIRED = "expired"
    USED = "used"


class Condition(StrEnum):
    """How a returned part is; what is faulty goes to quarantine."""

    GOOD = "good"
    FAULTY = "faulty"


def must_say(field: str, text: str) -> None:
    """Check that a text says something.

    Raises:
        InvalidValue: it is blank.
    """
    if not text.strip():
        raise InvalidValue(f"{field} may not be blank", field=f"/{field}")
