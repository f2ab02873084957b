"""Where checkpoints are put so that the owner of the database cannot take them back: file, web, mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from psycopg import Connection

from application.log.tree.checkpoints import Signed
from application.log.tree.keys import write_whole
from application.log.tree.notes import BadNote, Checkpoint, Note
from application.log.tree.web import SECONDS, NotDelivered, is_here, may_send_to, post

NEWEST_FILE = "checkpoint"
READABLE = 0o644
SMTP_PORTS = {"smtp": 25, "smtps": 465}

MAIL = """\
附件是售后服务日志截至第 {size} 号事件的签名检查点。请妥善保存：日后用它可以证明此前的记录未被改动。

Attached is the signed checkpoint of the service log up to event {size}. Keep it: with it anybody can show
later whether what was recorded until then is still the same.

    aftersales log verify --checkpoint checkpoint-{size}.txt --key VKEY

{note}"""


class FileTarget(msgspec.Struct, frozen=True):
    """A directory, best on a disk that the owner of the database cannot write to.

    ``checkpoint`` there is the newest one, ``2026-03-02.checkpoint`` the last one of that day.
    """

    directory: Path
    apart: timedelta = timedelta()

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"file:{self.directory}"

    def deliver(self, conn: Connection[Any], signed: Signed) -> None:  # noqa: ARG002
        """Put it there."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            newest = self.directory / NEWEST_FILE
            if newest.exists() and _size_in(newest) > signed.size:
                raise NotDelivered(f"{newest} holds a checkpoint of a longer log")
            for name in (f"{signed.signed_at:%Y-%m-%d}.checkpoint", NEWEST_FILE):
                write_whole(self.directory / name, signed.text.encode(), READABLE)
        except OSError as error:
            raise NotDelivered(f"cannot be written: {error.strerror}") from None


class WebTarget(msgspec.Struct, frozen=True):
    """An address that takes the note by POST, as text/plain, and answers 2xx."""

    url: str
    apart: timedelta = timedelta()

    @property
    def name(self) -> str:
        """What it is called in messages: the path may hold a secret, so only its hash is told."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/… ({sha256(self.url.encode()).hexdigest()[:8]})"

    def deliver(self, conn: Connection[Any], signed: Signed) -> None:  # noqa: ARG002
        """POST it."""
        status = post(self.url, signed.text).status
        if not 200 <= status < 300:
            raise NotDelivered(f"answered {status}")


class MailTarget(msgspec.Struct, frozen=True):
    """A mailbox.

    Attributes:
        address: whose.
        smtp: the mail server: ``smtp://`` or ``smtps://``, with user and password if it asks for them.
        sender: whom it comes from.
        apart: how much time passes at least between two.
    """

    address: str
    smtp: str
    sender: str
    apart: timedelta

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"mailto:{self.address}"

    def deliver(self, conn: Connection[Any], signed: Signed) -> None:  # noqa: ARG002
        """Send it."""
        origin = signed.note.partition("\n")[0]
        mail = EmailMessage()
        mail["From"], mail["To"] = self.sender, self.address
        mail["Subject"] = f"Checkpoint {signed.size} 检查点: {origin}"
        mail.set_content(MAIL.format(size=signed.size, note=signed.text))
        mail.add_attachment(
            signed.text.encode(),
            maintype="application",
            subtype="octet-stream",
            filename=f"checkpoint-{signed.size}.txt",
        )
        try:
            self._send(mail)
        except smtplib.SMTPResponseException as error:
            raise NotDelivered(f"the mail server answered {error.smtp_code}") from None
        except smtplib.SMTPException as error:
            raise NotDelivered(f"the mail server does not take it: {type(error).__name__}") from None
        except OSError as error:
            raise NotDelivered(f"no mail server: {error.strerror or type(error).__name__}") from None

    def _send(self, mail: EmailMessage) -> None:
        parts, tls = urlsplit(self.smtp), ssl.create_default_context()
        host, port = parts.hostname or "", parts.port or SMTP_PORTS[parts.scheme]
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=tls)
        else:
            server = smtplib.SMTP(host, port, timeout=SECONDS)
        with server:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=tls)
            elif parts.scheme == "smtp" and parts.username and not is_here(host):
                raise NotDelivered("the mail server offers no TLS, so it is not told the password")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)


Target = FileTarget | WebTarget | MailTarget


def targets(
    places: Sequence[str], *, smtp: str | None, sender: str | None, mail_apart: timedelta
) -> list[Target]:
    """Where to put checkpoints, as the settings say it; see ``is_target``."""
    made: list[Target] = []
    for place in places:
        kind, _, rest = place.partition(":")
        if kind == "file":
            made.append(FileTarget(Path(rest)))
        elif kind == "mailto" and smtp:
            made.append(MailTarget(rest, smtp, sender or rest, mail_apart))
        else:
            made.append(WebTarget(place))
    return made


def is_target(place: str) -> bool:
    """Whether a text says where to put checkpoints: ``file:/directory``, ``mailto:a@b`` or a web address."""
    kind, _, rest = place.partition(":")
    if kind == "file":
        return rest.startswith("/")
    if kind == "mailto":
        return is_mailbox(rest)
    return may_send_to(place)


def is_mailbox(address: str) -> bool:
    """Whether a text is one mail address, and nothing that could become a header."""
    local, at, host = address.partition("@")
    return bool(local and at and host and "@" not in host and address.isprintable()) and not set(
        address
    ) & set(' ,;<>"()')


def is_mail_server(url: str) -> bool:
    """Whether a text is the address of a mail server."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in SMTP_PORTS
            and bool(parts.hostname)
            and (parts.port or 1) > 0
            and parts.path in {"", "/"}
        )
    except ValueError:
        return False


def _size_in(file: Path) -> int:
    try:
        return Checkpoint.of(Note.of(file.read_text(encoding="utf-8")).text).size
    except (BadNote, UnicodeDecodeError):
        return 0
