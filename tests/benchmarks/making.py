"""A long log, made quickly: properly sealed events of tickets, parts and contracts, by COPY."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from random import Random
from uuid import UUID

import msgspec
import psycopg

from application.log.sealing import chain_hash, leaf_hash, sealed_bytes
from application.plans import shipped_promises
from domain.contract import events as contract
from domain.contract.words import Kind
from domain.event import Event, type_name
from domain.money import Money
from domain.part import events as part
from domain.part.goods import Goods
from domain.part.words import Fate, Release
from domain.ticket import events as ticket
from domain.ticket.words import Channel, Direction, HoldReason, Impact, Party, Priority, Tier

COLUMNS = (
    "position, stream_id, version, type, schema, data, occurred_at, recorded_at, actor, reason, "
    "correlation_id, causation_id, idempotency_key, leaf_hash, chain_hash"
)
KINDS = (
    "int8",
    "uuid",
    "int8",
    "text",
    "int2",
    "bytea",
    "timestamptz",
    "timestamptz",
    "text",
    "text",
    "uuid",
    "uuid",
    "text",
)
HASHES = ("bytea", "bytea")
CHUNK = 50_000
"""Events in one transaction."""

BEGAN = datetime(2025, 1, 2, 1, 0, tzinfo=UTC)
ENDED = datetime(2026, 11, 1, tzinfo=UTC)
APART = timedelta(seconds=30)
"""Between two events, while they all fit between these two days."""

OPEN = 1000
"""Tickets that are worked on at a time."""

PARTS, CONTRACTS = 200, 400
TEAMS = ("华东 East", "华南 South", "西南 Southwest", "专业服务中心 L2")
PRIORITIES = tuple(Priority)

Told = tuple[UUID, Event, UUID]
"""A stream, what happened to it, and the service case that it was done for."""


class Firm:
    """What goes on in a firm, one event after the other, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311
        self._serials = count(1)
        self._streams = count(1)
        self._at = BEGAN
        pins = shipped_promises()
        self._pins = [pins.pin(plan, datetime(2026, 3, 2, tzinfo=UTC)) for plan in ("hot-water", "standard")]
        self._parts = [(self._stream(), f"HE-{number}") for number in range(PARTS)]
        self._contracts = [(self._stream(), f"C-2025-{number:04d}") for number in range(CONTRACTS)]

    def events(self) -> Iterator[tuple[datetime, Told]]:
        """What happens and when; never ends."""
        for told in self._beginnings():
            yield self._at, told
        going = [self._ticket() for _ in range(OPEN)]
        while True:
            turn = self._chance.randrange(OPEN)
            told = next(going[turn], None)
            if told is None:
                going[turn] = self._ticket()
            else:
                yield self._at, told

    def goes_on(self, apart: timedelta) -> None:
        """Let time pass."""
        self._at += apart

    def _stream(self) -> UUID:
        """An id that sorts by the time it was made, as UUIDv7 do."""
        moment = int(self._at.timestamp() * 1000) << 80
        return UUID(int=moment | 0x7000_8000_0000_0000_0000 | next(self._streams))

    def _beginnings(self) -> Iterator[Told]:
        for stream, number in self._parts:
            name = part.PartName(zh="加热元件", en="Heating element")
            yield stream, part.PartCatalogued(number=number, revision="A", name=name, unit="piece"), stream
            yield stream, self._delivery(number), stream
        for index, (stream, number) in enumerate(self._contracts):
            drafted = contract.ContractDrafted(
                number=number,
                customer=f"客户 Customer {index}",
                title="Full service 全包服务",
                plan="hot-water",
                starts_on=date(2025, 1, 1),
                ends_on=date(2027, 12, 31),
                zone="Asia/Shanghai",
                price=Money("12000.00", "CNY"),
                allowances=contract.Allowances(visits=1_000_000),
                assets=tuple(f"SN-2024-{index * 3 + each:05d}" for each in range(3)),
            )
            yield stream, drafted, stream
            yield stream, contract.ContractSigned(by="陈经理", on=date(2025, 1, 1)), stream
            yield stream, contract.ContractActivated(), stream

    def _delivery(self, number: str) -> part.PartReceived:
        return part.PartReceived(
            number=number, goods=Goods(100), location="MAIN", supplier="供应商 Supplier", document="DN-1"
        )

    def _ticket(self) -> Iterator[Told]:
        chance, case, serial = self._chance, self._stream(), next(self._serials)
        number = f"T-2025-{serial:07d}"
        asset = f"SN-2024-{serial % 5000:05d}"
        yield case, ticket.TicketRegistered(
            number=number,
            subject=f"热水器不出热水 No hot water, building {serial % 97}",
            priority=chance.choice(PRIORITIES),
            pin=chance.choice(self._pins),
            description="The guest rooms have had no hot water since this morning; it shows error E5.",
            customer=f"客户 Customer {serial % 397}",
            product=f"HW-{serial % 21 * 10 + 100}",
            asset=asset,
            channel=Channel.PHONE,
        ), case  # fmt: skip
        if chance.random() < 0.7:
            classified = ticket.TicketClassified(
                category="不加热 no heat", fault_code="E5", impact=Impact.HIGH
            )
            yield case, classified, case
        person = f"技师 {serial % 37:02d}"
        yield case, ticket.TicketAssigned(team=TEAMS[serial % 4], person=person), case
        yield case, ticket.TicketContacted(
            channel=Channel.PHONE,
            direction=Direction.OUTBOUND,
            party=Party.PERSON,
            summary="约定明天上午上门 Appointment tomorrow morning",
        ), case  # fmt: skip
        if chance.random() < 0.2:
            yield case, ticket.TicketPrioritised(priority=chance.choice(PRIORITIES)), case
        if chance.random() < 0.4:
            hold = chance.choice(tuple(HoldReason))
            yield case, ticket.TicketHeld(hold=hold, review_at=self._at + timedelta(days=3)), case
            yield case, ticket.TicketResumed(by_contact=chance.random() < 0.5), case
        if chance.random() < 0.1:
            yield case, ticket.TicketEscalated(tier=Tier.L2, team=TEAMS[3]), case
        if chance.random() < 0.25:
            yield from self._repair(case, number, asset)
        if chance.random() < 0.2:
            stream, name = self._contracts[serial % CONTRACTS]
            yield stream, contract.EntitlementConsumed(
                number=name,
                entry=self._stream(),
                ticket=case,
                ticket_number=number,
                kind=Kind.VISIT,
                amount=1,
                reported_at=self._at,
                asset=asset,
            ), case  # fmt: skip
        if chance.random() < 0.3:
            yield (
                case,
                ticket.TicketRemarked(text="水压正常，已留言 Water pressure is fine, left a message"),
                case,
            )
        solution = "更换加热元件 Heating element replaced"
        yield case, ticket.TicketResolved(solution=solution, cause="干烧 Ran dry"), case
        if chance.random() < 0.1:
            yield case, ticket.ResolutionRejected(cycle=2), case
            yield case, ticket.TicketResolved(solution=solution), case
        yield case, ticket.ResolutionConfirmed(by="陈经理"), case
        yield case, ticket.TicketClosed(), case

    def _repair(self, case: UUID, number: str, asset: str) -> Iterator[Told]:
        stream, name = self._chance.choice(self._parts)
        said = {"number": name, "goods": Goods(1), "for_ticket": case, "ticket_number": number}
        kept = {"reservation": self._stream(), "location": "MAIN"}
        if self._chance.random() < 0.05:
            yield stream, self._delivery(name), stream
        until = self._at + timedelta(days=7)
        yield stream, part.PartReserved(**said, **kept, expires_at=until), case
        yield stream, part.ReservationReleased(**said, **kept, why=Release.USED), case
        yield stream, part.PartIssued(**said, **kept), case
        swapped = {"serial_out": f"OLD-{number}", "fate": Fate.SCRAPPED}
        yield stream, part.PartInstalled(**said, asset=asset, **swapped), case


