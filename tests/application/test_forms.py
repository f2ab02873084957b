"""What is kept of a state is all of it: going on from it is replaying from the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from application import forms
from application.log.snapshots import UNREADABLE, Form, Replay
from domain.contract import state as contract
from domain.event import Act, Event, Fact
from domain.part import state as part
from domain.ticket import evolution as ticket
from tests.domain.contract.story import drafted, facts
from tests.domain.contract.test_in_any_order import happenings
from tests.domain.part.invented import anything
from tests.domain.part.story import catalogued
from tests.domain.story import at, registered
from tests.domain.ticket.test_any_decisions import EVENTS, MINUTES

STREAM = UUID(int=1)


def facts_of(told: Sequence[tuple[Event, int]]) -> list[Fact]:
    """Events at minutes of the story's Monday, as facts of one stream."""
    return [
        Fact(
            stream_id=STREAM,
            version=version,
            event=event,
            act=Act(actor="agent:any", occurred_at=at("09:00") + timedelta(minutes=minute)),
            correlation_id=STREAM,
        )
        for version, (event, minute) in enumerate(told, 1)
    ]


def goes_on(form: Form[Any], replay: Replay[Any], told: list[Fact], split: int) -> None:
    """A state kept after some facts, and the rest of them, make what all of them make."""
    kept = replay(told[:split])
    assert kept is not None
    again = form.read(form.write(kept))
    assert again == kept
    assert form.write(again) == form.write(kept)
    assert replay(told[split:], again) == replay(told)


@settings(deadline=None)
@for_all(st.lists(st.tuples(st.sampled_from(EVENTS), MINUTES), max_size=20), st.integers(1, 20))
def test_a_ticket_goes_on_from_what_was_kept(told: list[tuple[Event, int]], split: int) -> None:
    goes_on(forms.TICKET, ticket.replay, facts_of([(registered("09:00")[0], 0), *told]), split)


@settings(deadline=None)
@for_all(st.lists(anything("HE-200"), max_size=20), st.integers(1, 20))
def test_a_part_goes_on_from_what_was_kept(told: list[Event], split: int) -> None:
    goes_on(forms.PART, part.replay, facts_of([(each, 0) for each in (catalogued(), *told)]), split)


@settings(deadline=None)
@for_all(st.lists(happenings, max_size=14), st.integers(1, 14))
def test_a_contract_goes_on_from_what_was_kept(told: list[Any], split: int) -> None:
    goes_on(forms.CONTRACT, contract.replay, facts(drafted(), *told), split)


@pytest.mark.parametrize("form", [forms.TICKET, forms.PART, forms.CONTRACT], ids=lambda form: form.topic)
@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"\xc1",
        b"{}",
        msgspec.msgpack.encode({}),
        msgspec.msgpack.encode(["T-2026-000001"]),
        b"\x80" * 40,
    ],
)
def test_other_bytes_are_no_state(form: Form[Any], other: bytes) -> None:
    with pytest.raises(UNREADABLE):
        form.read(other)


def test_a_definition_changes_with_any_of_its_sources(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("1")
    forms.definition_of.cache_clear()
    before = forms.definition_of(rules)
    assert before == forms.definition_of(rules) != forms.definition_of()
    rules.write_text("2")
    forms.definition_of.cache_clear()
    assert forms.definition_of(rules) != before
