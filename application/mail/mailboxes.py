"""The mailboxes of an installation: a TOML file, which names no password that is not in a file of its own."""

from __future__ import annotations

import ssl
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Meta

from application.log.tree.web import is_here
from domain.errors import InvalidValue
from domain.ticket.words import Priority

INCOMING = {"imap": 143, "imaps": 993}
OUTGOING = {"smtp": 25, "smtps": 465, "submission": 587}
PORTS = INCOMING | OUTGOING


class Mailbox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mailbox.

    Attributes:
        name: what commands and events call it.
        address: whom customers write to.
        title: how it calls itself in what goes out.
        imap: where mail comes in: ``imaps://user@host/INBOX``.
        smtp: where mail goes out: ``smtps://user@host``; ``submission://`` turns to TLS.
        password_file: what holds the password; without one, the mail server asks for none.
        tls: whether a server is told the password only after turning to TLS, where its URL does not say so
            by itself (``imaps``, ``smtps``); absent, every server but one on this machine is.
        ca_file: certificates of authorities of your own, whom its servers' certificates are believed by, too.
        most_bytes: of a mail that is fetched whole; of a larger one only its beginning is.
        team: who gets the tickets that begin here.
        priority: how urgent they are until somebody looks.
        acknowledge: whether whoever begins a ticket is told its number.
        language: of that.
        most_an_hour: tickets that one sender may begin in an hour; what is more is set aside.
    """

    name: str
    address: str
    imap: str
    smtp: str
    title: str = ""
    password_file: str | None = None
    tls: bool | None = None
    ca_file: str | None = None
    most_bytes: Annotated[int, Meta(ge=64 * 1024)] = 50 * 1024 * 1024
    team: str | None = None
    priority: Priority = Priority.P3
    acknowledge: bool = True
    language: Literal["zh", "en"] = "zh"
    most_an_hour: int = 20

    def __post_init__(self) -> None:
        if "@" not in self.address:
            raise InvalidValue(f"{self.address!r} is no address")
        for url, kinds in ((self.imap, INCOMING), (self.smtp, OUTGOING)):
            if server(url).kind not in kinds:
                raise InvalidValue(f"write {' or '.join(f'{kind}://' for kind in kinds)}, not {url!r}")
        if self.tls is False and {server(self.imap).kind, server(self.smtp).kind} == {"imaps", "smtps"}:
            raise InvalidValue("tls = false, and both servers are named with TLS: leave it out")

    @property
    def domain(self) -> str:
        """What stands behind the @ of its address."""
        return self.address.rpartition("@")[2]

    @property
    def password(self) -> str:
        """Read anew each time: it may be changed.

        Raises:
            OSError: its file cannot be read.
        """
        return Path(self.password_file).read_text(encoding="utf-8").strip() if self.password_file else ""


class Server(msgspec.Struct, frozen=True):
    """A mail server, and as whom to come to it."""

    kind: str
    host: str
    port: int
    user: str
    folder: str

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine; no other is told a password without TLS."""
        return is_here(self.host)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mailbox: tuple[Mailbox, ...] = ()


def read_mailboxes(path: Path | None) -> tuple[Mailbox, ...]:
    """The mailboxes that a file states; none without a file.

    Raises:
        InvalidValue: the file is not there, or states what cannot be; the message begins with its path.
    """
    if path is None:
        return ()
    try:
        stated = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).mailbox
    except OSError as error:
        raise InvalidValue(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, InvalidValue) as wrong:
        raise InvalidValue(f"{path}: {wrong}") from None
    for mailbox in stated:
        if mailbox.ca_file:
            _must_be_certificates(path, mailbox)
    if len({mailbox.name for mailbox in stated}) < len(stated):
        raise InvalidValue(f"{path}: two mailboxes have the same name")
    return stated


def _must_be_certificates(path: Path, mailbox: Mailbox) -> None:
    try:
        ssl.create_default_context(cafile=mailbox.ca_file)
    except OSError as error:
        said = "holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise InvalidValue(f"{path}: ca_file {mailbox.ca_file}: {said}") from None


def server(url: str) -> Server:
    """What a server's URL says.

    Raises:
        InvalidValue: it says something else.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise InvalidValue(f"write imaps://user@host or smtps://user@host, not {url!r}") from None
    if not parts.hostname or parts.password:
        raise InvalidValue("a mail server's URL has a host, and no password: that is in password_file")
    folder = parts.path.strip("/") or "INBOX"
    return Server(parts.scheme, parts.hostname, port, unquote(parts.username or ""), folder)
