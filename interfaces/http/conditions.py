"""Versions, positions and keys that travel in headers."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import ResponseHeader
from litestar.params import Parameter

from application.access import Caller
from application.log.append import Request as CommandRequest
from domain.errors import InvalidValue

IfMatch = Annotated[
    str | None,
    Parameter(
        header="If-Match",
        required=False,
        max_length=40,
        description='The version the command is meant for, as an entity tag: "7".',
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Parameter(
        header="Idempotency-Key",
        required=False,
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A repeated command with the same key and body is answered as the first was.",
    ),
]
WaitForPosition = Annotated[
    int | None,
    Parameter(
        header="Wait-For-Position",
        required=False,
        ge=0,
        le=2**62,
        description="Answer from views that have read the log at least this far (Log-Position of a command).",
    ),
]

_TAG = re.compile(r'^(?:W/)?"?(?P<version>\d{1,18})"?$', re.ASCII)

COMMAND_HEADERS = [
    ResponseHeader(name="ETag", description="The ticket's version.", documentation_only=True),
    ResponseHeader(
        name="Log-Position", description="Where the command stands in the log.", documentation_only=True
    ),
]


def expected_version(if_match: str | None) -> int | None:
    """The version that ``If-Match`` names; ``None`` for none or ``*``.

    Raises:
        InvalidValue: it is not an entity tag of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    match = _TAG.match(if_match.strip())
    if match is None:
        raise InvalidValue('If-Match wants the version as an entity tag, such as "7"')
    return int(match["version"])


async def command_request(request: Request[Caller, Any, Any], key: str | None) -> CommandRequest | None:
    """The command's idempotency key with the digest of what was asked; ``None`` without a key."""
    if key is None:
        return None
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body())
    return CommandRequest(caller=str(request.user.token_id), key=key, digest=digest.digest())
