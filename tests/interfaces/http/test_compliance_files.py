"""Compliance as people take it away: CSV and XLSX, in two languages, and the same bytes twice."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from interfaces.http.negotiating import liked_language
from tests.interfaces.http.client import Caller

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module", autouse=True)
def tickets(agent: Caller) -> list[str]:
    """A few tickets; one customer would be a formula."""
    numbers = []
    for step in range(6):
        number = agent.register(
            subject="x", priority=f"P{step % 2 + 1}", customer=("=1+1", "海风酒店")[step % 2]
        )
        numbers.append(number["number"])
        agent.does(numbers[-1], "assign", team="华东一组")
        if step % 3 == 0:
            agent.does(numbers[-1], "resolve", solution="done")
    return numbers


def test_a_table_is_csv_when_that_is_liked_best(agent: Caller) -> None:
    asked = {"group_by": ["customer"], "as_of": "2099-01-01T00:00:00Z"}
    answer = agent.get("/sla/compliance", asked, accept="text/csv, application/json;q=0.5")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="compliance.csv"'
    head, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert head[:3] == ["客户", "时限数", "达成"]
    assert [row[0] for row in rows] == ["'=1+1", "海风酒店", "合计"]
    told = agent.reads("/sla/compliance", **asked)
    assert [int(row[1]) for row in rows] == [
        *(row["clocks"] for row in told["rows"]),
        told["total"]["clocks"],
    ]


def test_a_byte_order_mark_comes_when_asked_for(agent: Caller) -> None:
    asked = {"format": "csv", "language": "en"}
    assert agent.get("/sla/compliance", asked).content.startswith(b"month,priority,")
    assert agent.get("/sla/compliance", {**asked, "bom": "true"}).content.startswith("\ufeffmonth".encode())


def test_the_same_position_and_moment_give_the_same_bytes_in_every_form(agent: Caller) -> None:
    told = agent.reads("/sla/compliance", group_by=["team", "milestone"])
    asked = {"group_by": ["team", "milestone"], "as_of": told["as_of"], "position": told["position"]}
    wanted = [{**asked, "format": form, "clocks": "true"} for form in ("json", "csv", "xlsx")]
    before = [agent.get("/sla/compliance", each) for each in wanted]
    agent.does(agent.register()["number"], "assign", team="华南二组")
    assert agent.reads("/sla/compliance", group_by=["team", "milestone"]) != told
    for each, answer in zip(wanted, before, strict=True):
        again = agent.get("/sla/compliance", each)
        assert again.status_code == answer.status_code == 200
        assert again.content == answer.content
        tag = answer.headers["etag"]
        assert agent.get("/sla/compliance", each, if_none_match=tag).status_code == 304


def test_the_workbook_is_told_in_the_language_that_is_liked(agent: Caller) -> None:
    answer = agent.get("/sla/compliance", {"clocks": "true"}, accept=XLSX, accept_language="en-GB, zh;q=0.4")
    assert answer.headers["content-type"] == XLSX
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Compliance", "Clocks"]
    assert book["Compliance"]["A1"].value == "as of"
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_all_clocks_behind_a_figure_are_one_csv(agent: Caller) -> None:
    answer = agent.get("/sla/clocks", {"format": "csv", "language": "en", "team": "华东一组"})
    head, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert head[:3] == ["ticket", "milestone", "cycle"]
    assert len(rows) == 12
    late = agent.reads("/sla/clocks", overdue="true", as_of="2098-01-01T00:00:00Z", limit=500)
    assert all(item["clock"]["verdict"] == "breached" for item in late["items"])


def test_what_cannot_be_asked_is_refused(agent: Caller) -> None:
    assert agent.get("/sla/compliance", accept="image/png").status_code == 406
    for asked, name in (
        ({"position": 10**12}, "position"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"format": "pdf"}, "format"),
        ({"region": "moon"}, "region"),
    ):
        answer = agent.get("/sla/compliance", asked)
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, name)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de, en-US;q=0.7, *;q=0.1", "en"),
        ("*", "zh"),
        ("en;q=0", "zh"),
    ],
)
def test_a_language_is_chosen_as_browsers_say_it(header: str, language: str) -> None:
    assert liked_language(header) == language
