"""How events make the contract book."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from domain.contract.events import ContractAmended, ContractDrafted, EntitlementConsumed, EntitlementRestored
from domain.contract.term import ends_at
from domain.event import Event, Fact
from projections.contract_book.filed import SHAPE, Filed, after, keep, read
from projections.contract_book.stretches import last_on, stretches
from projections.engine.batch import Batch
from projections.engine.projection import Projection
from projections.engine.rows import Rows

USES = (EntitlementConsumed, EntitlementRestored)
"""What changes what remains, and nothing else."""


class ContractRow(msgspec.Struct, kw_only=True):
    """A row of the contracts."""

    id: UUID
    number: str
    customer: str
    title: str
    status: str
    scope: str
    zone: str
    starts_on: date
    ends_on: date
    last_on: date
    ends_at: datetime
    state: bytes


class StretchRow(msgspec.Struct):
    """A row of the stretches of time."""

    contract: UUID
    since: datetime
    until: datetime | None
    plan: str
    in_force: bool


class AssetRow(msgspec.Struct, frozen=True):
    """A row of the serials."""

    serial: str
    contract: UUID


class Kept(msgspec.Struct):
    """What is read back of a contract."""

    id: UUID
    state: bytes


class ContractBookProjection(Projection):
    """Keeps the contract book."""

    name: ClassVar[str] = "contract_book"
    version: ClassVar[int] = 1
    wants: ClassVar[tuple[str, ...]] = ("contract.",)

    @property
    def ingredients(self) -> bytes:
        """The shape of the contracts it keeps."""
        return SHAPE

    def fold(self, batch: Batch, rows: Rows) -> None:
        """The contracts that the batch touched get the rows they now have."""
        facts = batch.facts()
        touched = _touched(facts, batch, rows)
        rows.put("contract", map(_row, touched.values()))
        rows.put("contract_asset", _named(facts, touched))
        changed = {fact.stream_id for fact in facts if not isinstance(fact.event, USES)} & touched.keys()
        rows.drop_of("contract_stretch", "contract", changed)
        rows.add(
            "contract_stretch",
            [
                StretchRow(each, *stretch)
                for each in sorted(changed)
                for stretch in stretches(touched[each].contract)
            ],
        )


def _touched(facts: list[Fact], batch: Batch, rows: Rows) -> dict[UUID, Filed]:
    """Every contract that facts are about, as it stands after them."""
    before: dict[UUID, Filed | None] = {}
    unknown: list[UUID] = []
    for fact in facts:
        if fact.stream_id not in before:
            known = batch.memory.get(_place(fact.stream_id, fact.version - 1))
            before[fact.stream_id] = known
            if known is None and fact.version > 1:
                unknown.append(fact.stream_id)
    before |= {key: read(kept.state) for key, kept in rows.find(Kept, "contract", unknown).items()}
    for fact in facts:
        before[fact.stream_id] = after(before[fact.stream_id], fact)
    touched = {key: filed for key, filed in before.items() if filed is not None}
    for key, filed in touched.items():
        batch.memory.keep(_place(key, filed.version), filed)
    return touched


def _place(contract: UUID, version: int) -> tuple[str, UUID, int]:
    """What a contract is remembered by."""
    return "contract", contract, version


def _row(filed: Filed) -> ContractRow:
    contract = filed.contract
    return ContractRow(
        id=contract.id,
        number=contract.number,
        customer=contract.customer,
        title=contract.title,
        status=contract.status.value,
        scope=contract.scope.value,
        zone=contract.zone,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        last_on=last_on(contract),
        ends_at=ends_at(contract),
        state=keep(filed),
    )


def _named(facts: Iterable[Fact], touched: dict[UUID, Filed]) -> list[AssetRow]:
    """The serials that facts name, each once."""
    named = (
        AssetRow(serial, fact.stream_id)
        for fact in facts
        if fact.stream_id in touched
        for serial in _serials(fact.event)
    )
    return list(dict.fromkeys(named))


def _serials(event: Event) -> tuple[str, ...]:
    match event:
        case ContractDrafted():
            return event.assets
        case ContractAmended():
            return event.added
        case _:
            return ()
