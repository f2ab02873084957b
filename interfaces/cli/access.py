"""``aftersales token``: who may use the service."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from application.access import Role, Token, create_token, list_tokens, revoke_token
from application.settings import Settings
from interfaces.cli.database import connection, migrated_database
from interfaces.cli.output import moment, note, write, write_json, write_table
from interfaces.cli.problems import Misused, Refused

LONGEST_NAME = 200


def create(settings: Settings, name: str, role: Role, expires: str | None, *, as_json: bool) -> None:
    """Print a new token; it is kept nowhere.

    Raises:
        Misused: the name is not one, or the token would have expired already.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise Misused(f"a token's name is 1 to {LONGEST_NAME} printable characters: it stands in the log")
    expires_at = _expiry(expires, settings.time_zone) if expires else None
    with (
        migrated_database(settings) as database,
        psycopg.connect(database.service_url, autocommit=True) as conn,
    ):
        token_id, text = create_token(conn, name=name.strip(), role=role, expires_at=expires_at)
    if as_json:
        write_json(
            {"id": token_id, "name": name.strip(), "role": role, "expires_at": expires_at, "token": text}
        )
        return
    write(text)
    note(f"token {token_id} for {role.value}:{name.strip()}; it is shown this once")


def _expiry(text: str, zone: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Misused(f"--expires {text}: give a time such as 2027-01-31 or 2027-01-31T18:00+08:00") from None
    at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
    if at <= datetime.now(UTC):
        raise Misused(f"--expires {text} has passed: the token would be worth nothing")
    return at


def show(settings: Settings, *, as_json: bool) -> None:
    """Print every token there ever was, without the tokens themselves."""
    with connection(settings) as conn:
        tokens = list_tokens(conn)
    if as_json:
        write_json(tokens)
        return
    zone = settings.time_zone
    headers = ("id", "name", "role", "created", "state")
    rows = [(str(t.id), t.name, t.role, moment(t.created_at, zone), _state(t, zone)) for t in tokens]
    write_table(headers, rows)


def _state(token: Token, zone: str) -> str:
    if token.revoked_at:
        return f"revoked {moment(token.revoked_at, zone)}"
    if token.expires_at:
        word = "expired" if token.expires_at <= datetime.now(UTC) else "until"
        return f"{word} {moment(token.expires_at, zone)}"
    return "valid"


def revoke(settings: Settings, token_id: UUID) -> None:
    """Make a token worthless at once, everywhere.

    Raises:
        Refused: there is no such live token.
    """
    with connection(settings) as conn:
        if not revoke_token(conn, token_id):
            raise Refused(f"there is no live token {token_id}: aftersales token list shows them")
    note(f"token {token_id} is worth nothing any more")
