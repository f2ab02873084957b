"""Who does something at the command line, and why: what stands in the log of it."""

from __future__ import annotations

import getpass

from interfaces.cli.access import LONGEST_NAME
from interfaces.cli.problems import Misused


def actor(by: str | None) -> str:
    """The actor of an act: whoever is named, or whose terminal it is.

    Raises:
        Misused: the name cannot stand in the log, or nobody knows it.
    """
    try:
        return f"admin:{said('--by', by or getpass.getuser())}"
    except (KeyError, OSError):
        raise Misused("nobody knows who you are: say it with --by NAME") from None


def said(option: str, text: str) -> str:
    """A text that stands in the log.

    Raises:
        Misused: it is empty, too long, or not printable.
    """
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise Misused(f"{option}: 1 to {LONGEST_NAME} printable characters, which stand in the log")
    return text.strip()
