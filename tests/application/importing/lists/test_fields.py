"""Columns found by what they are called."""

from __future__ import annotations

import pytest

from application.importing.lists.fields import Fields, found_columns, must_have, plain
from application.importing.lists.run import KINDS
from application.importing.mapping import BadMapping

PARTS = KINDS["parts"].fields
every_kind = pytest.mark.parametrize("fields", [kind.fields for kind in KINDS.values()], ids=KINDS)


@pytest.mark.parametrize(
    "header", ["Part number", "part_number", "PARTNUMBER", " Part-Number ", "number", "备件编号", "物料编码"]
)
def test_a_header_is_known_in_both_languages_and_however_it_is_spelled(header: str):
    assert found_columns([header, "x"], PARTS, {}) == {"number": header}


@pytest.mark.parametrize("header", ["Shelf life (days)", "shelf_life_days", "保质期（天）", "保质期(天)"])
def test_punctuation_of_either_width_is_no_difference(header: str):
    assert found_columns([header], PARTS, {}) == {"shelf_life_days": header}


@every_kind
def test_no_header_means_two_fields(fields: Fields):
    meant = {(plain(header), field.name) for field in fields for header in (field.name, *field.headers)}
    assert len({header for header, _ in meant}) == len(meant)


@every_kind
def test_every_field_has_a_header_in_english_and_one_in_chinese(fields: Fields):
    for field in fields:
        assert any(header.isascii() for header in field.headers), field.name
        assert any(not header.isascii() for header in field.headers), field.name


def test_the_mapping_decides_which_column_is_meant():
    columns = ["Part number", "Old number", "Unit"]
    assert found_columns(columns, PARTS, {"number": "Old number"}) == {"number": "Old number", "unit": "Unit"}


def test_one_column_may_say_two_things_where_the_mapping_says_so():
    chosen = {"name_zh": "Text", "name_en": "Text"}
    assert found_columns(["Text"], PARTS, chosen) == chosen


def test_two_columns_for_one_field_are_not_guessed_between():
    with pytest.raises(BadMapping, match='"Part number" and "料号" could both be number'):
        found_columns(["Part number", "料号"], PARTS, {})


def test_a_column_that_is_needed_and_missing_stops_the_import():
    with pytest.raises(
        BadMapping, match=r'columns.unit: the file has no column called "Unit".*"Part number"'
    ):
        must_have({"Part number"}, PARTS, {}, given=())
    must_have({"Part number"}, PARTS, {}, given=("unit",))


def test_a_column_that_the_mapping_names_must_be_there():
    with pytest.raises(BadMapping, match=r'columns.unit: the file has no column "Einheit"; it has "number"'):
        must_have({"number"}, PARTS, {"unit": "Einheit"}, given=())
