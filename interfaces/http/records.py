"""ISO 9001 records of service cases: for programs, for people and for archives (R38)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, NamedTuple

from litestar import Request, Response, Router, get
from litestar.datastructures import State
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromQuery, PathParameter

from application.desk import NotFound
from domain.event import Fact
from interfaces.http.auth import READER
from interfaces.http.conditions import CONTENT_HEADER, IfNoneMatch
from interfaces.http.freshness import tagged
from interfaces.http.negotiating import best
from interfaces.http.openapi import ITEM_ANSWERS, UNCHANGED, problem_answer
from interfaces.http.params import Moment, moment
from interfaces.http.service import Service, service
from interfaces.http.travel import Position, must_be_recorded
from projections.records.events import FullEvent, events_json
from projections.records.html import to_html
from projections.records.pdf import to_pdf
from projections.records.record import AsOf, CaseRecord, build, to_json
from projections.records.seals import Seals, seals_of
from projections.records.voice import Language
from projections.travel.points import Basis, by_then


class Form(StrEnum):
    """What a record is written as."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"


MEDIA_TYPES = {
    Form.JSON: "application/json",
    Form.HTML: "text/html",
    Form.PDF: "application/pdf",
}
FORMS = {media_type: form for form, media_type in MEDIA_TYPES.items()}
CaseReference = Annotated[
    str, PathParameter(description="The id or number of the case's ticket.", max_length=40)
]


class CaseEvent(FullEvent, frozen=True, kw_only=True):
    """One event of a case with its envelope.

    Attributes:
        data: what happened; its fields are those of the event's type.
    """

    data: dict[str, Any]  # type: ignore[assignment]


class Found(NamedTuple):
    """A case: the facts that were asked for, their hashes, and the record that they make."""

    facts: list[Fact]
    seals: Seals
    record: CaseRecord


@dataclass
class InThreeForms(Operation):
    """The record's answer beside its JSON."""

    def __post_init__(self) -> None:
        """Add the page and the document."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            text, file = Schema(type=OpenAPIType.STRING), Schema()
            answer.content |= {"text/html": OpenAPIMediaType(schema=text)}
            answer.content |= {"application/pdf": OpenAPIMediaType(schema=file)}


async def _found(
    known: Service, reference: str, then: datetime | None, basis: Basis, position: int | None
) -> Found:
    """The case by what the log held up to a position, and of that, by a moment.

    The record says the position of the last of its own events: what happens elsewhere changes no byte of it.

    Raises:
        NotFound: there is, or was, no such ticket.
        WrongParameter: the log does not go so far.
    """
    await must_be_recorded(known, position)
    case = await known.desks.tickets.find(reference)
    facts = await known.log.case(case)
    async with known.log.connection() as conn:
        seals = await seals_of(conn, case)
    facts = [fact for fact in facts if position is None or fact.position <= position]
    if then is not None:
        facts = by_then(facts, then, basis)
    as_of = AsOf(then, basis.value) if then else None
    read = facts[-1].position if facts else 0
    # In a thread: a long case takes some time, and others wait.
    record = await asyncio.to_thread(build, facts, seals, read, known.promises, known.zone, as_of=as_of)
    if record is None:
        when = "" if then is None and position is None else " at that moment"
        raise NotFound(f"there is no ticket {reference}{when}")
    return Found(facts, seals, record)


@get(
    "/records/iso9001/cases/{case:str}",
    operation_id="GetCaseRecord",
    operation_class=InThreeForms,
    summary="The ISO 9001 record of a service case",
    guards=READER,
    responses=ITEM_ANSWERS
    | UNCHANGED
    | {
        200: ResponseSpec(CaseRecord, description="The record.", generate_examples=False),
        406: problem_answer("None of the forms is acceptable."),
    },
    response_headers=[CONTENT_HEADER],
)
async def get_record(
    request: Request[Any, Any, Any],
    state: State,
    case: CaseReference,
    format: FromQuery[Form | None] = None,  # noqa: A002 - as it is asked
    language: FromQuery[Language] = "zh",
    as_of: Moment = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
    position: Position = None,
    if_none_match: IfNoneMatch = None,
) -> Response[bytes]:
    """As JSON, as a page, or as PDF/A-3 that carries its own events: by `format`, else by `Accept`.

    Clause by clause: which records there are, which are missing, and which are not needed and why. JSON holds
    both languages. The record's `position` is that of its own last event; asked for again with it, the record
    has the same bytes, whatever happened since (B10).
    """
    known = service(state)
    form = format or FORMS[best(request.headers.get("Accept", ""), list(FORMS))]
    facts, seals, record = await _found(known, case, moment(as_of, "as_of"), basis, position)
    if form is Form.JSON:
        content = to_json(record)
    elif form is Form.HTML:
        content = await asyncio.to_thread(to_html, record, language)
    else:
        async with known.press:
            events = await asyncio.to_thread(events_json, facts, seals)
            content = await asyncio.to_thread(to_pdf, record, events, language)
    name = f"{record.ticket.number}.{form.value}"
    return _written(content, form, name, if_none_match)


@get(
    "/records/iso9001/cases/{case:str}/events",
    operation_id="GetCaseEvents",
    summary="The events of a service case in full",
    guards=READER,
    responses=ITEM_ANSWERS
    | UNCHANGED
    | {200: ResponseSpec(list[CaseEvent], description="The events.", generate_examples=False)},
    response_headers=[CONTENT_HEADER],
)
async def get_events(
    state: State,
    case: CaseReference,
    as_of: Moment = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
    position: Position = None,
    if_none_match: IfNoneMatch = None,
) -> Response[bytes]:
    """Exactly the bytes of the file in the PDF, whose SHA-256 the record names."""
    facts, seals, record = await _found(service(state), case, moment(as_of, "as_of"), basis, position)
    content = await asyncio.to_thread(events_json, facts, seals)
    return _written(content, Form.JSON, record.attachment.name, if_none_match)


def _written(content: bytes, form: Form, name: str, if_none_match: str | None) -> Response[bytes]:
    """The bytes, tagged with their own digest."""
    answer = tagged(content, sha256(content).hexdigest(), if_none_match)
    answer.headers["Vary"] = "Accept"
    if answer.status_code != 304:
        answer.media_type = MEDIA_TYPES[form]
        answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


records = Router("/", route_handlers=[get_record, get_events], tags=["Records"])
