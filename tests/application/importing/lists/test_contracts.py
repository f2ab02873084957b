"""Contracts told as drafts, signatures and activations."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.contract.events import Allowances, ContractActivated, ContractDrafted, ContractSigned
from domain.contract.state import replay
from domain.contract.words import Scope, Status
from domain.event import type_name
from domain.money import Money
from tests.application.importing.lists.written import AS_OF, CONTRACT, Shelf

FULL = (
    f"{CONTRACT},title,zone,visits,hours,parts,signed_by,signed_on\n"
    'HT-1,ACME,standard,2025-07-01,2026-06-30,"18,600.00",CNY,A1;A2,Yearly care,Europe/Rome,2,7.5,10,'
    "Li Min,2025-06-20\n"
)
ROW = "HT-1,ACME,standard,2025-07-01,2026-06-30,100,CNY,A1"


def test_a_signed_contract_is_drafted_signed_and_active():
    shelf = Shelf()
    taken = shelf.take("contracts", FULL)
    assert taken.events == [
        ContractDrafted(
            number="HT-1",
            customer="ACME",
            title="Yearly care",
            plan="standard",
            starts_on=date(2025, 7, 1),
            ends_on=date(2026, 6, 30),
            zone="Europe/Rome",
            price=Money("18600.00", "CNY"),
            allowances=Allowances(visits=2, hours=27_000, parts=10),
            scope=Scope.ASSETS,
            assets=("A1", "A2"),
            source="file/HT-1",
        ),
        ContractSigned(by="Li Min", on=date(2025, 6, 20)),
        ContractActivated(),
    ]
    facts = shelf.history("contract:file/HT-1")
    contract = replay(facts)
    assert contract is not None
    assert (contract.status, contract.signed_on) == (Status.ACTIVE, date(2025, 6, 20))
    assert {(fact.act.actor, fact.act.occurred_at, fact.act.reason) for fact in facts} == {
        ("system:import", AS_OF, "list.csv")
    }
    assert [fact.version for fact in facts] == [1, 2, 3]


def test_a_contract_nobody_signed_stays_a_draft_with_what_is_usual():
    (event,) = Shelf().take("contracts", f"{CONTRACT}\n{ROW}\n").events
    assert isinstance(event, ContractDrafted)
    assert (event.title, event.zone, event.allowances) == ("HT-1", "Asia/Shanghai", Allowances())


def test_a_contract_for_everything_of_a_customer_says_so():
    rows = f"{CONTRACT},覆盖范围\nHT-1,ACME,standard,2025-07-01,2026-06-30,100,CNY,,客户\n"
    (event,) = Shelf().take("contracts", rows).events
    assert isinstance(event, ContractDrafted)
    assert (event.scope, event.assets) == (Scope.CUSTOMER, ())


def test_a_row_each_asset_is_one_contract_wherever_the_rows_stand():
    rows = (
        "合同编号,客户,服务等级,开始日期,结束日期,合同金额,币种,设备序列号,签署人,签订日期\n"
        "HT-1,城东医院,standard,2025/7/1,2027/6/30,52000,CNY,ZX-1,陈强,2025/6/25\n"
        "HT-2,云栖酒店,standard,2025/7/1,2027/6/30,9000,CNY,RB-1,,\n"
        "HT-1,城东医院,standard,2025/7/1,2027/6/30,52000,CNY,ZX-2；ZX-3,,\n"
    )
    taken = Shelf().take("contracts", rows)
    drafts = [event for event in taken.events if isinstance(event, ContractDrafted)]
    assert [(event.number, event.assets) for event in drafts] == [
        ("HT-1", ("ZX-1", "ZX-2", "ZX-3")),
        ("HT-2", ("RB-1",)),
    ]
    assert [type_name(event) for event in taken.events].count("contract.signed") == 1
    assert taken.imported == 3


def test_an_ended_contract_needs_the_moment_it_was_agreed():
    ended = f"{CONTRACT},signed_by,signed_on,occurred_at\n"
    row = "HT-1,ACME,standard,2024-01-01,2024-12-31,100,CNY,A1,Li,2023-12-20,"
    assert Shelf().take("contracts", f"{ended}{row}\n").rejects == [
        (2, "column occurred_at: HT-1 ended on 2024-12-31")
    ]
    shelf = Shelf()
    assert shelf.take("contracts", f"{ended}{row}2023-12-20 18:00\n").imported == 1
    assert shelf.history("contract:file/HT-1")[2].act.occurred_at == datetime(2023, 12, 20, 10, tzinfo=UTC)


def test_any_row_of_a_contract_may_say_when_it_was_agreed():
    shelf = Shelf()
    shelf.take("contracts", f"{CONTRACT},date\n{ROW},\n{ROW.replace('A1', 'A2')},2026-03-01 08:00\n")
    (fact,) = shelf.history("contract:file/HT-1")
    assert fact.act.occurred_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_the_same_list_again_adds_nothing():
    shelf = Shelf()
    shelf.take("contracts", FULL)
    again = shelf.take("contracts", FULL)
    assert (again.events, again.imported, again.there, again.rejects) == ([], 0, 1, [])


def test_another_source_is_another_contract():
    shelf = Shelf()
    shelf.take("contracts", FULL)
    other = shelf.take("contracts", FULL, 'source = "erp"')
    assert other.imported == 1
    assert "contract:erp/HT-1" in shelf.names


@pytest.mark.parametrize(
    ("was", "now", "differs"),
    [
        ("ACME", "Other", "column customer: Other, where the contract has ACME"),
        ('"18,600.00"', "18600", None),
        ('"18,600.00"', "18601", "column price: 18601, where the contract has 18600.00"),
        ("A1;A2", "A2;A1", None),
        ("A1;A2", "A1", "column assets: A1, where the contract has A1, A2"),
        ("2,7.5,10", "2,8,10", "column hours: 8, where the contract has 7.5"),
        ("Yearly care", "", None),
        ("2025-06-20", "2025-06-21", "column signed_on: 2025-06-21, where the contract has 2025-06-20"),
    ],
)
def test_a_contract_that_is_there_with_other_terms_is_rejected(was: str, now: str, differs: str | None):
    shelf = Shelf()
    shelf.take("contracts", FULL)
    again = shelf.take("contracts", FULL.replace(was, now))
    assert again.imported == 0
    assert again.rejects == ([(2, f"HT-1 was imported before; {differs}")] if differs else [])


def test_a_draft_that_the_list_now_calls_signed_is_rejected_too():
    shelf = Shelf()
    shelf.take("contracts", f"{CONTRACT}\n{ROW}\n")
    again = shelf.take("contracts", f"{CONTRACT},signed_by,signed_on\n{ROW},Li,2025-06-01\n")
    assert again.rejects == [
        (
            2,
            "HT-1 was imported before; column signed_by: Li, where the contract has nothing; "
            "column signed_on: 2025-06-01, where the contract has nothing",
        )
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",ACME,standard,2025-07-01,2026-06-30,100,CNY,A1", "no number in column number"),
        ("X,,standard,2025-07-01,2026-06-30,100,CNY,A1", "no customer in column customer"),
        ("X,ACME,gold,2025-07-01,2026-06-30,100,CNY,A1", "column plan: there is no plan 'gold'"),
        ("X,ACME,standard,01/07/2025,2026-06-30,100,CNY,A1", "column starts_on: '01/07/2025' is no day"),
        (
            "X,ACME,standard,2026-07-01,2026-06-30,100,CNY,A1",
            "column ends_on: the last day, 2026-06-30, lies before the first, 2026-07-01",
        ),
        ("X,ACME,standard,2025-07-01,2026-06-30,much,CNY,A1", "column price: 'much' is no number"),
        ("X,ACME,standard,2025-07-01,2026-06-30,-1,CNY,A1", "column price: a price is not below zero"),
        ("X,ACME,standard,2025-07-01,2026-06-30,1.23456,CNY,A1", "column price: '1.23456' is not an amount"),
        ("X,ACME,standard,2025-07-01,2026-06-30,1,RMB¥,A1", "column currency: 'RMB¥' is not a currency"),
        ("X,ACME,standard,2025-07-01,2026-06-30,1,,A1", "no currency in column currency"),
        ("X,ACME,standard,2025-07-01,2026-06-30,1,CNY,", "column assets: a contract names at least one"),
        ("X,ACME,standard,2025-07-01,2026-06-30,1,CNY,A1;A1", "column assets: A1 comes twice"),
    ],
)
def test_a_bad_row_is_rejected_with_line_column_and_reason_and_costs_no_other(row: str, reason: str):
    other = ROW.replace("HT-1", "HT-2")
    taken = Shelf().take("contracts", f"{CONTRACT}\n{ROW}\n{row}\n{other}\n")
    ((line, told),) = taken.rejects
    assert line == 3
    assert told.startswith(reason)
    assert taken.imported == 2


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ("Li,", "column signed_on: missing, where there is signed_by"),
        (",2025-06-20", "column signed_by: missing, where there is signed_on"),
        ("Li,2026-01-02", "column signed_on: 2026-01-02 is still to come"),
    ],
)
def test_a_signature_is_whole_and_not_of_tomorrow(stated: str, reason: str):
    taken = Shelf().take("contracts", f"{CONTRACT},signed_by,signed_on\n{ROW},{stated}\n")
    assert (taken.events, taken.rejects) == ([], [(2, reason)])


def test_a_zone_and_a_scope_must_exist():
    taken = Shelf().take(
        "contracts", f"{CONTRACT},zone,scope\n{ROW},Mars/Base,\n{ROW.replace('HT-1', 'HT-2')},,region\n"
    )
    assert taken.rejects == [
        (2, "column zone: there is no time zone 'Mars/Base'"),
        (3, "column scope: 'region' is none of assets, customer; add it to [values.scope]"),
    ]


def test_a_contract_is_whole_or_absent():
    rows = f"{CONTRACT}\n{ROW}\n{ROW.replace('A1', 'A2').replace('100', 'free')}\n"
    taken = Shelf().take("contracts", rows)
    why = "column price: 'free' is no number"
    assert taken.events == []
    assert taken.rejects == [(2, f"the case has a bad row on line 3: {why}"), (3, why)]


def test_rows_of_a_contract_that_contradict_each_other_reject_it():
    rows = f"{CONTRACT}\n{ROW}\n{ROW.replace('A1', 'A2').replace('ACME', 'Other')}\n"
    taken = Shelf().take("contracts", rows)
    why = "column customer: Other, where line 2 has ACME"
    assert taken.events == []
    assert taken.rejects == [(2, f"the case has a bad row on line 3: {why}"), (3, why)]


def test_a_refusal_names_the_first_row_that_says_it():
    rows = f"{CONTRACT},signed_by,signed_on\n{ROW},,\n{ROW.replace('A1', 'A2')},Li,2026-05-05\n"
    taken = Shelf().take("contracts", rows)
    assert [line for line, reason in taken.rejects if reason.startswith("column signed_on")] == [3]
    assert len(taken.rejects) == 2
