"""What the rules of parts and contracts refuse: which problem, which field, and what would do instead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.interfaces.http.client import Caller, Served
from tests.interfaces.http.test_bad_input import is_refused

LATER = "2099-01-01T00:00:00Z"
NOBODY = "6f2b1d1e-58a9-4f0f-9a3b-0d4f6f9d2c11"
TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


ON_PAPER = {"occurred_at": "2026-03-01T00:00:00Z", "reason": "on paper"}


@pytest.fixture(scope="module")
def shelf(admin: Caller) -> dict[str, str]:
    """Five gaskets, a lot that is good and one that is not, three tubes with serial numbers, two tickets.

    The first ticket has T1 and the promise of two gaskets; T1 is at work on it.
    """
    stock = {"location": "SH-MAIN", "supplier": "宁波热能", "document": "DN-1"}
    admin.catalogues("GASKET")
    admin.sends("/parts/GASKET/receive", **stock, quantity=5)
    admin.catalogues("GLUE", tracking="lot")
    admin.sends("/parts/GLUE/receive", **stock, lots={"L1": 4}, expires_on={"L1": "2099-12-31"})
    admin.sends("/parts/GLUE/receive", **stock, lots={"L0": 4}, expires_on={"L0": "2020-12-31"})
    admin.catalogues("TUBE", tracking="serial")
    admin.sends("/parts/TUBE/receive", **stock, serials=["T1", "T2", "T3"])
    ticket, other = admin.register()["number"], admin.register()["number"]
    promise = admin.sends(
        "/parts/GASKET/reserve", location="SH-MAIN", quantity=2, ticket=ticket, expires_at=LATER
    )["made"]
    admin.sends("/parts/TUBE/issue", location="SH-MAIN", serials=["T1"], ticket=ticket)
    admin.catalogues("NUT", **ON_PAPER)
    admin.sends("/parts/NUT/receive", **stock, quantity=1, **ON_PAPER)
    early = admin.register(**ON_PAPER)["number"]
    over = {"location": "SH-MAIN", "quantity": 1, "ticket": early, "expires_at": "2026-03-02T00:00:00Z"}
    expired = admin.sends("/parts/NUT/reserve", **over, **ON_PAPER)["made"]
    ended = admin.register()["number"]
    admin.does(ended, "cancel", reason="x")
    known = {"ticket": ticket, "other": other, "promise": promise}
    return {**known, "early": early, "expired": expired, "ended": ended}


@pytest.fixture(scope="module")
def contract(admin: Caller) -> str:
    """Two visits for SN-1, one of them used."""
    number = admin.contracts(assets=["SN-1"], allowances={"visits": 2})
    ticket = admin.register(asset="SN-1")["number"]
    admin.sends(f"/contracts/{number}/consume", ticket=ticket, kind="visit", amount=1)
    return number


@pytest.fixture(autouse=True)
def nothing_recorded(service: Served, shelf: dict[str, str], contract: str) -> Iterator[None]:
    """After every refusal the log ends where it did."""
    head = service.head()
    yield
    assert service.head() == head


HERE = {"location": "SH-MAIN"}
FOR = HERE | {"ticket": "{ticket}"}
DELIVERY = HERE | {"supplier": "x", "document": "x"}
TITLE = {"zh": "胶", "en": "glue"}
PART = {"number": "NEW", "revision": "A", "name": TITLE, "unit": "kg"}

STOCK: list[tuple[str, dict[str, Any], str, str | None, dict[str, Any]]] = [
    ("GASKET/issue", FOR | {"quantity": 4}, "not-enough-stock", "#/quantity", {"available": 3}),
    ("GASKET/reserve", FOR | {"quantity": 4, "expires_at": LATER}, "not-enough-stock", "#/quantity",
     {"available": 3}),
    ("GASKET/transfer", {"from_location": "SH-MAIN", "to_location": "VAN", "quantity": 4}, "not-enough-stock",
     "#/quantity", {"available": 3}),
    ("GASKET/scrap", HERE | {"bucket": "good", "quantity": 6}, "not-enough-stock", "#/quantity",
     {"available": 3}),
    ("GASKET/release-quarantine", HERE | {"quantity": 1}, "not-enough-stock", "#/quantity", {"available": 0}),
    ("GASKET/issue", {"location": "VAN", "ticket": "{ticket}", "quantity": 1}, "not-enough-stock",
     "#/quantity", {"available": 0}),
    ("GASKET/count", HERE | {"quantity": 1, "reason": "x"}, "not-enough-stock", "#/quantity",
     {"available": 3}),
    ("GLUE/issue", FOR | {"quantity": 5}, "not-enough-stock", "#/quantity", {"available": 4}),
    ("GLUE/issue", FOR | {"lots": {"L0": 1}}, "expired-stock", "#/lots", {}),
    ("GLUE/issue", FOR | {"lots": {"L9": 1}}, "unknown-unit", "#/lots", {}),
    ("TUBE/issue", FOR | {"serials": ["T9"]}, "unknown-unit", "#/serials", {}),
    ("TUBE/issue", FOR | {"serials": ["T1"]}, "serial-elsewhere", "#/serials", {}),
    ("TUBE/receive", DELIVERY | {"serials": ["T1"]}, "serial-elsewhere", "#/serials", {}),
    ("TUBE/install", {"ticket": "{other}", "asset": "SN-1", "serials": ["T1"]}, "serial-elsewhere",
     "#/serials", {}),
    ("TUBE/install", {"ticket": "{ticket}", "asset": "SN-1", "serials": ["T1"], "serial_out": "T2",
                      "fate": "lost"}, "serial-elsewhere", "#/serial_out", {}),
    ("GASKET/install", {"ticket": "{ticket}", "asset": "SN-1", "quantity": 1}, "not-held-by-ticket",
     "#/quantity", {"held": 0}),
    ("GASKET/return", FOR | {"quantity": 1, "condition": "good"}, "not-held-by-ticket", "#/quantity",
     {"held": 0}),
    ("GASKET/release", {"reservation": NOBODY}, "unknown-reservation", "#/reservation", {}),
    ("GASKET/issue", FOR | {"quantity": 1, "reservation": NOBODY}, "unknown-reservation", "#/reservation",
     {}),
    ("NUT/issue", HERE | {"ticket": "{early}", "quantity": 1, "reservation": "{expired}"},
     "reservation-expired", "#/reservation", {}),
    ("GASKET/issue", HERE | {"ticket": "{ended}", "quantity": 1}, "not-allowed", None,
     {"state": "cancelled"}),
    ("GASKET/reserve", HERE | {"ticket": "{ended}", "quantity": 1, "expires_at": LATER}, "not-allowed", None,
     {"state": "cancelled"}),
    ("", PART | {"number": "TUBE"}, "already-catalogued", "#/number", {}),
]  # fmt: skip


def filled(body: dict[str, Any], known: dict[str, str]) -> dict[str, Any]:
    """A body that names what there is."""
    return {name: value.format(**known) if isinstance(value, str) else value for name, value in body.items()}


@pytest.mark.parametrize(("path", "body", "code", "where", "shows"), STOCK)
def test_what_the_stock_does_not_allow_is_409_and_says_what_it_would(
    admin: Caller, shelf: dict[str, str], path: str, body: Any, code: str, where: str | None, shows: Any
) -> None:
    answer = admin.post(f"/parts/{path}".rstrip("/"), filled(body, shelf))
    is_refused(answer, 409, code, where)
    assert {name: answer.json()[name] for name in shows} == shows


PARTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("", PART | {"name": {"zh": "胶"}}, "invalid-form", "#/name/en"),
    ("", PART | {"name": TITLE | {"fr": "colle"}}, "invalid-form", "#/name/fr"),
    ("", PART | {"name": TITLE | {"zh": " "}}, "invalid-value", "#/name/zh"),
    ("", PART | {"number": "　"}, "invalid-value", "#/number"),
    ("", PART | {"number": "x" * 201}, "invalid-form", "#/number"),
    ("", PART | {"tracking": "batch"}, "invalid-form", "#/tracking"),
    ("", PART | {"reorder_point": -1}, "invalid-form", "#/reorder_point"),
    ("", PART | {"reorder_point": 10**30}, "invalid-form", "#/reorder_point"),
    ("", PART | {"tracking": "lot", "shelf_life_days": 0}, "invalid-value", "#/shelf_life_days"),
    ("", PART | {"tracking": "lot", "shelf_life_days": 10**20}, "invalid-value", "#/shelf_life_days"),
    ("", PART | {"shelf_life_days": 30}, "invalid-value", "#/tracking"),
    ("TUBE/receive", DELIVERY, "invalid-value", "#/quantity"),
    ("TUBE/receive", DELIVERY | {"quantity": 2}, "invalid-value", "#/serials"),
    ("TUBE/receive", DELIVERY | {"serials": ["T7", "T7"]}, "invalid-value", "#/serials"),
    ("TUBE/receive", DELIVERY | {"serials": ["T7"], "quantity": 2}, "invalid-value", "#/serials"),
    ("TUBE/receive", DELIVERY | {"lots": {"L": 1}}, "invalid-value", "#/lots"),
    ("TUBE/receive", DELIVERY | {"serials": ["\0"]}, "invalid-form", "#/serials/0"),
    ("TUBE/receive", DELIVERY | {"serials": ["x" for _ in range(1001)]}, "invalid-form", "#/serials"),
    ("TUBE/receive", DELIVERY | {"serials": ["T7"], "expires_on": {"T8": "2099-01-01"}}, "invalid-value",
     "#/expires_on"),
    ("TUBE/receive", DELIVERY | {"serials": ["T7"], "expires_on": {"T7": "2099-02-30"}}, "invalid-form",
     "#/expires_on/T7"),
    ("GLUE/receive", DELIVERY | {"lots": {"L1": 1}, "expires_on": {"L1": "2098-01-01"}}, "invalid-value",
     "#/expires_on"),
    ("GLUE/receive", DELIVERY | {"lots": {"L1": -1}}, "invalid-form", "#/lots/L1"),
    ("GLUE/receive", DELIVERY | {"lots": {"": 1}}, "invalid-form", "#/lots"),
    ("GASKET/receive", DELIVERY | {"quantity": 0}, "invalid-value", "#/quantity"),
    ("GASKET/receive", DELIVERY | {"quantity": 1.5}, "invalid-form", "#/quantity"),
    ("GASKET/receive", DELIVERY | {"quantity": 10**9 + 1}, "invalid-form", "#/quantity"),
    ("GASKET/receive", DELIVERY | {"quantity": 1, "location": " "}, "invalid-value", "#/location"),
    ("GASKET/reserve", FOR | {"quantity": 1, "expires_at": "2020-01-01T00:00:00Z"}, "invalid-value",
     "#/expires_at"),
    ("GASKET/reserve", FOR | {"quantity": 1, "expires_at": "9999-12-31T23:59:59-23:59"}, "invalid-value",
     "#/expires_at"),
    ("GASKET/reserve", FOR | {"quantity": 1, "expires_at": "2099-01-01T00:00:00"}, "invalid-form",
     "#/expires_at"),
    ("GASKET/reserve", HERE | {"quantity": 1, "ticket": "T-1999-000001", "expires_at": LATER},
     "invalid-value", "#/ticket"),
    ("GASKET/issue", HERE | {"quantity": 1, "ticket": NOBODY}, "invalid-value", "#/ticket"),
    ("GASKET/issue", HERE | {"quantity": 1, "ticket": "\0"}, "invalid-value", "#/ticket"),
    ("GASKET/issue", HERE | {"quantity": 1, "ticket": "{other}", "reservation": "{promise}"},
     "invalid-value", "#/ticket"),
    ("GASKET/issue", {"location": "VAN", "quantity": 1, "ticket": "{ticket}", "reservation": "{promise}"},
     "invalid-value", "#/location"),
    ("GASKET/issue", FOR | {"quantity": 3, "reservation": "{promise}"}, "invalid-value", "#/quantity"),
    ("GASKET/release", {"reservation": "x"}, "invalid-form", "#/reservation"),
    ("GASKET/count", HERE | {"quantity": 4}, "invalid-value", "#/reason"),
    ("GASKET/transfer", {"from_location": "A", "to_location": "A", "quantity": 1}, "invalid-value",
     "#/to_location"),
    ("GASKET/scrap", HERE | {"bucket": "reserved", "quantity": 1}, "invalid-value", "#/bucket"),
    ("GASKET/scrap", {"bucket": "good", "quantity": 1}, "invalid-value", "#/location"),
    ("GASKET/scrap", {"bucket": "issued", "quantity": 1}, "invalid-value", "#/ticket"),
    ("TUBE/install", {"ticket": "{ticket}", "asset": "SN-1", "serials": ["T1"], "fate": "lost"},
     "invalid-value", "#/fate"),
    ("TUBE/install", {"ticket": "{ticket}", "asset": " ", "serials": ["T1"]}, "invalid-value", "#/asset"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "code", "where"), PARTS)
def test_what_can_never_be_right_of_a_part(
    admin: Caller, shelf: dict[str, str], path: str, body: Any, code: str, where: str
) -> None:
    is_refused(admin.post(f"/parts/{path}".rstrip("/"), filled(body, shelf)), 422, code, where)


DRAFT: dict[str, Any] = {
    "customer": "x",
    "title": "x",
    "plan": "hot-water",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "price": {"amount": "1.00", "currency": "CNY"},
    "assets": ["SN-1"],
}
DRAFTS: list[tuple[dict[str, Any], str, str]] = [
    ({"plan": "none"}, "unknown-plan", "#/plan"),
    ({"customer": " "}, "invalid-value", "#/customer"),
    ({"ends_on": "2025-12-31"}, "invalid-value", "#/ends_on"),
    ({"starts_on": "0001-01-01"}, "invalid-value", "#/starts_on"),
    ({"ends_on": "9999-12-31"}, "invalid-value", "#/ends_on"),
    ({"starts_on": "2026-02-30"}, "invalid-form", "#/starts_on"),
    ({"starts_on": "2026-01-01T00:00:00Z"}, "invalid-form", "#/starts_on"),
    ({"zone": "Mars/Olympus"}, "invalid-value", "#/zone"),
    ({"zone": "../../etc/passwd"}, "invalid-value", "#/zone"),
    ({"price": {"amount": "1,00", "currency": "CNY"}}, "invalid-form", "#/price/amount"),
    ({"price": {"amount": 1, "currency": "CNY"}}, "invalid-form", "#/price/amount"),
    ({"price": {"amount": "1.00", "currency": "¥"}}, "invalid-form", "#/price/currency"),
    ({"price": {"amount": "-1.00", "currency": "CNY"}}, "invalid-value", "#/price/amount"),
    ({"allowances": {"visits": -1}}, "invalid-form", "#/allowances/visits"),
    ({"allowances": {"visits": 10**30}}, "invalid-form", "#/allowances/visits"),
    ({"allowances": {"trips": 1}}, "invalid-form", "#/allowances/trips"),
    ({"allowances": {"by_part": {"\0": 1}}}, "invalid-form", "#/allowances/by_part"),
    ({"allowances": {"by_part": {" ": 1}}}, "invalid-value", "#/allowances/by_part"),
    ({"assets": []}, "invalid-value", "#/assets"),
    ({"assets": ["SN-1", "SN-1"]}, "invalid-value", "#/assets"),
    ({"assets": ["SN-1", " "]}, "invalid-value", "#/assets"),
    ({"scope": "customer"}, "invalid-value", "#/assets"),
    ({"scope": "all"}, "invalid-form", "#/scope"),
]


@pytest.mark.parametrize(("wrong", "code", "where"), DRAFTS)
def test_what_can_never_be_right_of_a_draft(
    manager: Caller, wrong: dict[str, Any], code: str, where: str
) -> None:
    is_refused(manager.post("/contracts", DRAFT | wrong), 422, code, where)


CONTRACTS: list[tuple[str, dict[str, Any], int, str, str | None]] = [
    ("sign", {"signed_by": "x", "signed_on": "2026-01-01"}, 409, "not-allowed", None),
    ("amend", {"effective_on": "1999-01-01", "added": ["SN-2"]}, 422, "invalid-value", "#/effective_on"),
    ("amend", {"effective_on": TOMORROW, "added": ["SN-1"]}, 422, "invalid-value", "#/added"),
    ("amend", {"effective_on": TOMORROW, "removed": ["SN-9"]}, 422, "invalid-value", "#/removed"),
    ("amend", {"effective_on": TOMORROW, "removed": ["SN-1"]}, 422, "invalid-value", "#/removed"),
    ("amend", {"effective_on": TOMORROW, "plan": "none"}, 422, "unknown-plan", "#/plan"),
    ("renew", {"ends_on": "2020-12-31"}, 422, "invalid-value", "#/ends_on"),
    ("renew", {"starts_on": "2020-01-01", "ends_on": "2099-12-31"}, 422, "invalid-value", "#/starts_on"),
    ("terminate", {"effective_on": TOMORROW}, 422, "invalid-value", "#/reason"),
    ("terminate", {"effective_on": "1999-01-01", "reason": "x"}, 422, "invalid-value", "#/effective_on"),
    ("consume", {"kind": "visit", "amount": 0}, 422, "invalid-form", "#/amount"),
    ("consume", {"kind": "trip", "amount": 1}, 422, "invalid-form", "#/kind"),
    ("consume", {"kind": "part", "amount": 1}, 422, "invalid-value", "#/part"),
    ("consume", {"kind": "visit", "amount": 1, "part": "GLUE"}, 422, "invalid-value", "#/part"),
    ("consume", {"kind": "visit", "amount": 1, "ticket": NOBODY}, 422, "invalid-value", "#/ticket"),
    ("consume", {"kind": "visit", "amount": 1, "asset": "SN-9"}, 422, "invalid-value", "#/asset"),
    ("consume", {"kind": "visit", "amount": 1, "asset": "SN-1", "reported_at": "2010-01-01T00:00:00Z"}, 422,
     "invalid-value", "#/reported_at"),
    ("consume", {"kind": "visit", "amount": 1, "asset": "SN-1", "reported_at": LATER}, 422, "invalid-value",
     "#/reported_at"),
    ("restore", {"entry": NOBODY, "amount": 1}, 422, "invalid-value", "#/entry"),
    ("expire", {}, 404, "not-found", None),
]  # fmt: skip


@pytest.mark.parametrize(("action", "body", "status", "code", "where"), CONTRACTS)
def test_what_a_contract_refuses(
    admin: Caller,
    contract: str,
    shelf: dict[str, str],
    action: str,
    body: Any,
    status: int,
    code: str,
    where: str | None,
) -> None:
    usual = {"ticket": shelf["ticket"]} if action == "consume" else {}
    is_refused(admin.post(f"/contracts/{contract}/{action}", usual | body), status, code, where)


def test_a_contract_that_gives_less_says_what_is_left(admin: Caller, contract: str) -> None:
    ticket = admin.reads("/tickets", asset="SN-1")["items"][0]["number"]
    visits = {"ticket": ticket, "kind": "visit", "amount": 2}
    answer = admin.post(f"/contracts/{contract}/consume", visits)
    is_refused(answer, 409, "entitlement-exhausted", "#/amount")
    assert answer.json()["remaining"] == 1


def test_a_ticket_does_not_end_while_it_has_parts(admin: Caller, shelf: dict[str, str]) -> None:
    answer = admin.post(f"/tickets/{shelf['ticket']}/cancel", {"reason": "x"})
    is_refused(answer, 409, "unsettled")
    assert (answer.json()["parts"], answer.json()["questions"]) == ({"TUBE": 1}, 0)


@pytest.mark.parametrize("reference", ["NO-SUCH", NOBODY, "%00", "a%2Fb", "..%2F..", "C-2026-999999"])
def test_parts_and_contracts_that_are_none(admin: Caller, reference: str) -> None:
    for path in ("", "/ledger", "/units"):
        is_refused(admin.get(f"/parts/{reference}{path}"), 404, "not-found")
    is_refused(admin.get(f"/parts/{reference}?version=1"), 404, "not-found")
    is_refused(admin.post(f"/parts/{reference}/release", {"reservation": NOBODY}), 404, "not-found")
    is_refused(admin.get(f"/contracts/{reference}"), 404, "not-found")
    is_refused(admin.post(f"/contracts/{reference}/activate"), 404, "not-found")


def test_a_ticket_is_no_part_and_no_contract(admin: Caller, shelf: dict[str, str]) -> None:
    ticket = admin.reads(f"/tickets/{shelf['ticket']}")["id"]
    for path in (f"/parts/{ticket}", f"/contracts/{ticket}", f"/parts/{ticket}?version=1"):
        is_refused(admin.get(path), 404, "not-found")
    part = admin.reads("/parts/TUBE")["id"]
    for path in (f"/tickets/{part}", f"/contracts/{part}", f"/records/iso9001/cases/{part}"):
        is_refused(admin.get(path), 404, "not-found")
