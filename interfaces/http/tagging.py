"""Every JSON answer to a reader carries an entity tag; whoever has it already is told so in a line."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from interfaces.http.freshness import is_known

JSON = "application/json"


def tagging(app: ASGIApp) -> ASGIApp:
    """Tag what the handlers leave untagged with the digest of its bytes.

    A handler that knows without looking that nothing has changed says so itself, and saves the look; here
    only the way back is saved. Answers that come in pieces are left as they are.
    """

    async def tagged_app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET":
            await app(scope, receive, send)
            return
        known = Headers.from_scope(scope).get("if-none-match")
        begun: list[Message] = []

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_untagged(message):
                begun.append(message)
            elif begun and message["type"] == "http.response.body":
                await _finish(begun.pop(), message, known, send)
            else:
                await send(message)

        await app(scope, receive, tell)

    return tagged_app


def _is_untagged(message: Any) -> bool:
    if message["status"] != 200:
        return False
    headers = MutableScopeHeaders.from_message(message)
    return headers.get("content-type", "").startswith(JSON) and "etag" not in headers


async def _finish(start: Message, message: Any, known: str | None, send: Send) -> None:
    if not message.get("more_body"):
        tag = sha256(message["body"]).hexdigest()
        headers = MutableScopeHeaders.from_message(start)
        headers["ETag"] = f'"{tag}"'
        if is_known(tag, known):
            del headers["content-length"]
            del headers["content-type"]
            start = {**start, "status": 304}  # type: ignore[typeddict-item]
            message = {**message, "body": b""}
    await send(start)
    await send(message)
