from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import Enum
from types import ModuleType, NoneType
from typing import Any, get_args, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain import clock, reading
from domain.assignment import events as assignment_events
from domain.catalogue import EVENT_TYPES
from domain.contract import allowed as contract_allowed
from domain.contract import words as contract_words
from domain.part import words as part_words
from domain.ticket import allowed as ticket_allowed
from domain.ticket import steps as ticket_steps
from domain.ticket import words as ticket_words
from domain.ticket.events import (
    TicketAssigned,
    TicketCancelled,
    TicketContacted,
    TicketHeld,
    TicketRemarked,
    TicketResumed,
)
from domain.ticket.words import Channel, Direction, HoldReason, Party
from projections.words.sentences import FIELD, PART, SAYINGS, tell
from projections.words.values import VALUES, Text, room, word
from tests.golden.samples import sample

SHANGHAI = ZoneInfo("Asia/Shanghai")
STRUCTS = (
    "Goods",
    "Allowances",
    "Money",
    "Choice",
    "Winner",
    "Loser",
    "PlanChoice",
    "Offer",
    "PassedOver",
    "Pin",
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def lists(module: ModuleType) -> list[type[Enum]]:
    """The listed values that a module defines."""
    return [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Enum) and one.__module__ == module.__name__
    ]


MODULES = (assignment_events, ticket_words, ticket_steps, contract_words, part_words, clock, reading)
LISTS = {(room(one), one.__name__): one for module in MODULES for one in lists(module)}
NAMED = {(where, name): named for where, listed in VALUES.items() for name, named in listed.items()}
UNLISTED = {
    ("ticket", "Action"): ticket_allowed.ALLOWED,
    ("contract", "Action"): contract_allowed.ALLOWED,
    ("event", "Type"): EVENT_TYPES,
}
"""What is named without being a list of values."""


@pytest.mark.parametrize("place", LISTS, ids=".".join)
def test_every_listed_value_has_a_word_and_no_other(place: tuple[str, str]) -> None:
    assert set(NAMED[place]) == {value.value for value in LISTS[place]}


@pytest.mark.parametrize("place", UNLISTED, ids=".".join)
def test_every_action_and_every_event_type_is_named(place: tuple[str, str]) -> None:
    assert set(NAMED[place]) == set(UNLISTED[place])


def test_every_event_is_said_and_no_other_list_is_named() -> None:
    assert set(NAMED) == {*LISTS, *UNLISTED}
    assert set(SAYINGS) == set(EVENT_TYPES)


def test_lists_of_one_name_are_told_apart() -> None:
    assert word(ticket_words.Status.RESOLVED).zh == "已解决"
    assert word(contract_words.Status.SIGNED).zh == "已签订"


def test_chinese_is_chinese_and_english_is_english() -> None:
    texts = [text for named in NAMED.values() for text in named.values()]
    sayings = [Text(saying.zh, saying.en) for said in SAYINGS.values() for saying in said]
    for text in [*texts, *sayings]:
        assert CHINESE.search(text.zh)
        assert text.en
        assert not CHINESE.search(text.en)


@pytest.mark.parametrize("name", SAYINGS)
def test_a_saying_names_only_fields_of_its_event_the_same_in_both_languages(name: str) -> None:
    for saying in SAYINGS[name]:
        assert FIELD.findall(saying.zh) == FIELD.findall(saying.en)
        for path in [*FIELD.findall(saying.zh), *saying.when]:
            assert types_along(EVENT_TYPES[name], path)


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("nunber", "nunber"),
        ("pin.plam", "plam"),
        ("contract.winer.number", "winer"),
        ("contract.winner.nunber", "nunber"),
    ],
)
def test_a_field_that_there_is_not_is_found_out(path: str, step: str) -> None:
    with pytest.raises(KeyError, match=step):
        types_along(EVENT_TYPES["ticket.registered"], path)


@pytest.mark.parametrize("name", SAYINGS)
def test_what_may_be_absent_is_said_only_where_it_is(name: str) -> None:
    for saying in SAYINGS[name]:
        always = "".join(part["plain"] or "" for part in PART.finditer(saying.zh))
        for path in FIELD.findall(always):
            assert not any(NoneType in get_args(at) for at in types_along(EVENT_TYPES[name], path))


