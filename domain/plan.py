"""Service plans: what is promised for which priority, in whose working time, and what being late costs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from domain.clock import Milestone
from domain.errors import InvalidValue
from domain.money import Money
from domain.ticket.events import PlanPin
from domain.ticket.words import HoldReason, Priority, TravelBand
from domain.title import Title

CUSTOMERS_WAITS = frozenset(
    {
        HoldReason.WAITING_FOR_CUSTOMER,
        HoldReason.ACCESS_REFUSED,
        HoldReason.CUSTOMER_CHOSE_LATER,
        HoldReason.QUOTE_CONSENT,
    }
)
"""The waits that are the customer's own (SLA 4); a part or a supplier is ours to wait for."""


FIELDWORK = (Milestone.DISPATCH, Milestone.ON_SITE, Milestone.WORKAROUND, Milestone.RESOLVE)
"""What is owed once for every cycle of a ticket (SLA 10)."""

MEASURED = frozenset({Milestone.FIRST_RESPONSE, Milestone.RESOLVE})
"""What is measured for every ticket, even where a plan promises nothing."""

ROUND_THE_CLOCK = ("24x7", 1)
"""The calendar, with its version, of milestones that a plan promises in clock time."""

Percentage = Annotated[int, Meta(ge=1, le=99)]
Warnings = Annotated[tuple[Percentage, ...], Meta(max_length=10)]
USUAL_WARNINGS: Warnings = (50, 75, 90)
"""When somebody is warned, in percent of the time promised, unless a plan says otherwise (SLA 12)."""
MOST = 1_000_000_000
"""The most that an hour late may cost, in any currency."""


def usual_pauses() -> dict[Milestone, frozenset[HoldReason]]:
    """What pauses unless a plan says otherwise: the work waits for the customer, no answer does (SLA 4)."""
    return dict.fromkeys(FIELDWORK, CUSTOMERS_WAITS)


