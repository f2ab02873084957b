"""Whose session is ended by whoever stands by: that of a holder who says nothing, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from application.database.connect import Database
from application.database.roles import SERVICE
from application.log.silence import end_silent
from tests.conftest import connected
from tests.projections.views import until

HOLD = "SELECT pg_advisory_lock(hashtextextended('a lead', 0))"
STATE = "SELECT state, wait_event_type FROM pg_stat_activity WHERE pid = %s"
AT_ONCE, NEVER = timedelta(0), timedelta(days=1)


def state(conn: psycopg.Connection[Any], of: psycopg.Connection[Any]) -> tuple[str, str] | None:
    """What a session does, and what it waits for."""
    return conn.execute(STATE, (of.info.backend_pid,)).fetchone()


@pytest.mark.parametrize(
    ("does", "is_then", "lock", "silence", "is_ended"),
    [
        ("", ("idle", "Client"), "a lead", AT_ONCE, True),
        ("BEGIN; SELECT", ("idle in transaction", "Client"), "a lead", AT_ONCE, True),
        ("COPY t FROM STDIN", ("active", "Client"), "a lead", AT_ONCE, True),
        ("", ("idle", "Client"), "a lead", NEVER, False),
        ("", ("idle", "Client"), "another", AT_ONCE, False),
        ("SELECT pg_sleep(60)", ("active", "Timeout"), "a lead", AT_ONCE, False),
    ],
)
def test_who_is_ended(
    database: Database,
    does: str,
    is_then: tuple[str, str],
    lock: str,
    silence: timedelta,
    is_ended: bool,
) -> None:
    with connected(database.service_url) as holder, connected(database.service_url) as other:
        holder.execute("CREATE TEMP TABLE t (n int)")
        holder.execute(HOLD)
        if does:
            holder.pgconn.send_query(does.encode())
        until(lambda: state(other, holder) == is_then)
        end_silent(other, [lock, "a third"], silence)
        if is_ended:
            until(lambda: state(other, holder) is None)
        else:
            assert state(other, holder) == is_then
        holder.pgconn.finish()


def test_it_is_done_as_the_role_that_connected(server: Any, database: Database) -> None:
    """Where the service connects as a role that may more, and works as its own."""
    url = server.url(conninfo_to_dict(database.service_url)["dbname"])
    with connected(url) as holder, connected(url) as other:
        for conn in (holder, other):
            conn.execute(f"SET ROLE {SERVICE}")
        holder.execute(HOLD)

        def is_ended() -> bool:
            end_silent(other, ["a lead"], AT_ONCE)
            return state(other, holder) is None

        until(is_ended)
        assert other.execute("SELECT current_user").fetchone() == (SERVICE,)
