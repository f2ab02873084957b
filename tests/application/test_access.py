"""Roles, tokens, and callers that are remembered until they may not be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application.access import (
    ALLOWS,
    Access,
    Caller,
    Forbidden,
    Permission,
    Role,
    create_token,
    hashed,
    list_tokens,
    revoke_token,
)
from application.database.connect import Database
from application.log.event_log import open_log
from tests.conftest import connected


def with_access(database: Database, story: Callable[[Access], Coroutine[Any, Any, None]]) -> None:
    """Run a story on the access of a service."""

    async def run() -> None:
        async with open_log(database.service_url) as log, Access(log, database.service_url) as access:
            await story(access)

    asyncio.run(run())


async def becomes(access: Access, token: str, known: bool) -> None:
    """Come back as soon as a token is known or not."""
    async with asyncio.timeout(30):
        while True:
            if (await access.caller(token) is not None) is known:
                return
            await asyncio.sleep(0.002)


def made(database: Database, role: Role = Role.AGENT, **more: Any) -> tuple[UUID, str]:
    """A new token."""
    with connected(database.service_url) as conn:
        return create_token(conn, name="li.wei", role=role, **more)


class TestRoles:
    @pytest.mark.parametrize(
        ("role", "allowed"),
        [
            (Role.AGENT, {Permission.READ, Permission.WORK, Permission.REPIN, Permission.PARTS}),
            (Role.STOREKEEPER, {Permission.READ, Permission.PARTS, Permission.STOCK}),
            (
                Role.CONTRACT_MANAGER,
                {Permission.READ, Permission.TRY, Permission.REPIN, Permission.CONTRACTS},
            ),
            (Role.AUDITOR, {Permission.READ, Permission.TRY, Permission.AUDIT}),
            (Role.ADMIN, set(Permission)),
        ],
    )
    def test_what_a_role_allows(self, role: Role, allowed: set[Permission]) -> None:
        caller = Caller("li.wei", role, uuid4())
        for permission in Permission:
            if permission in allowed:
                caller.must(permission)
            else:
                with pytest.raises(Forbidden, match=f"the role {role} does not allow {permission}"):
                    caller.must(permission)

    def test_every_role_allows_something(self) -> None:
        assert ALLOWS.keys() == set(Role)

    def test_the_actor_says_in_which_role(self) -> None:
        assert Caller("李伟", Role.AGENT, uuid4()).actor == "agent:李伟"


class TestTokens:
    def test_only_the_hash_is_kept(self, database: Database) -> None:
        token_id, token = made(database)
        with connected(database.service_url) as conn:
            rows = conn.execute(
                "SELECT t::text, hash FROM access.token t WHERE id = %s", (token_id,)
            ).fetchall()
        ((row, digest),) = rows
        assert token not in row
        assert digest == hashed(token)
        assert token.startswith("afs_")
        assert len(token) > 40

    def test_every_token_is_another(self, database: Database) -> None:
        assert len({made(database)[1] for _ in range(20)}) == 20

    def test_the_list_shows_everything_but_the_token(self, database: Database) -> None:
        until = datetime.now(UTC) + timedelta(days=1)
        first, second = made(database)[0], made(database, Role.ADMIN, expires_at=until)[0]
        with connected(database.service_url) as conn:
            assert revoke_token(conn, first)
            revoked, current = list_tokens(conn)
        assert (revoked.id, revoked.role, current.id, current.role) == (first, "agent", second, "admin")
        assert revoked.revoked_at is not None
        assert revoked.expires_at is None
        assert (current.revoked_at, current.expires_at) == (None, until)

    def test_revoking_twice_or_nothing_says_so(self, database: Database) -> None:
        token_id, _ = made(database)
        with connected(database.service_url) as conn:
            answers = [revoke_token(conn, each) for each in (token_id, token_id, uuid4())]
        assert answers == [True, False, False]

    def test_a_token_needs_a_name(self, database: Database) -> None:
        with connected(database.service_url) as conn, pytest.raises(psycopg.errors.CheckViolation):
            create_token(conn, name="", role=Role.AGENT)

    def test_the_service_may_not_change_or_remove_a_token(self, database: Database) -> None:
        made(database)
        for statement in (
            "UPDATE access.token SET role = 'admin'",
            "UPDATE access.token SET expires_at = NULL",
            "DELETE FROM access.token",
        ):
            with connected(database.service_url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)  # type: ignore[arg-type]


class TestCallers:
    def test_a_token_tells_who_carries_it(self, database: Database) -> None:
        token_id, token = made(database)

        async def story(access: Access) -> None:
            caller = await access.caller(token)
            assert caller is not None
            assert (caller.name, caller.role, caller.token_id) == ("li.wei", Role.AGENT, token_id)
            for unknown in ("", "afs_x", token[:-1], token + "x", token.upper(), "\0", "ü"):
                assert await access.caller(unknown) is None

        with_access(database, story)

    def test_a_remembered_caller_is_not_asked_for_again(self, database: Database) -> None:
        _, token = made(database)

        async def story(access: Access) -> None:
            await remembered(access, token)
            with connected(database.owner_url) as owner:
                owner.execute("ALTER TABLE access.token RENAME TO elsewhere")
                assert await access.caller(token) is not None
                owner.execute("ALTER TABLE access.elsewhere RENAME TO token")

        with_access(database, story)

    def test_a_revoked_token_is_forgotten_by_every_process(self, database: Database) -> None:
        token_id, token = made(database)

        async def story(access: Access) -> None:
            async with open_log(database.service_url) as log, Access(log, database.service_url) as other:
                for each in (access, other):
                    await remembered(each, token)
                with connected(database.service_url) as conn:
                    revoke_token(conn, token_id)
                for each in (access, other):
                    await becomes(each, token, known=False)

        with_access(database, story)

    def test_a_token_expires_while_it_is_remembered(self, database: Database) -> None:
        _, token = made(database, expires_at=datetime.now(UTC) + timedelta(seconds=0.5))

        async def story(access: Access) -> None:
            assert await access.caller(token) is not None
            await becomes(access, token, known=False)

        with_access(database, story)

    def test_who_hears_nothing_asks_every_time(self, database: Database) -> None:
        token_id, token = made(database)

        async def run() -> None:
            async with open_log(database.service_url) as log, Access(log, "host=/nowhere") as deaf:
                for _ in range(20):
                    assert await deaf.caller(token) is not None
                with connected(database.service_url) as conn:
                    conn.execute("UPDATE access.token SET revoked_at = now() WHERE id = %s", (token_id,))
                assert await deaf.caller(token) is None

        asyncio.run(run())

    def test_who_stops_hearing_forgets(self, database: Database) -> None:
        token_id, token = made(database)

        async def story(access: Access) -> None:
            await remembered(access, token)
            with connected(database.service_url) as conn:
                conn.execute("UPDATE access.token SET revoked_at = now() WHERE id = %s", (token_id,))
                conn.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND query = 'LISTEN access'"
                )
            await becomes(access, token, known=False)

        with_access(database, story)


async def remembered(access: Access, token: str) -> None:
    """Come back when a caller is remembered."""
    async with asyncio.timeout(30):
        while hashed(token) not in access._known:
            assert await access.caller(token) is not None
            await asyncio.sleep(0.002)
