"""A case with its proofs, as one file."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.datastructures import ResponseHeader, State
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from application.desk import NotFound
from application.log.tree.keys import KeyDirectory
from interfaces.bundles.attached import FILES_MOST
from interfaces.bundles.case import CannotExport, Subject, export
from interfaces.http.auth import READER
from interfaces.http.openapi import ITEM_ANSWERS
from interfaces.http.params import TicketReference
from interfaces.http.service import service
from interfaces.http.trust import trust

ZIP = "application/zip"
CheckpointSize = Annotated[
    int | None,
    QueryParameter(
        required=False, ge=1, le=2**53 - 1, description="Of the checkpoint to prove it by; else the newest."
    ),
]
FileBytes = Annotated[
    int,
    QueryParameter(
        ge=0, le=2 * FILES_MOST, description="Bytes of photos and files that it may carry; 0 for none."
    ),
]
SIZE_HEADER = ResponseHeader(
    name="Checkpoint-Size",
    value="5123",
    description="Of the checkpoint that proves it.",
    documentation_only=True,
)
FILES_HEADER = ResponseHeader(
    name="Files-Left-Out",
    value="0",
    description="How many of its photos and files are not in it; the bundle says why.",
    documentation_only=True,
)
NEWER_HEADER = ResponseHeader(
    name="Newer-Events",
    value="0",
    description="How many of its events the checkpoint does not cover, so that they are not in it.",
    documentation_only=True,
)


@get(
    "/tickets/{ticket:str}/bundle",
    operation_id="GetTicketBundle",
    summary="The whole service case with its proofs",
    guards=READER,
    responses=ITEM_ANSWERS
    | {200: ResponseSpec(bytes, media_type=ZIP, description="The bundle.", generate_examples=False)},
    response_headers=[SIZE_HEADER, NEWER_HEADER, FILES_HEADER],
)
async def get_bundle(
    state: State, ticket: TicketReference, size: CheckpointSize = None, files: FileBytes = FILES_MOST
) -> Response[bytes]:
    """A zip to verify with `aftersales verify`, or with `verify.py` alone, far from here (docs/bundle.md)."""
    known = service(state)
    subject = Subject("case", await known.desks.tickets.find(ticket))
    keys = KeyDirectory(trust(state).keys)
    async with known.press, known.log.connection() as conn:
        try:
            made = await export(conn, subject, keys, known.zone, size, files_most=files)
        except CannotExport as error:
            raise NotFound(str(error)) from None
    headers = {
        "Checkpoint-Size": str(made.size),
        "Newer-Events": str(made.newer),
        "Files-Left-Out": str(len(made.left_out)),
        "Content-Disposition": f'attachment; filename="{made.name}"',
    }
    return Response(made.content, media_type=ZIP, headers=headers)
