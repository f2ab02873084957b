"""What property tests about contracts draw from."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

from domain.contract.events import Allowances
from domain.contract.words import Kind
from domain.event import Act
from tests.domain.contract.story import at

MIDNIGHT = at("2026-01-01 00:00")
"""When the usual contract begins."""

PARTS = ["PN-9", "PN-1", "PN-2"]
KINDS = [(Kind.VISIT, None), (Kind.HOURS, None), *((Kind.PART, part) for part in PARTS)]

allowances = st.builds(
    Allowances,
    visits=st.integers(0, 3),
    hours=st.integers(0, 4),
    parts=st.integers(0, 3),
    by_part=st.dictionaries(st.sampled_from(PARTS[:2]), st.integers(0, 3)),
)


def acting(when: datetime) -> Act:
    """Somebody did something, and said why."""
    return Act(actor="agent:li.wei", occurred_at=when, reason="agreed")
