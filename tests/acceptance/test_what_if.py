"""A proposed plan is tried on what happened: asked for over HTTP, and done by a process of the worker."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.acceptance.installation import Installation, Person, installed, until
from tests.projections.what_if.proposals import body_of

TARGETS = {"resolve": {"P1": "PT2H", "P2": "PT4H", "P3": "PT8H", "P4": "PT16H"}}
PENALTIES = [{"milestone": "resolve", "per_hour": {"amount": "100.00", "currency": "CNY"}}]
PLAN = body_of("hot-water") | {"name": "hot-water", "targets": TARGETS, "penalties": PENALTIES}
PROPOSAL: dict[str, Any] = {"plan": PLAN, "as_of": "2099-01-01T00:00:00Z", "group_by": ["month", "milestone"]}


def came_of(installation: Installation, manager: Person, **more: Any) -> dict[str, Any]:
    """Ask for a run, and give it when it has ended."""
    asked = manager.sends("/sla/simulations", **PROPOSAL, **more)
    path = f"/api/v1/sla/simulations/{asked['id']}"

    def ended() -> Any:
        told = installation.get(path)
        return told if told["ended_at"] else None

    return until(ended)


def test_a_worker_does_what_was_asked_of_a_server() -> None:
    with installed() as installation:
        installation.token = installation.run("token", "create", "auditor", "--role", "auditor").strip()
        installation.start("serve")
        installation.start("worker")
        until(installation.caught_up)
        agent = installation.person("agent", "li.wei")
        for priority in ("P1", "P2", "P3"):
            ticket = agent.sends("/tickets", subject="热水器不加热", priority=priority)["number"]
            agent.sends(f"/tickets/{ticket}/assign", team="华东一组")
        until(installation.caught_up)
        manager = installation.person("contract_manager", "zhou.min")
        with psycopg.connect(installation.database, autocommit=True) as conn:
            (before,) = conn.execute("SELECT position, chain_hash FROM log.head").fetchall()
        told = came_of(installation, manager)
        assert (told["state"], told["reason"]) == ("done", None)
        result = told["result"]
        assert result["tickets"] == told["done"] == 3
        query = {"as_of": PROPOSAL["as_of"], "position": before[0], "group_by": PROPOSAL["group_by"]}
        table = manager.reads("/sla/compliance", **query)
        assert (result["real"]["rows"], result["real"]["total"]) == (table["rows"], table["total"])
        assert float(result["tried"]["total"]["penalties"]["CNY"]) > 0
        changes = list(installation.pages(f"/api/v1/sla/simulations/{told['id']}/changes", limit=2))
        assert len(changes) == result["changed"] == 3
        assert came_of(installation, manager, position=before[0])["result"] == result
        with psycopg.connect(installation.database, autocommit=True) as conn:
            assert conn.execute("SELECT position, chain_hash FROM log.head").fetchall() == [before]
