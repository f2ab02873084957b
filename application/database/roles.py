"""The service role: what the running service may do in the database, and who may take the role.

Roles belong to the whole server, not to one database, and several installations on one server may create
them at the same moment. So they are made here and not in a migration, and every step may be repeated.
"""

from __future__ import annotations

import time

import psycopg
from psycopg import sql

from application.database.errors import DatabaseRefused

OWNER = "aftersales_owner"
"""Owns the embedded database and runs its migrations; on an existing server the person's own role does."""

SERVICE = "aftersales_service"
"""What the service works as: reads and inserts events, keeps its own projections, and nothing more."""

TRIES = 20

_BY_SOMEBODY_ELSE = (
    psycopg.errors.DuplicateObject,
    psycopg.errors.UniqueViolation,
    psycopg.errors.InternalError_,  # "tuple concurrently updated"
)


def ensure_service_role(owner: psycopg.Connection, login: str) -> None:
    """See to it that the service role exists and that ``login`` may work as it.

    ``owner`` is an autocommit connection; it needs the right to create roles only for what is missing.

    Raises:
        DatabaseRefused: something is missing and ``owner`` may not add it, or the role may do too much.
    """
    missing: list[sql.Composed] = []
    for attempt in range(TRIES):
        try:
            missing = _missing(owner, login)
            for step in missing:
                owner.execute(step)
            break
        except _BY_SOMEBODY_ELSE:
            time.sleep(0.01 * attempt)
        except psycopg.errors.InsufficientPrivilege:
            steps = "; ".join(step.as_string(owner) for step in missing)
            raise DatabaseRefused(
                f"the service role is not ready and {owner.info.user!r} may not make it: "
                f"have the database administrator run: {steps};"
            ) from None
    else:
        raise DatabaseRefused(f"the role {SERVICE} could not be made: others keep changing it, try again")
    _refuse_too_much(owner)


def _missing(owner: psycopg.Connection, login: str) -> list[sql.Composed]:
    known = owner.execute("SELECT oid FROM pg_roles WHERE rolname = %s", [SERVICE]).fetchone()
    create = sql.SQL("CREATE ROLE {}").format(sql.Identifier(SERVICE))
    if login == SERVICE:
        return [] if known else [create]
    grant = sql.SQL("GRANT {} TO {}").format(sql.Identifier(SERVICE), sql.Identifier(login))
    if not known:
        return [create, grant]
    # Since PostgreSQL 16 a member may lack the right to take the role; before, every member has it.
    right = "SET" if owner.info.server_version >= 160000 else "MEMBER"
    allowed = owner.execute("SELECT pg_has_role(%s, %s, %s)", [login, SERVICE, right]).fetchone()
    return [] if allowed == (True,) else [grant]


def _refuse_too_much(owner: psycopg.Connection) -> None:
    """The service role must not be able to rewrite the log (B03)."""
    powerful = owner.execute(
        "SELECT rolsuper OR (rolname <> current_user AND pg_has_role(rolname, current_user, 'MEMBER'))"
        " FROM pg_roles WHERE rolname = %s",
        [SERVICE],
    ).fetchone()
    if powerful == (True,):
        raise DatabaseRefused(
            f"the role {SERVICE} is a superuser or a member of the owner {owner.info.user!r}: "
            "take that away, the service must not be able to alter the log"
        )
