"""The clause map: what it holds, and what it refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.catalogue import EVENT_TYPES
from projections.records.clauses import FILE, read_clauses, shipped_clauses

CHINESE = re.compile(r"[\u4e00-\u9fff]")
REQUIREMENTS = [(clause, each) for clause in shipped_clauses().clauses for each in clause.requirements]

MAP = """
standard = "ISO 9001"
edition = "2015"
version = 1

[[clauses]]
number = "8.6"
title = { zh = "放行", en = "Release" }

[[clauses.requirements]]
id = "acceptance"
title = { zh = "确认", en = "Acceptance" }
records = [{ event = "ticket.confirmed", filled = ["by"] }]
needed_by = [{ event = "ticket.resolved" }]
not_needed = { zh = "未解决", en = "not resolved" }
later = true
"""


def changed(old: str, new: str) -> bytes:
    """The map with one thing written differently."""
    assert MAP.count(old) == 1
    return MAP.replace(old, new).encode()


def test_the_map_is_of_the_2015_edition_and_holds_the_clauses_of_a_service_case() -> None:
    shipped = shipped_clauses()
    assert (shipped.standard, shipped.edition) == ("ISO 9001", "2015")
    assert [clause.number for clause in shipped.clauses] == [
        *("8.2.1", "8.5.1", "8.5.2", "8.5.5", "8.5.6", "8.6", "8.7", "9.1.2", "10.2")
    ]


@pytest.mark.parametrize(("clause", "requirement"), REQUIREMENTS, ids=lambda each: getattr(each, "id", ""))
def test_every_requirement_names_events_that_there_are(clause: Any, requirement: Any) -> None:
    assert requirement.records
    assert {kind.event for kind in requirement.kinds} <= set(EVENT_TYPES)


def test_every_text_is_in_both_languages() -> None:
    shipped = shipped_clauses()
    texts = [clause.title for clause in shipped.clauses] + [gap.title for gap in shipped.unrecorded]
    for _, requirement in REQUIREMENTS:
        texts += filter(None, (requirement.title, requirement.not_needed, requirement.waived))
    for text in texts:
        assert CHINESE.search(text.zh)
        assert text.en
        assert not CHINESE.search(text.en)


def test_what_no_event_holds_yet_is_not_hidden() -> None:
    assert {gap.clause for gap in shipped_clauses().unrecorded} == {"7.2", "7.5.3", "8.6", "9.1.2"}


def test_a_map_as_it_should_be_is_read() -> None:
    assert read_clauses(MAP.encode()).clauses[0].requirements[0].later


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version = 1", 'version = 1\nissuer = "x"', "issuer"),
        ('number = "8.6"', 'number = "8.6"\nnote = "x"', "note"),
        ("later = true", "later = true\noptional = true", "optional"),
        ('filled = ["by"]', 'filled = ["by"], unless = "x"', "unless"),
        ('en = "Release"', 'en = "Release", de = "Freigabe"', "de"),
        ('zh = "放行", ', "", "zh"),
        ('en = "Acceptance"', 'en = " "', "title says nothing"),
        ('edition = "2015"', "", "edition"),
        ('records = [{ event = "ticket.confirmed", filled = ["by"] }]', "records = []", "no record would do"),
        ("ticket.confirmed", "ticket.signed", "no event ticket.signed"),
        ('["by"]', '["signature"]', "no field signature"),
        ('["by"]', '["by.name"]', "no field by.name"),
        ('["by"]', '["act.moment"]', "no field act.moment"),
        ('filled = ["by"]', 'where = { by = "陈" }', "by of ticket.confirmed is never 陈"),
        ('"ticket.resolved"', '"ticket.contacted", where = { party = "robot" }', "never robot"),
        ("later = true", 'same = "cycle"', "no field cycle"),
        ('not_needed = { zh = "未解决", en = "not resolved" }', "", "belong together"),
        ('needed_by = [{ event = "ticket.resolved" }]', "", "belong together"),
        ("later = true", 'waived_by = [{ event = "ticket.cancelled" }]', "belong together"),
        ("later = true", 'waived = { zh = "取消", en = "cancelled" }', "belong together"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_clauses(changed(old, new))


def test_a_comparison_needs_something_that_calls_for_the_record() -> None:
    called = MAP[MAP.index("needed_by") : MAP.index("later")]
    with pytest.raises(ValueError, match="nothing calls for it"):
        read_clauses(changed(called, ""))


def test_a_clause_or_a_record_stands_once() -> None:
    clause = MAP[MAP.index("[[clauses]]") :]
    requirement = MAP[MAP.index("[[clauses.requirements]]") :]
    for more, says in ((clause, "8.6 is there twice"), (requirement, "two have one id")):
        with pytest.raises(ValueError, match=says):
            read_clauses((MAP + more).encode())


def test_a_clause_needs_at_least_one_record() -> None:
    requirement = MAP[MAP.index("[[clauses.requirements]]") :]
    with pytest.raises(ValueError, match="its requirements are none"):
        read_clauses(changed(requirement, "requirements = []"))


def test_fields_are_found_inside_fields() -> None:
    stated = FILE.read_bytes().replace(b'"pin.plan"', b'"pin.penalty"')
    with pytest.raises(ValueError, match=re.escape("no field pin.penalty")):
        read_clauses(stated)
