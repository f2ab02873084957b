"""Photos and files of a ticket: in and out as they are, never whole in memory (R02)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import HttpMethod, Request, Response, get
from litestar.datastructures import ResponseHeader, State
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromQuery, PathParameter, QueryParameter
from litestar.response import Stream

from application.access import ALLOWS, Caller, Permission
from application.commands import NO_NUL
from application.desk import NotFound
from application.files.store import Files, FileTooLarge, Kept
from application.log.append import Request as Keyed
from application.ticket_commands.correspondence import AttachFile
from domain.ticket.state import AttachedFile
from domain.ticket.words import FileKind
from interfaces.http.auth import READER, may
from interfaces.http.conditions import (
    LOCATION_HEADER,
    POSITION_HEADER,
    VERSION_HEADER,
    IdempotencyKey,
    IfNoneMatch,
    WaitForPosition,
)
from interfaces.http.freshness import fresh_own
from interfaces.http.openapi import CREATE_ANSWERS, ITEM_ANSWERS, UNCHANGED, problem_answer
from interfaces.http.params import Moment, TicketReference, moment
from interfaces.http.problem import problem
from interfaces.http.receipts import CommandRoute, ReceiptAnswer
from interfaces.http.service import Service, service
from projections.ticket import queries

FileName = Annotated[
    str,
    QueryParameter(
        min_length=1,
        max_length=200,
        pattern=r"^[^\u0000-\u001f\u007f/\\]+$",
        description="Its file name, without a folder.",
    ),
]
Caption = Annotated[
    str | None,
    QueryParameter(
        required=False, min_length=1, max_length=300, pattern=NO_NUL, description="What there is to see."
    ),
]
Why = Annotated[
    str | None,
    QueryParameter(
        required=False,
        min_length=1,
        max_length=1000,
        pattern=NO_NUL,
        description="Needed where it happened more than a minute ago.",
    ),
]
Digest = Annotated[
    str, PathParameter(description="The SHA-256 of its bytes, in hexadecimal.", pattern="^[0-9a-f]{64}$")
]
RANGE = re.compile(r"bytes=(?P<first>\d{0,15})-(?P<last>\d{0,15})", re.ASCII)
SANDBOX = "sandbox; default-src 'none'"
"""What a browser lets a file do that it shows all the same: nothing."""
FILE_HEADER = ResponseHeader(
    name="ETag", value='"5f0c…"', description="The SHA-256 of its bytes.", documentation_only=True
)


class TicketFiles(msgspec.Struct, frozen=True):
    """The files of a ticket as they were attached; auditors see the withdrawn ones, too."""

    items: tuple[AttachedFile, ...]


@dataclass
class TakesAnything(Operation):
    """An operation whose body is a file."""

    def __post_init__(self) -> None:
        """Say so."""
        file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        self.request_body = RequestBody({"*/*": OpenAPIMediaType(schema=file)}, "The file.", required=True)


async def attach_file(
    request: Request[Caller, Any, Any],
    state: State,
    ticket: TicketReference,
    name: FileName,
    kind: FromQuery[FileKind] = FileKind.OTHER,
    caption: Caption = None,
    occurred_at: Moment = None,
    reason: Why = None,
    idempotency_key: IdempotencyKey = None,
) -> ReceiptAnswer:
    """The body is the file itself, of the type that `Content-Type` says and its first bytes confirm.

    The file is kept before the ticket says that it has it, and is part of the log by its SHA-256. What the
    ticket shows already is not attached a second time.
    """
    known = service(state)
    await known.desks.tickets.facts(ticket)
    kept = await received(request, known.files)
    command = AttachFile(
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        name=name,
        kind=kind,
        caption=caption,
        occurred_at=moment(occurred_at, "occurred_at"),
        reason=reason,
    )
    key = _keyed(request, idempotency_key, kept.sha256)
    receipt = await known.desks.tickets.attach(ticket, command, request.user, key)
    return ReceiptAnswer(receipt, 201, f"/api/v1/tickets/{receipt.number}/files/{kept.sha256}")


async def received(request: Request[Caller, Any, Any], files: Files, *, by: UUID | None = None) -> Kept:
    """Keep the body of a request as a file, piece by piece as it comes.

    Args:
        request: the request.
        files: where it is kept.
        by: the token with which it may be named later.

    Raises:
        FileTooLarge, WrongFileType, InvalidValue: it is not taken.
        LogUnavailable: the database does not answer.
    """
    announced = request.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > files.rules.most_bytes:
        raise FileTooLarge(f"a file has {files.rules.most_bytes:,} bytes at most")
    return await files.keep(request.stream(), request.headers.get("Content-Type", ""), by=by)


def _keyed(request: Request[Caller, Any, Any], key: str | None, digest: str) -> Keyed | None:
    """The idempotency key, for this file with these parameters."""
    if key is None:
        return None
    asked = f"{request.method} {request.url.path}?{request.url.query}\n{digest}"
    return Keyed(str(request.user.token_id), key, sha256(asked.encode()).digest())


FILE_REFUSALS = {
    413: problem_answer("The file is larger than is taken."),
    415: problem_answer("Files of this type are not taken, or it is not of the type that it says."),
}
"""What a file may be answered with."""

attach = CommandRoute(
    "/tickets/{ticket:str}/files",
    http_method=HttpMethod.POST,
    operation_id="AttachFile",
    operation_class=TakesAnything,
    summary="Attach a photo or file",
    guards=[may(Permission.WORK)],
    request_max_body_size=None,
    responses=CREATE_ANSWERS
    | {404: problem_answer("There is nothing under this id or number.")}
    | FILE_REFUSALS,
    response_headers=[VERSION_HEADER, POSITION_HEADER, LOCATION_HEADER],
    response_description="It is attached.",
)(attach_file)


@get(
    "/tickets/{ticket:str}/files",
    operation_id="ListTicketFiles",
    summary="The photos and files of a ticket",
    guards=READER,
    responses=ITEM_ANSWERS,
)
async def list_files(
    request: Request[Caller, Any, Any],
    state: State,
    ticket: TicketReference,
    wait_for_position: WaitForPosition = 0,
) -> TicketFiles:
    """What was attached and not withdrawn; whoever may audit sees what was withdrawn, too."""
    files = await _files(service(state), ticket, request.user, wait_for_position)
    return TicketFiles(files)


@get(
    "/tickets/{ticket:str}/files/{digest:str}",
    operation_id="GetTicketFile",
    summary="A photo or file itself",
    guards=READER,
    responses=ITEM_ANSWERS
    | UNCHANGED
    | {
        200: ResponseSpec(
            bytes, media_type="application/octet-stream", description="The file.", generate_examples=False
        ),
        206: ResponseSpec(
            bytes,
            media_type="application/octet-stream",
            description="The bytes that `Range` asked for.",
            generate_examples=False,
        ),
        410: problem_answer("It was erased in a recorded maintenance."),
        416: problem_answer("It has no such bytes."),
        500: problem_answer("It is not what was attached any more, and is not handed out."),
    },
    response_headers=[FILE_HEADER],
)
async def get_file(
    request: Request[Caller, Any, Any],
    state: State,
    ticket: TicketReference,
    digest: Digest,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[Any]:
    """To be saved, not shown; of its own type. `Range` may ask for one stretch of its bytes.

    No byte is sent before all are known to have the hash that was recorded.
    """
    known = service(state)
    files = await _files(known, ticket, request.user, wait_for_position)
    file = next((each for each in files if each.sha256 == digest), None)
    if file is None:
        raise NotFound(f"the ticket {ticket} shows no file {digest}")
    headers = {"ETag": f'"{digest}"'}
    if f'"{digest}"' in (if_none_match or ""):
        return Response(None, status_code=304, headers=headers)
    first, end = _stretch(request.headers.get("Range", ""), file.size)
    if first >= end:
        return _no_such_bytes(request, file.size)
    headers |= {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Length": str(end - first),
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
    part = end - first < file.size
    if part:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size}"
    content = await known.files.read(digest, first, end)
    return Stream(content, media_type=file.media_type, headers=headers, status_code=206 if part else 200)


async def _files(known: Service, ticket: str, caller: Caller, position: int) -> tuple[AttachedFile, ...]:
    """The files of a ticket that this caller may see."""
    desk = known.desks.tickets
    async with fresh_own(known, "ticket", desk, ticket, position) as (conn, ticket_id):
        case = await queries.case_of(conn, ticket_id)
    if case is None:
        raise NotFound(f"there is no ticket {ticket}")
    everything = Permission.AUDIT in ALLOWS[caller.role]
    return tuple(file for file in case.ticket.files if everything or file.withdrawn_at is None)


def _stretch(asked: str, size: int) -> tuple[int, int]:
    """From which byte to before which; all of them where one stretch is not what was asked for."""
    found = RANGE.fullmatch(asked)
    if found is None or not (found["first"] or found["last"]):
        return 0, size
    if not found["first"]:
        return max(size - int(found["last"]), 0), size
    last = int(found["last"]) if found["last"] else size - 1
    return int(found["first"]), min(last + 1, size)


def _no_such_bytes(request: Request[Any, Any, Any], size: int) -> Response[bytes]:
    headers = {"Content-Range": f"bytes */{size}"}
    return problem(request, 416, "no-such-bytes", "No such bytes", f"it has {size} bytes", headers=headers)


files = [attach, list_files, get_file]
