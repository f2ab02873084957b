"""Stories about contracts: what was recorded, what is asked, what follows.

    given(*ACTIVE, consumed("2026-03-01 09:00")).when(restore(amount=1)).then(restored(amount=1))

The usual contract C-2026-000012 is of the customer 海盛, names SN-1 and SN-2, promises the plan ``gold`` from
1 January to 31 December 2026 in Asia/Shanghai, and includes 2 visits, 4 hours, 5 parts and 3 of PN-9 apart.
A time without zone is Shanghai's; one with a Z is UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.contract import decisions, uses
from domain.contract.events import (
    Allowances,
    ContractActivated,
    ContractAmended,
    ContractDrafted,
    ContractExpired,
    ContractRenewed,
    ContractSigned,
    ContractTerminated,
    EntitlementConsumed,
    EntitlementRestored,
)
from domain.contract.state import Contract, replay
from domain.contract.words import Kind, Scope
from domain.errors import DomainError
from domain.event import Act, Event, Fact
from domain.money import Money

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTRACT = UUID("01890000-0000-7000-8000-00000000c012")
TICKET = UUID("01890000-0000-7000-8000-000000000001")
TICKET_NUMBER = "T-2026-000001"
HOUR = 3600
PRICE = Money("18600.00", "CNY")
INCLUDED = Allowances(visits=2, hours=4 * HOUR, parts=5, by_part={"PN-9": 3})

Happening = tuple[Event, Act]
Asked = Callable[[Contract], tuple[Event, ...]]


def at(text: str) -> datetime:
    """ "2026-03-01 09:00" in Shanghai, "2026-03-01 01:00Z" in UTC."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def day(text: str) -> date:
    """ "2026-03-01"."""
    return date.fromisoformat(text)


def act(when: str, reason: str | None = None) -> Act:
    """Somebody did something at a time of the story."""
    return Act(actor="agent:li.wei", occurred_at=at(when), reason=reason)


def entry(number: int) -> UUID:
    """The id of a use, by a number."""
    return UUID(int=number)


def contract_id(number: int) -> UUID:
    """The id of a contract, by a number."""
    return UUID(int=0xC0000 + number)


def drafted(when: str = "2025-12-01 09:00", **other: Any) -> Happening:
    """The usual contract, or one that differs from it, was drafted."""
    usual: dict[str, Any] = {
        "number": "C-2026-000012",
        "customer": "海盛",
        "title": "热水系统维保",
        "plan": "gold",
        "starts_on": day("2026-01-01"),
        "ends_on": day("2026-12-31"),
        "zone": "Asia/Shanghai",
        "price": PRICE,
        "allowances": INCLUDED,
        "assets": () if other.get("scope") is Scope.CUSTOMER else ("SN-1", "SN-2"),
    }
    return ContractDrafted(**{**usual, **other}), act(when)


def signed(when: str = "2025-12-10 09:00") -> Happening:
    """The customer signed."""
    return ContractSigned(by="陈总", on=day("2025-12-10")), act(when)


def activated(when: str = "2025-12-11 09:00") -> Happening:
    """It counts."""
    return ContractActivated(), act(when)


def amended(effective_on: str, when: str = "2025-12-20 09:00", **changes: Any) -> Happening:
    """Other terms from a day on."""
    return ContractAmended(effective_on=day(effective_on), **changes), act(when)


def renewed(
    ends_on: str = "2027-12-31",
    when: str = "2026-12-01 09:00",
    *,
    starts_on: str = "2027-01-01",
    allowances: Allowances = INCLUDED,
    carries: bool = False,
) -> Happening:
    """Another term follows."""
    event = ContractRenewed(
        starts_on=day(starts_on), ends_on=day(ends_on), allowances=allowances, carries=carries
    )
    return event, act(when)


def expired(when: str = "2027-01-01 00:00") -> Happening:
    """Somebody took note of the end."""
    return ContractExpired(), act(when)