def make_log(url: str, events: int, *, seed: int = 1) -> None:
    """Add so many events to a log that has none; about 50,000 a second.

    Args:
        url: the service role's connection string.
        events: how many.
        seed: the same seed makes the same events.
    """
    firm = Firm(seed)
    apart = min(APART, (ENDED - BEGAN) / events)
    versions: dict[UUID, int] = {}
    encode = msgspec.json.Encoder().encode
    told = firm.events()
    with psycopg.connect(url, autocommit=True) as conn:
        ((position, chain),) = conn.execute("SELECT position, chain_hash FROM log.head").fetchall()
        if position:
            raise ValueError("the log has events")
        at = BEGAN
        while position < events:
            with conn.transaction(), conn.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
                with cursor.copy(f"COPY log.event ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
                    copy.set_types((*KINDS, *HASHES))
                    for at, (stream, event, case) in islice(told, min(CHUNK, events - position)):
                        position += 1
                        version = versions[stream] = versions.get(stream, 0) + 1
                        row = (
                            position, stream, version, type_name(event), event.SCHEMA, encode(event), at, at,
                            "agent:li.wei", None, case, None, None,
                        )  # fmt: skip
                        leaf = leaf_hash(sealed_bytes(*row))
                        chain = chain_hash(chain, leaf)
                        copy.write_row((*row, leaf, chain))
                        firm.goes_on(apart)
                moved = "UPDATE log.head SET position = %s, recorded_at = %s, chain_hash = %s"
                cursor.execute(moved, (position, at, chain))
        conn.execute("SELECT pg_notify('log', '')")
