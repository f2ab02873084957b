"""What a bounce says: what came back, from whom and why (RFC 3464)."""

from __future__ import annotations

from email.message import Message
from typing import Any

import msgspec

from application.mail.parts import decoded

WHOM = ("Original-Recipient", "Final-Recipient")
"""As we wrote to him, and as the other mail server knows him."""
SAYS_WHY = ("Final-Recipient", "Status", "Diagnostic-Code")
NO_FAILURE = frozenset({"delayed", "delivered", "relayed", "expanded"})
"""What a report may say that is no failure."""


class Failure(msgspec.Struct, frozen=True):
    """Somebody with whom a letter did not arrive.

    Attributes:
        address: his; ``None`` where that is not said.
        said: why, in the words of the mail server.
    """

    address: str | None
    said: str


def failures(message: Message[str, str], otherwise: str) -> tuple[Failure, ...]:
    """With whom it did not arrive. None, where a report says of everybody that it did or still may.

    Args:
        message: the bounce.
        otherwise: what is said where it is not in the form that there is for it.
    """
    told = [block for block in _blocks(message) if any(block[name] for name in WHOM)]
    if not told:
        return (Failure(None, otherwise),)
    failed = [block for block in told if _words(block["Action"]).lower() not in NO_FAILURE]
    return tuple(Failure(_address(block), _why(block) or otherwise) for block in failed)


def _blocks(message: Message[str, str]) -> list[Any]:
    reports: list[Any] = [
        part.get_payload() for part in message.walk() if part.get_content_type() == "message/delivery-status"
    ]
    return [block for report in reports if isinstance(report, list) for block in report]


def _address(block: Any) -> str | None:
    said = next(_words(block[name]) for name in WHOM if block[name])
    address = said.rpartition(";")[2].strip(" <>")
    return address[:254] if "@" in address else None


def _why(block: Any) -> str:
    return "; ".join(_words(block[name]) for name in SAYS_WHY if block[name])[:300]


def _words(said: Any) -> str:
    """On one line, without what cannot be kept."""
    return " ".join(decoded(str(said or "").encode("utf-8", "surrogateescape"), None).split())
