"""What a ticket records of the plans it could have gone by."""

from __future__ import annotations

import msgspec

from domain.contract.words import Level, Why


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A plan that a ticket could go by, and by what: an assignment, a contract, or neither."""

    level: Level
    plan: str
    assignment: int | None = None
    contract: str | None = None


class PassedOver(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One that it does not go by, and why."""

    level: Level
    plan: str
    why: Why
    assignment: int | None = None
    contract: str | None = None


class PlanChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket records: the plan it goes by and those it does not, the closest level first."""

    winner: Offer
    losers: tuple[PassedOver, ...] = ()
