"""Tickets that belong together over HTTP: what both show of it."""

from __future__ import annotations

from tests.interfaces.http.client import Caller
from tests.interfaces.http.test_permissions import is_problem


def test_a_merge_is_seen_on_both(agent: Caller) -> None:
    first, second = agent.register()["number"], agent.register()["number"]
    agent.does(first, "merge", into=second)
    gone, here = agent.reads(f"/tickets/{first}"), agent.reads(f"/tickets/{second}")
    assert (gone["status"], gone["merged_into"]["number"]) == ("cancelled", second)
    assert [each["number"] for each in here["absorbed"]] == [first]
    assert {clock["verdict"] for clock in agent.reads(f"/tickets/{first}/sla")} == {"cancelled"}
    texts = [each["text"]["en"] for each in agent.reads(f"/tickets/{first}/history")["items"]]
    assert f"Merged into {second}" in texts
    wrote = agent.does(first, "contact", channel="email", direction="inbound", party="person")
    assert wrote["number"] == second
    is_problem(agent.post(f"/tickets/{second}/merge", {"into": first}), 409, "not-allowed")


def test_a_link_is_seen_from_both_ends_and_stands_on_one(agent: Caller) -> None:
    one, two = agent.register(subject="no heat")["number"], agent.register(subject="no water")["number"]
    agent.does(one, "link", to=two, link="causes")
    seen = [agent.reads(f"/tickets/{each}/links")["items"] for each in (one, two)]
    assert [[(e["number"], e["subject"], e["link"], e["says"]) for e in each] for each in seen] == [
        [(two, "no water", "causes", one)],
        [(one, "no heat", "causes", one)],
    ]
    agent.does(one, "unlink", to=two, link="causes")
    assert [agent.reads(f"/tickets/{each}/links")["items"] for each in (one, two)] == [[], []]


def test_what_is_split_off_says_where_it_comes_from(agent: Caller) -> None:
    ticket = agent.register(customer="海风酒店")["number"]
    receipt = agent.does(ticket, "split", subject="the pump is noisy", reason="another fault")
    new = agent.reads(f"/tickets/{receipt['made']}")
    assert (new["subject"], new["customer"]) == ("the pump is noisy", "海风酒店")
    assert [each["number"] for each in agent.reads(f"/tickets/{ticket}")["split_off"]] == [new["number"]]
    [link] = agent.reads(f"/tickets/{ticket}/links")["items"]
    assert (link["number"], link["link"], link["says"]) == (new["number"], "split_from", new["number"])