def types_along(cls: type, path: str) -> list[Any]:
    """The types of the fields that a path names, one after the other.

    Raises:
        KeyError: there is no such field.
    """
    at: Any = cls
    types = []
    for step in path.removesuffix(":time").split("."):
        if NoneType in get_args(at):
            [at] = set(get_args(at)) - {NoneType}
        at = get_type_hints(at)[step]
        types.append(at)
    return types


@pytest.mark.parametrize("name", SAYINGS)
def test_the_last_saying_of_an_event_fits_always(name: str) -> None:
    assert not SAYINGS[name][-1].when
    assert all(saying.when for saying in SAYINGS[name][:-1])


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_nothing_is_said_as_a_machine_would(name: str) -> None:
    text = tell(sample(EVENT_TYPES[name]), SHANGHAI)
    for sign in ("{", "}", "[", "]", *STRUCTS, "datetime", "None", "True"):
        assert sign not in text.zh + text.en


def test_what_is_not_known_is_left_out() -> None:
    assert tell(TicketAssigned(team="华东一组"), SHANGHAI) == Text("派单给华东一组", "Assigned to 华东一组")
    assert tell(TicketAssigned(team="华东一组", person="李伟"), SHANGHAI) == Text(
        "派单给华东一组，处理人：李伟", "Assigned to 华东一组, 李伟"
    )
    assert tell(TicketResumed(), SHANGHAI).zh == "恢复处理"
    assert tell(TicketResumed(by_contact=True), SHANGHAI).zh == "恢复处理（客户已主动联系，等待结束）"


def test_a_contact_says_who_reached_whom_and_whether_it_was_a_person() -> None:
    said = {
        (direction, party): tell(
            TicketContacted(channel=Channel.PHONE, direction=direction, party=party, summary="已约明天"),
            SHANGHAI,
        ).zh
        for direction in Direction
        for party in Party
    }
    assert said[Direction.INBOUND, Party.PERSON] == "客户联系我方（电话）：已约明天"
    assert said[Direction.OUTBOUND, Party.AUTOMATIC] == "系统自动通知客户（电话），不计为首次响应：已约明天"
    assert len(set(said.values())) == 4


def test_what_people_wrote_is_told_as_they_wrote_it() -> None:
    text = "[{text}] 50% \\ {0}"
    assert tell(TicketRemarked(text=text), SHANGHAI) == Text(f"备注：{text}", f"Remark: {text}")


def test_times_are_told_on_the_wall_with_their_offset() -> None:
    review_at = datetime(2026, 7, 1, 1, 30, tzinfo=UTC)
    held = TicketHeld(hold=HoldReason.QUOTE_CONSENT, review_at=review_at)
    assert tell(held, SHANGHAI).zh == "挂起：等待客户确认报价，复核时间 2026-07-01 09:30+08:00"
    assert tell(held, ZoneInfo("Europe/Rome")).en.endswith("review at 2026-07-01 03:30+02:00")


def test_the_end_of_time_can_be_told() -> None:
    held = TicketHeld(hold=HoldReason.OTHER, review_at=datetime.max.replace(tzinfo=UTC))
    assert tell(held, SHANGHAI).zh.endswith("9999-12-31 23:59+00:00")


def test_a_remark_from_an_import_says_where_it_comes_from() -> None:
    for kind, start in (
        ("unmapped", "源系统记录："),
        ("refused", "源系统记录（按规则未执行）："),
        (None, "备注："),
    ):
        remark = TicketRemarked(text="Wait", kind=kind, activity="Wait")
        assert tell(remark, SHANGHAI).zh == f"{start}Wait"


def test_a_word_for_a_value() -> None:
    assert word(HoldReason.WAITING_FOR_PART) == Text("等待备件", "waiting for a part")


def test_a_duplicate_is_named() -> None:
    said = tell(TicketCancelled(duplicate_of=UUID(int=9)), SHANGHAI)
    assert str(UUID(int=9)) in said.zh
