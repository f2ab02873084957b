"""The chapters about contracts and spare parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.contract.words import Kind
from domain.ticket.events import PlanPin
from projections.records.goods import Balance, Exchange, Use
from projections.records.record import CaseRecord
from projections.records.sheet import Cell, Chapter, Field, Row, Table
from projections.records.voice import Columns, Voice

COUNTED = ("received", "reserved", "issued", "installed", "unused", "removed", "gone", "outstanding")
PASSED_OVER: Columns = (("coverage", "passed_over", 40), ("coverage", "level", 25), ("coverage", "why", 35))
LOSERS: Columns = (("coverage", "losers", 40), ("coverage", "why", 60))
USES: Columns = (
    ("events", "position", 9),
    ("coverage", "number", 17),
    ("coverage", "entitlement", 16),
    ("coverage", "amount", 13),
    ("events", "when", 25),
    ("events", "who", 20),
)
EXCHANGES: Columns = (
    ("events", "position", 9),
    ("parts", "part", 13),
    ("parts", "went_in", 18),
    ("parts", "came_out", 24),
    ("parts", "asset", 16),
    ("events", "who", 20),
)
BALANCES: Columns = (("parts", "part", 20), *(("parts", name, 10) for name in COUNTED))
FIELDS = {"unused": "returned", "gone": "scrapped"}


def coverage(record: CaseRecord, voice: Voice) -> Chapter:
    """Which contract and plan the case falls under, and what it used of contracts (SLA 13, R13)."""
    pin, choice = record.ticket.pin, record.ticket.contract
    winner = choice.winner if choice else None
    plan, calendar = _versions(pin, voice)
    named = "not_looked_up" if choice is None else "no_contract"
    applies = winner and {
        "number": winner.number,
        "level": voice.value(winner.level),
        "plan": winner.plan,
    }
    contract = (
        voice.label("coverage", "contract_value", **applies) if applies else voice.label("coverage", named)
    )
    tables: list[Table] = []
    if record.ticket.choice and record.ticket.choice.losers:
        passed = (
            Row((Cell(loser.plan), Cell(voice.value(loser.level)), Cell(voice.value(loser.why))))
            for loser in record.ticket.choice.losers
        )
        tables.append(voice.table(PASSED_OVER, passed))
    if choice and choice.losers:
        lost = (Row((Cell(loser.number), Cell(voice.value(loser.why)))) for loser in choice.losers)
        tables.append(voice.table(LOSERS, lost))
    if record.uses:
        used = (Row(_use(use, voice)) for use in record.uses)
        tables.append(voice.table(USES, used, voice.label("coverage", "uses")))
    return Chapter(
        title=voice.label("coverage", "title"),
        fields=(
            Field(voice.label("coverage", "contract"), Cell(contract), wide=True),
            Field(voice.label("coverage", "plan"), Cell(plan)),
            Field(voice.label("coverage", "calendar"), Cell(calendar)),
            *_promised_by(record, voice),
        ),
        tables=tuple(tables),
    )


def _promised_by(record: CaseRecord, voice: Voice) -> Iterator[Field]:
    """What was chosen as the ticket was registered, and how it came to go by something else (SLA 8, 13)."""
    choice, repinned = record.ticket.choice, record.ticket.repinned
    if choice:
        told = {"plan": choice.winner.plan, "level": voice.value(choice.winner.level)}
        chosen = voice.label("coverage", "chosen_value", **told)
        yield Field(voice.label("coverage", "chosen"), Cell(chosen))
    if repinned:
        plan, calendar = _versions(repinned.before, voice)
        how = voice.label(
            "coverage",
            "repinned_value",
            before=plan,
            calendar=calendar,
            asked=repinned.requested_by,
            wanted=repinned.wanted or "",
            approved=repinned.approved_by,
            since=voice.moment(repinned.since),
        )
        said = voice.listed(how, repinned.reason or "")
        yield Field(voice.label("coverage", "repinned"), Cell(said), wide=True)


def _versions(pin: PlanPin, voice: Voice) -> tuple[str, str]:
    """The plan and the calendar that a ticket pins, with their versions."""
    return (
        voice.label("coverage", "version", name=pin.plan, version=pin.plan_version),
        voice.label("coverage", "version", name=pin.calendar, version=pin.calendar_version),
    )


def parts(record: CaseRecord, voice: Voice) -> Chapter:
    """What went in, what came out, and whether the quantities add up (R17, R18)."""
    tables: list[Table] = []
    if record.exchanges:
        exchanged = (Row(_exchange(each, voice)) for each in record.exchanges)
        tables.append(voice.table(EXCHANGES, exchanged, voice.label("parts", "exchanges")))
    if record.balances:
        moved = (Row(_balance(each)) for each in record.balances)
        tables.append(voice.table(BALANCES, moved, voice.label("parts", "balances")))
    return Chapter(
        title=voice.label("parts", "title"),
        intro="" if tables else voice.label("parts", "empty"),
        tables=tuple(tables),
    )


def _use(use: Use, voice: Voice) -> tuple[Cell, ...]:
    amount = abs(use.amount)
    told = voice.span(timedelta(seconds=amount)) if use.kind is Kind.HOURS else str(amount)
    return (
        Cell(str(use.position)),
        Cell(use.number),
        Cell(voice.value(use.kind), use.part or ""),
        Cell(voice.label("coverage", "used" if use.amount > 0 else "given_back", amount=told)),
        Cell(voice.moment(use.occurred_at)),
        Cell(use.actor),
    )


def _exchange(each: Exchange, voice: Voice) -> tuple[Cell, ...]:
    lots = [voice.label("parts", "lot", lot=lot, quantity=count) for lot, count in each.lots.items()]
    said = [voice.value(each.fate)]
    if each.brought and each.brought.location is not None:
        named = {"condition": voice.value(each.brought.condition), "location": each.brought.location}
        said.append(voice.label("parts", "returned", position=each.brought.position, **named))
    elif each.brought:
        said.append(voice.label("parts", "scrapped", position=each.brought.position))
    return (
        Cell(str(each.position)),
        Cell(each.number),
        Cell("\n".join((*each.serials, *lots)), voice.label("parts", "quantity", quantity=each.quantity)),
        Cell(each.serial_out or voice.label("sheet", "none"), voice.listed(*said)),
        Cell(each.asset),
        Cell(each.actor),
    )


def _balance(each: Balance) -> tuple[Cell, ...]:
    counts = {name: getattr(each, FIELDS.get(name, name)) for name in COUNTED}
    cells = (
        Cell(str(count), tone="bad" if name == "outstanding" and count else "")
        for name, count in counts.items()
    )
    return (Cell(each.number), *cells)
