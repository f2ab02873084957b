"""How it is said which contract a ticket falls under, and what a person must decide."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.contract.choice import Choice, Loser, Winner
from domain.contract.words import Level, Why
from domain.event import Event
from domain.ticket.events import PlanPin, QuestionAnswered, QuestionRaised
from domain.ticket.registration import register
from domain.ticket.words import Channel, Obstacle, Priority, Reaction
from projections.words.sentences import tell
from projections.words.values import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
ID = UUID(int=7)
WINNER = Winner(number="C-2026-000012", contract=UUID(int=12), level=Level.LINE, plan="hot-water")
LOSERS = (
    Loser(number="C-2026-000007", contract=ID, why=Why.OLDER),
    Loser(number="C-2025-000003", contract=UUID(int=3), why=Why.NO_LONGER),
)
REGISTERED = (
    "登记工单 T-2026-000001：热水不足；客户：海风酒店；设备：WH-1；优先级 P2（部分失效）；受理渠道：电话；"
    "服务等级 hot-water 第 2 版",
    "Ticket T-2026-000001 registered: 热水不足; customer 海风酒店; asset WH-1; priority P2 (partly failing); "
    "by phone; service plan hot-water v2",
)


def registered(contract: Choice | None) -> Event:
    return register(
        number="T-2026-000001",
        subject="热水不足",
        priority=Priority.P2,
        pin=PlanPin(plan="hot-water", plan_version=2, calendar="china", calendar_version=1),
        customer="海风酒店",
        asset="WH-1",
        channel=Channel.PHONE,
        contract=contract,
    )


def raised(reaction: Reaction, obstacle: Obstacle, detail: str, subject: str | None = None) -> Event:
    return QuestionRaised(question=ID, reaction=reaction, obstacle=obstacle, detail=detail, subject=subject)


@pytest.mark.parametrize(
    ("contract", "zh", "en"),
    [
        (None, "", ""),
        (Choice(), "", ""),
        (
            Choice(winner=WINNER),
            "；适用合同 C-2026-000012（按合同行）",
            "; under contract C-2026-000012 (by contract line)",
        ),
        (
            Choice(winner=WINNER, losers=LOSERS),
            "；适用合同 C-2026-000012（按合同行）；"
            "未适用的合同：C-2026-000007（另有合同起始日更晚）、C-2025-000003（不在合同期内）",
            "; under contract C-2026-000012 (by contract line); contracts that do not apply: "
            "C-2026-000007 (another contract's term began later), C-2025-000003 (its term is over)",
        ),
        (
            Choice(losers=LOSERS[1:]),
            "；未适用的合同：C-2025-000003（不在合同期内）",
            "; contracts that do not apply: C-2025-000003 (its term is over)",
        ),
    ],
)
def test_a_registered_ticket_says_its_contract_and_why_others_do_not_apply(
    contract: Choice | None, zh: str, en: str
) -> None:
    assert tell(registered(contract), SHANGHAI) == Text(REGISTERED[0] + zh, REGISTERED[1] + en)


@pytest.mark.parametrize(
    ("event", "zh", "en"),
    [
        (
            raised(Reaction.COUNT_VISIT, Obstacle.EXHAUSTED, "0 left of visit, not 1", "C-2026-000012"),
            "待决事项：合同上门次数扣减未完成（C-2026-000012），合同权益不足：0 left of visit, not 1",
            "Open question: taking a visit from the contract did not go through (C-2026-000012), "
            "nothing is left of it: 0 left of visit, not 1",
        ),
        (
            raised(Reaction.RELEASE_RESERVATION, Obstacle.STATE, "there is no reservation"),
            "待决事项：备件预留解除未完成，当前状态不允许：there is no reservation",
            "Open question: releasing a reservation did not go through, "
            "the state does not allow it: there is no reservation",
        ),
        (
            QuestionAnswered(question=ID, answer="本次上门免费"),
            "待决事项已答复：本次上门免费",
            "Question answered: 本次上门免费",
        ),
    ],
)
def test_a_question_and_its_answer_are_said(event: Event, zh: str, en: str) -> None:
    assert tell(event, SHANGHAI) == Text(zh, en)
