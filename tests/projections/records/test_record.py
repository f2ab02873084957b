"""What the record of a case holds, and that the same facts make the same record."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.part.events import PartInstalled, PartIssued, PartReturned, PartScrapped
from domain.part.words import Bucket, Condition, Fate
from domain.promises import UnknownPlan
from domain.reading import Verdict
from domain.ticket.words import Status
from projections.records.chapters import write
from projections.records.events import events_json
from projections.records.outcome import Step
from projections.records.record import AsOf, build, to_json
from projections.records.voice import Language
from tests.projections.histories import at
from tests.projections.records.case import (
    CONTRACT,
    CURVE,
    HEATER,
    PHOTO,
    PROMISES,
    SEAL,
    SENSOR,
    SHANGHAI,
    TICKET,
    Told,
    case_with_files,
    moved,
    rich_case,
)

RICH = rich_case()
RECORD = RICH.record()


def test_the_ticket_is_told_as_it_stands() -> None:
    ticket = RECORD.ticket
    assert (ticket.number, ticket.status, ticket.cycle) == ("T-2026-000123", Status.CLOSED, 2)
    assert (ticket.customer, ticket.asset) == ("海盛大酒店 Haisheng Hotel", "SN-2024-00117")
    assert ticket.reported_at == at(0)


@pytest.mark.parametrize(
    ("language", "category"),
    [("zh", "不加热（不出热水，分类方案第 3 版）"), ("en", "不加热 (no hot water, triage v3)")],
)
def test_a_code_is_told_by_what_the_triage_calls_it(language: Language, category: str) -> None:
    fields = {
        field.label: field.cell.text
        for chapter in write(RECORD, language).chapters
        for field in chapter.fields
    }
    assert category in fields.values()
    assert any(text.startswith("E5") and text != "E5" for text in fields.values())


def test_the_contract_that_applies_and_those_that_lost_are_told() -> None:
    chosen = RECORD.ticket.contract
    assert chosen is not None
    assert chosen.winner is not None
    assert chosen.winner.number == "C-2026-000012"
    assert [loser.number for loser in chosen.losers] == ["C-2025-000118", "C-2024-000007"]


def test_what_others_were_asked_is_told_with_both_times_and_every_due_time() -> None:
    moved_by, withdrawn = RECORD.liaisons
    [move] = moved_by.moves
    assert (moved_by.due_at, move.due_at, move.reason) == (at(20), at(26), "供应商实验室周末休息")
    assert moved_by.answered is not None
    assert moved_by.answered.recorded_at == moved_by.answered.occurred_at + timedelta(hours=1)
    assert (moved_by.answer, moved_by.answered_by) == ("三月批次镀层偏薄，建议更换。", "何工")
    assert withdrawn.withdrawn is not None
    assert (withdrawn.withdrawn.reason, withdrawn.answered) == ("故障已定位", None)
    ours = {(clock.milestone.value, clock.cycle): clock.verdict for clock in RECORD.internal}
    assert (ours["liaison", 1], ours["liaison", 2]) == (Verdict.MET, Verdict.CANCELLED)


def test_what_was_found_is_told_and_how_the_customer_was_helped_from_afar() -> None:
    assert [(each.text, each.cause_code, each.articles) for each in RECORD.findings] == [
        ("加热管结垢烧断，阻值无穷大。", "C-12", ("KB-0117",)),
        ("指导前台关闭 6 层回水阀。", None, ()),
    ]


def test_events_stand_in_the_order_of_the_log_with_both_times_and_both_languages() -> None:
    assert [event.position for event in RECORD.events] == [fact.position for fact in RICH.facts]
    late = RECORD.events[RICH.at("ticket.contacted")[1] // 3 - 1041 // 3]
    assert late.recorded_at is not None
    assert late.recorded_at - late.occurred_at == timedelta(hours=3, minutes=12)
    assert late.text.zh.startswith("我方联系客户")
    assert late.text.en.startswith("We contacted the customer")


def test_every_stream_is_told_with_its_versions() -> None:
    told = {stream.id: (stream.kind, stream.number, stream.events) for stream in RECORD.streams}
    assert told == {
        TICKET: ("ticket", "T-2026-000123", 23),
        HEATER: ("part", "HE-200", 5),
        SEAL: ("part", "SEAL-12", 3),
        SENSOR: ("part", "TS-9", 2),
        CONTRACT: ("contract", "C-2026-000012", 2),
    }
    heater = next(stream for stream in RECORD.streams if stream.id == HEATER)
    assert (heater.first_version, heater.last_version) == (8, 12)


def test_serial_numbers_are_followed_in_and_out() -> None:
    heater, seal, sensor = RECORD.exchanges
    assert (heater.serials, heater.serial_out, heater.fate) == (("HE200-7788",), "HE200-1234", Fate.RETURNED)
    assert heater.brought is not None
    assert (heater.brought.condition, heater.brought.location) == (Condition.FAULTY, "杭州仓")
    assert (seal.lots, seal.serial_out) == ({"L2602": 2}, None)
    assert (sensor.fate, sensor.brought) == (Fate.KEPT_BY_CUSTOMER, None)


def test_an_old_part_that_was_scrapped_is_followed_to_its_end() -> None:
    told = Told().registered()
    told.then(
        moved(PartInstalled, "HE-200", ["N"], asset="SN-1", serial_out="O", fate=Fate.RETURNED), stream=HEATER
    )
    told.then(moved(PartScrapped, "HE-200", ["O"], bucket=Bucket.REMOVED), 2, stream=HEATER)
    [exchange] = told.record().exchanges
    assert exchange.brought is not None
    assert (exchange.brought.position, exchange.brought.location) == (told.facts[-1].position, None)


def test_a_serial_that_came_back_unused_is_not_the_old_part() -> None:
    told = Told().registered()
    told.then(
        moved(PartInstalled, "HE-200", ["N"], asset="SN-1", serial_out="O", fate=Fate.RETURNED), stream=HEATER
    )
    told.then(moved(PartReturned, "HE-200", ["O"], location="MAIN", condition=Condition.GOOD), stream=HEATER)
    assert told.record().exchanges[0].brought is None


def test_quantities_add_up() -> None:
    told = {balance.number: balance for balance in RECORD.balances}
    seal = told["SEAL-12"]
    assert (seal.issued, seal.installed, seal.returned, seal.outstanding) == (4, 2, 2, 0)
    heater = told["HE-200"]
    assert (heater.reserved, heater.issued, heater.installed, heater.removed) == (0, 1, 1, 1)


def test_what_is_issued_and_not_accounted_for_is_outstanding() -> None:
    told = Told().registered().then(moved(PartIssued, "HE-200", 3, location="MAIN"), stream=HEATER)
    told.then(moved(PartInstalled, "HE-200", 1, asset="SN-1"), 2, stream=HEATER)
    [balance] = told.record().balances
    assert balance.outstanding == 2


def test_what_a_contract_gave_and_got_back_is_told() -> None:
    assert [(use.number, use.amount) for use in RECORD.uses] == [("C-2026-000012", 1), ("C-2026-000012", -1)]


def test_the_work_and_its_acceptance_are_told_by_cycle() -> None:
    assert [(each.step, each.cycle) for each in RECORD.outcomes] == [
        (Step.RESOLVED, 1),
        (Step.REJECTED, 1),
        (Step.RESOLVED, 2),
        (Step.CONFIRMED, 2),
        (Step.CLOSED, 2),
    ]
    assert RECORD.outcomes[0].cause == "加热管结垢烧断"
    assert RECORD.outcomes[1].reason == "6 层仍然没有热水"
    assert RECORD.outcomes[3].by == "陈经理"


def test_a_question_is_told_with_its_answer() -> None:
    [question] = RECORD.questions
    assert (question.raised, question.answered) == (
        *RICH.at("ticket.question_raised"),
        *RICH.at("ticket.question_answered"),
    )
    assert question.answered_by == "contract-manager:sun.yan"


def test_everyone_who_acted_is_told() -> None:
    told = {person.actor: person for person in RECORD.people}
    assert told["technician:zhang.wei"].did == {
        "ticket.contacted": 1,
        "part.installed": 2,
        "ticket.diagnosed": 1,
        "ticket.resolved": 1,
    }
    assert sum(len(person.positions) for person in RECORD.people) == len(RICH.facts)


def test_clocks_are_read_at_the_last_thing_that_happened() -> None:
    told = Told().registered()
    assert told.record().moment == at(0)
    assert {clock.verdict for clock in told.record().clocks} == {Verdict.PENDING}
    later = Told().registered().then(moved(PartIssued, "HE-200", location="MAIN"), 30, stream=HEATER)
    assert later.record().moment == at(30)
    assert {clock.verdict for clock in later.record().clocks} == {Verdict.BREACHED}


def test_clocks_are_read_at_the_moment_that_was_asked_for() -> None:
    record = Told().registered().record(as_of=AsOf(at(30), "occurred"))
    assert record.moment == at(30)
    assert record.as_of == AsOf(at(30), "occurred")
    assert {clock.verdict for clock in record.clocks} == {Verdict.BREACHED}


def test_the_file_of_events_is_named_with_its_digest() -> None:
    content = events_json(RICH.facts, RICH.seals)
    assert RECORD.attachment.name == "T-2026-000123-events.json"
    assert (RECORD.attachment.events, RECORD.attachment.bytes) == (len(RICH.facts), len(content))
    assert RECORD.attachment.sha256 == sha256(content).hexdigest()


def test_the_file_of_events_holds_every_event_in_full() -> None:
    told = json.loads(events_json(RICH.facts, RICH.seals))
    assert [event["position"] for event in told] == [fact.position for fact in RICH.facts]
    installed = next(event for event in told if event["type"] == "part.installed")
    assert installed["data"]["serial_out"] == "HE200-1234"
    assert installed["occurred_at"] == "2026-03-02T04:12:00Z"
    assert installed["recorded_at"] == "2026-03-02T04:12:01Z"
    assert installed["correlation_id"] == str(TICKET)


def test_every_event_is_told_with_its_hash_and_the_log_with_the_hash_up_to_the_last() -> None:
    hashes = {position: seal.leaf_hash.hex() for position, seal in RICH.seals.items()}
    assert {event.position: event.leaf_hash for event in RECORD.events} == hashes
    in_full = json.loads(events_json(RICH.facts, RICH.seals))
    assert {event["position"]: event["leaf_hash"] for event in in_full} == hashes
    assert RECORD.chain_hash == RICH.seals[RICH.facts[-1].position].chain_hash.hex()


def test_without_a_registered_ticket_there_is_no_record() -> None:
    assert build([], {}, 7, PROMISES, SHANGHAI) is None
    assert build(RICH.facts[4:7], RICH.seals, 2000, PROMISES, SHANGHAI) is None


def test_a_plan_that_the_book_does_not_hold_is_said() -> None:
    pin = replace(PROMISES.pin("standard", datetime(2026, 3, 2, tzinfo=UTC)), plan="platinum")
    with pytest.raises(UnknownPlan):
        Told().registered(pin=pin).record()


def test_the_same_facts_make_the_same_bytes() -> None:
    assert to_json(rich_case().record()) == to_json(RECORD)


def test_another_position_or_another_fact_makes_other_bytes() -> None:
    further = build(RICH.facts, RICH.seals, RICH.facts[-1].position + 8, PROMISES, SHANGHAI)
    fewer = build(RICH.facts[:-1], RICH.seals, RICH.facts[-1].position + 7, PROMISES, SHANGHAI)
    assert further is not None
    assert fewer is not None
    assert len({to_json(record) for record in (RECORD, further, fewer)}) == 3


def test_the_zone_of_the_database_session_is_in_no_bytes() -> None:
    there = ZoneInfo("America/New_York")
    facts = [
        replace(
            fact,
            act=replace(fact.act, occurred_at=fact.act.occurred_at.astimezone(there)),
            recorded_at=fact.recorded_at.astimezone(there) if fact.recorded_at else None,
        )
        for fact in RICH.facts
    ]
    record = build(facts, RICH.seals, RECORD.position, PROMISES, SHANGHAI)
    assert record is not None
    assert to_json(record) == to_json(RECORD)
    assert events_json(facts, RICH.seals) == events_json(RICH.facts, RICH.seals)


def test_the_json_says_what_it_is_a_record_of() -> None:
    told = json.loads(to_json(RECORD))
    assert (told["standard"], told["edition"], told["position"]) == ("ISO 9001", "2015", RECORD.position)
    found = {clause["number"]: clause["state"] for clause in told["clauses"]}
    assert found["8.5.2"] == "present"
    assert {gap["clause"] for gap in told["unrecorded"]} >= {"7.2", "7.5.3"}
    assert datetime.fromisoformat(told["moment"]) == at(28.5).astimezone(UTC)


def test_every_file_is_told_with_its_hash_and_who_attached_it_when() -> None:
    record = case_with_files().record()
    photo, curve = record.files
    assert (photo.sha256, photo.size, photo.media_type) == (PHOTO, 2_483_117, "image/jpeg")
    assert (photo.position, photo.actor) == (1044, "technician:zhang.wei")
    assert (photo.occurred_at, photo.recorded_at) == (at(2.6), at(2.6) + timedelta(hours=3))
    assert (photo.withdrawn, curve.withdrawn) == (None, 1050)
    assert json.loads(to_json(record))["files"][1]["sha256"] == CURVE


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("zh", ("照片；image/jpeg；2,483,117 字节", "已撤下（日志序号 1050）", "四层机房，加热管断口")),
        ("en", ("photo; image/jpeg; 2,483,117 bytes", "withdrawn at 1050")),
    ],
)
def test_the_files_are_a_chapter_of_their_own(language: Language, says: tuple[str, ...]) -> None:
    [chapter] = [
        each
        for each in write(case_with_files().record(), language).chapters
        if each.title in {"照片与文件", "Photos and files"}
    ]
    told = [f"{cell.text}\n{cell.note}" for row in chapter.tables[0].rows for cell in row.cells]
    assert all(any(text in each for each in told) for text in says)
    [empty] = [each for each in write(RECORD, language).chapters if each.title == chapter.title]
    assert (empty.tables, bool(empty.intro)) == ((), True)
