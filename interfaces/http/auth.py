"""Who asks: the bearer token of every request under ``/api``."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Guard

from application.access import Caller, Permission
from interfaces.http.service import Service
from interfaces.http.trust import trust

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="aftersales"'}


def may(permission: Permission) -> Guard:
    """A guard that lets in callers whose role allows this.

    The guard raises ``NotAuthorizedException`` (401) for a missing, unknown, revoked or expired token, and
    ``Forbidden`` (403) for a role that does not allow it.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        caller = await _caller(connection)
        caller.must(permission)
        connection.scope["user"] = caller

    return guard


def may_unless_public(permission: Permission) -> Guard:
    """The same, unless the installation shows everybody checkpoints and hashes (AFTERSALES_PUBLIC_TLOG)."""
    known = may(permission)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if not trust(connection.app.state).public:
            await known(connection, handler)  # type: ignore[misc]

    return guard


async def is_still_known(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether the token of a request that was let in holds even now: a stream may outlive it.

    Raises:
        LogUnavailable: the database cannot say.
    """
    try:
        return await _caller(connection) == connection.scope["user"]
    except NotAuthorizedException:
        return False


READER = [may(Permission.READ)]
"""The guards of whatever everybody may read."""


async def _caller(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    given = dict(connection.scope["headers"]).get(b"authorization", b"").decode("latin-1")
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthorizedException("send a token: Authorization: Bearer …", headers=CHALLENGE)
    service: Service = connection.app.state.service
    caller = await service.access.caller(token.strip())
    if caller is None:
        raise NotAuthorizedException("the token is unknown, revoked or expired", headers=CHALLENGE)
    return caller
