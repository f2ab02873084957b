"""Names that a person chose stand in paths whatever is in them, a slash included."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.interfaces.http.client import Caller

NAMES = ["华东/一队", "A/B/C", "/A", "A/", "A//B", "/", "50%", "a%2Fb/c", "A?B#C/;d=1", "x/events"]
DELIVERY = {"location": "SH-MAIN", "supplier": "杭州热工", "document": "DN-1"}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_segment(agent: Caller, keeper: Caller, name: str) -> None:
    written = quote(name, safe="")
    ticket = agent.register(asset=name)["number"]
    agent.does(ticket, "assign", team=name)
    [found] = agent.reads(f"/queues/{written}")["items"]
    assert (found["number"], found["team"]) == (ticket, name)
    assert agent.reads("/queues/all", team=name)["items"] == [found]
    keeper.catalogues(name, tracking="serial")
    keeper.sends(f"/parts/{written}/receive", **DELIVERY, serials=[name])
    agent.sends(f"/parts/{written}/issue", ticket=ticket, location="SH-MAIN", serials=[name])
    agent.sends(f"/parts/{written}/install", ticket=ticket, asset=name, serials=[name])
    keeper.catalogues(f"{name} by lot", tracking="lot")
    by_lot = quote(f"{name} by lot", safe="")
    keeper.sends(f"/parts/{by_lot}/receive", **DELIVERY, lots={name: 2})
    assert agent.reads(f"/parts/{written}")["number"] == name
    assert "part.received" in {each["type"] for each in agent.reads(f"/parts/{written}/ledger")["items"]}
    for trace in ("serials", "lots", "assets"):
        found = agent.reads(f"/traces/{trace}/{written}")["items"]
        assert {each[trace.removesuffix("s")] for each in found} == {name}


def test_what_is_sent_as_segments_stays_segments(agent: Caller) -> None:
    assert agent.get("/queues/A/B").status_code == 404
    answer = agent.get("/queues/A%2FB/nothing")
    assert (answer.status_code, answer.json()["instance"]) == (404, "/api/v1/queues/A%2FB/nothing")
