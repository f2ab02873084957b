"""One example of every command, for the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from application.assignment_commands import AssignPlan, UnassignPlan
from application.bulk import ActOnTickets, OneOfMany
from application.commands import Command
from application.contract_commands import (
    ActivateContract,
    AmendContract,
    ConsumeEntitlement,
    DraftContract,
    RenewContract,
    RestoreEntitlement,
    SignContract,
    TerminateContract,
)
from application.drawing import Drawn
from application.mail.aside import DismissMail, RetryMail
from application.part_commands import (
    CataloguePart,
    CountPart,
    InstallPart,
    IssuePart,
    PartTitle,
    QuarantinePart,
    ReceivePart,
    ReleaseQuarantine,
    ReleaseReservation,
    ReservePart,
    ReturnPart,
    RevisePart,
    ScrapPart,
    TransferPart,
)
from application.plans import SpecialPromise
from application.presence import Doing
from application.publishing_commands import (
    PublishCalendar,
    PublishPlan,
    PublishTriage,
    WithdrawCalendar,
    WithdrawPlan,
)
from application.reception import Author, HandInForm, SayInChat
from application.saved_views import Shared
from application.ticket_commands.aftercare import AnswerComplaint, CallCustomerBack, ComplainAboutTicket
from application.ticket_commands.correspondence import (
    AnswerQuestion,
    LogContact,
    RemarkOnTicket,
    WithdrawFile,
    WriteLetter,
)
from application.ticket_commands.course import (
    CancelTicket,
    CloseTicket,
    ConfirmTicket,
    HoldTicket,
    RejectTicket,
    ReopenTicket,
    ResolveTicket,
    ResumeTicket,
)
from application.ticket_commands.diagnosis import DiagnoseTicket, GuideCustomer
from application.ticket_commands.fieldwork import (
    ArriveOnSite,
    DeliverPart,
    DispatchTechnician,
    OrderPart,
    WorkAroundTicket,
)
from application.ticket_commands.intake import (
    AcknowledgeTicket,
    ClassifyTicket,
    IdentifyCustomer,
    PrioritiseTicket,
    RegisterTicket,
)
from application.ticket_commands.liaison import AnswerLiaison, AskOthers, MoveLiaison, WithdrawLiaison
from application.ticket_commands.pairing import LinkTicket, MergeTicket, SplitTicket, UnlinkTicket
from application.ticket_commands.pinning import ApproveRepin, DeclineRepin, RepinTicket
from application.ticket_commands.tiers import (
    AcceptHandover,
    AssignTicket,
    EscalateTicket,
    HandBackTicket,
    OwnTicket,
    RefuseHandover,
)
from domain.assignment.events import Scope
from domain.calendar import Year
from domain.clock import Milestone
from domain.contract.events import Allowances
from domain.contract.words import Kind
from domain.money import Money
from domain.part.words import Bucket, Condition, Fate, Tracking
from domain.plan import Penalty
from domain.ticket.triage import Coded
from domain.ticket.words import (
    Channel,
    Counterpart,
    Direction,
    Guidance,
    HoldReason,
    Impact,
    Link,
    Party,
    Priority,
    Tier,
    TravelBand,
    Urgency,
)
from domain.title import Title
from domain.wall import Weekday
from interfaces.http.presence import BePresent
from interfaces.http.saved_views import SaveView
from projections.queue.filters import QueueFilter
from projections.what_if.proposal import Proposal, ProposedPlan, Replaced

TICKET = "T-2026-000123"
MAIN = "SH-MAIN"
NEXT = datetime.fromisoformat("2099-03-03T09:00:00+08:00")
MADE = UUID("01890000-0000-7000-8000-000000000001")
"""What a receipt named: a question, a reservation, a use of an entitlement."""
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TUBE = PartTitle(zh="加热管", en="heating element")

EXAMPLES: tuple[Command, ...] = (
    RegisterTicket(
        subject="热水器不加热 / no hot water",
        priority=Priority.P2,
        customer="海风酒店",
        product="H-200",
        asset="SN-00127",
        channel=Channel.PHONE,
        plan="hot-water",
        occurred_at=datetime.fromisoformat("2026-03-02T09:00:00+08:00"),
        reason="taken on paper while the line was down",
    ),
    ClassifyTicket(category="heating", fault_code="E-07", impact=Impact.HIGH, urgency=Urgency.HIGH),
    PrioritiseTicket(priority=Priority.P1, reason="the hotel is full"),
    AssignTicket(team="华东一组", person="王芳"),
    OwnTicket(person="赵敏", reason="王芳 is on leave"),
    LogContact(
        channel=Channel.PHONE, direction=Direction.OUTBOUND, party=Party.PERSON, summary="coming at 14:00"
    ),
    HoldTicket(hold=HoldReason.WAITING_FOR_CUSTOMER, review_at=NEXT),
    ResumeTicket(),
    EscalateTicket(tier=Tier.L2, team="总部技术支持"),
    AcceptHandover(person="孙工"),
    RefuseHandover(reason="the field team has not measured the resistance"),
    HandBackTicket(tier=Tier.L1, team="华东一组", finding="the element is burnt: replace it"),
    DiagnoseTicket(
        finding="加热管阻值无穷大 / the element has no resistance", cause_code="C-12", articles=("KB-0117",)
    ),
    GuideCustomer(
        guidance=Guidance.REMOTE_SESSION,
        summary="looked at the controller: E-07 since Friday",
        person="孙工",
        solved=False,
        duration=timedelta(minutes=20),
        articles=("KB-0117",),
    ),
    AskOthers(
        counterpart=Counterpart.SUPPLIER,
        who="宁波热能",
        question="Is lot HE-0417 known for this?",
        due_at=NEXT,
        person="孙工",
    ),
    AnswerLiaison(liaison=1, answer="yes: elements of March, replace them", answered_by="何工"),
    MoveLiaison(liaison=1, due_at=NEXT + timedelta(days=3), reason="their laboratory is closed until Monday"),
    WithdrawLiaison(liaison=2, reason="the fault has been found"),
    ResolveTicket(
        solution="更换加热管 / new heating element", cause="scale", cause_code="C-12", articles=("KB-0117",)
    ),
    ConfirmTicket(confirmed_by="陈经理"),
    RejectTicket(reason="still cold"),
    CloseTicket(),
    ReopenTicket(reason="cold again"),
    CancelTicket(reason="reported twice", duplicate_of="T-2026-000122"),
    RemarkOnTicket(text="the customer prefers mornings"),
    LinkTicket(to="T-2026-000122", link=Link.CAUSES),
    UnlinkTicket(to="T-2026-000122", link=Link.CAUSES),
    SplitTicket(
        subject="水泵有异响 / the pump is noisy",
        priority=Priority.P3,
        reason="another fault, reported in the same call",
    ),
    MergeTicket(into="T-2026-000122", reason="the hotel called twice"),
    WithdrawFile(sha256=DIGEST, reason="shows another customer's cellar"),
    AnswerQuestion(question=MADE, answer="billed apart, the customer agreed"),
    AcknowledgeTicket(),
    DispatchTechnician(
        technician="张伟",
        planned_at=datetime.fromisoformat("2099-03-03T09:00:00+08:00"),
        band=TravelBand.CITY,
    ),
    ArriveOnSite(technician="张伟"),
    WorkAroundTicket(workaround="hot water from the boiler of the annex"),
    OrderPart(part="HE-200", quantity=2),
    DeliverPart(order=1),
    ComplainAboutTicket(text="nobody came at the time that was agreed"),
    AnswerComplaint(complaint=1, answer="the visit of Friday is free of charge"),
    RepinTicket(plan="distance-bands", reason="the contract was recorded after the call"),
    ApproveRepin(request=1),
    DeclineRepin(request=1, reason="the contract begins next month"),
    CallCustomerBack(reached=True, satisfied=True, remark="the water is hot again"),
    WriteLetter(text="We come tomorrow at nine.", to=("chen@hotel.example",), subject="Your water heater"),
    IdentifyCustomer(customer="海风酒店", contact="陈经理", site="Pudong", asset="WH-2024-00117"),
    HandInForm(
        subject="没有热水",
        text="昨天晚上开始没有热水",
        name="陈经理",
        email="chen@hotel.example",
        asset="WH-2024-00117",
    ),
    SayInChat(id="m-1", author=Author.CUSTOMER, text="热水器报警 E-07", person="陈经理"),
    RetryMail(),
    DismissMail(reason="an advertisement"),
    CataloguePart(number="HE-200", revision="A", name=TUBE, unit="pcs", tracking=Tracking.SERIAL),
    RevisePart(revision="B", name=TUBE, shelf_life_days=3650, reorder_point=5),
    ReceivePart(
        location=MAIN,
        supplier="宁波热能",
        document="DN-88012",
        serials=("HE-0001", "HE-0002", "HE-0003"),
        expires_on={"HE-0003": date(2035, 12, 31)},
    ),
    ReservePart(
        location=MAIN,
        ticket=TICKET,
        quantity=1,
        expires_at=datetime.fromisoformat("2099-03-03T18:00:00+08:00"),
    ),
    ReleaseReservation(reservation=MADE),
    IssuePart(location=MAIN, ticket=TICKET, serials=("HE-0001",)),
    InstallPart(
        ticket=TICKET, asset="SN-00127", serials=("HE-0001",), serial_out="HE-0417", fate=Fate.RETURNED
    ),
    ReturnPart(ticket=TICKET, location=MAIN, serials=("HE-0417",), condition=Condition.FAULTY),
    TransferPart(from_location=MAIN, to_location="VAN-07", serials=("HE-0002",)),
    CountPart(location=MAIN, serials=("HE-0003",)),
    QuarantinePart(location=MAIN, serials=("HE-0003",)),
    ReleaseQuarantine(location=MAIN, serials=("HE-0003",)),
    ScrapPart(bucket=Bucket.QUARANTINE, location=MAIN, serials=("HE-0417",), reason="burnt through"),
    DraftContract(
        customer="海风酒店",
        title="2026 年热水系统维保 / hot water 2026",
        plan="hot-water",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        price=Money("18600.00", "CNY"),
        allowances=Allowances(visits=2, hours=36_000, by_part={"HE-200": 2}),
        assets=("SN-00127", "SN-00128"),
    ),
    SignContract(signed_by="陈经理", signed_on=date(2025, 12, 20)),
    ActivateContract(),
    AmendContract(effective_on=date(2026, 7, 1), added=("SN-00129",), price=Money("21600.00", "CNY")),
    RenewContract(ends_on=date(2027, 12, 31), allowances=Allowances(visits=2), carries=True),
    TerminateContract(effective_on=date(2027, 7, 1), reason="the hotel was sold"),
    ConsumeEntitlement(ticket=TICKET, kind=Kind.PART, part="HE-200", amount=1),
    RestoreEntitlement(entry=MADE, amount=1),
    AssignPlan(
        scope=Scope.CUSTOMER_CLASS,
        key="gold",
        plan="distance-bands",
        reason="agreed for this year",
    ),
    UnassignPlan(reason="the agreement has ended"),
    PublishPlan(
        title=Title(zh="金牌服务", en="Gold"),
        calendar="cn-office",
        targets={
            Milestone.FIRST_RESPONSE: dict.fromkeys(Priority, timedelta(minutes=30)),
            Milestone.RESOLVE: {Priority.P1: timedelta(hours=4), Priority.P2: timedelta(hours=7.5)},
        },
        special=(
            SpecialPromise(milestone=Milestone.ON_SITE, within=timedelta(hours=3), band=TravelBand.CITY),
        ),
        clock_time=frozenset({Milestone.ON_SITE}),
        warnings=(50, 80),
        penalties=(
            Penalty(
                milestone=Milestone.RESOLVE,
                per_hour=Money("200.00", "CNY"),
                cap=Money("2000.00", "CNY"),
            ),
        ),
        effective_from=datetime.fromisoformat("2026-07-01T00:00:00+08:00"),
        reason="agreed in the review of June",
    ),
    WithdrawPlan(reason="nobody sells it any more"),
    PublishCalendar(
        zone="Asia/Shanghai",
        week=dict.fromkeys(list(Weekday)[:5], ("09:00-12:00", "13:30-18:00")),
        drawn=(Drawn(source="chinesecalendar", years=(2025, 2026)),),
        years={2026: Year(off=frozenset({date(2026, 5, 20)}))},
        effective_from=datetime.fromisoformat("2026-04-01T00:00:00+08:00"),
        reason="the firm's birthday is a day off",
    ),
    WithdrawCalendar(reason="the office is closed"),
    PublishTriage(
        matrix={
            Impact.HIGH: dict(zip(Urgency, map(Priority, ("P1", "P1", "P2", "P3")), strict=True)),
            Impact.MEDIUM: dict(zip(Urgency, map(Priority, ("P1", "P2", "P3", "P3")), strict=True)),
            Impact.LOW: dict(zip(Urgency, map(Priority, ("P2", "P3", "P4", "P4")), strict=True)),
        },
        categories=(Coded(code="heating", title=Title(zh="不加热", en="no heat")),),
        fault_codes=(
            Coded(
                code="E-07",
                title=Title(zh="加热管断路", en="heating element open"),
                parent="heating",
                active_from=date(2026, 1, 1),
            ),
        ),
        effective_from=datetime.fromisoformat("2026-07-01T00:00:00+08:00"),
        reason="agreed in the review of June",
    ),
)

BODIES: tuple[msgspec.Struct, ...] = (
    ActOnTickets(
        action="assign",
        command={"team": "华东一组", "person": "王芳"},
        tickets=(OneOfMany(ticket=TICKET, version=3), OneOfMany(ticket="T-2026-000124")),
    ),
    SaveView(
        name="P1 和 P2，等备件 / urgent, waiting for a part",
        shared=Shared.TEAM,
        team="华东一组",
        queue="my-team",
        filter=QueueFilter(priority=(Priority.P1, Priority.P2), waiting_for_part=True),
        columns=("number", "subject", "customer", "remaining"),
    ),
    BePresent(doing=Doing.EDIT),
    Proposal(
        plan=ProposedPlan(
            name="standard",
            title=Title(zh="标准服务", en="Standard service"),
            calendar="cn-office",
            calendar_version=1,
            targets={
                Milestone.FIRST_RESPONSE: {
                    Priority.P1: timedelta(minutes=30),
                    Priority.P2: timedelta(hours=1),
                },
                Milestone.RESOLVE: {Priority.P1: timedelta(hours=4), Priority.P2: timedelta(hours=8)},
            },
            penalties=(Penalty(milestone=Milestone.RESOLVE, per_hour=Money("100.00", "CNY")),),
        ),
        replaces=Replaced(plans=("standard",), priorities=(Priority.P1, Priority.P2)),
        reported_from=datetime.fromisoformat("2026-01-01T00:00:00+08:00"),
        reported_until=datetime.fromisoformat("2026-07-01T00:00:00+08:00"),
        group_by=("month", "milestone"),
    ),
)
"""One of everything else that is sent."""


def shown(command: msgspec.Struct) -> dict[str, Any]:
    """A command as it is sent: what is given, and no more."""
    fields = msgspec.structs.fields(command)
    given: dict[str, Any] = {field.name: getattr(command, field.name) for field in fields}
    for field in fields:
        made = field.default_factory
        usual = field.default if made is msgspec.NODEFAULT else made()
        if given[field.name] == usual:
            del given[field.name]
    return msgspec.to_builtins(given, order="deterministic")
