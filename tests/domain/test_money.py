"""Money is written down exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from domain.errors import InvalidValue
from domain.money import Money


@pytest.mark.parametrize("amount", ["0", "0.1", "18600.00", "-12.5", "999999999999999.9999"])
def test_an_amount_stays_as_it_was_written(amount: str) -> None:
    money = Money(amount, "CNY")
    assert money.exact == Decimal(amount)
    assert msgspec.json.decode(msgspec.json.encode(money), type=Money) == money


@pytest.mark.parametrize(
    "amount",
    ["", "1,000", "1e3", "NaN", "Infinity", ".5", "5.", "00.5", "+1", " 1", "1\n", "１", "1.00001", "1" * 16],
)
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Money(amount, "CNY")
    assert refusal.value.field == "/amount"


@pytest.mark.parametrize("currency", ["", "cny", "CN", "CNYX", "C1Y", "ＣＮＹ"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Money("1", currency)
    assert refusal.value.field == "/currency"


def test_a_number_is_not_an_amount() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"amount":0.1,"currency":"CNY"}', type=Money)
