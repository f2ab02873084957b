"""When a contract is in force, and on which terms.

A day begins at the first instant at which the wall of the contract's zone shows its midnight, or a later
time where midnight is skipped (``domain.wall``). A term runs from the begin of its first day to that of the
day after its last, half-open. No recorded expiry is needed for it to end.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.contract.state import Contract, Terms
from domain.contract.words import Scope, Why
from domain.wall import EPOCH, first_showing, second_of


def begins(contract: Contract, day: date) -> int:
    """Seconds since the epoch when a day begins in the contract's zone."""
    return _begins(day, contract.zone)


@lru_cache(maxsize=10_000)
def _begins(day: date, zone: str) -> int:
    return first_showing(datetime.combine(day, time.min), ZoneInfo(zone))


def ends_at(contract: Contract) -> datetime:
    """The first instant (UTC) after the last day, as renewed: when it is due to expire."""
    return EPOCH + timedelta(seconds=begins(contract, contract.ends_on + timedelta(days=1)))


def period_at(contract: Contract, moment: datetime) -> int | None:
    """Which of the periods a moment lies in, by its place; ``None`` for none of them."""
    second = second_of(moment)
    for place, period in enumerate(contract.periods):
        day_after = period.ends_on + timedelta(days=1)
        if begins(contract, period.starts_on) <= second < begins(contract, day_after):
            return place
    return None


def day_of(contract: Contract, moment: datetime) -> date:
    """The day that a calendar on the contract's wall shows at a moment."""
    return moment.astimezone(ZoneInfo(contract.zone)).date()


def terms(contract: Contract, moment: datetime) -> Terms:
    """The assets, plan and price that apply at a moment; before the first amendment counts, as drafted.

    Amendments count in the order of their effective days; on the same day in that of their recording.
    """
    return _terms(contract, second_of(moment))


def terms_on(contract: Contract, day: date) -> Terms:
    """The assets, plan and price that apply when a day begins; no amendment changes them before it ends."""
    return _terms(contract, begins(contract, day))


def out_of_force(contract: Contract, moment: datetime) -> Why | None:
    """Why the contract does not count at a moment; ``None`` when it does."""
    second = second_of(moment)
    if not contract.activated:
        return Why.NOT_ACTIVATED
    if contract.terminated_on is not None and second >= begins(contract, contract.terminated_on):
        return Why.TERMINATED
    if second < begins(contract, contract.starts_on):
        return Why.NOT_YET
    return Why.NO_LONGER if period_at(contract, moment) is None else None


def in_force(contract: Contract, moment: datetime) -> bool:
    """Whether the contract counts at a moment: activated, within a term, and not terminated before (R13)."""
    return out_of_force(contract, moment) is None


def out_of_cover(contract: Contract, asset: str | None, moment: datetime) -> Why | None:
    """Why an asset, by its serial, is not covered at a moment; ``None`` when it is."""
    if why := out_of_force(contract, moment):
        return why
    if contract.scope is Scope.CUSTOMER:
        return None
    if asset is None:
        return Why.ASSET_UNKNOWN
    return None if asset in terms(contract, moment).assets else Why.ASSET_NOT_COVERED


def covers(contract: Contract, asset: str | None, moment: datetime) -> bool:
    """Whether the contract is in force for an asset, by its serial, at a moment (R13)."""
    return out_of_cover(contract, asset, moment) is None


def _terms(contract: Contract, second: int) -> Terms:
    agreed = contract.drafted_terms
    for amendment in sorted(contract.amendments, key=lambda each: each.effective_on):
        if second < begins(contract, amendment.effective_on):
            break
        kept = [serial for serial in agreed.assets if serial not in amendment.removed]
        added = [serial for serial in amendment.added if serial not in kept]
        agreed = Terms((*kept, *added), amendment.plan or agreed.plan, amendment.price or agreed.price)
    return agreed
