"""What a mapping of a list may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.importing.lists.mapping import ListMapping, load_list_mapping
from application.importing.lists.run import KINDS
from application.importing.mapping import BadMapping
from tests.application.importing.lists.written import Shelf

PARTS = KINDS["parts"].fields


def test_without_a_mapping_everything_is_as_usual():
    assert load_list_mapping(None, PARTS) == ListMapping()


def test_a_mapping_says_only_what_is_otherwise(tmp_path: Path):
    written = tmp_path / "erp.toml"
    written.write_text(
        'source = "erp"\nmissing = ["-"]\n[csv]\nencoding = "gb18030"\n[columns]\nnumber = "物料"\n'
        '[defaults]\nunit = "pcs"\n[values.tracking]\n"批次管理" = "lot"\n',
        encoding="utf-8",
    )
    mapping = load_list_mapping(written, PARTS)
    assert (mapping.source, mapping.csv.encoding, mapping.columns) == ("erp", "gb18030", {"number": "物料"})
    assert "%Y年%m月%d日" in mapping.time.formats


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('sauce = "erp"', "unknown field `sauce`"),
        ('source = "system"', "is the name of people or parts of this service itself"),
        ('source = "ERP 1"', "source"),
        ('[columns]\nqty = "Qty"', "columns.qty is not known; there are number, revision"),
        ("[defaults]\nqty = '1'", "defaults.qty is not known"),
        ("[values.qty]\na = '1'", "values.qty is not known"),
        ('[values.tracking]\n"x" = "pallet"', "values.tracking: 'pallet' is not one of none, lot, serial"),
        ('[time]\nzone = "Mars"', "is not an IANA time zone"),
        ('[csv]\nencoding = "klingon"', "is not known"),
        ('separator = ";;"', "separator"),
        ("source =", "erp.toml"),
    ],
)
def test_a_mapping_that_makes_no_sense(tmp_path: Path, toml: str, says: str):
    written = tmp_path / "erp.toml"
    written.write_text(toml, encoding="utf-8")
    with pytest.raises(BadMapping, match=says):
        load_list_mapping(written, PARTS)


def test_a_mapping_that_is_not_there(tmp_path: Path):
    with pytest.raises(BadMapping, match=r"nope\.toml cannot be read"):
        load_list_mapping(tmp_path / "nope.toml", PARTS)


def test_a_default_must_mean_something():
    with pytest.raises(BadMapping, match=r"defaults\.reorder_point: 'many' is no number"):
        Shelf().take("parts", "number,unit,name\nA,pcs,x", '[defaults]\nreorder_point = "many"')


def test_a_default_stands_for_empty_cells_and_for_those_that_mean_nothing():
    shelf = Shelf()
    toml = 'missing = ["n/a"]\n[defaults]\nunit = "pcs"\nreorder_point = "7"'
    shelf.take("parts", "number,unit,name\nA,,x\nB,n/a,x\nC,m,x", toml)
    assert [shelf.history(f"part/{number}")[0].event.unit for number in "ABC"] == ["pcs", "pcs", "m"]
    assert shelf.history("part/A")[0].event.reorder_point == 7
