"""Which contract a report falls under, by the domain's own rules, and what the contracts include.

A contract includes somewhat more than was used of it, so that few questions arise when the use is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from random import Random
from uuid import UUID

import msgspec

from application.commands import Command
from application.contract_commands import ContractAction, DraftContract, RenewContract
from application.demo.agreements import parties
from application.demo.diary import Step
from application.demo.paper import drawn_up
from application.demo.year import DAYS, ZONE, Report
from application.part_commands import InstallPart
from application.ticket_commands.correspondence import LogContact
from domain.contract.choice import Winner, choose
from domain.contract.drafting import draft
from domain.contract.events import Allowances
from domain.contract.state import Contract, begin, evolve
from domain.contract.term import period_at
from domain.event import Act
from domain.ticket.words import Channel, Direction, Party

VISITS = "visits"
USUAL = 6
"""Visits, and parts, that a contract includes at least, for a serial and year."""
APART = 8
"""From how many pieces on a part number has an allowance of its own."""
MORE = 1.2
"""How much more is included than was used."""
SHORT = 2
"""How much less, where somebody shall have to decide."""
HOUR = 3600
YEAR = timedelta(days=DAYS)
LONGEST = 6
"""How much longer than the told part of it a term may be, as far as its use is foreseen."""

Term = tuple[int, int]
"""A contract by its place, and which of its periods."""


class Cover:
    """The book of contracts, in the order in which they were drafted.

    Args:
        reports: the year.
        seed: another seed, other contracts.
        now: its end.
    """

    def __init__(self, reports: Sequence[Report], *, seed: int, now: datetime) -> None:
        rng = Random(f"{seed}/contracts")  # noqa: S311 - a story, not a secret
        drawn = [(form, drawn_up(form, group, rng, now)) for form, group in parties(reports, rng)]
        drawn.sort(key=lambda each: each[1][0].at)
        self._today = now.astimezone(ZONE).date()
        self._drawn = drawn
        self._contracts = [_in_force(place, steps) for place, (_, steps) in enumerate(drawn)]
        self._of: dict[str, list[Contract]] = {}
        for contract in self._contracts:
            self._of.setdefault(contract.customer, []).append(contract)
        self._used: dict[Term, Counter[str]] = {}

    def winner(self, report: Report, moment: datetime) -> Winner | None:
        """The contract that a report falls under, when it is made at that moment (SLA 13)."""
        customer = report.customer.name
        held = self._of.get(customer, [])
        return choose(held, asset=report.asset.serial, customer=customer, moment=moment).winner

    def count(self, report: Report, story: Sequence[Step]) -> None:
        """Take note of what a ticket uses: a visit on every day on site, and the parts."""
        winner = self.winner(report, story[0].at)
        if winner is None:
            return
        place = winner.contract.int
        used = self._used.setdefault((place, period_at(self._contracts[place], story[0].at) or 0), Counter())
        used[VISITS] += len({step.at.astimezone(ZONE).date() for step in story if _is_visit(step)})
        for step in story:
            if isinstance(step.command, InstallPart) and step.part:
                used[step.part] += step.command.quantity or 0

    def steps(self) -> list[Step]:
        """Every step of every contract, with what it includes."""
        return [
            msgspec.structs.replace(step, contract=place, command=self._including(place, step.command))
            for place, (_, steps) in enumerate(self._drawn)
            for step in steps
        ]

    def _including(self, place: int, command: Command) -> Command:
        period = {DraftContract: 0, RenewContract: 1}.get(type(command))
        if period is None:
            return command
        return msgspec.structs.replace(command, allowances=self._allowances(place, period))

    def _allowances(self, place: int, period: int) -> Allowances:
        contract, form = self._contracts[place], self._drawn[place][0]
        term, used = contract.periods[period], self._used.get((place, period), Counter())
        days = (term.ends_on - term.starts_on).days + 1
        told = (min(term.ends_on, self._today) - max(term.starts_on, self._today - YEAR)).days + 1
        scale = MORE * min(days / told, LONGEST) if told > 0 else 0
        parts = {part: pieces for part, pieces in used.items() if part != VISITS}
        many = {part: pieces for part, pieces in parts.items() if pieces >= APART and form.short != "part"}
        usual = USUAL * max(len(contract.drafted_terms.assets), 1) * ceil(days / 366)
        visits = max(usual, _rounded(used[VISITS] * scale))
        others = sum(parts.values()) - sum(many.values())
        return Allowances(
            visits=max(used[VISITS] - SHORT, 1) if form.short == "visit" else visits,
            hours=2 * HOUR * visits,
            parts=max(others - SHORT, 1) if form.short == "part" else max(usual, _rounded(others * scale)),
            by_part={part: _rounded(pieces * scale) for part, pieces in sorted(many.items())},
        )


def _in_force(place: int, steps: Sequence[Step]) -> Contract:
    """A contract after all its steps; by its id its place is found again, and by age it has its number."""
    first, *rest = steps
    number = f"C-{first.at.year}-{place + 1:06}"
    contract = begin(UUID(int=place), draft(number=number, **first.command.arguments()), _act(first))
    for step in rest:
        if isinstance(step.command, ContractAction):
            arguments = step.command.arguments()
            for event in type(step.command).decision(contract, by=_act(step), **arguments):
                contract = evolve(event, contract, _act(step))
    return contract


def _act(step: Step) -> Act:
    return Act(actor=step.caller.actor, occurred_at=step.at, reason=step.command.reason)


def _is_visit(step: Step) -> bool:
    command = step.command
    return (
        isinstance(command, LogContact)
        and command.channel is Channel.ON_SITE
        and command.direction is Direction.OUTBOUND
        and command.party is Party.PERSON
    )


def _rounded(amount: float) -> int:
    """Somewhat more, as contracts say it: even, or a multiple of five."""
    return ceil(amount / 2) * 2 if amount < 20 else ceil(amount / 5) * 5
