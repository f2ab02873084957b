"""Service cases for tests, told across their streams.

    Told().registered().then(TicketResolved(solution="…"), 4).facts

Hours count from Monday 2 March 2026, 09:00 in Shanghai. An event stands at the next position of the log, and
is recorded a second after it happened unless it is told later.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from application.plans import shipped_promises
from domain.contract.choice import Choice, Loser, Winner
from domain.contract.events import EntitlementConsumed, EntitlementRestored
from domain.contract.words import Kind, Level, Why
from domain.event import Act, Event, Fact
from domain.part.events import (
    PartInstalled,
    PartIssued,
    PartReserved,
    PartReturned,
    ReservationReleased,
)
from domain.part.goods import Goods
from domain.part.words import Condition, Fate, Release
from domain.ticket.diagnosis_events import CustomerGuided, FaultDiagnosed
from domain.ticket.events import (
    QuestionAnswered,
    QuestionRaised,
    ResolutionConfirmed,
    ResolutionRejected,
    TicketAssigned,
    TicketClassified,
    TicketClosed,
    TicketContacted,
    TicketEscalated,
    TicketHeld,
    TicketPrioritised,
    TicketRegistered,
    TicketResolved,
    TicketResumed,
    Triaged,
)
from domain.ticket.file_events import FileAttached, FileWithdrawn
from domain.ticket.liaison_events import LiaisonMoved, LiaisonWithdrawn, OthersAnswered, OthersAsked
from domain.ticket.words import (
    Channel,
    Counterpart,
    Direction,
    FileKind,
    Guidance,
    HoldReason,
    Impact,
    Obstacle,
    Party,
    Priority,
    Reaction,
    Tier,
)
from domain.title import Title
from projections.records.record import CaseRecord, build
from projections.records.seals import Seal, Seals
from tests.projections.histories import at

SHANGHAI = ZoneInfo("Asia/Shanghai")
PROMISES = shipped_promises()
TICKET = UUID("01990000-0000-7000-8000-000000000001")
HEATER = UUID("01990000-0000-7000-8000-0000000000a1")
SENSOR = UUID("01990000-0000-7000-8000-0000000000a2")
SEAL = UUID("01990000-0000-7000-8000-0000000000a3")
CONTRACT = UUID("01990000-0000-7000-8000-0000000000c1")
OTHER_CONTRACT = UUID("01990000-0000-7000-8000-0000000000c2")
NUMBER = "T-2026-000123"
FOR_TICKET: dict[str, Any] = {"for_ticket": TICKET, "ticket_number": NUMBER}
HEARD: dict[str, Any] = {"channel": Channel.PHONE, "direction": Direction.OUTBOUND, "party": Party.PERSON}


class Told:
    """One case, told event by event."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def then(
        self,
        event: Event,
        hours: float = 1,
        *,
        stream: UUID = TICKET,
        actor: str = "agent:li.wei",
        why: str | None = None,
        late: timedelta = timedelta(seconds=1),
    ) -> Told:
        """This happened next, so many hours after the start."""
        version = sum(fact.stream_id == stream for fact in self.facts) + (1 if stream == TICKET else 8)
        position = self.facts[-1].position + 3 if self.facts else 1041
        self.facts.append(
            Fact(
                stream_id=stream,
                version=version,
                event=event,
                act=Act(actor=actor, occurred_at=at(hours), reason=why),
                correlation_id=TICKET,
                position=position,
                recorded_at=at(hours) + late,
            )
        )
        return self

    def registered(self, hours: float = 0, plan: str = "hot-water", **fields: Any) -> Told:
        """The customer reported."""
        usual: dict[str, Any] = {
            "number": NUMBER,
            "subject": "热水器不加热 No hot water on floors 4 to 6",
            "priority": Priority.P2,
            "pin": PROMISES.pin(plan, datetime(2026, 3, 2, tzinfo=UTC)),
            "customer": "海盛大酒店 Haisheng Hotel",
            "channel": Channel.PHONE,
        }
        return self.then(TicketRegistered(**usual | fields), hours)

    @property
    def seals(self) -> Seals:
        """Hashes that differ from event to event, as those of a log do."""
        return {
            fact.position: Seal(
                sha256(b"leaf %d" % fact.position).digest(), sha256(b"%d" % fact.position).digest()
            )
            for fact in self.facts
        }

    def record(self, **more: Any) -> CaseRecord:
        """The record of it."""
        record = build(self.facts, self.seals, self.facts[-1].position + 7, PROMISES, SHANGHAI, **more)
        assert record is not None
        return record

    def at(self, *types: str) -> tuple[int, ...]:
        """The positions of events of these types."""
        return tuple(fact.position for fact in self.facts if str(fact.event.__struct_config__.tag) in types)


