"""What a mapping can let an activity do to a ticket: the ticket's own decisions, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

import msgspec

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket import decisions, tiers
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Direction, HoldReason, Impact, Party, Priority, Tier

NO_WAIT = "none"
Wait = StrEnum("Wait", {each.name: each.value for each in HoldReason} | {"NONE": NO_WAIT})
"""What a source's state waits for, if it does."""

WORDS: dict[str, type[StrEnum]] = {
    "priority": Priority,
    "tier": Tier,
    "channel": Channel,
    "impact": Impact,
    "direction": Direction,
    "party": Party,
    "hold": HoldReason,
    "wait": Wait,
}
"""Arguments that take one word of a closed list."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One decision.

    Attributes:
        decide: the ticket's decision.
        takes: its arguments.
        needs: those of them it cannot do without.
        settled: what else it takes, that the import knows without being told.
        sets: the columns it follows by itself, so that the import need not.
    """

    decide: Callable[..., tuple[Event, ...]]
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()


def _hold(ticket: Ticket, *, hold: HoldReason, review_within: timedelta, by: Act) -> tuple[Event, ...]:
    return decisions.hold(ticket, reason=hold, review_within=review_within, by=by)


COMMANDS: dict[str, Command] = {
    "classify": Command(
        decide=decisions.classify, takes=("category", "fault_code", "impact"), needs=("category",)
    ),
    "prioritise": Command(
        decide=decisions.prioritise, takes=("priority",), needs=("priority",), sets=("priority",)
    ),
    "assign": Command(decide=tiers.assign, takes=("team", "person"), needs=("team",), sets=("team",)),
    "contact": Command(
        decide=decisions.contact,
        takes=("channel", "direction", "party", "person", "summary"),
        needs=("channel", "direction", "party"),
    ),
    "hold": Command(decide=_hold, takes=("hold",), needs=("hold",), settled=("review_within",)),
    "resume": Command(decide=decisions.resume),
    "escalate": Command(
        decide=tiers.escalate, takes=("tier", "team"), needs=("tier",), sets=("tier", "team")
    ),
    "hand-back": Command(
        decide=tiers.hand_back,
        takes=("tier", "finding", "team"),
        needs=("tier", "finding"),
        sets=("tier", "team"),
    ),
    "resolve": Command(decide=decisions.resolve, takes=("solution", "cause"), needs=("solution",)),
    "confirm": Command(decide=decisions.confirm, takes=("confirmed_by",)),
    "reject": Command(decide=decisions.reject),
    "close": Command(decide=decisions.close),
    "reopen": Command(decide=decisions.reopen),
    "cancel": Command(decide=decisions.cancel),
}
"""Every command but ``register``, which begins a ticket and is not asked of one."""

REGISTER = "register"
NAMES = frozenset({REGISTER, *COMMANDS})


def ask(
    ticket: Ticket, name: str, said: Mapping[str, str], known: Mapping[str, Any], by: Act
) -> tuple[Event, ...]:
    """Ask a decision of the ticket with the words a source event says, and what is settled without them.

    Raises:
        NotAllowed: the state refuses it.
        InvalidValue: an argument it needs is missing or wrong.
    """
    command = COMMANDS[name]
    missing = [argument for argument in command.needs if argument not in said]
    if missing:
        raise InvalidValue(f"{name} needs {' and '.join(missing)}", field=f"/{missing[0]}")
    arguments: dict[str, Any] = {
        argument: WORDS[argument](said[argument]) if argument in WORDS else said[argument]
        for argument in command.takes
        if argument in said
    }
    arguments |= {argument: known[argument] for argument in command.settled}
    return command.decide(ticket, **arguments, by=by)
