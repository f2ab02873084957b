"""A mapping that makes no sense says which key is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.importing.mapping import BadMapping, load_mapping
from tests.application.importing.written import DESK, mapping

MINIMAL_XES = 'source = "desk"\nformat = "xes"\nplan = "standard"\n'


def refusal(tmp_path: Path, toml: str) -> str:
    path = tmp_path / "desk.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(BadMapping) as refused:
        load_mapping(path)
    return str(refused.value)


def test_an_xes_mapping_needs_no_columns():
    minimal = mapping(MINIMAL_XES)
    assert minimal.column("case") == "case:concept:name"
    assert minimal.column("team") == "org:group"


@pytest.mark.parametrize("name", ["helpdesk", "excavators"])
def test_a_mapping_that_comes_with_the_product_is_found_by_its_name(name: str):
    assert load_mapping(Path(name)).source == name


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ('plan = "standard"', 'plan = "standard"\nplant = "x"', "`plant`"),
        ('case = "Case"', 'case = "Case"\nteem = "x"', "`teem` - at `$.columns`"),
        ('format = "csv"', 'format = "xlsx"', "$.format"),
        ('source = "desk"', 'source = "My Desk"', "$.source"),
        ('source = "desk"', 'source = "agent"', "source: 'agent'"),
        ('case = "Case"', "", "columns.case is missing"),
        ('activity = "What"', "", "columns.activity is missing"),
        ('zone = "Europe/Rome"', 'zone = "Rome"', "zone 'Rome'"),
        ("[columns]", 'formats = ["dd.mm.yyyy"]\n[columns]', "format 'dd.mm.yyyy'"),
        ("[columns]", '[csv]\nencoding = "utf-9"\n[columns]', "encoding 'utf-9'"),
        ("[columns]", '[csv]\ndelimiter = ";;"\n[columns]', "$.csv.delimiter"),
        ("[columns]", '[defaults]\nseverity = "P1"\n[columns]', "defaults.severity"),
        ("[columns]", '[values.activity]\nx = "y"\n[columns]', "values.activity"),
        ("[columns]", '[values.severity]\nx = "P1"\n[columns]', "values.severity"),
        ('high = "P1"', 'high = "1"', "priority: '1' is not one of P1, P2, P3, P4"),
        ('matches = "3rd"', 'matches = "3rd("', "matches '3rd('"),
        ('tier = "L2"', 'tier = "L9"', "tier: 'L9'"),
        ('do = "close"', 'do = "shut"', "do: 'shut' is no command"),
        ('do = "close"', 'do = "close"\nimplies = ["register"]', "implies: 'register'"),
        ('do = "close"', 'do = "close"\nwith = { team = "x" }', "'team' is no argument of close"),
        ('do = "hold"\nwith = { hold = "waiting_for_customer" }', 'do = "hold"', '"Wait": hold needs hold'),
        ('hold = "waiting_for_customer"', 'hold = "lunch"', "hold: 'lunch'"),
        ('source = "desk"', "source = desk", "desk.toml: Invalid value"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, before: str, after: str, names: str):
    assert before in DESK
    assert names in refusal(tmp_path, DESK.replace(before, after, 1))


def test_a_mapping_that_is_not_there(tmp_path: Path):
    with pytest.raises(BadMapping, match="No such file"):
        load_mapping(tmp_path / "none.toml")


def test_a_mapping_that_is_not_text(tmp_path: Path):
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadMapping, match=r"bad\.toml"):
        load_mapping(tmp_path / "bad.toml")
