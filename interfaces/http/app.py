"""The Litestar application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from litestar import HttpMethod, Litestar, Response, Router, route
from litestar.handlers import HTTPRouteHandler

from application.bulk import ActOnTickets
from application.desk import Receipt, wall_clock
from application.files.kinds import FileRules
from application.files.store import Kept
from application.log.committer import KEEP
from application.mail.mailboxes import Mailbox
from application.mail.postbook import MailboxStatus
from domain.ticket.decisions import REVIEW_WITHIN
from interfaces.http import (
    assignments,
    contract_reading,
    contracts,
    part_reading,
    parts,
    publishing,
    ticket_reading,
    tickets,
)
from interfaces.http.as_it_was import cases, diffs
from interfaces.http.assignments import AssignmentList, PlanChoiceAnswer
from interfaces.http.audit import AuditCounts, audit
from interfaces.http.body import MOST_BYTES, CommandRequest
from interfaces.http.bulk import BulkAnswer, act_on_many
from interfaces.http.bundles import get_bundle
from interfaces.http.cloudevents import CloudEvent
from interfaces.http.document import describe
from interfaces.http.duplicates import suggestions
from interfaces.http.examples import EXAMPLES
from interfaces.http.feed import feed
from interfaces.http.flow import flow_reports
from interfaces.http.health import Health, Readiness, health
from interfaces.http.intake import MailPage, intake
from interfaces.http.log import log
from interfaces.http.log_answers import (
    AddCosignatures,
    CheckpointPage,
    ConsistencyProof,
    CosignaturesAdded,
    InclusionProof,
    LogEntryPage,
)
from interfaces.http.mails_aside import SetAsideMailPage, aside
from interfaces.http.metrics import metrics
from interfaces.http.openapi import OPENAPI, assets
from interfaces.http.own_times import own_reports
from interfaces.http.params import refuse_null
from interfaces.http.paths import Application, naming
from interfaces.http.presence import BePresent, TicketPresence, presence
from interfaces.http.problem import Problem
from interfaces.http.problems import HANDLERS
from interfaces.http.queue_asking import PageForm
from interfaces.http.queue_events import follow_queue
from interfaces.http.queues import get_queue, list_queues
from interfaces.http.records import CaseEvent, records
from interfaces.http.repinning import preview_repin
from interfaces.http.saved_views import SaveView, View, saved_views
from interfaces.http.service import open_service
from interfaces.http.simulations import SimulationList, simulations
from interfaces.http.sla import sla
from interfaces.http.steps import get_ticket_steps, list_steps
from interfaces.http.tagging import tagging
from interfaces.http.ticket_files import TicketFiles, files
from interfaces.http.ticket_parts import TicketParts, get_parts
from interfaces.http.tlog import tlog
from interfaces.http.traces import tracing
from interfaces.http.triage import Codes, PriorityMatrix
from interfaces.http.triage import routes as sorting
from interfaces.http.trust import Trust
from projections.audit_log.queries import AuditPage
from projections.book.hours import WorkingTime
from projections.book.shown import CalendarBook, CalendarHistory, PlanBook, PlanHistory, TriageHistory
from projections.cases.moved import ClockStory
from projections.cases.repinning import RepinPreview
from projections.cases.shown import ShownClock
from projections.contract_book.detail import ContractDetail
from projections.contract_book.entitlement import EntitlementAnswer
from projections.contract_book.queries import ContractPage
from projections.flow.report import FlowReport
from projections.flow.tickets import FlowTicketPage
from projections.part_ledger.queries import LedgerPage
from projections.part_trace.history import TracePage
from projections.part_trace.reach import CustomerPage, ReachPage
from projections.part_trace.whereabouts import PlacePage
from projections.queue.filters import QueueFilter
from projections.queue.open_steps import StepPage, TicketSteps
from projections.queue.queries import QueueCounts, QueuePage
from projections.records.record import CaseRecord
from projections.sla_compliance.clocks import ClockPage
from projections.sla_compliance.compliance import ComplianceTable
from projections.sla_compliance.own import OwnTable
from projections.stock.detail import PartDetail
from projections.stock.parts import PartPage
from projections.stock.reservations import ReservationPage
from projections.stock.shelves import StockPage, UnitPage
from projections.ticket.detail import TicketDetail
from projections.ticket.duplicates import Duplicates
from projections.ticket.links import TicketLinks
from projections.ticket.queries import TicketPage
from projections.travel.case_detail import CaseDetail
from projections.travel.diff import Diff
from projections.travel.history import TimelinePage
from projections.what_if.proposal import Proposal
from projections.what_if.records import ChangePage, Simulation

BODIES = (
    *(type(example) for example in EXAMPLES),
    *(
        Receipt,
        Problem,
        TicketPage,
        TicketDetail,
        TimelinePage,
        ShownClock,
        ClockStory,
        AssignmentList,
        PlanChoiceAnswer,
        TicketParts,
        TicketFiles,
        RepinPreview,
        TicketLinks,
        Duplicates,
        Codes,
        PriorityMatrix,
    ),
    *(PartPage, PartDetail, LedgerPage, UnitPage, StockPage, ReservationPage),
    *(TracePage, PlacePage, ReachPage, CustomerPage),
    *(ContractPage, ContractDetail, EntitlementAnswer, CaseRecord, CaseEvent, CaseDetail, Diff),
    *(LogEntryPage, CheckpointPage, InclusionProof, ConsistencyProof, AddCosignatures, CosignaturesAdded),
    *(QueueFilter, PageForm, SaveView, View, ActOnTickets, BulkAnswer, BePresent, TicketPresence),
    *(QueueCounts, QueuePage, StepPage, TicketSteps),
    *(ComplianceTable, OwnTable, ClockPage, AuditPage, AuditCounts),
    *(Health, Readiness),
    *(PlanBook, PlanHistory, CalendarBook, CalendarHistory, WorkingTime, TriageHistory),
    *(CloudEvent, FlowReport, FlowTicketPage, MailboxStatus, MailPage, SetAsideMailPage, Kept),
    *(Proposal, Simulation, SimulationList, ChangePage),
)
"""Everything that is sent and answered."""


def methods(path: str, *allowed: str) -> HTTPRouteHandler:
    """All methods of a path; the framework's own answer knows the one that was registered first."""
    names = ", ".join(sorted({*(allowed or ("GET", "POST")), "OPTIONS"}))

    @route(path, http_method=HttpMethod.OPTIONS, include_in_schema=False)
    async def each() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": names})

    return each