def terminated(effective_on: str, when: str = "2026-05-01 09:00") -> Happening:
    """It ends early."""
    return ContractTerminated(effective_on=day(effective_on)), act(when, reason="sold the site")


def consumed(
    when: str = "2026-03-01 09:00",
    number: int = 1,
    kind: str = "visit",
    amount: int = 1,
    *,
    part: str | None = None,
    reported: str | None = None,
) -> Happening:
    """Something included was used."""
    event = EntitlementConsumed(
        number="C-2026-000012",
        entry=entry(number),
        ticket=TICKET,
        ticket_number=TICKET_NUMBER,
        kind=Kind(kind),
        amount=amount,
        reported_at=at(reported or when),
        part=part,
        asset="SN-1",
    )
    return event, act(when)


def restored(
    when: str = "2026-03-02 09:00",
    number: int = 1,
    amount: int = 1,
    *,
    kind: str = "visit",
    part: str | None = None,
) -> Happening:
    """It was given back."""
    event = EntitlementRestored(
        number="C-2026-000012",
        entry=entry(number),
        ticket=TICKET,
        ticket_number=TICKET_NUMBER,
        kind=Kind(kind),
        amount=amount,
        part=part,
    )
    return event, act(when)


ACTIVE = (drafted(), signed(), activated())


def consume(
    when: str = "2026-03-05 09:00",
    number: int = 7,
    kind: str = "visit",
    amount: int = 1,
    *,
    part: str | None = None,
    asset: str | None = "SN-1",
    reported: str | None = None,
) -> Asked:
    """Ask to use something."""
    return lambda contract: uses.consume(
        contract,
        entry=entry(number),
        ticket=TICKET,
        ticket_number=TICKET_NUMBER,
        kind=Kind(kind),
        amount=amount,
        part=part,
        asset=asset,
        reported_at=at(reported) if reported else None,
        by=act(when),
    )


def restore(when: str = "2026-03-06 09:00", number: int = 1, amount: int = 1) -> Asked:
    """Ask to give something back."""
    return lambda contract: uses.restore(contract, entry=entry(number), amount=amount, by=act(when))


def ask(action: str, when: str = "2026-03-05 09:00", *, reason: str | None = None, **arguments: Any) -> Asked:
    """Ask for one of the decisions by its name."""
    return lambda contract: getattr(decisions, action)(contract, by=act(when, reason), **arguments)


def facts(*happenings: Happening, stream: UUID = CONTRACT) -> tuple[Fact, ...]:
    """The happenings as the log keeps them, recorded in this order."""
    return tuple(
        Fact(stream_id=stream, version=version, event=event, act=by, correlation_id=stream)
        for version, (event, by) in enumerate(happenings, 1)
    )


def contract(*happenings: Happening, stream: UUID = CONTRACT) -> Contract:
    """The contract that these happenings make."""
    made = replay(facts(*happenings, stream=stream))
    assert made is not None
    return made


def active(number: int = 12, /, **other: Any) -> Contract:
    """An active contract C-2026-… with its own id, like the usual one or different."""
    named = {"number": f"C-2026-{number:06}", **other}
    return contract(drafted(**named), signed(), activated(), stream=contract_id(number))


@dataclass(frozen=True)
class Asking:
    """Something asked of a contract."""

    contract: Contract
    asked: Asked

    def then(self, *happenings: Happening) -> None:
        """Exactly these events follow."""
        assert self.asked(self.contract) == tuple(event for event, _ in happenings)

    def refused(self, error: type[DomainError], **attributes: Any) -> None:
        """It is refused so, and the refusal says this."""
        with pytest.raises(error) as refusal:
            self.asked(self.contract)
        assert {name: getattr(refusal.value, name) for name in attributes} == attributes


@dataclass(frozen=True)
class Story:
    """What happened to one contract."""

    contract: Contract

    def when(self, asked: Asked) -> Asking:
        """Then somebody asks for something."""
        return Asking(self.contract, asked)


def given(*happenings: Happening) -> Story:
    """A contract to which these things happened."""
    return Story(contract(*happenings))
