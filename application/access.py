"""Who may do what: roles, what each of them allows, and the bearer tokens that carry them."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection, Connection
from psycopg.rows import class_row

from application.ids import uuid7
from application.log.errors import LogUnavailable
from application.log.event_log import EventLog

CALLER = """
    SELECT name, role, id, expires_at,
           ARRAY(SELECT team FROM access.member WHERE person = token.name ORDER BY team)
    FROM access.token WHERE hash = %s AND revoked_at IS NULL
"""


class Role(StrEnum):
    """What somebody is to the service."""

    AGENT = "agent"
    STOREKEEPER = "storekeeper"
    CONTRACT_MANAGER = "contract_manager"
    AUDITOR = "auditor"
    INTAKE = "intake"
    """A web page or a chat program, which hands in what customers write there."""
    ADMIN = "admin"


class Permission(StrEnum):
    """What a role may allow."""

    READ = "read"
    """See tickets, queues, histories, service levels, stock and contracts."""
    WORK = "work"
    """Send commands to tickets."""
    REPIN = "repin"
    """Ask that a ticket go by another plan or calendar; approving it is a matter of contracts."""
    PARTS = "parts"
    """Move parts for a ticket: reserve, release, issue, install, return."""
    STOCK = "stock"
    """Keep the catalogue and the stock of spare parts."""
    CONTRACTS = "contracts"
    """Draft, sign and change maintenance contracts; publish service plans and calendars."""
    INTAKE = "intake"
    """Hand in what customers write on a web page or in a chat, and see nothing."""
    AUDIT = "audit"
    """Read the audit log."""
    TRY = "try"
    """Try proposed plans and calendars on what has happened; it takes a processor, and changes nothing."""


ALLOWS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({Permission.READ, Permission.WORK, Permission.REPIN, Permission.PARTS}),
    Role.STOREKEEPER: frozenset({Permission.READ, Permission.PARTS, Permission.STOCK}),
    Role.CONTRACT_MANAGER: frozenset(
        {Permission.READ, Permission.TRY, Permission.REPIN, Permission.CONTRACTS}
    ),
    Role.AUDITOR: frozenset({Permission.READ, Permission.TRY, Permission.AUDIT}),
    Role.INTAKE: frozenset({Permission.INTAKE}),
    Role.ADMIN: frozenset(Permission),
}
"""An auditor reads everything and changes nothing."""


class Forbidden(Exception):
    """The caller is known, and may not do this."""

    def __init__(self, caller: Caller, permission: Permission) -> None:
        super().__init__(f"the role {caller.role} does not allow {permission}")


class Caller(msgspec.Struct, frozen=True):
    """Who sends a request.

    Attributes:
        name: the person or system the token was made for; stands as actor in every event they cause.
        token_id: the token they came with.
        teams: those that the person belongs to, by name.
    """

    name: str
    role: Role
    token_id: UUID
    expires_at: datetime | None = None
    teams: tuple[str, ...] = ()

    @property
    def actor(self) -> str:
        """The actor of the events that this caller causes, for example ``agent:li.wei``."""
        return f"{self.role.value}:{self.name}"

    def must(self, permission: Permission) -> None:
        """Raises:
        Forbidden: the role does not allow it.
        """
        if permission not in ALLOWS[self.role]:
            raise Forbidden(self, permission)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token as it is listed: everything but the token itself."""

    id: UUID
    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def hashed(token: str) -> bytes:
    """SHA-256: enough for a token of 256 random bits, which no dictionary holds."""
    return hashlib.sha256(token.encode()).digest()


def create_token(
    conn: Connection[Any], *, name: str, role: Role, expires_at: datetime | None = None
) -> tuple[UUID, str]:
    """Make a token and return its id and its text, which is shown this once."""
    token_id, text = uuid7(), f"afs_{secrets.token_urlsafe(32)}"
    conn.execute(
        "INSERT INTO access.token (id, name, role, hash, expires_at) VALUES (%s, %s, %s, %s, %s)",
        (token_id, name, role.value, hashed(text), expires_at),
    )
    return token_id, text


def list_tokens(conn: Connection[Any]) -> list[Token]:
    """Every token there ever was, oldest first."""
    with conn.cursor(row_factory=class_row(Token)) as rows:
        query = "SELECT id, name, role, created_at, expires_at, revoked_at FROM access.token ORDER BY id"
        return rows.execute(query).fetchall()


def revoke_token(conn: Connection[Any], token_id: UUID) -> bool:
    """Make a token worthless in every process, as soon as it hears; ``False`` for no such live token."""
    query = "UPDATE access.token SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL"
    return _changed(conn, query, (token_id,))


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """That a person belongs to a team."""

    person: str
    team: str
    joined_at: datetime


def join_team(conn: Connection[Any], person: str, team: str) -> bool:
    """Let a person belong to a team, in every process as soon as it hears; ``False`` if they did before."""
    query = "INSERT INTO access.member (person, team) VALUES (%s, %s) ON CONFLICT DO NOTHING"
    return _changed(conn, query, (person, team))


def leave_team(conn: Connection[Any], person: str, team: str) -> bool:
    """Let a person no longer belong to a team; ``False`` if they did not."""
    return _changed(conn, "DELETE FROM access.member WHERE person = %s AND team = %s", (person, team))


def list_memberships(conn: Connection[Any]) -> list[Membership]:
    """Who belongs to which team, by team and person."""
    with conn.cursor(row_factory=class_row(Membership)) as rows:
        query = "SELECT person, team, joined_at FROM access.member ORDER BY team, person"
        return rows.execute(query).fetchall()


def _changed(conn: Connection[Any], query: LiteralString, params: tuple[object, ...]) -> bool:
    """Change one row, and let every process forget whom it knows."""
    with conn.transaction():
        changed = conn.execute(query, params).rowcount == 1
        conn.execute("SELECT pg_notify('access', '')")
    return changed


class Access:
    """Finds the caller of a token, and remembers them until a token is revoked anywhere.

    It remembers only while it hears the database's notifications; without them every request asks.
    """

    def __init__(self, log: EventLog, url: str) -> None:
        self._log = log
        self._url = url
        self._known: dict[bytes, Caller] = {}
        self._changes = 0
        self._hears = False
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Access:
        self._listener = asyncio.create_task(self._listen(), name="access")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    async def caller(self, token: str) -> Caller | None:
        """Who carries this token; ``None`` when it is unknown, revoked or expired.

        Raises:
            LogUnavailable: the database does not answer.
        """
        digest = hashed(token)
        caller = self._known.get(digest)
        if caller is None:
            changes = self._changes
            caller = await self._look_up(digest)
            if caller is not None and self._hears and changes == self._changes:
                self._known[digest] = caller
        if caller is not None and caller.expires_at and caller.expires_at <= datetime.now(UTC):
            return None
        return caller

    async def _look_up(self, digest: bytes) -> Caller | None:
        async with self._log.connection() as conn:
            row = await (await conn.execute(CALLER, (digest,))).fetchone()
        return Caller(row[0], Role(row[1]), row[2], row[3], tuple(row[4])) if row else None

    async def _listen(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True) as conn:
                    await conn.execute("LISTEN access")
                    self._forget(hears=True)
                    async for _ in conn.notifies():
                        self._forget(hears=True)
            except (psycopg.Error, OSError, LogUnavailable):
                pass
            self._forget(hears=False)
            await asyncio.sleep(0.5)

    def _forget(self, *, hears: bool) -> None:
        self._changes += 1
        self._hears = hears
        self._known.clear()
