"""Maintenance contracts: a row a contract, or a row each of its assets (R13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from application.ids import uuid7
from application.importing.lists.fields import OCCURRED_AT, Field
from application.importing.lists.reading import NUMBER, Entry
from application.importing.lists.telling import Origin, Seen, Told, differences, refused
from application.importing.lists.values import SECONDS_OF_AN_HOUR
from application.importing.spill import Case, rejected_whole
from domain.contract.decisions import activate, sign
from domain.contract.drafting import draft
from domain.contract.events import Allowances, ContractDrafted, ContractSigned
from domain.contract.state import begin, evolve
from domain.contract.words import Scope
from domain.errors import DomainError, InvalidValue
from domain.event import Act, Event, Fact
from domain.money import Money
from domain.promises import NotOffered, UnknownPlan

SCOPES = {
    "assets": Scope.ASSETS.value,
    "customer": Scope.CUSTOMER.value,
    "设备": Scope.ASSETS.value,
    "客户": Scope.CUSTOMER.value,
}
FIELDS = (
    Field(NUMBER, "name", ("Contract number", "Contract no", "Contract", "合同编号", "合同号"), needed=True),
    Field("customer", "name", ("Customer", "Customer name", "客户", "客户名称"), needed=True),
    Field("title", "line", ("Title", "Contract title", "合同名称", "标题")),
    Field("plan", "name", ("Service plan", "Plan", "服务等级", "服务方案"), needed=True),
    Field("starts_on", "day", ("Starts on", "Start date", "Valid from", "开始日期", "生效日期"), needed=True),
    Field("ends_on", "day", ("Ends on", "End date", "Valid until", "结束日期", "截止日期"), needed=True),
    Field("zone", "name", ("Time zone", "时区")),
    Field("price", "amount", ("Price", "Contract price", "合同金额", "金额"), needed=True),
    Field("currency", "name", ("Currency", "币种"), needed=True),
    Field("scope", "word", ("Scope", "Covers", "覆盖范围"), words=SCOPES),
    Field("assets", "names", ("Assets", "Asset", "Serial numbers", "Serial number", "设备序列号", "序列号")),
    Field("visits", "whole", ("Visits", "Visits included", "上门次数")),
    Field("hours", "hours", ("Hours", "Hours included", "工时", "工时（小时）")),
    Field("parts", "whole", ("Parts", "Parts included", "备件数量")),
    Field("signed_by", "name", ("Signed by", "签署人", "签约人")),
    Field("signed_on", "day", ("Signed on", "Signing date", "签署日期", "签订日期")),
    OCCURRED_AT,
)
ALIASES = {"price/amount": "price", "amount": "price"}
SIGNATURE = ("signed_by", "signed_on")
MOST_ASSETS = 10_000


class ContractTeller:
    """Drafts contracts, and where they are signed signs and activates them. A contract is whole or absent."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin

    def names(self, case: Case[Entry]) -> tuple[str, ...]:
        """The contract's, in the words of its source."""
        return (f"contract:{self._source(case)}",)

    def tell(self, case: Case[Entry], seen: Seen) -> Told:
        """Draft the contract that its rows describe together; one that is there must be the same."""
        entries = case.events
        if clash := _clash(entries):
            return self._rejected(case, *clash)
        whole = _merged(entries)
        if history := seen.history(self.names(case)[0]):
            other = differences(_comparable(whole), _agreed(history), what="the contract")
            if other:
                return self._rejected(case, 0, f"{case.name} was imported before; {other}")
            return Told(there=len(entries))
        act = self._origin.act(whole)
        try:
            events = self._events(case, whole, act)
        except DomainError as error:
            field = "plan" if isinstance(error, UnknownPlan | NotOffered) else refused(error, ALIASES)
            place = next((place for place, entry in enumerate(entries) if field in entry.said), 0)
            return self._rejected(case, place, whole.blamed(field, error.message) if field else error.message)
        contract_id = uuid7()
        return Told(
            facts=tuple(
                Fact(stream_id=contract_id, version=version, event=event, act=act, correlation_id=contract_id)
                for version, event in enumerate(events, 1)
            ),
            names=self.names(case),
            series=f"C-{act.occurred_at.astimezone(self._origin.zone).year:04d}",
            imported=len(entries),
        )

    def _events(self, case: Case[Entry], whole: Entry, act: Act) -> list[Event]:
        said = whole.said
        self._origin.promises.offers(said["plan"])
        drafted = draft(
            number=case.name,
            customer=said["customer"],
            title=said.get("title", case.name),
            plan=said["plan"],
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            zone=said.get("zone", self._origin.zone.key),
            price=Money(said["price"], said["currency"]),
            allowances=Allowances(
                visits=said.get("visits", 0), hours=said.get("hours", 0), parts=said.get("parts", 0)
            ),
            scope=Scope(said.get("scope", Scope.ASSETS)),
            assets=said.get("assets", ()),
            source=self._source(case),
        )
        if len(drafted.assets) > MOST_ASSETS:
            raise InvalidValue(f"over {MOST_ASSETS:,} of them", field="/assets")
        signature = _signature(said)
        if signature is None:
            return [drafted]
        contract = begin(uuid7(), drafted, act)
        (signed,) = sign(contract, signed_by=signature[0], signed_on=signature[1], by=act)
        return [drafted, signed, *activate(evolve(signed, contract, act), by=act)]

    def _source(self, case: Case[Entry]) -> str:
        return f"{self._origin.source}/{case.name}"

    def _rejected(self, case: Case[Entry], place: int, reason: str) -> Told:
        rows = [entry.row for entry in case.events]
        return Told(rejects=tuple(rejected_whole(case.name, rows, {place: reason})))


