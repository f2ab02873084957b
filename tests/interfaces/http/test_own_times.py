"""Our own times over HTTP: the table, the clocks behind it, and files of both."""

from __future__ import annotations

import pytest

from tests.interfaces.http.client import Caller
from tests.interfaces.http.refusing import is_refused

CENTRE = "总部技术支持"


@pytest.fixture(scope="module", autouse=True)
def tickets(agent: Caller) -> list[str]:
    """Three cases that the field has given on, of which two were accepted."""
    numbers = [agent.register()["number"] for _ in range(3)]
    for number in numbers:
        agent.does(number, "assign", team="华东一组")
        agent.does(number, "escalate", tier="L2", team=CENTRE)
    for number in numbers[:2]:
        agent.does(number, "accept-handover", person="孙工")
    return numbers


def test_the_table_says_who_kept_which_time_and_the_list_says_of_which_tickets(
    agent: Caller, tickets: list[str]
) -> None:
    table = agent.reads("/reports/own-times", group_by=["tier", "team", "milestone"])
    clocks = {tuple(row["group"].values()): row["clocks"] for row in table["rows"]}
    assert clocks == {
        ("L1", "华东一组", "tier_l1"): 3,
        ("L2", CENTRE, "handover"): 3,
        ("L2", CENTRE, "tier_l2"): 2,
    }
    listed = agent.reads("/reports/own-times/clocks", tier="L2", milestone="tier_l2")["items"]
    assert [item["number"] for item in listed] == tickets[:2]
    assert {item["tier"] for item in listed} == {"L2"}


def test_the_same_position_and_moment_give_the_same_bytes_in_every_form(agent: Caller) -> None:
    told = agent.reads("/reports/own-times")
    asked = {"as_of": told["as_of"], "position": told["position"], "clocks": "true"}
    wanted = [{**asked, "format": form} for form in ("json", "csv", "xlsx")]
    before = [agent.get("/reports/own-times", each) for each in wanted]
    agent.does(agent.register()["number"], "escalate", tier="L3")
    assert agent.reads("/reports/own-times")["total"] != told["total"]
    for each, answer in zip(wanted, before, strict=True):
        again = agent.get("/reports/own-times", each)
        assert again.status_code == answer.status_code == 200
        assert again.content == answer.content
        assert agent.get("/reports/own-times", each, if_none_match=answer.headers["etag"]).status_code == 304


def test_a_promise_to_a_customer_is_asked_for_elsewhere(agent: Caller) -> None:
    answer = agent.get("/reports/own-times", {"milestone": "resolve"})
    is_refused(answer, 422, "invalid-form", "milestone")
    assert agent.get("/reports/own-times", {"group_by": "region"}).status_code == 422
