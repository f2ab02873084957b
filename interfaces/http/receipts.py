"""How commands are routed and answered: without what the framework does for answers of other kinds."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from application.desk import Receipt

_encode = msgspec.json.Encoder().encode


class ReceiptAnswer:
    """A receipt as an answer: its version and position also stand in headers.

    Args:
        receipt: the answer.
        status: its status.
        location: where to read what the receipt is for.
    """

    def __init__(self, receipt: Receipt, status: int = 200, location: str | None = None) -> None:
        self._body = _encode(receipt)
        self._start = {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(self._body)),
                (b"etag", b'"%d"' % receipt.version),
                (b"log-position", b"%d" % receipt.position),
                *([(b"location", location.encode())] if location else ()),
            ],
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it."""
        await send(self._start)  # type: ignore[arg-type]
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


class CommandRoute(HTTPRouteHandler):
    """A route whose handler returns its answer ready to send."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Ask the guards. The framework gives each a copy of the route, which takes longer than they do."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]

    async def to_response(self, app: Litestar, data: ASGIApp, request: Request[Any, Any, Any]) -> ASGIApp:  # noqa: ARG002
        """The answer as it is."""
        return data
