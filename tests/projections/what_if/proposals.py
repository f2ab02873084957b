"""Proposals for tests, and runs of them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

import msgspec

from application.plans import PLANS
from projections.what_if.proposal import Proposal, ProposedPlan
from projections.what_if.replaying import Changed
from projections.what_if.running import Outcome, Run, run
from tests.projections.histories import at
from tests.projections.views import PROMISES


def body_of(name: str) -> dict[str, Any]:
    """What a plan that comes with the product says, as it would be published."""
    stated = tomllib.loads((PLANS / f"{name}-1.toml").read_text(encoding="utf-8"))
    return {key: value for key, value in stated.items() if key not in {"name", "version"}}


def proposed(name: str, **changed: Any) -> ProposedPlan:
    """A plan that comes with the product, proposed with some changes."""
    return msgspec.convert({**body_of(name), **changed}, ProposedPlan)


def tried(url: str, *, processes: int = 1, **proposal: Any) -> tuple[Outcome, list[Changed]]:
    """What comes of a proposal, and the tickets that it changes, by number."""
    changes: list[Changed] = []

    def told(done: int, tickets: int, found: Sequence[Changed]) -> None:
        assert 0 <= done <= tickets
        changes.extend(found)

    asked = msgspec.structs.replace(Proposal(as_of=at(900), position=10**9), **proposal)
    outcome = run(Run(url, asked, PROMISES, told, processes))
    assert len(changes) == outcome.changed
    return outcome, sorted(changes)
