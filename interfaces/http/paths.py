"""Names in paths: a slash that was sent percent-encoded is part of a name, and ends no segment (RFC 3986).

Servers hand on the path decoded, so that ``/queues/A%2FB`` looks like ``/queues/A/B``. The path as it was
sent still tells them apart. It is routed with the slashes of its names, and for their sake the percent signs,
encoded; what the handlers are given is decoded again.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

SLASH = b"%2f"


class Application(Litestar):
    """The framework's application; a slash that was sent encoded does not route."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if _has_slash(scope):
            segments = scope["raw_path"].partition(b"?")[0].decode("latin-1").split("/")
            scope["path"] = "/".join(map(_kept, segments))
        await super().__call__(scope, receive, send)


def naming(app: ASGIApp) -> ASGIApp:
    """Give the handlers names as they are, once it is settled which handler it is."""

    async def named_app(scope: Scope, receive: Receive, send: Send) -> None:
        if _has_slash(scope):
            scope["path_params"] = {  # another: the framework keeps its own for the next request
                name: unquote(value) if isinstance(value, str) else value
                for name, value in scope["path_params"].items()
            }
        await app(scope, receive, send)

    return named_app


def _has_slash(scope: Any) -> bool:
    return scope["type"] == ScopeType.HTTP and SLASH in scope["raw_path"].lower()


def _kept(segment: str) -> str:
    return unquote(segment).replace("%", "%25").replace("/", "%2F")
