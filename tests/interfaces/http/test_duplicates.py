"""Has this been reported before? Suggestions with their reasons, over HTTP."""

from __future__ import annotations

from typing import Any

from tests.interfaces.http.client import Caller
from tests.interfaces.http.test_permissions import is_problem


def found(who: Caller, path: str, **asked: Any) -> list[tuple[str, dict[str, int]]]:
    """The numbers that are suggested, and what for."""
    items = who.reads(path, **asked)["items"]
    assert all(each["score"] == sum(reason["points"] for reason in each["reasons"]) for each in items)
    return [(each["number"], {r["why"]: r["points"] for r in each["reasons"]}) for each in items]


def test_the_likeliest_come_first_and_say_why(agent: Caller) -> None:
    same = agent.register(subject="热水器不加热", customer="海风酒店", asset="SN-00127")["number"]
    firm = agent.register(subject="海风酒店热水器不加热了", customer="海风酒店", asset="SN-9")["number"]
    agent.register(subject="发票抬头错误", customer="海风酒店")
    agent.register(subject="pump noisy", customer="Linden Hotels", asset="SN-4")
    asked = {"subject": "热水器不加热", "customer": "海风酒店", "asset": "SN-00127"}
    [(first, why), (second, whereby)] = found(agent, "/duplicates", **asked)
    assert (first, why) == (same, {"asset": 50, "customer": 20, "words": 40})
    assert (second, set(whereby)) == (firm, {"customer", "words"})
    assert found(agent, f"/tickets/{same}/duplicates")[0][0] == firm
    assert found(agent, "/duplicates", asset="SN-00127") == [(same, {"asset": 50})]


def test_what_was_merged_or_cancelled_is_not_suggested(agent: Caller) -> None:
    one, two, three = (agent.register(subject="x", asset="SN-77")["number"] for _ in range(3))
    agent.does(one, "merge", into=two)
    agent.does(three, "cancel", reason="a mistake")
    assert [number for number, _ in found(agent, "/duplicates", asset="SN-77")] == [two]
    assert found(agent, f"/tickets/{two}/duplicates") == []


def test_one_that_was_closed_lately_is(agent: Caller) -> None:
    number = agent.register(subject="x", asset="SN-78")["number"]
    agent.does(number, "resolve", solution="x")
    agent.does(number, "close")
    assert [each for each, _ in found(agent, "/duplicates", asset="SN-78")] == [number]


def test_something_must_be_asked(agent: Caller) -> None:
    is_problem(agent.get("/duplicates"), 422, "invalid-form")