UNSETTLED = Trust(keys=Path("signing"))
ABOUT_TICKETS = [
    methods("/tickets"),
    *tickets.commands,
    act_on_many,
    *ticket_reading.reading,
    preview_repin,
    methods("/tickets/{ticket:str}/presence", "GET", "PUT", "DELETE"),
    methods("/tickets/{ticket:str}/files"),
    *presence,
    get_parts,
    get_ticket_steps,
    *files,
    *suggestions,
    get_bundle,
    *cases,
]
ABOUT_QUEUES = [
    methods("/saved-views"),
    methods("/saved-views/{view:uuid}", "GET", "PUT", "DELETE"),
    *(list_queues, get_queue, follow_queue, *saved_views),
    list_steps,
]
ABOUT_PARTS = [methods("/parts"), *parts.commands, *part_reading.reading, *tracing, diffs["part"]]
ABOUT_PROMISES = [*publishing.plans, *publishing.calendars]
ABOUT_ASSIGNMENTS = [methods("/plan-assignments"), *assignments.commands, *assignments.reading]
ABOUT_CONTRACTS = [methods("/contracts"), *contracts.commands, *contract_reading.reading, diffs["contract"]]


def create_app(
    url: str,
    *,
    time_zone: str = "Asia/Shanghai",
    pool_size: int = 8,
    idempotency_keep: timedelta = KEEP,
    mailboxes: Sequence[Mailbox] = (),
    trust: Trust = UNSETTLED,
    now: Callable[[], datetime] = wall_clock,
    rules: FileRules | None = None,
    review_within: timedelta = REVIEW_WITHIN,
) -> Litestar:
    """The application on a database.

    Args:
        url: the service role's connection string.
        time_zone: where the year in a ticket's number turns.
        pool_size: connections for reading.
        idempotency_keep: how long a command is remembered by its key.
        mailboxes: those that mail comes to and goes out from.
        trust: how the log is proven.
        now: the clock by which things happen and time runs out; the log's own times are the database's.
        rules: what may be attached; the usual where absent.
        review_within: how long after its beginning a wait is looked at again, where nobody says when.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        opened = open_service(
            url,
            time_zone=time_zone,
            mailboxes=mailboxes,
            pool_size=pool_size,
            keep=idempotency_keep,
            rules=rules or FileRules(),
            review_within=review_within,
            now=now,
        )
        async with opened as service:
            app.state.service, app.state.trust = service, trust
            yield

    api = Router(
        "/api/v1",
        route_handlers=[
            Router("/", route_handlers=ABOUT_TICKETS, tags=["Tickets"]),
            Router("/", route_handlers=ABOUT_PARTS, tags=["Spare parts"]),
            Router("/", route_handlers=ABOUT_CONTRACTS, tags=["Contracts"]),
            Router("/", route_handlers=ABOUT_ASSIGNMENTS, tags=["Service levels"]),
            Router("/", route_handlers=ABOUT_PROMISES, tags=["Service levels"]),
            methods("/sla/simulations"),
            methods("/sla/simulations/{simulation:uuid}", "GET", "DELETE"),
            Router("/", route_handlers=ABOUT_QUEUES, tags=["Queues"]),
            Router("/", route_handlers=[*intake, *aside], tags=["Intake"]),
            *(sorting, sla, simulations, flow_reports, own_reports, records, audit, feed, log),
        ],
        security=[{"bearer": []}],
        before_request=refuse_null,
        middleware=[naming, tagging],
    )
    app = Application(
        route_handlers=[api, tlog, health, metrics, assets],
        lifespan=[lifespan],
        request_class=CommandRequest,
        exception_handlers=HANDLERS,
        openapi_config=OPENAPI,
        request_max_body_size=MOST_BYTES,
        logging_config=None,
    )
    describe(app.openapi_schema, BODIES)
    return app