def _clash(entries: Sequence[Entry]) -> tuple[int, str] | None:
    """The first row that says something else than a row before, by its place, and what."""
    lines: dict[str, Entry] = {}
    for place, entry in enumerate(entries):
        for name, value in entry.said.items():
            before = lines.setdefault(name, entry)
            if name != "assets" and before.said[name] != value:
                return place, entry.blamed(
                    name, f"{value}, where line {before.row.line} has {before.said[name]}"
                )
    return None


def _merged(entries: Sequence[Entry]) -> Entry:
    """All rows of a contract as one: what any of them says, and the assets of all."""
    said: dict[str, Any] = {}
    for entry in entries:
        said |= entry.said | {"assets": (*said.get("assets", ()), *entry.said.get("assets", ()))}
    return replace(entries[0], said=said, time=said.get("occurred_at", entries[0].time))


def _signature(said: dict[str, Any]) -> tuple[str, date] | None:
    """Who signed and when; ``None`` for a contract that is not signed.

    Raises:
        InvalidValue: only one of the two is stated.
    """
    stated = [name for name in SIGNATURE if name in said]
    if not stated:
        return None
    for name in SIGNATURE:
        if name not in said:
            raise InvalidValue(f"missing, where there is {stated[0]}", field=f"/{name}")
    return said["signed_by"], said["signed_on"]


def _comparable(whole: Entry) -> Entry:
    """What a contract says, in a form in which equal means equal, and that people can read."""
    said = whole.said | {"price": Decimal(whole.said["price"]), "assets": tuple(sorted(whole.said["assets"]))}
    if "hours" in said:
        said["hours"] = _hours(said["hours"])
    return replace(whole, said=said)


def _agreed(history: Sequence[Fact]) -> dict[str, Any]:
    """What a contract said when it was drafted, and who signed it, by field."""
    drafted = history[0].event
    if not isinstance(drafted, ContractDrafted):
        return {}
    signed = next((fact.event for fact in history if isinstance(fact.event, ContractSigned)), None)
    return {
        "customer": drafted.customer,
        "title": drafted.title,
        "plan": drafted.plan,
        "starts_on": drafted.starts_on,
        "ends_on": drafted.ends_on,
        "zone": drafted.zone,
        "price": drafted.price.exact,
        "currency": drafted.price.currency,
        "scope": drafted.scope.value,
        "assets": tuple(sorted(drafted.assets)),
        "visits": drafted.allowances.visits,
        "hours": _hours(drafted.allowances.hours),
        "parts": drafted.allowances.parts,
        "signed_by": signed.by if signed else None,
        "signed_on": signed.on if signed else None,
    }


def _hours(seconds: int) -> Decimal:
    return Decimal(seconds) / SECONDS_OF_AN_HOUR
