"""What can be travelled to: how each kind of thing is replayed, kept, and taken apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from application import forms
from application.log.snapshots import Form, Replay
from domain.clock import Clock
from domain.contract import state as contract
from domain.contract.state import Contract
from domain.part import state as part
from domain.part.state import Part
from domain.promises import Promises
from projections.cases import case as cases
from projections.cases.case import Case
from projections.travel import case as whole_cases
from projections.travel.case import WholeCase
from projections.travel.differences import members
from projections.words.fields import Field

S = TypeVar("S")
Told = Mapping[Any, Any]


class Kind(NamedTuple, Generic[S]):
    """A kind of thing.

    Attributes:
        begins: the type of the event that every stream of it begins with.
        replay: makes its states.
        told: what of a state may differ.
        form: what its states are kept as.
    """

    begins: str
    replay: Replay[S]
    told: Callable[[S], Told]
    form: Form[S]


class Kinds:
    """The kinds of things that have a stream, and whole cases.

    Args:
        promises: the service plans that clocks go by.
    """

    def __init__(self, promises: Promises) -> None:
        # Those of this release: what was published never changes, and a pin says which version it means.
        shipped = [each.body for plan in promises.all_plans for each in plan.all if each.act is None]
        plans = msgspec.json.encode(shipped, order="deterministic")
        form = forms.form_of("ticket with clocks", Case, Path(cases.__file__), plans)
        self.ticket: Kind[Case] = Kind(
            "ticket.registered", partial(_with_clocks, promises), ticket_told, form
        )
        self.part: Kind[Part] = Kind("part.catalogued", part.replay, members, forms.PART)
        self.contract: Kind[Contract] = Kind("contract.drafted", contract.replay, members, forms.CONTRACT)
        self.replay_case: Replay[WholeCase] = partial(_whole, promises)


def ticket_told(case: Case) -> Told:
    """A ticket's own fields, and its clocks by milestone and cycle."""
    clocks: dict[Any, dict[int, Clock]] = {}
    for clock in case.clocks:
        clocks.setdefault(clock.milestone, {})[clock.cycle] = clock
    internal: dict[Any, dict[int, Clock]] = {}
    for clock in case.internal:
        internal.setdefault(clock.milestone, {})[clock.cycle] = clock
    return {**members(case.ticket), Field("clocks"): clocks, Field("internal"): internal}


def case_told(whole: WholeCase) -> Told:
    """The ticket, the parts by number, and the uses of contracts."""
    return {
        Field("ticket"): ticket_told(whole.ticket) if whole.ticket else None,
        Field("parts"): whole.parts,
        Field("uses"): whole.uses,
    }


def _with_clocks(promises: Promises, facts: Any, state: Case | None = None) -> Case | None:
    return cases.replay(facts, promises, state)


def _whole(promises: Promises, facts: Any, state: WholeCase | None = None) -> WholeCase | None:
    return whole_cases.replay(facts, promises, state)
