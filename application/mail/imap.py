"""A mailbox on its mail server (RFC 9051). All of it waits for the server: call it in a thread."""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from application.mail.mailboxes import Mailbox, server
from application.mail.servers import MailServerTrouble, explained, trust, turns_to_tls

SECONDS = 30
"""For which a mail server may keep silent."""
TROUBLE = (ImapToolsError, imaplib.IMAP4.error, OSError)
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Mail(msgspec.Struct, frozen=True):
    """One mail as the server keeps it.

    Attributes:
        raw: its bytes, or as many of them as were asked for.
        size: how many it has; 0 where these are all.
    """

    uid: int
    arrived_at: datetime
    raw: bytes
    size: int = 0


class Box:
    """A mailbox that was come to. Made by ``open_box``."""

    def __init__(self, box: BaseMailBox, folder: str) -> None:
        self._box = box
        self._folder = folder
        self._client: Any = box.client
        self._idle: Any = None
        # What a mail server can is known once it lets in.
        said = b" ".join(part for part in self._client.capability()[1] if isinstance(part, bytes))
        self.says_when = b"IDLE" in said.upper().split()
        """Whether it tells when something comes (RFC 2177)."""

    def examine(self) -> int:
        """Look at the mailbox anew, changing nothing; the mails' numbers are those of this answer."""
        self._box.folder.set(self._folder, readonly=True)
        (validity,) = self._client.response("UIDVALIDITY")[1]
        self._client.untagged_responses.pop("EXISTS", None)
        return int(validity or 0)

    def uids(self, after: int) -> list[int]:
        """The numbers of the mails behind one, in order."""
        return sorted(uid for text in self._box.uids(f"UID {after + 1}:*") if (uid := int(text)) > after)

    def mail(self, uid: int, most: int) -> Mail | None:
        """One mail, of which no more than so many bytes; ``None`` where somebody has taken it away.

        Raises:
            MailServerTrouble, ImapToolsError, OSError: the mail server does not hand it out.
        """
        told = self._fetched(uid, "(RFC822.SIZE INTERNALDATE)")
        head = b" ".join(part if isinstance(part, bytes) else part[0] for part in told)
        sized = SIZE.search(head)
        size = int(sized[1]) if sized else 0
        if not size:
            return None
        body = self._fetched(uid, "(BODY.PEEK[])" if size <= most else f"(BODY.PEEK[]<0.{most}>)")
        raw = _literal(body)
        if not raw:
            raise MailServerTrouble(f"the mail server hands out nothing of mail {uid}, of {size} bytes")
        arrived = imaplib.Internaldate2tuple(head)
        at = datetime(*arrived[:6]).astimezone(UTC) if arrived else datetime.now(UTC)
        return Mail(uid, at, raw, size if size > most else 0)

    def head(self, uid: int) -> bytes:
        """The headers of a mail; ``b""`` where there are none."""
        return _literal(self._fetched(uid, "(BODY.PEEK[HEADER])"))

    def begins(self, uid: int) -> bool:
        """Whether the beginning of a mail is handed out."""
        return bool(_literal(self._fetched(uid, "(BODY.PEEK[]<0.100>)")))

    def _fetched(self, uid: int, what: str) -> list[Any]:
        status, told = self._client.uid("fetch", str(uid), what)
        if status != "OK":
            raise MailServerTrouble(f"the mail server does not hand out mail {uid}: {status} {told}")
        return [part for part in told if part]

    def begin_idle(self) -> None:
        """Let it tell when something comes."""
        tag = self._client._command("IDLE")
        self._idle = tag
        while self._client._get_response() is not None:
            if self._client.tagged_commands[tag]:
                raise MailServerTrouble("the mail server offers IDLE and refuses it")

    def has_news(self) -> bool:
        """Whether it said already, since it was examined, that something came."""
        return bool(self._client.untagged_responses.get("EXISTS")) or self._has_more()

    def _has_more(self) -> bool:
        """Whether bytes were read from the line and not looked at: nobody would be woken for them."""
        sock = self._client.sock
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            return True
        if hasattr(self._client, "_readbuf"):  # Python 3.14 reads without a file
            return bool(self._client._readbuf)
        sock.settimeout(0)
        try:
            return bool(self._client.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            sock.settimeout(SECONDS)

    def fileno(self) -> int:
        """The descriptor of the line."""
        return self._client.sock.fileno()

    def end_idle(self) -> None:
        """It need not tell any more."""
        self._client.send(b"DONE\r\n")
        self._box.consume_until_tagged_response(self._idle)

    def close(self) -> None:
        """Go, whether or not the server still answers."""
        with suppress(*TROUBLE):
            self._box.logout()


def _literal(told: list[Any]) -> bytes:
    return next((part[1] for part in told if isinstance(part, tuple)), b"")


def open_box(mailbox: Mailbox) -> Box:
    """Come to a mailbox.

    Raises:
        MailServerTrouble: the mail server is not there, is not trusted, or does not let in.
    """
    where = server(mailbox.imap)
    try:
        box = _reached(mailbox)
    except TROUBLE as error:
        raise MailServerTrouble(explained(mailbox, where, error)) from error
    try:
        login = box.login if mailbox.password.isascii() else box.login_utf8
        login(where.user, mailbox.password, None)
    except MailboxLoginError as error:
        _hang_up(box)
        raise MailServerTrouble(
            f"mailbox {mailbox.name}: {where.host} does not let in {where.user!r}: see password_file"
        ) from error
    except TROUBLE as error:
        _hang_up(box)
        raise MailServerTrouble(explained(mailbox, where, error)) from error
    return Box(box, where.folder)


def _reached(mailbox: Mailbox) -> BaseMailBox:
    where = server(mailbox.imap)
    if where.kind == "imaps":
        return MailBox(where.host, where.port, timeout=SECONDS, ssl_context=trust(mailbox))
    box = MailBoxUnencrypted(where.host, where.port, timeout=SECONDS)
    if turns_to_tls(mailbox, where):
        try:
            if "STARTTLS" not in box.client.capabilities:
                raise MailServerTrouble(
                    f"{where.host} offers no STARTTLS, and no password is told without: write imaps://, "
                    "or tls = false where the line is safe"
                )
            box.client.starttls(trust(mailbox))
        except TROUBLE:
            _hang_up(box)
            raise
    return box


def _hang_up(box: BaseMailBox) -> None:
    with suppress(*TROUBLE):
        box.client.shutdown()
