"""From draft to the end: what each state lets happen, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.contract.allowed import ALLOWED, allowed_actions
from domain.contract.drafting import draft
from domain.contract.events import Allowances, ContractSigned
from domain.contract.words import Scope, Status
from domain.errors import InvalidValue, NotAllowed
from domain.money import Money
from tests.domain.contract.story import (
    ACTIVE,
    INCLUDED,
    PRICE,
    Asked,
    Happening,
    act,
    activated,
    amended,
    ask,
    consume,
    contract,
    day,
    drafted,
    expired,
    given,
    renewed,
    restore,
    signed,
    terminated,
)

LIVES: dict[Status, tuple[Happening, ...]] = {
    Status.DRAFT: (drafted(),),
    Status.SIGNED: (drafted(), signed()),
    Status.ACTIVE: ACTIVE,
    Status.EXPIRED: (*ACTIVE, expired()),
    Status.TERMINATED: (*ACTIVE, terminated("2026-06-01")),
}
ASKS: dict[str, Asked] = {
    "sign": ask("sign", signed_by="陈总", signed_on=day("2025-12-10")),
    "activate": ask("activate"),
    "amend": ask("amend", effective_on=day("2026-04-01"), plan="silver"),
    "renew": ask("renew", ends_on=day("2027-12-31"), allowances=INCLUDED),
    "expire": ask("expire", "2027-01-01 00:00"),
    "terminate": ask("terminate", effective_on=day("2026-06-01"), reason="sold the site"),
    "consume": consume(),
    "restore": restore(number=1),
}


@pytest.mark.parametrize("status", Status)
def test_a_life_leads_to_its_state(status: Status) -> None:
    assert contract(*LIVES[status]).status is status


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", ALLOWED)
def test_a_state_allows_what_its_table_says(status: Status, action: str) -> None:
    asking = given(*LIVES[status]).when(ASKS[action])
    if status not in ALLOWED[action]:
        asking.refused(NotAllowed, state=status.value, allowed=allowed_actions(status))
    elif action == "restore":
        asking.refused(InvalidValue, field="/entry")  # allowed; only nothing was used yet
    else:
        assert len(asking.asked(asking.contract)) == 1


def test_from_draft_to_active() -> None:
    story = given(drafted())
    story.when(ASKS["sign"]).then((ContractSigned(by="陈总", on=day("2025-12-10")), act("2026-03-05")))
    given(drafted(), signed()).when(ask("activate", "2025-12-11 09:00")).then(activated())


def test_a_renewal_begins_the_day_after() -> None:
    given(*ACTIVE).when(ask("renew", ends_on=day("2027-12-31"), allowances=INCLUDED)).then(renewed())
    assert contract(*ACTIVE, expired(), renewed()).status is Status.ACTIVE


def test_a_renewal_may_begin_later_but_not_earlier() -> None:
    late = {"ends_on": day("2027-12-31"), "allowances": INCLUDED}
    given(*ACTIVE, expired()).when(ask("renew", starts_on=day("2027-03-01"), **late)).then(
        renewed(starts_on="2027-03-01")
    )
    given(*ACTIVE).when(ask("renew", starts_on=day("2026-12-31"), **late)).refused(
        InvalidValue, field="/starts_on"
    )


USUAL: dict[str, Any] = {
    "number": "C-2026-000012",
    "customer": "海盛",
    "title": "热水系统维保",
    "plan": "gold",
    "starts_on": day("2026-01-01"),
    "ends_on": day("2026-12-31"),
    "zone": "Asia/Shanghai",
    "price": PRICE,
    "assets": ["SN-1", "SN-2"],
    "allowances": INCLUDED,
}


def test_a_draft_says_what_was_agreed() -> None:
    assert draft(**USUAL) == drafted()[0]
    assert draft(**{**USUAL, "scope": Scope.CUSTOMER, "assets": []}) == drafted(scope=Scope.CUSTOMER)[0]
    assert draft(**{**USUAL, "ends_on": USUAL["starts_on"]}).ends_on == day("2026-01-01")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": " "}, "/number"),
        ({"customer": ""}, "/customer"),
        ({"title": "\t"}, "/title"),
        ({"plan": ""}, "/plan"),
        ({"ends_on": day("2025-12-31")}, "/ends_on"),
        ({"ends_on": date.max}, "/ends_on"),
        ({"starts_on": date.min}, "/starts_on"),
        ({"zone": "Asia/Peking"}, "/zone"),
        ({"zone": "../etc/passwd"}, "/zone"),
        ({"price": Money("-0.01", "CNY")}, "/price/amount"),
        ({"assets": ["SN-1", "SN-2", "SN-1"]}, "/assets"),
        ({"assets": ["SN-1", " "]}, "/assets"),
        ({"assets": []}, "/assets"),
        ({"scope": Scope.CUSTOMER}, "/assets"),
    ],
)
def test_a_draft_that_contradicts_itself_is_refused(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        draft(**{**USUAL, **wrong})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "wrong", [{"visits": -1}, {"hours": -1}, {"parts": -1}, {"by_part": {"PN": -1}}, {"by_part": {" ": 1}}]
)
def test_allowances_are_not_below_zero(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        Allowances(**wrong)


@pytest.mark.parametrize(
    ("life", "asked", "field"),
    [
        (LIVES[Status.DRAFT], ask("sign", signed_by=" ", signed_on=day("2025-12-10")), "/signed_by"),
        (LIVES[Status.DRAFT], ask("sign", signed_by="陈总", signed_on=day("2026-03-06")), "/signed_on"),
        (
            LIVES[Status.DRAFT],
            ask("sign", "2025-11-30 09:00", signed_by="陈总", signed_on=day("2025-11-30")),
            "/occurred_at",
        ),
        (LIVES[Status.SIGNED], ask("activate", "2027-01-01 00:00"), "/occurred_at"),
        (ACTIVE, ask("expire", "2026-12-31 23:59:59"), "/occurred_at"),
        ((*ACTIVE, renewed()), ask("expire", "2027-01-01 00:00"), "/occurred_at"),
        (ACTIVE, ask("terminate", effective_on=day("2026-06-01")), "/reason"),
        (ACTIVE, ask("terminate", effective_on=day("2026-06-01"), reason=" "), "/reason"),
        (ACTIVE, ask("terminate", effective_on=day("2025-12-31"), reason="why"), "/effective_on"),
        (ACTIVE, ask("terminate", effective_on=day("2027-01-01"), reason="why"), "/effective_on"),
        (ACTIVE, ask("renew", ends_on=day("2026-12-31"), allowances=INCLUDED), "/ends_on"),
        (ACTIVE, ask("amend", effective_on=day("2025-12-31"), plan="silver"), "/effective_on"),
        (ACTIVE, ask("amend", effective_on=day("2027-01-01"), plan="silver"), "/effective_on"),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01")), None),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), plan="gold", price=PRICE), None),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), plan=" "), "/plan"),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), price=Money("-1", "CNY")), "/price/amount"),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), added=["SN-1"]), "/added"),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), added=["SN-3", "SN-3"]), "/added"),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), added=[" "]), "/added"),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), removed=["SN-3"]), "/removed"),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), removed=["SN-1", "SN-1"]), "/removed"),
        (ACTIVE, ask("amend", effective_on=day("2026-04-01"), removed=["SN-1", "SN-2"]), "/removed"),
        (
            (*ACTIVE, amended("2026-08-01", removed=("SN-2",))),
            ask("amend", effective_on=day("2026-04-01"), removed=["SN-1"]),  # nothing is left in August
            "/removed",
        ),
        (
            (drafted(scope=Scope.CUSTOMER),),
            ask("amend", effective_on=day("2026-04-01"), added=["SN-1"]),
            "/added",
        ),
    ],
)
def test_what_cannot_be_right_is_refused(
    life: tuple[Happening, ...], asked: Asked, field: str | None
) -> None:
    given(*life).when(asked).refused(InvalidValue, field=field)


def test_an_amendment_says_only_what_changes() -> None:
    given(*ACTIVE).when(
        ask(
            "amend", effective_on=day("2026-04-01"), added=["SN-3"], removed=["SN-1"], price=Money("1", "CNY")
        )
    ).then(amended("2026-04-01", added=("SN-3",), removed=("SN-1",), price=Money("1", "CNY")))


def test_the_plan_of_a_contract_for_all_can_be_amended() -> None:
    given(drafted(scope=Scope.CUSTOMER)).when(
        ask("amend", effective_on=day("2026-04-01"), plan="silver")
    ).then(amended("2026-04-01", plan="silver"))


def test_a_serial_that_left_may_come_back() -> None:
    gone = amended("2026-04-01", removed=("SN-1",))
    given(*ACTIVE, gone).when(ask("amend", effective_on=day("2026-09-01"), added=["SN-1"])).then(
        amended("2026-09-01", added=("SN-1",))
    )
