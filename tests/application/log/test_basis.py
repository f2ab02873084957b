"""A decision may name what else it looked at: recorded only while all of that still stands."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import pytest
from msgspec.structs import replace

from application.database.connect import Database
from application.ids import uuid7
from application.log.append import Append, Basis, Numbered, Recorded, Request
from application.log.committer import Committer
from application.log.errors import BasisMoved, VersionConflict
from application.log.event_log import EventLog, open_log
from application.log.mapper import store
from application.log.stored import LogEvent
from domain.contract.events import ContractAmended, of_assets
from domain.event import Fact
from tests.application.log.appending import remark
from tests.application.log.breaking import Writer, with_writer
from tests.application.log.committing import column, is_whole, on_the_log, one, settled

CASE, PART, ABSENT = (UUID(int=n) for n in (1, 2, 3))
"""A service case that is a stream itself, another stream that worked for it, and none at all."""
SN_1, SN_9 = of_assets(["SN-1", "SN-9"])
BOTH = frozenset({CASE, PART})


def named(stream: UUID, version: int, case: UUID | None = None) -> Fact:
    """The event with which a stream mentions a serial."""
    added = ContractAmended(effective_on=date(2026, 7, 1), added=("SN-1",))
    return replace(remark(stream=stream, version=version, case=case), event=added)


async def told(log: EventLog) -> None:
    """Case and part are at version 2 and name a serial; the part did last, at position 4, for the case."""
    await log.append([remark(stream=CASE)])
    await log.append([remark(stream=PART)])
    await log.append([named(CASE, 2), named(PART, 2, CASE)])


@pytest.mark.parametrize(
    ("basis", "stands"),
    [
        (Basis(), True),
        (Basis(streams={CASE: 2}), True),
        (Basis(streams={CASE: 1}), False),
        (Basis(streams={CASE: 3}), False),
        (Basis(streams={CASE: 0}), False),
        (Basis(streams={ABSENT: 0}), True),
        (Basis(streams={ABSENT: 1}), False),
        (Basis(streams={CASE: 2, PART: 2, ABSENT: 0}), True),
        (Basis(streams={CASE: 2, PART: 1, ABSENT: 0}), False),
        (Basis(cases={CASE: 4}), True),
        (Basis(cases={CASE: 3}), False),
        (Basis(cases={CASE: 5}), False),
        (Basis(cases={CASE: 0}), False),
        (Basis(cases={PART: 2}), True),
        (Basis(cases={ABSENT: 0}), True),
        (Basis(cases={ABSENT: 1}), False),
        (Basis(streams={CASE: 2}, cases={CASE: 4}), True),
        (Basis(mentions={SN_1: BOTH}), True),
        (Basis(mentions={SN_1: frozenset({CASE})}), False),
        (Basis(mentions={SN_1: BOTH | {ABSENT}}), False),
        (Basis(mentions={SN_1: frozenset()}), False),
        (Basis(mentions={SN_9: frozenset()}), True),
        (Basis(mentions={SN_9: frozenset({CASE})}), False),
        (Basis(mentions={SN_9: frozenset(), SN_1: frozenset()}), False),
        (Basis(streams={CASE: 1}, cases={CASE: 4}), False),
        (Basis(streams={CASE: 2}, cases={CASE: 3}), False),
    ],
)
def test_versions_of_streams_positions_of_cases_and_who_mentions_what_must_still_stand(
    database: Database, basis: Basis, stands: bool
) -> None:
    async def story(log: EventLog) -> None:
        await told(log)
        (answer,) = await settled(log.append([remark()], basis=basis))
        assert type(answer) is (Recorded if stands else BasisMoved)

    on_the_log(database, story)
    assert is_whole(database) == (5 if stands else 4)


def test_what_moves_a_case_is_any_stream_that_works_for_it(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await told(log)
        await log.append([remark(stream=PART, version=3, case=CASE)])
        moved = await settled(
            log.append([remark()], basis=Basis(cases={CASE: 4})),
            log.append([remark()], basis=Basis(streams={CASE: 2}, cases={CASE: 5})),
        )
        assert [type(answer) for answer in moved] == [BasisMoved, Recorded]

    on_the_log(database, story)


def test_ones_own_events_do_not_move_ones_basis(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await told(log)
        basis = Basis(streams={CASE: 2}, cases={CASE: 4, ABSENT: 0})
        own = [remark(stream=CASE, version=3), remark(stream=CASE, version=4), remark(case=ABSENT)]
        assert (await log.append(own, basis=basis)).positions == (5, 6, 7)

    on_the_log(database, story)


class TestWithinOneCommit:
    """What is recorded before in the same commit moves a basis; what is refused does not."""

    @pytest.mark.parametrize(
        ("basis", "first", "second"),
        [
            (Basis(streams={CASE: 2}), remark(stream=CASE, version=3), BasisMoved),
            (Basis(streams={ABSENT: 0}), remark(stream=ABSENT), BasisMoved),
            (Basis(cases={CASE: 4}), remark(stream=PART, version=3, case=CASE), BasisMoved),
            (Basis(cases={ABSENT: 0}), remark(case=ABSENT), BasisMoved),
            (Basis(mentions={SN_1: BOTH}), named(ABSENT, 1), BasisMoved),
            (Basis(mentions={SN_1: BOTH}), named(PART, 3), Recorded),
            (Basis(mentions={SN_9: frozenset()}), named(ABSENT, 1), Recorded),
            (Basis(streams={CASE: 2}, cases={CASE: 4}), remark(stream=PART, version=3), Recorded),
            (Basis(streams={CASE: 2}, cases={CASE: 4}), remark(stream=CASE, version=2), Recorded),
        ],
    )
    def test_the_later_one_is_refused(
        self, database: Database, basis: Basis, first: Fact, second: type
    ) -> None:
        async def story(log: EventLog) -> None:
            await told(log)
            before = log.append([first])
            answers = await settled(before, log.append([remark()], basis=basis), log.append([remark()]))
            assert [type(answer) for answer in answers][1:] == [second, Recorded]

        on_the_log(database, story)
        assert len(column(database, "SELECT DISTINCT xmin::text FROM log.event WHERE position > 4")) == 1
        is_whole(database)

    def test_the_earlier_one_is_not(self, database: Database) -> None:
        async def story(log: EventLog) -> None:
            await told(log)
            basis = Basis(streams={PART: 2}, cases={CASE: 4})
            answers = await settled(
                log.append([remark()], basis=basis),
                log.append([remark(stream=PART, version=3, case=CASE)], basis=basis),
                log.append([remark()], basis=basis),
            )
            assert [type(answer) for answer in answers] == [Recorded, Recorded, BasisMoved]

        on_the_log(database, story)
        assert is_whole(database) == 6


def test_a_refused_basis_uses_up_nothing(database: Database) -> None:
    """Neither a position nor a number, a name or a key."""
    key = Request("me", "key", b"x")

    def numbered(basis: Basis) -> Append:
        def events(number: str) -> tuple[LogEvent, ...]:
            return (store(remark(number)),)

        return Append((), ("a name",), key, number=Numbered("T-2026", events), basis=basis)

    async def story(writer: Writer, committer: Committer) -> None:
        await committer.append(one(CASE))
        moved, after, same = await settled(
            committer.append(numbered(Basis(streams={CASE: 2}))),
            committer.append(numbered(Basis(streams={CASE: 1}))),
            committer.append(numbered(Basis(streams={CASE: 2}))),
        )
        assert isinstance(moved, BasisMoved)
        assert isinstance(after, Recorded)
        assert (after.number, after.position) == ("T-2026-000001", 2)
        assert isinstance(same, Recorded)
        assert (same.position, same.repeated) == (2, True), (
            "a repeated command is answered, not decided again"
        )

    with_writer(database, story)
    assert is_whole(database) == 2
    assert column(database, "SELECT last FROM log.series") == [1]


def test_a_conflict_and_a_moved_basis_are_told_apart(database: Database) -> None:
    async def story(log: EventLog) -> None:
        await told(log)
        answers = await settled(
            log.append([remark(stream=PART, version=2)], basis=Basis(streams={CASE: 2})),
            log.append([remark(stream=PART, version=3)], basis=Basis(streams={CASE: 1})),
        )
        assert [type(answer) for answer in answers] == [VersionConflict, BasisMoved]

    on_the_log(database, story)


def test_of_two_that_each_looked_at_the_other_only_one_is_recorded(database: Database) -> None:
    """Two processes, again and again: each goes on only while the other has not."""
    pairs = [(uuid7(), uuid7()) for _ in range(100)]

    async def run() -> None:
        async with open_log(database.service_url) as one, open_log(database.service_url) as two:
            answers = await settled(
                *(
                    log.append([remark(stream=own)], basis=Basis(streams={other: 0}, cases={other: 0}))
                    for left, right in pairs
                    for log, own, other in ((one, left, right), (two, right, left))
                )
            )
        for left, right in zip(answers[::2], answers[1::2], strict=True):
            assert {type(left), type(right)} == {Recorded, BasisMoved}

    asyncio.run(run())
    assert is_whole(database) == len(pairs)
