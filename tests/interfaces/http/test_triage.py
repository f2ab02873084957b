"""Sorting over HTTP: an installation with categories and fault codes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.database.connect import Database
from application.triage import SHIPPED, read_triage
from domain.errors import InvalidValue
from tests.interfaces.http.client import Caller, Served, served, worker
from tests.interfaces.http.test_permissions import is_problem

OWN = """
[[categories]]
code = "heating"
title = { zh = "不加热", en = "no heat" }

[[fault_codes]]
code = "E-07"
parent = "heating"
title = { zh = "加热管断路", en = "heating element open" }
"""


@pytest.fixture(scope="module")
def service(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application of an installation that lists its codes."""
    file = tmp_path_factory.mktemp("triage") / "triage.toml"
    file.write_text(SHIPPED.read_text(encoding="utf-8") + OWN, encoding="utf-8")
    with served(module_database, triage=read_triage(file)) as service, worker(module_database):
        yield service


def test_the_lists_are_shown_with_their_titles(agent: Caller) -> None:
    [category] = agent.reads("/categories")["items"]
    assert (category["code"], category["title"]) == ("heating", {"zh": "不加热", "en": "no heat"})
    assert [each["parent"] for each in agent.reads("/fault-codes")["items"]] == ["heating"]
    matrix = agent.reads("/priority-matrix")
    assert (matrix["version"], matrix["matrix"]["high"]["critical"]) == (1, "P1")


def test_a_report_with_impact_and_urgency_gets_its_priority(agent: Caller) -> None:
    number = agent.register(category="heating", impact="high", urgency="medium")["number"]
    ticket = agent.reads(f"/tickets/{number}")
    assert (ticket["priority"], ticket["urgency"]) == ("P2", "medium")
    assert ticket["matrix"] == {"version": 1, "impact": "high", "urgency": "medium"}
    agent.does(number, "classify", category="heating", urgency="critical")
    assert agent.reads(f"/tickets/{number}")["priority"] == "P1"
    is_problem(agent.post(f"/tickets/{number}/prioritise", {"priority": "P3"}), 422, "invalid-value")
    agent.does(number, "prioritise", priority="P3", reason="the annex is empty")
    assert agent.reads(f"/tickets/{number}")["matrix"] is None
    texts = [each["text"]["en"] for each in agent.reads(f"/tickets/{number}/history")["items"]]
    assert any("P1" in text and "(matrix v1: high impact, critical urgency)" in text for text in texts)


def test_a_priority_that_is_given_stands_and_nothing_told_is_p3(agent: Caller) -> None:
    given = agent.register(priority="P4", impact="high", urgency="critical")["number"]
    plain = agent.register()["number"]
    shown = [agent.reads(f"/tickets/{each}") for each in (given, plain)]
    assert [(each["priority"], each["matrix"]) for each in shown] == [("P4", None), ("P3", None)]


def test_unknown_codes_are_refused_with_the_nearest(agent: Caller) -> None:
    number = agent.register()["number"]
    answer = agent.post(f"/tickets/{number}/classify", {"category": "heatng"})
    is_problem(answer, 422, "invalid-value")
    assert "heating" in answer.json()["detail"]
    assert answer.json()["errors"][0]["pointer"] == "#/category"
    is_problem(agent.post("/tickets", {"subject": "x", "category": "none such"}), 422, "invalid-value")


def test_a_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    file = tmp_path / "triage.toml"
    for text in ("version = 1", "no toml", "version = 1\n[matrix.high]\nurgent = 'P1'"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InvalidValue, match=r"triage\.toml: "):
            read_triage(file)
    with pytest.raises(InvalidValue, match="No such file"):
        read_triage(tmp_path / "none.toml")
