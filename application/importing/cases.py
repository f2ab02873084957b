"""One case of the source told as a ticket, through the ticket's own decisions.

Every source event becomes exactly one fact: what its activity means, or a remark that keeps it. What follows
from a source event beside its own fact (the registration no row speaks of, a command it implies, a changed
team) is told by the import itself, so that both can be told apart for ever.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from application.importing.commands import COMMANDS, NO_WAIT, REGISTER, WORDS, ask
from application.importing.mapping import ANY, Mapping
from application.importing.reading import SourceEvent
from application.importing.rows import LONGEST_NAME
from application.importing.spill import Case
from domain.errors import DomainError
from domain.event import Act, Event
from domain.ticket.decisions import REVIEW_WITHIN
from domain.ticket.events import PlanPin, TicketRegistered, TicketRemarked, TicketResumed
from domain.ticket.evolution import begin, evolve
from domain.ticket.registration import register
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Priority

IMPORTER = "system:import"
"""The actor of facts that no source event is behind."""

FOLLOWED = ("team", "tier", "priority", "wait")
"""Fields whose changes are kept whatever the activity, in the order they are told."""

Kind = Literal["command", "unmapped", "refused", "derived"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the case, and how it came about.

    Attributes:
        kind: ``derived`` for what the import told itself; anything else stands for one source event.
        command: what was asked of the ticket; empty for a remark that nothing was asked for.
        activity: the source's word.
        state: the ticket's state before.
    """

    event: Event
    act: Act
    kind: Kind
    command: str
    activity: str
    state: str


def translate(
    case: Case[SourceEvent],
    mapping: Mapping,
    *,
    ticket_id: UUID,
    number: str,
    pin: PlanPin,
    review_within: timedelta = REVIEW_WITHIN,
) -> tuple[Step, ...]:
    """Tell a case as the facts of one ticket. Nothing a source says makes it fail.

    Args:
        review_within: how long after its beginning a wait is looked at again: no source says that.

    Returns:
        the steps in order, the first a registration; those not ``derived`` are one for each source event.
    """
    telling = _Telling(case, mapping, ticket_id, {"review_within": review_within})
    telling.begin(number, pin)
    for event in case.events[telling.told :]:
        telling.tell(event)
    return tuple(telling.steps)


