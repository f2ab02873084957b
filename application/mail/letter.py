"""What a mail that came in says, whatever it is made of."""

from __future__ import annotations

import re
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from hashlib import sha256
from typing import Any

import msgspec
from bs4 import BeautifulSoup
from imap_tools import MailMessage

MAIL = "message/rfc822"
"""What a mail is as a file."""
LONGEST = 10_000
"""Characters of a text that stand in the event; the whole mail is attached to the ticket as it came."""
BRACKETED = re.compile(r"<([^<>\s]{1,995})>")
MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([^<>\s\x00]{1,995})>")
HEAD = 64 * 1024
"""Bytes at the beginning of a mail in which its Message-ID is looked for, where it cannot be read."""
SPACES = re.compile(r"[ \t\u00a0]+\n")
SAYS_WHY = ("Final-Recipient", "Status", "Diagnostic-Code")
ROBOTS = ("mailer-daemon@", "postmaster@")


class Kind(StrEnum):
    """Who wrote a mail."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    """A machine: an absence note, a receipt, a mailing list (RFC 3834)."""
    BOUNCE = "bounce"
    """A mail server that could not deliver what we wrote (RFC 3464)."""


class Enclosed(msgspec.Struct, frozen=True):
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes


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
        failure: of a bounce, what the other mail server said.
        enclosed: the files in it.
        raw: its bytes.
    """

    message: str
    kind: Kind
    sender: str
    name: str
    subject: str
    text: str
    answers: tuple[str, ...] = ()
    returned: str | None = None
    failure: str = ""
    enclosed: tuple[Enclosed, ...] = ()
    raw: bytes = b""


def read_letter(raw: bytes) -> Letter:
    """Read a mail; whatever its bytes are, something comes of it."""
    mail = MailMessage.from_bytes(raw)
    message: Message[str, str] = mail.obj
    sender, name = _sender(message)
    said = _headers(message, "message-id")
    kind = _kind(message, sender)
    return Letter(
        message=said[0] if said else unnamed(raw),
        kind=kind,
        sender=sender,
        name=name or sender,
        subject=_line(_safely(lambda: mail.subject, "")),
        text=_text(mail),
        answers=(*_headers(message, "in-reply-to"), *reversed(_headers(message, "references"))),
        returned=_returned(message) if kind is Kind.BOUNCE else None,
        failure=_failure(message) if kind is Kind.BOUNCE else "",
        enclosed=tuple(_enclosed(mail)),
        raw=raw,
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
        for name, address in _addresses(message, header):
            if "@" in address:
                return _line(address).lower()[:254], _line(_decoded(name))[:200]
    return "", ""


def _addresses(message: Message[str, str], header: str) -> list[tuple[str, str]]:
    return _safely(lambda: getaddresses([str(value) for value in message.get_all(header, [])]), [])


def _decoded(text: str) -> str:
    from email.header import decode_header, make_header

    return _safely(lambda: str(make_header(decode_header(text))), text)


def _text(mail: MailMessage) -> str:
    plain = _safely(lambda: mail.text, "")
    if not plain.strip():
        plain = _safely(lambda: BeautifulSoup(mail.html, "html.parser").get_text("\n"), "")
    text = SPACES.sub("\n", plain.replace("\r\n", "\n").replace("\x00", "")).strip()
    return re.sub(r"\n{3,}", "\n\n", text)[:LONGEST]


def _enclosed(mail: MailMessage) -> list[Enclosed]:
    found = _safely(lambda: mail.attachments, [])
    return [
        Enclosed(_line(each.filename)[:200] or "attachment", each.content_type.lower(), each.payload)
        for each in found
        if each.payload
    ]


def _returned(message: Message[str, str]) -> str | None:
    """The Message-ID of what came back: a bounce carries it, or at least its headers."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and isinstance(part.get_payload(), list):
            inner: Any = part.get_payload(0)
            if found := _headers(inner, "message-id"):
                return found[0]
        if part.get_content_type() == "text/rfc822-headers":
            text = _safely(lambda part=part: part.get_payload(decode=True).decode("utf-8", "replace"), "")  # type: ignore[union-attr]
            if found := re.search(r"(?im)^message-id:\s*<([^<>\s]+)>", text):
                return found[1]
    return None


def _failure(message: Message[str, str]) -> str:
    """What the other mail server said, as far as it said it in the form that there is for it (RFC 3464)."""
    reports: list[Any] = [
        part.get_payload() for part in message.walk() if part.get_content_type() == "message/delivery-status"
    ]
    blocks = [block for report in reports if isinstance(report, list) for block in report]
    told = [block[name] for block in blocks for name in SAYS_WHY if block[name]]
    return _line("; ".join(map(str, told)))[:1000]


def _headers(message: Message[str, str], name: str) -> list[str]:
    """The Message-IDs in a header, in order."""
    values = _safely(lambda: [str(value) for value in message.get_all(name, [])], [])
    return [found for value in values for found in BRACKETED.findall(value)][-50:]


def _header(message: Message[str, str], name: str) -> str:
    return _safely(lambda: str(message.get(name, "")), "").strip().lower()


def _line(text: str) -> str:
    """On one line, without what cannot be kept."""
    return " ".join(text.replace("\x00", "").split())[:300]


def _safely(read: Any, otherwise: Any) -> Any:
    """What broken mail makes a parser stumble over counts as not said."""
    try:
        return read()
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
        return otherwise
