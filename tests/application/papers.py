"""Contracts on paper, and which of them a report falls under, as a table (SLA 13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from application.contract_commands import (
    ActivateContract,
    AmendContract,
    ContractAction,
    RenewContract,
    SignContract,
    TerminateContract,
)
from domain.contract.events import Allowances
from domain.contract.words import Level, Scope, Why

BEGIN = datetime.fromisoformat("2025-06-01T00:00Z")
"""When the contracts are drafted, signed and activated."""
MIDNIGHT = datetime.fromisoformat("2026-06-30T16:00Z")
"""Where July begins in Shanghai; in Berlin it does six hours later, and in UTC eight."""
A_MINUTE, AN_HOUR, INSTANT = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)
JULY = date(2026, 7, 1)
ON_PAPER = (SignContract(signed_by="x", signed_on=date(2025, 6, 1)),)
COUNTS: tuple[ContractAction, ...] = (*ON_PAPER, ActivateContract())
OURS, THEIRS = "海风酒店", "Linden Hotels"


class Paper(NamedTuple):
    """A contract: what it says, and what became of it."""

    says: dict[str, Any]
    steps: Sequence[ContractAction] = COUNTS


def names(*assets: str, **says: Any) -> Paper:
    """A contract that names serials: until the end of June, unless it says otherwise."""
    usual: dict[str, Any] = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 6, 30)}
    return Paper({"assets": assets, **usual, **says})


def long(*assets: str, **says: Any) -> Paper:
    """An older contract that runs on."""
    return names(
        *assets, starts_on=date(2025, 7, 1), ends_on=date(2027, 6, 30), **{"plan": "standard"} | says
    )


def wide(**says: Any) -> Paper:
    """A contract for all that its customer has."""
    return long(scope=Scope.CUSTOMER, **says)


def after(paper: Paper, *steps: ContractAction) -> Paper:
    """The contract, and what became of it beside."""
    return paper._replace(steps=(*paper.steps, *steps))


def unsigned(paper: Paper) -> Paper:
    """The contract as a draft."""
    return paper._replace(steps=())


def signed(paper: Paper) -> Paper:
    """The contract, signed and not activated."""
    return paper._replace(steps=ON_PAPER)


OUT = AmendContract(effective_on=JULY, removed=("S",))
IN = AmendContract(effective_on=JULY, added=("S",))
OTHER_PLAN = AmendContract(effective_on=JULY, plan="standard")
LATER = RenewContract(starts_on=JULY + timedelta(days=1), ends_on=date(2027, 6, 30), allowances=Allowances())
ENDED = TerminateContract(effective_on=JULY, reason="x")
SERIAL: dict[str, Any] = {"asset": "S"}
BEFORE, AT = MIDNIGHT - A_MINUTE, MIDNIGHT

CASES: list[tuple[Any, ...]] = [
    # what it is about, contracts C1, C2 …, the report, when, then the winner and the losers with their why
    ("of two that overlap the one that began later", [long("S"), names("S")], SERIAL, BEFORE,
     ("C2", Level.LINE, "hot-water"), ("C1", Why.OLDER)),
    ("its last instant", [long("S"), names("S")], SERIAL, MIDNIGHT - INSTANT,
     ("C2", Level.LINE, "hot-water"), ("C1", Why.OLDER)),
    ("at midnight the other", [long("S"), names("S")], SERIAL, AT,
     ("C1", Level.LINE, "standard"), ("C2", Why.NO_LONGER)),
    ("the midnight of the contract's own zone", [long("S"), names("S", zone="Europe/Berlin")], SERIAL, AT,
     ("C2", Level.LINE, "hot-water"), ("C1", Why.OLDER)),
    ("in Berlin it comes six hours later", [long("S"), names("S", zone="Europe/Berlin")], SERIAL,
     MIDNIGHT + 6 * AN_HOUR, ("C1", Level.LINE, "standard"), ("C2", Why.NO_LONGER)),
    ("of one alone nothing is left", [names("S")], SERIAL, AT, None, ("C1", Why.NO_LONGER)),
    ("one that begins at midnight", [names("S", starts_on=JULY, ends_on=JULY)], SERIAL, BEFORE,
     None, ("C1", Why.NOT_YET)),
    ("and then counts", [names("S", starts_on=JULY, ends_on=JULY)], SERIAL, AT,
     ("C1", Level.LINE, "hot-water")),
    ("the serial before the customer", [wide(), long("S")], SERIAL | {"customer": OURS}, BEFORE,
     ("C2", Level.LINE, "standard"), ("C1", Why.LESS_SPECIFIC)),
    ("a customer has one for everything", [wide()], {"customer": OURS}, BEFORE,
     ("C1", Level.CONTRACT, "standard")),
    ("also for a serial that nobody named", [wide(), names("X")], {"asset": "Y", "customer": OURS}, BEFORE,
     ("C1", Level.CONTRACT, "standard")),
    ("it takes over when the other ends", [wide(), names("S")], SERIAL | {"customer": OURS}, AT,
     ("C1", Level.CONTRACT, "standard"), ("C2", Why.NO_LONGER)),
    ("an unknown caller with a serial", [names("S")], SERIAL, BEFORE, ("C1", Level.LINE, "hot-water")),
    ("a contract of somebody else's", [names("S", customer=THEIRS)], SERIAL | {"customer": OURS}, BEFORE,
     None, ("C1", Why.OTHER_CUSTOMER)),
    ("and ours beside it", [names("S", customer=THEIRS), long("S")], SERIAL | {"customer": OURS}, BEFORE,
     ("C2", Level.LINE, "standard"), ("C1", Why.OTHER_CUSTOMER)),
    ("a draft", [unsigned(names("S"))], SERIAL, BEFORE, None, ("C1", Why.NOT_ACTIVATED)),
    ("drafted and signed only", [unsigned(names("S")), signed(names("S")), long("S")], SERIAL, BEFORE,
     ("C3", Level.LINE, "standard"), ("C1", Why.NOT_ACTIVATED), ("C2", Why.NOT_ACTIVATED)),
    ("equal in all but the number", [names("S"), names("S")], SERIAL, BEFORE,
     ("C1", Level.LINE, "hot-water"), ("C2", Why.HIGHER_NUMBER)),
    ("to be terminated at midnight", [after(long("S"), ENDED)], SERIAL, BEFORE,
     ("C1", Level.LINE, "standard")),
    ("terminated", [after(long("S"), ENDED)], SERIAL, AT, None, ("C1", Why.TERMINATED)),
    ("the serial is to be taken out", [after(long("S", "X"), OUT)], SERIAL, BEFORE,
     ("C1", Level.LINE, "standard")),
    ("the serial was taken out", [after(long("S", "X"), OUT)], SERIAL, AT,
     None, ("C1", Why.ASSET_NOT_COVERED)),
    ("the serial is to be put in", [after(long("X"), IN)], SERIAL, BEFORE,
     None, ("C1", Why.ASSET_NOT_COVERED)),
    ("the serial was put in", [after(long("X"), IN)], SERIAL, AT, ("C1", Level.LINE, "standard")),
    ("another plan is to come", [after(long("S", plan="hot-water"), OTHER_PLAN)], SERIAL, BEFORE,
     ("C1", Level.LINE, "hot-water")),
    ("another plan since midnight", [after(long("S", plan="hot-water"), OTHER_PLAN)], SERIAL, AT,
     ("C1", Level.LINE, "standard")),
    ("between two terms", [after(names("S"), LATER)], SERIAL, AT, None, ("C1", Why.NO_LONGER)),
    ("in the next term", [after(names("S"), LATER)], SERIAL, AT + 24 * AN_HOUR,
     ("C1", Level.LINE, "hot-water")),
]  # fmt: skip

NOTHING: list[tuple[str, list[Paper], dict[str, Any]]] = [
    ("nothing is known", [wide(), names("S")], {}),
    ("a serial that nobody named", [wide(), names("X")], SERIAL),
    ("a serial does not tell whose it is", [wide()], SERIAL),
    ("the customer's contract names serials", [names("S")], {"customer": OURS}),
    ("somebody else's contract for everything", [wide(customer=THEIRS)], SERIAL | {"customer": OURS}),
    ("a serial that looks like a customer", [wide(customer="S")], SERIAL),
    ("a serial in other letters", [names("s"), names("S ")], SERIAL),
]