class Special(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise for some tickets only; it wins over the plain one, and over any with fewer conditions.

    Attributes:
        milestone: what is promised.
        seconds: in which time.
        priority: only for tickets of this priority; the others likewise. ``None`` is no condition.
        category: only for faults of this category.
        band: only for customers so far away (SLA 14).
    """

    milestone: Milestone
    seconds: int
    priority: Priority | None = None
    category: str | None = None
    band: TravelBand | None = None

    @property
    def conditions(self) -> tuple[Priority | None, str | None, TravelBand | None]:
        """What a ticket must be."""
        return self.priority, self.category, self.band


class Penalty(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one clock's being late costs (SLA 14).

    Attributes:
        milestone: of which promise.
        per_hour: for every hour late or part of one, in the milestone's own time.
        priority: only for tickets of this priority; it wins over a penalty for every priority.
        cap: the most that one clock can cost.
    """

    milestone: Milestone
    per_hour: Money
    priority: Priority | None = None
    cap: Money | None = None


class ServicePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a customer is promised; another promise is another version (SLA 8).

    Attributes:
        name: what contracts and tickets call it.
        version: from 1.
        title: what people call it.
        calendar: the working time it is measured in, unless a ticket pins another.
        calendar_version: its version; ``None`` for the newest that counts when a ticket pins it.
        targets: for each milestone and priority the working seconds promised; nothing stated, no promise.
        special: what is promised otherwise to some tickets: by category, or by the way to the customer.
        clock_time: the milestones that are promised in clock time, whatever the calendar says.
        pausing: for each milestone the waits that pause it; a milestone left out never pauses (SLA 4).
        warnings: when somebody is warned, in percent of the time promised, rising (SLA 12).
        warnings_of: the same for milestones that are warned of otherwise; empty for not at all.
        penalties: what being late costs, in one currency (SLA 14).

    Raises:
        InvalidValue: a target is not a positive number of seconds, two promises contradict each other, or
            warnings or penalties are none; the field is that of the plan as people write it.
    """

    name: str
    version: int
    title: Title
    calendar: str
    calendar_version: int | None = None
    targets: dict[Milestone, dict[Priority, int]]
    special: tuple[Special, ...] = ()
    clock_time: frozenset[Milestone] = frozenset()
    pausing: dict[Milestone, frozenset[HoldReason]] = msgspec.field(default_factory=usual_pauses)
    warnings: Warnings = USUAL_WARNINGS
    warnings_of: dict[Milestone, Warnings] = {}
    penalties: tuple[Penalty, ...] = ()

    def __post_init__(self) -> None:
        for field, problem in (*self._broken_promises(), *self._no_warnings(), *self._no_penalties()):
            raise InvalidValue(f"plan {self.name} v{self.version} {problem}", field=field)

    def target(
        self,
        milestone: Milestone,
        priority: Priority,
        *,
        category: str | None = None,
        band: TravelBand | None = None,
    ) -> int | None:
        """The seconds promised to such a ticket, in the milestone's own time; ``None`` where nothing is."""
        if not self.special:
            return self.targets.get(milestone, {}).get(priority)
        ticket = (priority, category, band)
        fitting = [
            special
            for special in self.special
            if special.milestone is milestone
            and all(wanted in {None, here} for wanted, here in zip(special.conditions, ticket, strict=True))
        ]
        if fitting:
            return max(fitting, key=_narrowness).seconds
        return self.targets.get(milestone, {}).get(priority)

    @property
    def tells_categories_apart(self) -> bool:
        """Whether any promise depends on the kind of fault."""
        return any(special.category is not None for special in self.special)

    def promises(self, milestone: Milestone) -> bool:
        """Whether it says anything about a milestone, to whomever."""
        if self.targets.get(milestone):
            return True
        return bool(self.special) and any(each.milestone is milestone for each in self.special)

    def pin(self, milestone: Milestone, pin: PlanPin) -> PlanPin:
        """What a milestone's clock pins: of the ticket's pin, with another calendar for clock time."""
        if milestone not in self.clock_time:
            return pin
        calendar, version = ROUND_THE_CLOCK
        return replace(pin, calendar=calendar, calendar_version=version)

    def pauses(self, milestone: Milestone, reason: HoldReason) -> bool:
        """Whether this wait stops the milestone's clock (SLA 4)."""
        return reason in self.pausing.get(milestone, ())

    def warned_at(self, milestone: Milestone) -> tuple[int, ...]:
        """The percentages of a milestone's target at which somebody is warned, rising (SLA 12)."""
        return self.warnings_of.get(milestone, self.warnings)

    def penalty(self, milestone: Milestone, priority: Priority) -> Penalty | None:
        """What being late costs such a ticket; ``None`` for nothing (SLA 14)."""
        costs = {each.priority: each for each in self.penalties if each.milestone is milestone}
        return costs.get(priority) or costs.get(None)

    def _broken_promises(self) -> Iterator[tuple[str, str]]:
        promised = [
            (f"/targets/{milestone.value}/{priority.value}", f"{milestone.value} {priority.value}", seconds)
            for milestone, each in self.targets.items()
            for priority, seconds in each.items()
        ]
        promised += [
            (f"/special/{place}/within", f"{special.milestone.value} to some", special.seconds)
            for place, special in enumerate(self.special)
        ]
        for field, what, seconds in promised:
            if seconds <= 0:
                yield field, f"promises {what} in {seconds} s; a target is longer than nothing"
        for (_, special), (place, other) in combinations(enumerate(self.special), 2):
            if (special.milestone, special.conditions) == (other.milestone, other.conditions):
                yield f"/special/{place}", f"promises {special.milestone.value} twice to the same tickets"
        for place, special in enumerate(self.special):
            if not any(special.conditions):
                yield f"/special/{place}", "has a special promise without a condition; that is a target"

        if self.promises(Milestone.LIAISON):
            yield (
                "/targets/liaison",
                "has a target for liaison; each has the due time that was asked for",
            )
        if not self.clock_time >= MEASURED or self.calendar_version or self.calendar == ROUND_THE_CLOCK[0]:
            return
        yield (
            "/calendar_version",
            "counts first response and resolve in clock time: name the version",
        )

    def _no_warnings(self) -> Iterator[tuple[str, str]]:
        stated = {"/warnings": self.warnings} | {
            f"/warnings_of/{milestone.value}": each for milestone, each in self.warnings_of.items()
        }
        for field, warnings in stated.items():
            if list(warnings) != sorted({each for each in warnings if 0 < each < 100}):
                yield field, f"warns at {list(warnings)}; percentages rise from 1 to 99 at most"

    def _no_penalties(self) -> Iterator[tuple[str, str]]:
        amounts = [
            (f"/penalties/{place}/{name}", each.milestone.value, amount)
            for place, each in enumerate(self.penalties)
            for name, amount in (("per_hour", each.per_hour), ("cap", each.cap))
            if amount is not None
        ]
        for field, milestone, amount in amounts:
            if not 0 < amount.exact <= MOST:
                yield f"{field}/amount", f"asks {amount.amount} for a late {milestone}, not 0 to {MOST:,}"
            if amount.currency != self.penalties[0].per_hour.currency:
                yield f"{field}/currency", "has penalties in several currencies"
        for place, each in enumerate(self.penalties):
            whom = f"{each.milestone.value} {each.priority.value if each.priority else 'in general'}"
            if not self.promises(each.milestone):
                yield f"/penalties/{place}/milestone", f"has a penalty for {whom} and no such promise"
            before = [(other.milestone, other.priority) for other in self.penalties[:place]]
            if (each.milestone, each.priority) in before:
                yield f"/penalties/{place}", f"has two penalties for {whom}"


def _narrowness(special: Special) -> tuple[int, bool, bool]:
    """More conditions win; of as many, the way to the customer, then the category."""
    return sum(map(bool, special.conditions)), bool(special.band), bool(special.category)
