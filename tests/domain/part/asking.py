"""Anybody asks a part anything, mostly what could be granted, as steps of a state machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from domain.errors import DomainError
from domain.event import Act, Event, Fact
from domain.part.goods import Goods, goods_of
from domain.part.picking import shelf
from domain.part.reservations import expire, release, reserve
from domain.part.state import Part, after, replay
from domain.part.stocktaking import count
from domain.part.storekeeping import quarantine, receive, release_quarantine, scrap, transfer
from domain.part.usage import give_back, install, issue
from domain.part.words import SHELVED, Bucket, Condition, Fate, Tracking
from tests.domain.part.story import NUMBERS, PART, R1, R2, R3, T1, T2, TODAY, at, catalogued

LOCATIONS = ("MAIN", "VAN-1")
TICKETS = (T1, T2)
NAMES = {Tracking.NONE: (), Tracking.LOT: ("A", "B", "C"), Tracking.SERIAL: ("S1", "S2", "S3", "S4", "S5")}

locations = st.sampled_from(LOCATIONS)
tickets = st.sampled_from(TICKETS)
promises = st.sampled_from((R1, R2, R3))
seldom = st.sampled_from((False,) * 7 + (True,))


class Asking(RuleBasedStateMachine):
    """One part tracked in one way; the clock only goes forward."""

    tracking: Tracking

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """A catalogue entry and a first delivery to each location."""
        self.hour = 0
        self.facts: list[Fact] = []
        self._record((catalogued(self.tracking),))
        begun = replay(self.facts)
        assert begun is not None
        self.part: Part = begun
        for location in LOCATIONS:
            self.receive(data, location, 20)

    @property
    def today(self) -> date:
        return TODAY + timedelta(days=self.hour // 24)

    @property
    def act(self) -> Act:
        return Act(actor="agent:any", occurred_at=at("00:00") + timedelta(hours=self.hour), reason="any")

    def account(self, event: Event) -> None:
        """Look at what was granted."""

    def ask(self, decision: Callable[..., Iterable[Event]], **asked: Any) -> tuple[Event, ...] | DomainError:
        """Ask; record what follows."""
        if "for_ticket" in asked:
            asked["ticket_number"] = NUMBERS[asked["for_ticket"]]
        try:
            answer = tuple(decision(self.part, by=self.act, **asked))
        except DomainError as refusal:
            return refusal
        self._record(answer)
        self.part = after(self.part, answer, self.act)
        for event in answer:
            self.account(event)
        return answer

    def some(self, data: st.DataObject, bucket: Bucket, where: str | UUID) -> Goods:
        """Goods that are in this place, and seldom goods that may be anywhere."""
        stock = self.part.stock(bucket, where)
        if not stock.total or data.draw(seldom):
            return self.any_goods(data)
        if self.tracking is Tracking.NONE or data.draw(st.sampled_from((False, False, True))):
            return Goods(data.draw(st.integers(1, stock.total)))
        units = st.sampled_from(sorted(stock.units.items()))
        chosen = data.draw(st.lists(units, unique=True, min_size=1, max_size=3))
        return goods_of({unit: data.draw(st.integers(1, there)) for unit, there in chosen}, self.tracking)

    def any_goods(self, data: st.DataObject, least: int = 1) -> Goods:
        """Goods that suit the tracking."""
        if self.tracking is Tracking.NONE:
            return Goods(data.draw(st.integers(least, 6)))
        names = st.lists(st.sampled_from(NAMES[self.tracking]), unique=True, min_size=least, max_size=3)
        most = 4 if self.tracking is Tracking.LOT else 1
        return goods_of({name: data.draw(st.integers(1, most)) for name in data.draw(names)}, self.tracking)

    @rule(more=st.integers(1, 12))
    def time_goes_by(self, more: int) -> None:
        self.hour += more

    @rule(data=st.data(), location=locations, days=st.integers(0, 20))
    def receive(self, data: st.DataObject, location: str, days: int) -> None:
        goods = self.any_goods(data)
        asked = {"location": location, "goods": goods, "supplier": "S", "document": "D", "today": self.today}
        last = dict.fromkeys(goods.units, self.today + timedelta(days=days)) if goods.named else {}
        if isinstance(self.ask(receive, expires_on={} if days > 10 else last, **asked), DomainError):
            self.ask(receive, **asked)

    @rule(data=st.data(), location=locations, promise=promises, ticket=tickets, lasts=st.integers(1, 30))
    def reserve(self, data: st.DataObject, location: str, promise: UUID, ticket: UUID, lasts: int) -> None:
        goods = self.some(data, Bucket.GOOD, location)
        spare = shelf(self.part, location, self.today).available
        taken = self.part.reservations.get(promise) is not None
        answer = self.ask(
            reserve,
            reservation=promise,
            location=location,
            goods=goods,
            expires_at=self.act.occurred_at + timedelta(hours=lasts),
            for_ticket=ticket,
            today=self.today,
        )
        if not goods.named and not taken and goods.quantity <= spare:
            assert not isinstance(answer, DomainError), answer

    @precondition(lambda self: len(self.part.reservations))
    @rule(promise=promises)
    def release(self, promise: UUID) -> None:
        self.ask(release, reservation=promise)

    @rule()
    def expire(self) -> None:
        self.ask(expire)
        now = self.act.occurred_at
        assert all(each.expires_at > now for each in self.part.reservations.values())

    @rule(data=st.data(), location=locations, ticket=tickets)
    def issue(self, data: st.DataObject, location: str, ticket: UUID) -> None:
        goods = self.some(data, Bucket.GOOD, location)
        self.ask(issue, location=location, goods=goods, for_ticket=ticket, today=self.today)

    @precondition(lambda self: len(self.part.reservations))
    @rule(data=st.data())
    def issue_what_is_reserved(self, data: st.DataObject) -> None:
        kept = data.draw(st.sampled_from(sorted(self.part.reservations.values(), key=lambda each: each.id)))
        more = self.some(data, Bucket.GOOD, kept.location)
        whole = data.draw(st.sampled_from((kept.goods, Goods(kept.goods.quantity), more)))
        asked = {"goods": whole, "location": kept.location, "for_ticket": kept.ticket}
        self.ask(issue, reservation=kept.id, today=self.today, **asked)

    @precondition(lambda self: self.part.total(Bucket.ISSUED))
    @rule(
        data=st.data(),
        ticket=tickets,
        asset=st.sampled_from(("WH-1", "WH-2")),
        out=st.sampled_from((None, "OLD-1", "OLD-2", "S1", "S2")),
        fate=st.sampled_from(Fate),
    )
    def install(self, data: st.DataObject, ticket: UUID, asset: str, out: str | None, fate: Fate) -> None:
        goods = self.some(data, Bucket.ISSUED, ticket)
        asked = {"asset": asset, "goods": goods, "for_ticket": ticket}
        exchange = self.tracking is Tracking.SERIAL and out
        self.ask(install, serial_out=out if exchange else None, fate=fate if exchange else None, **asked)

    @precondition(lambda self: self.part.total(Bucket.ISSUED) + self.part.total(Bucket.REMOVED))
    @rule(
        data=st.data(),
        location=locations,
        ticket=tickets,
        bucket=st.sampled_from((Bucket.ISSUED, Bucket.REMOVED)),
        condition=st.sampled_from((Condition.FAULTY, Condition.GOOD)),
    )
    def give_back(
        self, data: st.DataObject, location: str, ticket: UUID, bucket: Bucket, condition: Condition
    ) -> None:
        goods = self.some(data, bucket, ticket)
        self.ask(give_back, location=location, goods=goods, condition=condition, for_ticket=ticket)

    @rule(data=st.data(), places=st.permutations(LOCATIONS))
    def transfer(self, data: st.DataObject, places: list[str]) -> None:
        goods = self.some(data, Bucket.GOOD, places[0])
        self.ask(transfer, from_location=places[0], to_location=places[1], goods=goods, today=self.today)

    @rule(data=st.data(), location=locations)
    def count(self, data: st.DataObject, location: str) -> None:
        found = self.part.stock(Bucket.GOOD, location).units
        as_booked = goods_of(dict(sorted(found.items())), self.tracking)
        goods = data.draw(st.sampled_from((as_booked, self.any_goods(data, least=0))))
        self.ask(count, location=location, goods=goods, today=self.today)

    @rule(data=st.data(), location=locations)
    def quarantine(self, data: st.DataObject, location: str) -> None:
        self.ask(
            quarantine, location=location, goods=self.some(data, Bucket.GOOD, location), today=self.today
        )

    @precondition(lambda self: self.part.total(Bucket.QUARANTINE))
    @rule(data=st.data(), location=locations)
    def release_quarantine(self, data: st.DataObject, location: str) -> None:
        self.ask(release_quarantine, location=location, goods=self.some(data, Bucket.QUARANTINE, location))

    @rule(data=st.data(), location=locations, ticket=tickets, bucket=st.sampled_from(Bucket))
    def scrap(self, data: st.DataObject, location: str, ticket: UUID, bucket: Bucket) -> None:
        where: dict[str, Any] = {"location": location} if bucket in SHELVED else {"for_ticket": ticket}
        goods = self.some(data, bucket, *where.values())
        self.ask(scrap, bucket=bucket, goods=goods, today=self.today, **where)

    def _record(self, events: Iterable[Event]) -> None:
        for event in events:
            version = len(self.facts) + 1
            fact = Fact(stream_id=PART, version=version, event=event, act=self.act, correlation_id=PART)
            self.facts.append(fact)
