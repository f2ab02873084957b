"""PostgreSQL connection URLs: hide what is secret in them, and add what a connection needs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, unquote

_HIDDEN_NAME = r"\b(\w*(?:password|secret)\w*)"
_KEYWORD_SECRET = re.compile(_HIDDEN_NAME + r"\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", re.IGNORECASE)
_QUERY_SECRET = re.compile(_HIDDEN_NAME + r"=[^&\s]*", re.IGNORECASE)


def redacted(url: str) -> str:
    """The URL as it may be shown: ``***`` in the place of every password."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return _KEYWORD_SECRET.sub(r"\1=***", url)
    # A password may hold a bare "/", "?" or "@": all between the first ":" and the last "@" is hidden.
    before, at, after = rest.rpartition("@")
    user, colon, _ = before.partition(":")
    hidden = f"{user}{colon and ':***'}{at}" if at else ""
    return f"{scheme}://{hidden}" + _QUERY_SECRET.sub(r"\1=***", after)


def socket_url(directory: Path, *, user: str, database: str) -> str:
    """The URL of a server that listens on a Unix socket in ``directory``, as psql takes it."""
    return f"postgresql://{quote(user)}@/{quote(database)}?host={quote(str(directory), safe='')}&port=5432"


def as_role(url: str, role: str) -> str:
    """The URL whose connections start in ``role``; options that the URL already has are kept."""
    place, query = place_and_query(url)
    pairs = _parameters(query)
    options = [value for name, value in pairs if name == "options"][-1:]
    kept = [pair for pair in pairs if pair[0] != "options"]
    kept.append(("options", " ".join([*options, f"-c role={role}"])))
    return place + "?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in kept)


def place_and_query(url: str) -> tuple[str, str]:
    """The two sides of the ``?``, as libpq finds it: one in the password does not count."""
    scheme, _, rest = url.partition("://")
    user, at, _ = rest.partition("@")
    known = user + at if at and "/" not in user else ""
    place, _, query = rest[len(known) :].partition("?")
    return f"{scheme}://{known}{place}", query


def _parameters(query: str) -> list[tuple[str, str]]:
    """Name and value of each parameter, as libpq reads them: ``+`` is a plus sign."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]
