"""What a mail that came in says, whatever it is made of."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from enum import StrEnum
from hashlib import sha256
from typing import Any

import msgspec
from bs4 import BeautifulSoup

from application.mail.bounces import Failure, failures
from application.mail.parts import Enclosed, Parts, decoded, raw_header, read_parts, words

MAIL = "message/rfc822"
"""What a mail is as a file."""
LONGEST_PAGE = 1_000_000
"""Characters of a page that are read."""
LONGEST = 10_000
"""Characters of a text that stand in the event; the whole mail is attached to the ticket as it came."""
BRACKETED = re.compile(r"<([^<>\s]{1,995})>")
BARE = re.compile(r"(?<!\S)([^<>\s@]{1,500}@[^<>\s@]{1,490})(?!\S)")
MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([^<>\s\x00]{1,995})>")
HEAD = 64 * 1024
"""Bytes at the beginning of a mail in which its Message-ID is looked for, where it cannot be read."""
SPACES = re.compile(r"[ \t\u00a0]+\n")
ROBOTS = ("mailer-daemon@", "postmaster@")


class Kind(StrEnum):
    """Who wrote a mail."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    """A machine: an absence note, a receipt, a mailing list (RFC 3834)."""
    BOUNCE = "bounce"
    """A mail server that could not deliver what we wrote (RFC 3464)."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it came.

    Attributes:
        message: its Message-ID without brackets; made of its bytes where it has none.
        kind: who wrote it.
        sender: the address it comes from, in small letters; ``""`` for none.
        name: how the sender calls himself; the address where he does not.
        subject: on one line.
        text: what it says.
        answers: the Message-IDs that it answers, the nearest first.
        returned: of a bounce, the Message-ID of what came back; ``None`` where it does not say.
        failures: of a bounce, with whom what we wrote did not arrive, and why.
        enclosed: the files in it.
        raw: its bytes, or the first of them.
        size: where these are only the first, how many it has; else 0.
        broken: the file of which the end is missing then.
    """

    message: str
    kind: Kind
    sender: str
    name: str
    subject: str
    text: str
    answers: tuple[str, ...] = ()
    returned: str | None = None
    failures: tuple[Failure, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    raw: bytes = b""
    size: int = 0
    broken: str | None = None


def read_letter(raw: bytes, size: int = 0) -> Letter:
    """Read a mail; whatever its bytes are, something comes of it.

    Args:
        raw: its bytes.
        size: how many it has, where these are only the first of them.
    """
    try:
        return _read(message_from_bytes(raw), raw, size)
    except Exception:  # nested a thousand times, for example: its head is read, and the whole is attached
        return _read(BytesHeaderParser().parsebytes(raw), raw, size, parts=Parts("", "", ()))


def _read(message: Message[str, str], raw: bytes, size: int, parts: Parts | None = None) -> Letter:
    sender, name = _sender(message)
    said = _ids(message, "message-id")
    kind = _kind(message, sender)
    parts = parts or read_parts(message, is_cut=size > len(raw))
    subject = _line(next((words(each) for each in raw_header(message, "subject")), ""))
    return Letter(
        message=said[0] if said else unnamed(raw),
        kind=kind,
        sender=sender,
        name=name or sender,
        subject=subject,
        text=_text(parts),
        answers=(*_ids(message, "in-reply-to"), *reversed(_ids(message, "references"))),
        returned=_returned(message) if kind is Kind.BOUNCE else None,
        failures=failures(message, subject or "returned") if kind is Kind.BOUNCE else (),
        enclosed=parts.enclosed,
        raw=raw,
        size=size,
        broken=parts.broken,
    )


def unread(raw: bytes) -> Letter:
    """What is known of a mail that cannot be read."""
    found = MESSAGE_ID.search(raw[:HEAD])
    message = found[1].decode("utf-8", "replace") if found else unnamed(raw)
    return Letter(message=message, kind=Kind.AUTOMATIC, sender="", name="", subject="", text="", raw=raw)


def unnamed(raw: bytes) -> str:
    """What stands for the Message-ID of a mail that has none."""
    return f"{sha256(raw).hexdigest()[:40]}@no-message-id"


def _kind(message: Message[str, str], sender: str) -> Kind:
    report = str(message.get_param("report-type") or "").lower()
    if message.get_content_type() == "multipart/report" and report == "delivery-status":
        return Kind.BOUNCE
    if sender.startswith(ROBOTS) and _header(message, "return-path") in {"<>", ""}:
        return Kind.BOUNCE
    automatic = (
        _header(message, "auto-submitted").partition(";")[0].strip() not in {"", "no"}
        or _header(message, "precedence") in {"bulk", "junk", "list", "auto_reply"}
        or any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "List-Id", "X-Loop"))
        or message.get_content_type() == "multipart/report"
        or _header(message, "return-path") == "<>"
        or not sender
    )
    return Kind.AUTOMATIC if automatic else Kind.PERSON


def _sender(message: Message[str, str]) -> tuple[str, str]:
    for header in ("reply-to", "from"):
        for name, address in getaddresses(raw_header(message, header)):
            if "@" in address:
                return _line(address).lower()[:254], _line(words(name))[:200]
    return "", ""


def _text(parts: Parts) -> str:
    plain = parts.text
    if not plain.strip():
        page = BeautifulSoup(parts.html[:LONGEST_PAGE], "html.parser")
        for unseen in page(["script", "style", "title"]):
            unseen.decompose()
        plain = page.get_text("\n")
    text = SPACES.sub("\n", plain.replace("\r\n", "\n")).strip()
    return re.sub(r"\n{3,}", "\n\n", text)[:LONGEST]


def _returned(message: Message[str, str]) -> str | None:
    """The Message-ID of what came back: a bounce carries it, or at least its headers."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and isinstance(part.get_payload(), list):
            inner: Any = part.get_payload(0)
            if found := _ids(inner, "message-id"):
                return found[0]
        if part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and (found := MESSAGE_ID.search(content)):
                return decoded(found[1], None)
    return None


def _ids(message: Message[str, str], name: str) -> list[str]:
    """The Message-IDs in a header, in order; where none has brackets, what looks like one."""
    values = raw_header(message, name)
    found = [each for value in values for each in BRACKETED.findall(value)]
    return (found or [each for value in values for each in BARE.findall(value)])[-50:]


def _header(message: Message[str, str], name: str) -> str:
    return next(iter(raw_header(message, name)), "").strip().lower()


def _line(text: str) -> str:
    """On one line, without what cannot be kept."""
    return " ".join(decoded(text.encode("utf-8", "surrogateescape"), None).split())[:300]