def moved(
    cls: type[Any], number: str, quantity: int | list[str] | dict[str, int] = 1, **fields: Any
) -> Event:
    """A movement for the ticket; goods as a quantity, serial numbers, or lots."""
    if isinstance(quantity, list):
        goods = Goods(len(quantity), serials=tuple(quantity))
    elif isinstance(quantity, dict):
        goods = Goods(sum(quantity.values()), lots=quantity)
    else:
        goods = Goods(quantity)
    return cls(number=number, goods=goods, **FOR_TICKET, **fields)


def choice() -> Choice:
    """Under a contract for the asset, with two that lost."""
    return Choice(
        winner=Winner(number="C-2026-000012", contract=CONTRACT, level=Level.LINE, plan="hot-water"),
        losers=(
            Loser(number="C-2025-000118", contract=OTHER_CONTRACT, why=Why.LESS_SPECIFIC),
            Loser(number="C-2024-000007", contract=UUID(int=7), why=Why.NO_LONGER),
        ),
    )


TRIAGED = Triaged(
    version=3,
    category=Title(zh="不出热水", en="no hot water"),
    fault_code=Title(zh="加热管断路", en="heating element open"),
)
"""What the codes of the rich case are called."""


def rich_case() -> Told:
    """Everything a case can have: contract, parts in and out, a rejection, a question, two cycles."""
    technician, store = "technician:zhang.wei", "store:wang.jun"
    on_site = {"channel": Channel.ON_SITE, "direction": Direction.OUTBOUND, "party": Party.PERSON}
    used = {"ticket": TICKET, "ticket_number": NUMBER, "reported_at": at(0), "asset": "SN-2024-00117"}
    question = UUID("01990000-0000-7000-8000-0000000000f1")
    told = Told().registered(
        description="今天早上起 4 至 6 层客房均无热水，面板显示故障代码 E5。\n前台已收到多起投诉。",
        contact="陈经理",
        site="杭州市西湖区北山街 78 号",
        product="HW-200",
        asset="SN-2024-00117",
        contract=choice(),
    )
    told.then(TicketClassified(category="不加热", fault_code="E5", impact=Impact.HIGH, triage=TRIAGED), 0.1)
    told.then(TicketAssigned(team="华东一组", person="张伟"), 0.2, actor="dispatcher:zhao.min")
    told.then(TicketContacted(**HEARD, person="陈经理", summary="已了解情况，技术员今天上午到达。"), 0.4)
    told.then(
        TicketPrioritised(priority=Priority.P1), 0.5, why="客房全部受影响，客户要求升级", actor="agent:li.wei"
    )
    told.then(
        moved(
            PartReserved,
            "HE-200",
            ["HE200-7788"],
            reservation=question,
            location="杭州仓",
            expires_at=at(30),
        ),
        0.6,
        stream=HEATER,
        actor=store,
    )
    told.then(
        moved(
            ReservationReleased,
            "HE-200",
            ["HE200-7788"],
            reservation=question,
            location="杭州仓",
            why=Release.USED,
        ),
        1,
        stream=HEATER,
        actor=store,
    )
    told.then(
        moved(PartIssued, "HE-200", ["HE200-7788"], location="杭州仓", reservation=question),
        1,
        stream=HEATER,
        actor=store,
    )
    told.then(moved(PartIssued, "SEAL-12", {"L2602": 4}, location="杭州仓"), 1.05, stream=SEAL, actor=store)
    told.then(
        TicketContacted(**on_site, summary="技术员到达现场，确认加热管烧断。"),
        2.5,
        actor=technician,
        late=timedelta(hours=3, minutes=12),
    )
    told.then(
        EntitlementConsumed(number="C-2026-000012", entry=UUID(int=1), kind=Kind.VISIT, amount=1, **used),
        2.5,
        stream=CONTRACT,
        actor="system:reactions",
    )
    told.then(
        moved(
            PartInstalled,
            "HE-200",
            ["HE200-7788"],
            asset="SN-2024-00117",
            serial_out="HE200-1234",
            fate=Fate.RETURNED,
        ),
        3.2,
        stream=HEATER,
        actor=technician,
    )
    told.then(
        moved(PartInstalled, "SEAL-12", {"L2602": 2}, asset="SN-2024-00117"),
        3.3,
        stream=SEAL,
        actor=technician,
    )
    told.then(
        QuestionRaised(
            question=question,
            reaction=Reaction.COUNT_PART,
            obstacle=Obstacle.EXHAUSTED,
            detail="C-2026-000012 includes 0 more of HE-200 in this term",
            subject="HE-200",
        ),
        3.3,
        actor="system:reactions",
    )
    told.then(
        TicketResolved(solution="更换加热管 HE-200 与密封圈，试水正常。", cause="加热管结垢烧断"),
        4,
        actor=technician,
    )
    told.then(
        FaultDiagnosed(finding="加热管结垢烧断，阻值无穷大。", cause_code="C-12", articles=("KB-0117",)),
        4.1,
        actor=technician,
        late=timedelta(hours=2),
    )
    told.then(ResolutionRejected(cycle=2), 5, why="6 层仍然没有热水", actor="agent:li.wei")
    told.then(TicketEscalated(tier=Tier.L2, team="总部技术支持"), 5.5, why="一线无法判断 6 层原因")
    guided = CustomerGuided(guidance=Guidance.PHONE, summary="指导前台关闭 6 层回水阀。", person="李伟")
    told.then(guided, 5.6)
    others: dict[str, Any] = {"counterpart": Counterpart.SUPPLIER, "who": "宁波热能", "person": "贺佳欣"}
    told.then(OthersAsked(liaison=1, question="该批次是否有缺陷？", due_at=at(20), **others), 5.7)
    told.then(OthersAsked(liaison=2, question="能否提供传感器曲线？", due_at=at(30), **others), 5.8)
    told.then(TicketHeld(hold=HoldReason.CUSTOMER_CHOSE_LATER, review_at=at(24)), 6)
    told.then(LiaisonMoved(liaison=1, due_at=at(26), before=at(20)), 18, why="供应商实验室周末休息")
    told.then(TicketResumed(), 24)
    told.then(moved(PartIssued, "TS-9", ["TS9-31"], location="杭州仓"), 24.5, stream=SENSOR, actor=store)
    told.then(
        moved(
            PartInstalled,
            "TS-9",
            ["TS9-31"],
            asset="SN-2024-00117",
            serial_out="TS9-02",
            fate=Fate.KEPT_BY_CUSTOMER,
        ),
        25,
        stream=SENSOR,
        actor="technician:he.jiaxin",
    )
    answered = OthersAnswered(liaison=1, answer="三月批次镀层偏薄，建议更换。", answered_by="何工")
    told.then(answered, 25.2, late=timedelta(hours=1))
    told.then(LiaisonWithdrawn(liaison=2), 25.5, why="故障已定位")
    told.then(
        TicketResolved(solution="更换 6 层温度传感器 TS-9，各层出水 55 ℃。", cause="温度传感器失效"),
        26,
        actor="technician:he.jiaxin",
    )
    told.then(
        moved(
            PartReturned,
            "HE-200",
            ["HE200-1234"],
            location="杭州仓",
            condition=Condition.FAULTY,
            removed=True,
        ),
        27,
        stream=HEATER,
        actor=store,
    )
    told.then(
        moved(PartReturned, "SEAL-12", {"L2602": 2}, location="杭州仓", condition=Condition.GOOD),
        27.1,
        stream=SEAL,
        actor=store,
    )
    told.then(
        EntitlementRestored(
            number="C-2026-000012",
            entry=UUID(int=1),
            kind=Kind.VISIT,
            amount=1,
            ticket=TICKET,
            ticket_number=NUMBER,
        ),
        27.2,
        stream=CONTRACT,
        actor="contract-manager:sun.yan",
        why="第二次上门属返工，不扣客户次数",
    )
    told.then(
        QuestionAnswered(question=question, answer="HE-200 按保内更换处理，不计合同备件。"),
        27.3,
        actor="contract-manager:sun.yan",
    )
    told.then(ResolutionConfirmed(by="陈经理"), 28)
    return told.then(TicketClosed(), 28.5, actor="agent:li.wei")


PHOTO, CURVE = "5f" * 32, "a0" * 32


def case_with_files() -> Told:
    """A case with photos from the site, one of them of somebody else's boiler."""
    on_site: dict[str, Any] = {"actor": "technician:zhang.wei"}
    photo = FileAttached(
        sha256=PHOTO,
        size=2_483_117,
        media_type="image/jpeg",
        name="加热管 烧断 IMG_20260302_113142.jpg",
        kind=FileKind.PHOTO,
        caption="四层机房，加热管断口",
    )
    other = FileAttached(
        sha256=CURVE, size=40_961, media_type="text/csv", name="sensor-curve-6F.csv", kind=FileKind.LOG
    )
    told = Told().registered()
    told.then(photo, 2.6, **on_site, late=timedelta(hours=3))
    told.then(other, 2.7, **on_site)
    told.then(
        FileWithdrawn(sha256=CURVE, name="sensor-curve-6F.csv"), 3, why="属于另一客户", actor="agent:li.wei"
    )
    return told
