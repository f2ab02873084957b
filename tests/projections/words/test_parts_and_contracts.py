"""How what happens to spare parts and contracts is said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.contract.events import (
    Allowances,
    ContractAmended,
    ContractDrafted,
    ContractRenewed,
    EntitlementConsumed,
    EntitlementRestored,
)
from domain.contract.words import Kind
from domain.event import Event
from domain.money import Money
from domain.part.events import (
    PartCatalogued,
    PartCounted,
    PartInstalled,
    PartName,
    PartReceived,
    PartReserved,
    PartReturned,
    ReservationReleased,
)
from domain.part.goods import Goods
from domain.part.words import Condition, Fate, Release, Tracking
from projections.words.sentences import tell
from projections.words.values import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
ID = UUID(int=7)
FOR_TICKET = {"for_ticket": ID, "ticket_number": "T-2026-000001"}
TERM = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}


def consumed(kind: Kind, amount: int, part: str | None = None) -> Event:
    return EntitlementConsumed(
        number="C-2026-000012",
        entry=ID,
        ticket=ID,
        ticket_number="T-2026-000001",
        kind=kind,
        amount=amount,
        reported_at=NOON,
        part=part,
    )


def restored(kind: Kind, amount: int, part: str | None = None) -> Event:
    return EntitlementRestored(
        number="C-2026-000012",
        entry=ID,
        ticket=ID,
        ticket_number="T-2026-000001",
        kind=kind,
        amount=amount,
        part=part,
    )


SAID: list[tuple[Event, str, str]] = [
    (
        PartCatalogued(
            number="HP-0420",
            revision="B",
            name=PartName(zh="加热管", en="Heating element"),
            unit="件",
            tracking=Tracking.SERIAL,
        ),
        "备件建档 HP-0420（版本 B）：加热管；单位：件；按序列号管理",
        "Part HP-0420 (revision B) catalogued: Heating element; unit 件; tracked by serial number",
    ),
    (
        PartReceived(
            number="HE-200",
            goods=Goods(5, lots={"A": 2, "B": 3}),
            location="MAIN",
            supplier="ACME",
            document="PO-1",
            expires_on={"A": date(2027, 1, 31)},
        ),
        "备件 HE-200 入库：数量 5（批次 A（2）、B（3））；库位 MAIN；供应商：ACME；单据 PO-1；"
        "有效期至：A（2027-01-31）",
        "Part HE-200 received: quantity 5 (lots A (2), B (3)); location MAIN; supplier ACME; document PO-1; "
        "good until: A (2027-01-31)",
    ),
    (
        PartReserved(
            number="HE-200", goods=Goods(1), reservation=ID, location="MAIN", expires_at=NOON, **FOR_TICKET
        ),
        "备件 HE-200 预留：数量 1；库位 MAIN；保留至 2026-03-02 12:00+08:00；工单 T-2026-000001",
        "Part HE-200 reserved: quantity 1; location MAIN; until 2026-03-02 12:00+08:00; ticket T-2026-000001",
    ),
    (
        ReservationReleased(
            number="HE-200",
            goods=Goods(1),
            reservation=ID,
            location="MAIN",
            why=Release.EXPIRED,
            **FOR_TICKET,
        ),
        "备件 HE-200 预留解除（预留到期）：数量 1；库位 MAIN；工单 T-2026-000001",
        "Reservation of part HE-200 over (expired): quantity 1; location MAIN; ticket T-2026-000001",
    ),
    (
        PartInstalled(
            number="HE-200",
            goods=Goods(1, serials=("S2",)),
            asset="WH-1",
            serial_out="S1",
            fate=Fate.RETURNED,
            **FOR_TICKET,
        ),
        "备件 HE-200 安装：数量 1（序列号 S2）；设备 WH-1；换下序列号 S1，旧件待退回；工单 T-2026-000001",
        "Part HE-200 installed: quantity 1 (serials S2); asset WH-1; serial S1 taken out, to be returned; "
        "ticket T-2026-000001",
    ),
    (
        PartReturned(
            number="HE-200",
            goods=Goods(1),
            location="MAIN",
            condition=Condition.FAULTY,
            removed=True,
            **FOR_TICKET,
        ),
        "备件 HE-200 旧件退回：数量 1；状况：故障；库位 MAIN；工单 T-2026-000001",
        "Removed part HE-200 returned: quantity 1; faulty; location MAIN; ticket T-2026-000001",
    ),
    (
        PartReturned(
            number="HE-200", goods=Goods(1), location="MAIN", condition=Condition.GOOD, **FOR_TICKET
        ),
        "备件 HE-200 未用退回：数量 1；状况：完好；库位 MAIN；工单 T-2026-000001",
        "Unused part HE-200 returned: quantity 1; good; location MAIN; ticket T-2026-000001",
    ),
    (
        PartCounted(number="HE-200", goods=Goods(0), location="MAIN"),
        "备件 HE-200 盘点：实盘数量 0；库位 MAIN；账实相符",
        "Stock of part HE-200 counted: quantity 0; location MAIN; as in the books",
    ),
    (
        PartCounted(number="HE-200", goods=Goods(4), location="MAIN", fewer=Goods(2, serials=("S1", "S2"))),
        "备件 HE-200 盘点：实盘数量 4；库位 MAIN；盘亏 2（序列号 S1、S2）",
        "Stock of part HE-200 counted: quantity 4; location MAIN; 2 fewer than in the books (serials S1, S2)",
    ),
    (
        ContractDrafted(
            number="C-2026-000001",
            customer="海风酒店",
            title="年度保养",
            plan="hot-water",
            zone="Asia/Shanghai",
            price=Money("18600.00", "CNY"),
            allowances=Allowances(visits=4, hours=9_000, by_part={"HP-0420": 2}),
            assets=("WH-1", "WH-2"),
            **TERM,
        ),
        "合同草拟 C-2026-000001：年度保养；客户：海风酒店；服务等级 hot-water；"
        "合同期 2026-01-01 至 2026-12-31（Asia/Shanghai）；金额 18600.00 CNY；范围：按设备序列号；"
        "设备：WH-1、WH-2；含上门 4 次；含工时 2 小时 30 分钟；含指定备件 HP-0420（2）",
        "Contract C-2026-000001 drafted: 年度保养; customer 海风酒店; service plan hot-water; "
        "from 2026-01-01 to 2026-12-31 (Asia/Shanghai); price 18600.00 CNY; for the serials it names; "
        "assets: WH-1, WH-2; visits: 4; working time: 2 h 30 min; of these parts: HP-0420 (2)",
    ),
    (
        ContractAmended(effective_on=date(2026, 6, 1), price=Money("0.00", "CNY")),
        "合同变更，自 2026-06-01 起；金额改为 0.00 CNY",
        "Contract amended from 2026-06-01 on; price now 0.00 CNY",
    ),
    (
        ContractRenewed(allowances=Allowances(visits=1), carries=True, **TERM),
        "合同续签：2026-01-01 至 2026-12-31；含上门 1 次；上期剩余权益结转",
        "Contract renewed from 2026-01-01 to 2026-12-31; visits: 1; "
        "what the last term leaves over is carried on",
    ),
    (
        consumed(Kind.VISIT, 1),
        "合同 C-2026-000012 权益扣减：上门 1 次；报修时间 2026-03-02 12:00+08:00；工单 T-2026-000001",
        "Contract C-2026-000012, entitlement used, visits: 1; "
        "reported at 2026-03-02 12:00+08:00; ticket T-2026-000001",
    ),
    (
        consumed(Kind.HOURS, 3_605),
        "合同 C-2026-000012 权益扣减：工时 1 小时 5 秒；报修时间 2026-03-02 12:00+08:00；工单 T-2026-000001",
        "Contract C-2026-000012, entitlement used, working time: 1 h 5 s; "
        "reported at 2026-03-02 12:00+08:00; ticket T-2026-000001",
    ),
    (
        consumed(Kind.PART, 2, "HP-0420"),
        "合同 C-2026-000012 权益扣减：备件 HP-0420，数量 2；报修时间 2026-03-02 12:00+08:00；"
        "工单 T-2026-000001",
        "Contract C-2026-000012, entitlement used, spare part HP-0420: 2; "
        "reported at 2026-03-02 12:00+08:00; ticket T-2026-000001",
    ),
    (
        restored(Kind.VISIT, 1),
        "合同 C-2026-000012 权益返还：上门 1 次；工单 T-2026-000001",
        "Contract C-2026-000012, entitlement given back, visits: 1; ticket T-2026-000001",
    ),
    (
        restored(Kind.HOURS, 1_800),
        "合同 C-2026-000012 权益返还：工时 30 分钟；工单 T-2026-000001",
        "Contract C-2026-000012, entitlement given back, working time: 30 min; ticket T-2026-000001",
    ),
    (
        restored(Kind.PART, 2, "HP-0420"),
        "合同 C-2026-000012 权益返还：备件 HP-0420，数量 2；工单 T-2026-000001",
        "Contract C-2026-000012, entitlement given back, spare part HP-0420: 2; ticket T-2026-000001",
    ),
]


@pytest.mark.parametrize(("event", "zh", "en"), SAID)
def test_an_event_is_said(event: Event, zh: str, en: str) -> None:
    assert tell(event, SHANGHAI) == Text(zh, en)