class _Telling:
    """The ticket so far and the steps that made it."""

    def __init__(
        self, case: Case[SourceEvent], mapping: Mapping, ticket_id: UUID, settled: dict[str, Any]
    ) -> None:
        self.steps: list[Step] = []
        self.told = 0
        self._case = case
        self._mapping = mapping
        self._ticket_id = ticket_id
        self._settled = settled
        self._ticket: Ticket
        self._followed: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self._defaults = {field: word for field, word in mapping.defaults.items() if field != "person"}
        self._keep = frozenset(mapping.keep)
        self._used = frozenset(mapping.used_columns())

    def begin(self, number: str, pin: PlanPin) -> None:
        """Register the ticket from the first source event."""
        first = self._case.events[0]
        rule = self._mapping.activities.get(first.activity)
        said = rule is not None and REGISTER in rule.commands
        event = self._registration(first, number, pin)
        act = self._act(first) if said else self._own_act(first, "imported")
        self._ticket = begin(self._ticket_id, event, act)
        kind: Kind = "command" if said else "derived"
        state = self._ticket.status.value
        self.steps.append(
            Step(event=event, act=act, kind=kind, command=REGISTER, activity=first.activity, state=state)
        )
        self._followed["priority"] = event.priority.value
        self._kept = self._keepable(first)
        if said:
            self.told = 1
            self._follow(first)

    def tell(self, event: SourceEvent) -> None:
        """Tell one source event, and the changes that came with it."""
        rule = self._mapping.activities.get(event.activity)
        commands = rule.commands if rule else ()
        sets = {field for name in commands if name in COMMANDS for field in COMMANDS[name].sets}
        self._follow(event, leaving=frozenset(sets))
        before = len(self.steps), self._ticket
        for name in rule.implies if rule else ():
            self._try(event, name, "derived")
        refusal: DomainError | None = None
        for name in commands:
            refusal = self._try(event, name, "command")
            if refusal is None:
                for field in COMMANDS[name].sets:
                    self._refused.pop(field, None)
                self._follow(event, final=True)
                self._keep_changes(event, COMMANDS[name].takes)
                return
        del self.steps[before[0] :]
        self._ticket = before[1]
        self._remark(event, refusal, commands)
        self._follow(event, final=True)
        self._kept |= self._keepable(event)

    def _try(self, event: SourceEvent, name: str, kind: Kind) -> DomainError | None:
        act = self._act(event) if kind == "command" else self._own_act(event, f"with: {event.activity}")
        if name == REGISTER:
            return DomainError("the ticket is registered already")
        try:
            events = ask(self._ticket, name, self._said(event), self._settled, act)
        except DomainError as error:
            return error
        self._take(events[0], act, kind, name, event)
        for consequence in events[1:]:
            self._take(consequence, self._own_act(event, f"with: {event.activity}"), "derived", name, event)
        return None

    def _take(self, fact: Event, act: Act, kind: Kind, command: str, event: SourceEvent) -> None:
        state = self._ticket.status.value
        self._ticket = evolve(fact, self._ticket, act)
        self.steps.append(
            Step(event=fact, act=act, kind=kind, command=command, activity=event.activity, state=state)
        )

    def _said(self, event: SourceEvent) -> dict[str, str]:
        """Arguments for a command: the row's, else the ticket's team, else the mapping's defaults."""
        known = {"team": self._ticket.team} if self._ticket.team else {}
        return (
            {"solution": event.activity, "finding": event.activity}
            | self._defaults
            | known
            | event.fields
            | event.arguments
        )

    def _follow(
        self, event: SourceEvent, *, leaving: frozenset[str] = frozenset(), final: bool = False
    ) -> None:
        """Keep changes of team, tier and priority, whatever the activity.

        Args:
            leaving: fields that the activity's own command sets.
            final: what is still refused now becomes a remark.
        """
        first = len(self.steps) == 1
        fields = {k: v for k, v in self._mapping.defaults.items() if k == "team" and first} | event.fields
        for field in FOLLOWED:
            word = fields.get(field)
            if word is None or field in leaving:
                continue
            command = self._following(field, word)
            act = self._own_act(event, f"{field} changed with: {event.activity}")
            stands = self._stands(field) == word
            if stands or word == self._followed.get(field):
                # The source had gone elsewhere, and the ticket could not follow: the way back is a step, too.
                if self._refused.pop(field, word) != word:
                    self._take(
                        _refused(field, word, command, "as it is", event), act, "derived", command, event
                    )
                self._followed[field] = word
                continue
            arguments = {"hold" if field == "wait" else field: word, "finding": event.activity}
            if command == "hold" and self._ticket.hold:
                self._take(TicketResumed(), act, "derived", "resume", event)
            try:
                events = ask(self._ticket, command, arguments, self._settled, act)
            except DomainError as error:
                if final and self._refused.get(field) != word:
                    self._refused[field] = word
                    remark = _refused(field, word, command, str(error), event)
                    self._take(remark, act, "derived", command, event)
                continue
            self._refused.pop(field, None)
            self._followed[field] = word
            self._take(events[0], act, "derived", command, event)

    def _following(self, field: str, word: str) -> str:
        """The command that a changed field means."""
        if field == "tier" and word < self._ticket.tier:
            return "hand-back"
        if field == "wait":
            return "resume" if word == NO_WAIT else "hold"
        return {"team": "assign", "tier": "escalate", "priority": "prioritise"}[field]

    def _stands(self, field: str) -> str:
        """What a followed field is on the ticket."""
        if field == "wait":
            return self._ticket.hold.reason.value if self._ticket.hold else NO_WAIT
        return str(getattr(self._ticket, field))

    def _remark(self, event: SourceEvent, refusal: DomainError | None, commands: tuple[str, ...]) -> None:
        kind: Kind = "unmapped" if refusal is None else "refused"
        text = event.activity if refusal is None else f"{event.activity}: {refusal}"
        remark = TicketRemarked(
            text=text,
            kind=kind,
            activity=event.activity,
            values=event.values,
            meant=self._meant(event, commands) if refusal else {},
        )
        self._take(remark, self._act(event), kind, " or ".join(commands), event)

    def _meant(self, event: SourceEvent, commands: tuple[str, ...]) -> dict[str, str]:
        """What the last of these commands would have done: the listed words that it takes."""
        said = self._said(event)
        takes = COMMANDS[commands[-1]].takes if commands[-1] in COMMANDS else ()
        return {"do": commands[-1]} | {name: said[name] for name in takes if name in WORDS and name in said}

    def _keepable(self, event: SourceEvent) -> dict[str, str]:
        """What is kept of a row as attributes, and the fields that no command changes."""
        kept = {
            column: value
            for column, value in event.values.items()
            if column in self._keep or (ANY in self._keep and column not in self._used)
        }
        unchangeable = {f: w for f, w in event.fields.items() if f not in FOLLOWED}
        return kept | unchangeable

    def _keep_changes(self, event: SourceEvent, told: tuple[str, ...]) -> None:
        now = self._keepable(event)
        changed = {key: now[key] for key in now if key not in told and self._kept.get(key) != now[key]}
        if not changed:
            return
        self._kept |= changed
        remark = TicketRemarked(
            text=", ".join(f"{key}: {value}" for key, value in changed.items()),
            kind="changed",
            activity=event.activity,
            values=changed,
        )
        self._take(
            remark, self._own_act(event, f"changed with: {event.activity}"), "derived", "remark", event
        )

    def _registration(self, first: SourceEvent, number: str, pin: PlanPin) -> TicketRegistered:
        said = self._mapping.defaults | first.fields
        subject = said.get("subject") or f"{self._mapping.source} {self._case.name}"
        description = said.get("description")
        if len(subject) > LONGEST_NAME:
            description = subject if description is None else f"{subject}\n\n{description}"
            subject = f"{subject[: LONGEST_NAME - 1]}…"
        return register(
            number=number,
            subject=subject,
            priority=Priority(said.get("priority", Priority.P3)),
            pin=pin,
            description=description,
            customer=said.get("customer"),
            contact=said.get("contact"),
            site=said.get("site"),
            product=said.get("product"),
            asset=said.get("asset"),
            channel=Channel(said.get("channel", Channel.OTHER)),
            category=said.get("category"),
            source=f"{self._mapping.source}/{self._case.name}",
            attributes={k: v for k, v in self._keepable(first).items() if k not in first.fields},
        )

    def _act(self, event: SourceEvent) -> Act:
        person = event.person or self._mapping.defaults.get("person", "unknown")
        actor = f"{self._mapping.source}:{person}"
        return Act(actor=actor, occurred_at=event.time, reason=event.activity)

    def _own_act(self, event: SourceEvent, reason: str) -> Act:
        return Act(actor=IMPORTER, occurred_at=event.time, reason=reason)


def _refused(field: str, word: str, command: str, why: str, event: SourceEvent) -> TicketRemarked:
    """What the source did to a followed field, and the ticket could not."""
    return TicketRemarked(
        text=f"{field} {word}: {why}",
        kind="refused",
        activity=event.activity,
        values={field: word},
        meant={"do": command, field: word},
    )
