"""Money: an exact decimal amount in one currency. Never a float."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.errors import InvalidValue

AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount as it is written down: "12.50" stays "12.50".

    Attributes:
        amount: decimal string, such as "18600.00": at most 15 digits before the point and 4 after it.
        currency: ISO 4217 code, such as "CNY".

    Raises:
        InvalidValue: the amount is not such a string, or the currency is not three capitals.
    """

    amount: Annotated[str, Meta(pattern=f"^{AMOUNT.pattern}$", max_length=21)]
    currency: Annotated[str, Meta(pattern=f"^{CURRENCY.pattern}$")]

    def __post_init__(self) -> None:
        if not AMOUNT.fullmatch(self.amount):
            raise InvalidValue(f'{self.amount!r} is not an amount such as "18600.00"', field="/amount")
        if not CURRENCY.fullmatch(self.currency):
            raise InvalidValue(f'{self.currency!r} is not a currency such as "CNY"', field="/currency")

    @property
    def exact(self) -> Decimal:
        """The amount as a number to calculate with."""
        return Decimal(self.amount)
