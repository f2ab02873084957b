"""What listing, showing and publishing have in common, whatever is published."""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from application.access import Caller, Role
from application.book import open_promises
from application.calendars import read_exactly
from application.desk import Receipt
from application.desks import Desks, open_desks
from application.log.event_log import open_log
from application.settings import Settings
from domain.errors import DomainError
from interfaces.cli.database import current_database
from interfaces.cli.output import note, write, write_json
from interfaces.cli.problems import Misused, Refused
from interfaces.cli.saying import actor
from interfaces.cli.stopping import run_until_stopped
from interfaces.cli.toml import toml
from projections.book.shown import Issue

T = TypeVar("T")
OF_AN_ISSUE = ("effective_from", "withdrawn_from", "published_by", "published_at", "reason")
"""What is told of a version, and is no part of its file."""


def asked(settings: Settings, ask: Callable[[Desks], Awaitable[T]]) -> T:
    """What the desks of the installation answer."""

    async def answered(url: str) -> T:
        async with open_log(url) as log:
            return await ask(open_desks(log, open_promises(url), time_zone=settings.time_zone))

    with current_database(settings) as database:
        return run_until_stopped(answered(database.service_url))


def sent(settings: Settings, what: Path | str, send: Callable[[Desks], Awaitable[Receipt]]) -> Receipt:
    """The receipt of a command about something, which a refusal begins with.

    Raises:
        Refused: the rules refuse it.
    """
    try:
        return asked(settings, send)
    except DomainError as refused:
        where = f" (at {refused.field})" if refused.field else ""
        raise Refused(f"{what}: {refused.message}{where}") from None


def publish(settings: Settings, file: Path, send: Callable[[Desks], Awaitable[Receipt]]) -> None:
    """Send what a file states, and say what it has become.

    Raises:
        Refused: the rules refuse it.
    """
    receipt = sent(settings, file, send)
    note(f"{receipt.number} v{receipt.published} is published, at position {receipt.position}")


def stated_in(file: Path, read: Callable[[dict[str, Any]], T]) -> T:
    """What a TOML file states.

    Raises:
        Misused: it cannot be read as that.
    """
    try:
        return read_exactly(tomllib.loads(file.read_text(encoding="utf-8")), read)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, DomainError) as wrong:
        raise Misused(f"{file}: {wrong}") from None


def moment_of(text: str | None) -> datetime | None:
    """From when on it counts, as it was written.

    Raises:
        Misused: it is no time with offset.
    """
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        found = None
    if text and (found is None or found.tzinfo is None):
        raise Misused("--from: a time with offset, such as 2027-01-01T00:00+08:00")
    return found


def publisher(by: str | None) -> Caller:
    """Who publishes."""
    return Caller(actor(by).removeprefix("admin:"), Role.ADMIN, UUID(int=0))


def write_shown(shown: Issue, *, as_json: bool) -> None:
    """Print one version as a file that can be published again, or as JSON with how it came to be."""
    if as_json:
        write_json(shown)
        return
    stated = msgspec.to_builtins(shown, str_keys=True)
    for name in (*OF_AN_ISSUE, "sources", "covered_until"):
        stated.pop(name, None)
    write(toml(stated))
