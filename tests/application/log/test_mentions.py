"""What streams are found by, many to many: written in the append, from the events alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from random import Random
from uuid import UUID

import pytest

from application.database.connect import Database
from application.ids import uuid7
from application.log.append import Basis
from application.log.errors import BasisMoved, LogUnavailable, NameTaken, VersionConflict
from application.log.event_log import EventLog
from domain.contract.events import (
    Allowances,
    ContractAmended,
    ContractDrafted,
    ContractSigned,
    of_assets,
    of_customer,
)
from domain.contract.words import Scope
from domain.event import Act, Event, Fact
from domain.money import Money
from tests.application.log.breaking import breakable_log
from tests.application.log.committing import column, is_whole, on_the_log, settled

DAY = date(2026, 1, 1)
ACT = Act(actor="contract_manager:zhao", occurred_at=datetime(2026, 1, 1, tzinfo=UTC))


def fact(stream: UUID, version: int, event: Event) -> Fact:
    """One event of one contract."""
    return Fact(stream_id=stream, version=version, event=event, act=ACT, correlation_id=stream)


def drafted(*assets: str, customer: str = "海风酒店") -> ContractDrafted:
    """A contract that names serials; without any it is for all that its customer has."""
    return ContractDrafted(
        number="C",
        customer=customer,
        title="x",
        plan="standard",
        starts_on=DAY,
        ends_on=DAY,
        zone="Asia/Shanghai",
        price=Money("1", "CNY"),
        allowances=Allowances(),
        scope=Scope.ASSETS if assets else Scope.CUSTOMER,
        assets=assets,
    )


async def mentioning(log: EventLog, name: str) -> frozenset[UUID]:
    """The streams that mention one name."""
    return (await log.mentioned([name]))[name]


def test_a_serial_finds_every_contract_that_ever_named_it(database: Database) -> None:
    first, second, third = (UUID(int=n) for n in (1, 2, 3))

    async def story(log: EventLog) -> None:
        await log.append([fact(second, 1, drafted("SN-1", "SN-2"))])
        await log.append([fact(first, 1, drafted("SN-1")), fact(first, 2, ContractSigned(by="x", on=DAY))])
        await log.append([fact(third, 1, drafted("SN-3"))])
        taken_out = ContractAmended(effective_on=DAY, added=("SN-3",), removed=("SN-1",))
        await log.append([fact(second, 2, taken_out)])
        found = await log.mentioned(of_assets(["SN-1", "SN-2", "SN-3", "SN-9"]))
        assert list(found.values()) == [{first, second}, {second}, {second, third}, frozenset()]
        assert [*found] == [*of_assets(["SN-1", "SN-2", "SN-3", "SN-9"])]

    on_the_log(database, story)


def test_a_customer_finds_the_contracts_for_all_that_it_has(database: Database) -> None:
    every, named, other = (uuid7() for _ in range(3))

    async def story(log: EventLog) -> None:
        await log.append([fact(every, 1, drafted(customer="SN-1"))])
        await log.append([fact(named, 1, drafted("SN-1", customer="SN-1"))])
        await log.append([fact(other, 1, drafted(customer="Linden Hotels"))])
        assert await mentioning(log, *of_customer("SN-1")) == {every}
        assert await mentioning(log, *of_assets(["SN-1"])) == {named}
        assert await mentioning(log, *of_customer("nobody")) == frozenset()
        assert await log.mentioned([]) == {}

    on_the_log(database, story)


def test_what_is_mentioned_again_stands_there_once(database: Database) -> None:
    async def story(log: EventLog) -> None:
        stream = uuid7()
        again = ContractAmended(effective_on=DAY, added=("SN-1",))
        await log.append([fact(stream, 1, drafted("SN-1")), fact(stream, 2, again)])
        await asyncio.gather(log.append([fact(stream, 3, again)]), log.append([fact(stream, 4, again)]))
        assert await mentioning(log, *of_assets(["SN-1"])) == {stream}

    on_the_log(database, story)
    assert is_whole(database) == 4


def test_a_mention_is_no_name(database: Database) -> None:
    """Many may mention what one stream is called by."""
    owner, other = uuid7(), uuid7()
    (name,) = of_assets(["SN-1"])

    async def story(log: EventLog) -> None:
        await log.append([fact(other, 1, drafted("SN-1"))])
        await log.append([fact(owner, 1, drafted("SN-2"))], names=[name])
        assert await log.find(name) == owner
        assert await mentioning(log, name) == {other}

    on_the_log(database, story)


def test_what_is_refused_is_not_mentioned(database: Database) -> None:
    old = uuid7()

    async def story(log: EventLog) -> None:
        await log.append([fact(old, 1, drafted("SN-0"))], names=["C-1"])
        answers = await settled(
            log.append([fact(old, 1, drafted("SN-1"))]),
            log.append([fact(uuid7(), 1, drafted("SN-1"))], names=["C-1"]),
            log.append([fact(uuid7(), 1, drafted("SN-1"))], basis=Basis(streams={old: 0})),
        )
        assert [type(answer) for answer in answers] == [VersionConflict, NameTaken, BasisMoved]
        assert await mentioning(log, *of_assets(["SN-1"])) == frozenset()

    on_the_log(database, story)
    assert column(database, "SELECT name FROM log.mention") == list(of_assets(["SN-0"]))


@pytest.mark.parametrize(("moment", "there"), [("before_record", False), ("after_commit", True)])
def test_when_the_connection_breaks_it_is_there_with_its_event_or_not_at_all(
    database: Database, moment: str, there: bool
) -> None:
    stream = uuid7()

    async def run() -> None:
        async with breakable_log(database) as (writer, log):
            setattr(writer, moment, writer.kill)
            (answer,) = await settled(log.append([fact(stream, 1, drafted("SN-1"))]))
            assert isinstance(answer, LogUnavailable) is not there
            assert await mentioning(log, *of_assets(["SN-1"])) == ({stream} if there else frozenset())

    asyncio.run(run())
    assert is_whole(database) == there


def test_what_was_looked_up_as_unmentioned_is_known_to_be_mentioned_later(database: Database) -> None:
    contract, (name,) = UUID(int=1), of_assets(["SN-1"])
    unmentioned = Basis(mentions={name: frozenset()})

    async def story(log: EventLog) -> None:
        await log.append([fact(UUID(int=7), 1, drafted("SN-7"))], basis=unmentioned)
        await log.append([fact(contract, 1, drafted("SN-1"))])
        with pytest.raises(BasisMoved):
            await log.append([fact(UUID(int=8), 1, drafted("SN-8"))], basis=unmentioned)
        await log.append(
            [fact(UUID(int=8), 1, drafted("SN-8"))], basis=Basis(mentions={name: frozenset({contract})})
        )

    on_the_log(database, story)


@pytest.mark.parametrize("seed", range(5))
def test_what_the_writer_knows_is_what_the_log_holds(database: Database, seed: int) -> None:
    draw = Random(seed)  # noqa: S311
    serials = [f"SN-{n}" for n in range(6)]
    versions: dict[UUID, int] = {}

    async def one(log: EventLog) -> None:
        stream = UUID(int=draw.randrange(1, 9))
        version = versions.get(stream, 0) + 1
        named = draw.sample(serials, draw.randrange(3))
        event = drafted(*named) if version == 1 else ContractAmended(effective_on=DAY, added=tuple(named))
        looked_at = await log.mentioned(of_assets(draw.sample(serials, 2)))
        versions[stream] = version
        await log.append([fact(stream, version, event)], basis=Basis(mentions=looked_at))

    async def story(log: EventLog) -> None:
        for _ in range(40):
            await one(log)
        known = log._committer._known.parts
        names = list(known["mentions"])
        assert known["mentions"] == await log.mentioned(names)
        assert {stream: version for stream, version in known["versions"].items() if version} == versions
        assert names

    on_the_log(database, story)
