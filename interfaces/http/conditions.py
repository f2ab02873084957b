"""Versions, positions and keys that travel in headers."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter

from application.access import Caller
from application.log.append import Request as CommandRequest

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        required=False,
        pattern=r'^(\*|(W/)?"[0-9]{1,18}"|[0-9]{1,18})$',
        description='The version the command is meant for, as an entity tag: "7".',
    ),
]
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-None-Match",
        required=False,
        max_length=1000,
        description="The entity tags the caller has; the answer is 304 when one of them still holds.",
    ),
]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        required=False,
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A repeated command with the same key and body is answered as the first was.",
    ),
]
WaitForPosition = Annotated[
    int,
    HeaderParameter(
        name="Wait-For-Position",
        required=False,
        gt=-1,  # the framework leaves `minimum: 0` out of the document
        le=2**53 - 1,
        description="Answer from views that have read the log at least this far (Log-Position of a command).",
    ),
]

VERSION_HEADER = ResponseHeader(
    name="ETag", value='"7"', description="Its version, as an entity tag.", documentation_only=True
)
CONTENT_HEADER = ResponseHeader(
    name="ETag", value='"5f0c…"', description="The SHA-256 of the answer.", documentation_only=True
)
CASE_HEADER = ResponseHeader(
    name="ETag", value='"123"', description="The position of its last event.", documentation_only=True
)
VIEW_HEADER = ResponseHeader(
    name="ETag",
    value='"7b-62f0c-1"',
    description="The state of the view that it shows.",
    documentation_only=True,
)
POSITION_HEADER = ResponseHeader(
    name="Log-Position",
    value="1",
    description="Where the command's last event stands in the log; for `Wait-For-Position`.",
    documentation_only=True,
)
LOCATION_HEADER = ResponseHeader(
    name="Location", value="/", description="Where to read it.", documentation_only=True
)


def expected_version(if_match: str | None) -> int | None:
    """The version that ``If-Match`` names; ``None`` for none or ``*``."""
    return None if if_match is None or if_match == "*" else int(if_match.removeprefix("W/").strip('"'))


async def command_request(request: Request[Caller, Any, Any], key: str | None) -> CommandRequest | None:
    """The command's idempotency key with the digest of what was asked; ``None`` without a key."""
    if key is None:
        return None
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body())
    return CommandRequest(caller=str(request.user.token_id), key=key, digest=digest.digest())
