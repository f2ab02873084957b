"""What a case has of the records that a clause needs: present, missing, or not applicable and why (R38)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from domain.event import Fact, type_name
from projections.records.clauses import Clause, Kind, Requirement
from projections.words.values import Text


class State(StrEnum):
    """Whether a record is there."""

    PRESENT = "present"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One record that a clause needs, in one case.

    Attributes:
        id: the requirement, by its name within the clause.
        positions: where the records stand in the log.
        wanting: where that stands which calls for a record and has none.
        reason: why it is not applicable.
    """

    id: str
    title: Text
    state: State
    positions: tuple[int, ...] = ()
    wanting: tuple[int, ...] = ()
    reason: Text | None = None


class ClauseFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A clause: missing when any of its records is; not applicable when all of them are."""

    number: str
    title: Text
    state: State
    requirements: tuple[Finding, ...]


def judge(clause: Clause, facts: Sequence[Fact]) -> ClauseFinding:
    """Look for the records of a clause among the facts of a case, in position order."""
    findings = tuple(_find(requirement, facts) for requirement in clause.requirements)
    states = {finding.state for finding in findings}
    worst = next(state for state in (State.MISSING, State.PRESENT, State.NOT_APPLICABLE) if state in states)
    return ClauseFinding(number=clause.number, title=_plain(clause.title), state=worst, requirements=findings)


def _find(requirement: Requirement, facts: Sequence[Fact]) -> Finding:
    records = _of(requirement.records, facts)
    calls = _of(requirement.needed_by, facts)
    found = {"id": requirement.id, "title": _plain(requirement.title)}
    if requirement.not_needed and not calls:
        return Finding(**found, state=State.NOT_APPLICABLE, reason=_plain(requirement.not_needed))
    answers = [[record for record in records if _answers(record, call, requirement)] for call in calls]
    wanting = tuple(call.position for call, its in zip(calls, answers, strict=True) if not its)
    kept = {record.position for its in answers for record in its} if calls else {r.position for r in records}
    there = tuple(sorted(kept))
    if there and not wanting:
        return Finding(**found, state=State.PRESENT, positions=there)
    if requirement.waived and _of(requirement.waived_by, facts):
        reason = _plain(requirement.waived)
        return Finding(**found, state=State.NOT_APPLICABLE, positions=there, reason=reason)
    return Finding(**found, state=State.MISSING, positions=there, wanting=wanting)


def _of(kinds: Sequence[Kind], facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if any(_fits(fact, kind) for kind in kinds)]


def _fits(fact: Fact, kind: Kind) -> bool:
    return (
        type_name(fact.event) == kind.event
        and all(str(_field(fact, path)) == value for path, value in kind.where.items())
        and all(_says_something(_field(fact, path)) for path in kind.filled)
    )


def _says_something(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value not in (None, (), {})


def _answers(record: Fact, call: Fact, requirement: Requirement) -> bool:
    same = requirement.same
    return (same is None or _field(record, same) == _field(call, same)) and (
        not requirement.later or record.position > call.position
    )


def _field(fact: Fact, path: str) -> object:
    """The value at the end of a path; ``None`` from where a step has none."""
    of_the_fact = path.startswith("act.") or path == "position"
    at: object = fact if of_the_fact else fact.event
    for name in path.split("."):
        at = None if at is None else getattr(at, name)
    return at


def _plain(text: Text) -> Text:
    return Text(text.zh, text.en)
