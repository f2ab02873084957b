from __future__ import annotations

from typing import Any
from uuid import UUID

from application.database.connect import Database
from domain.part.goods import Goods
from domain.part.reservations import release, reserve
from domain.part.storekeeping import receive, scrap
from domain.part.usage import give_back, install, issue
from domain.part.words import Bucket, Condition, Fate, Tracking
from projections.stock import held, reservations
from projections.stock.reservations import ReservationFilter
from tests.domain.part.story import R1, R2
from tests.projections.histories import at
from tests.projections.parts import MAIN, VAN, PartStory
from tests.projections.stock.asked import T1, T2, part, seen, stock
from tests.projections.views import ask, shown


def test_a_reservation_holds_what_is_left_of_it_and_goes_when_nothing_is(database: Database) -> None:
    story = PartStory(1, Tracking.LOT).then(receive, 1, {"A": 5, "B": 5}, location=MAIN)
    story.then(reserve, 2, {"A": 3}, location=MAIN, reservation=R1, expires_at=at(20), ticket=T1)
    story.then(reserve, 2, 4, location=MAIN, reservation=R2, expires_at=at(10), ticket=T2)
    story.then(issue, 3, {"A": 1}, location=MAIN, reservation=R1, ticket=T1)
    url = seen(database, story)

    def found(**which: Any) -> list[tuple[UUID, Goods]]:
        page = ask(url, lambda conn: reservations.reservations(conn, ReservationFilter(**which)))
        return [(one.id, one.goods) for one in page.items]

    kept = (R1, Goods(2, lots={"A": 2}))
    assert found() == [(R2, Goods(4)), kept]
    assert found(ticket=T1.id) == [kept]
    assert found(part=story.id, location=MAIN) == [(R2, Goods(4)), kept]
    assert found(location=VAN) == found(part=R1) == []
    assert found(overdue_at=at(9.9)) == []
    assert found(overdue_at=at(10)) == [(R2, Goods(4))]
    first = ask(url, lambda conn: reservations.ends(conn, (at(0), UUID(int=0)), 1))
    assert first == [(at(10), story.id)]
    assert ask(url, lambda conn: reservations.ends(conn, first[0], 9)) == [(at(20), story.id)]
    page = ask(url, reservations.reservations)
    assert (page.items[1].number, page.items[1].location, page.items[1].ticket_number) == (
        "HE-001",
        MAIN,
        "T-2026-000001",
    )
    assert page.items[1].expires_at == at(20)
    before = len(story.facts)
    story.then(release, 4, reservation=R2).then(issue, 5, {"A": 2}, location=MAIN, reservation=R1, ticket=T1)
    shown(url, story.facts[before:])
    assert found() == []


def test_a_ticket_has_what_was_issued_and_what_was_taken_out_until_it_is_back(database: Database) -> None:
    pump = PartStory(1, Tracking.SERIAL).then(receive, 1, ["S1", "S2", "S3"], location=MAIN)
    pump.then(issue, 2, ["S1", "S2"], location=MAIN, ticket=T1)
    pump.then(issue, 2, ["S3"], location=MAIN, ticket=T2)
    pump.then(install, 3, ["S1"], asset="WH-77", ticket=T1, serial_out="OLD-1", fate=Fate.RETURNED)
    seal = PartStory(2).then(receive, 1, 9, location=VAN).then(issue, 2, 4, location=VAN, ticket=T1)
    seal.then(install, 3, 1, asset="WH-77", ticket=T1)
    url = seen(database, pump, seal)

    def has(**which: Any) -> list[tuple[str, str, Bucket, Goods]]:
        page = ask(url, lambda conn: held.held(conn, held.HeldFilter(**which)))
        return [(one.ticket_number, one.number, one.bucket, one.goods) for one in page.items]

    first, second = T1.ticket.number, T2.ticket.number
    of_first = [
        (first, "HE-001", Bucket.ISSUED, Goods(1, serials=("S2",))),
        (first, "HE-001", Bucket.REMOVED, Goods(1, serials=("OLD-1",))),
        (first, "HE-002", Bucket.ISSUED, Goods(3)),
    ]
    assert has() == [*of_first, (second, "HE-001", Bucket.ISSUED, Goods(1, serials=("S3",)))]
    assert has(ticket=T1.id) == of_first
    assert has(part=seal.id) == of_first[2:]
    assert has(bucket=Bucket.REMOVED) == of_first[1:2]
    line = part(url, pump)
    assert (line.on_hand, line.issued, line.removed) == (0, 2, 1)
    done = len(pump.facts), len(seal.facts)
    pump.then(give_back, 5, ["S2"], location=VAN, condition=Condition.GOOD, ticket=T1)
    pump.then(give_back, 5, ["OLD-1"], location=VAN, condition=Condition.FAULTY, ticket=T1)
    seal.then(scrap, 5, 3, bucket=Bucket.ISSUED, ticket=T1)
    shown(url, [*pump.facts[done[0] :], *seal.facts[done[1] :]])
    assert has(ticket=T1.id) == []
    assert stock(url)[VAN, "HE-001"] == (1, 0, 0, 1, 1)


def test_a_ticket_keeps_its_number_when_a_scrapping_does_not_say_it(database: Database) -> None:
    story = PartStory(1).then(receive, 1, 5, location=MAIN).then(issue, 2, 3, location=MAIN, ticket=T1)
    story.then(scrap, 3, 1, bucket=Bucket.ISSUED, for_ticket=T1.id)
    page = ask(seen(database, story), held.held)
    assert [(one.ticket_number, one.goods) for one in page.items] == [(T1.ticket.number, Goods(2))]
