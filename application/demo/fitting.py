"""The spare parts of one repair: promised, fetched, fitted, and brought back.

The commands are written down without lots and serial numbers: which ones it was, the storeroom knows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from application.access import Caller
from application.demo.diary import Diary
from application.demo.firm import say
from application.demo.needs import Need
from application.demo.supplies import Place, supplies
from application.demo.year import Fate as Standing
from application.demo.year import Report
from application.part_commands import (
    InstallPart,
    IssuePart,
    PartAction,
    ReleaseReservation,
    ReservePart,
    ReturnPart,
    ScrapPart,
    TransferPart,
)
from domain.part.words import Bucket, Condition, Fate, Tracking

ITS = "its ticket"
"""Stands for the ticket of the diary until it has a number."""
OWN = UUID(int=0)
"""Stands for what the ticket has reserved."""

PROMISED, SHORT = (30, 45), (5, 25)
"""Days for which a reservation holds; the shorter where the customer lets us wait."""


class Fitter:
    """Writes what happens to the parts of one repair into its diary.

    Args:
        diary: the ticket's.
        needs: what the repair takes; may be nothing.
        rng: decides the small things.
    """

    def __init__(self, diary: Diary, report: Report, needs: list[Need], rng: Random) -> None:
        self.needs = needs
        self._diary = diary
        self._report = report
        self._rng = rng
        self._centre = supplies().near(report.customer.team, "centre")[0]

    def promise(self, at: datetime, who: str, *, transferred: bool = False) -> None:
        """Reserve what is at its place, or what first has to be brought there."""
        for need in self.needs:
            if need.transferred is not transferred or not need.promised:
                continue
            quantity = need.quantity + need.extra
            if transferred:
                source, target = supplies().main, need.place.name
                places = {"from_location": source.name, "to_location": target}
                self._write(at, source, need, TransferPart, quantity=quantity, **places)
            days = SHORT if self._report.fate is Standing.CUSTOMER_WAITS else PROMISED
            until = max(at, self._diary.at) + timedelta(days=self._rng.uniform(*days))
            where = {"location": need.place.name, "expires_at": until.replace(microsecond=0)}
            self._write(at, who, need, ReservePart, quantity=quantity, **where)

    def fetch(self, at: datetime, who: str) -> None:
        """Issue it: storekeepers hand it out, vans are open."""
        for need in self.needs:
            if need.dropped:
                self._diary.write(at, who, ReleaseReservation, of_part=need.part.number, reservation=OWN)
            else:
                self._issue(at, who, need, need.quantity + need.extra, OWN if need.promised else None)

    def fit(self, at: datetime, who: str) -> None:
        """Install it; one that is faulty from the factory is exchanged first."""
        for need in self._fetched:
            if need.dead:
                faulty = {"condition": Condition.FAULTY, "location": need.place.name, "quantity": 1}
                reason = self._diary.say("dead_on_arrival")
                self._write(at, need.place, need, ReturnPart, reason=reason, **faulty)
                at = self._diary.later(0.3, 3)
                self._issue(at, who, need, 1, None)
            one_by_one = need.part.tracking is Tracking.SERIAL
            for _ in range(need.quantity if one_by_one else 1):
                how: dict[str, Any] = (
                    {"quantity": 1, "fate": need.fate} if one_by_one else {"quantity": need.quantity}
                )
                self._write(at, who, need, InstallPart, asset=self._report.asset.serial, **how)
            if need.broken:
                what = {"bucket": Bucket.ISSUED, "quantity": need.broken}
                reason = self._diary.say("broken")
                self._write(at, self._centre, need, ScrapPart, reason=reason, **what)

    def bring_back(self, at: datetime) -> None:
        """Return what was not used, and what came out of the asset."""
        for need in self._fetched:
            if unused := need.extra - need.broken:
                place = need.place if need.place.team else self._centre
                good = {"condition": Condition.GOOD, "location": place.name, "quantity": unused}
                self._write(at, place, need, ReturnPart, **good)
            if need.part.tracking is Tracking.SERIAL and need.fate is Fate.RETURNED:
                faulty = {"condition": Condition.FAULTY, "location": self._centre.name}
                self._write(at, self._centre, need, ReturnPart, quantity=need.quantity, **faulty)

    def once_more(self, at: datetime, who: str) -> None:
        """The fault came back: one more of what goes with it."""
        for need in self._fetched[-1:]:
            if need.part.tracking is not Tracking.SERIAL:
                self._issue(at, who, need, 1, None)
                asset = self._report.asset.serial
                self._write(self._diary.later(0.2, 2), who, need, InstallPart, quantity=1, asset=asset)

    @property
    def _fetched(self) -> list[Need]:
        return [need for need in self.needs if not need.dropped]

    def _issue(self, at: datetime, who: str, need: Need, quantity: int, reservation: UUID | None) -> None:
        giver = who if need.place.kind == "van" else need.place
        what = {"location": need.place.name, "quantity": quantity, "reservation": reservation}
        self._write(at, giver, need, IssuePart, **what)

    def _write(
        self,
        at: datetime,
        who: str | Place,
        need: Need,
        kind: type[PartAction],
        *,
        reason: str | None = None,
        **fields: Any,
    ) -> None:
        """A step of the ticket, by an engineer or by the storekeeper of a place."""
        sender: str | Caller = who if isinstance(who, str) else who.storekeeper
        if reason is None:
            reason = (
                self._diary.say("late.parts")
                if isinstance(who, str)
                else say(self._rng, "late.stock", who.lang)
            )
        self._diary.write(at, sender, kind, of_part=need.part.number, reason=reason, ticket=ITS, **fields)
