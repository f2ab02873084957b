"""A mail server on the loopback: one program that keeps mailboxes (IMAP), and one that takes mail (SMTP)."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from queue import Queue
from typing import Any

from aiosmtpd.controller import Controller
from imap_tools import MailBoxUnencrypted

from application.mail.mailboxes import Mailbox

USER, PASSWORD = "firm", "secret"
ADDRESS = "service@firm.example"


class PostOffice:
    """The servers, and what people outside do with them.

    Attributes:
        refuses: recipients that the mail server will not take, and with which words.
        taken: every mail that the mail server took, in order.
    """

    def __init__(self, imap_port: int, folder: Path, server: subprocess.Popen[bytes]) -> None:
        self.imap_port = imap_port
        self.smtp_port = free_port()
        self.refuses: dict[str, str] = {}
        self.taken: Queue[EmailMessage] = Queue()
        self._folder = folder
        self._imap = server
        self._outside = MailBoxUnencrypted("127.0.0.1", imap_port).login(USER, PASSWORD, "INBOX")
        self._server = Controller(self, hostname="127.0.0.1", port=self.smtp_port)
        self._server.start()

    def close(self) -> None:
        """No more mail comes and goes."""
        if self._imap.poll() is None:
            self._outside.logout()
        self._server.stop()

    def dies(self) -> None:
        """What keeps the mailboxes is gone, and whatever it kept."""
        self._imap.kill()
        self._imap.wait()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Somebody is named as recipient."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """A mail is taken."""
        self.taken.put(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def mailbox(self, name: str = "support", folder: str = "INBOX", **more: Any) -> Mailbox:
        """One of the firm's mailboxes."""
        secret = self._folder / "password"
        secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
        usual = {
            "address": ADDRESS,
            "title": "海风售后",
            "imap": f"imap://{USER}@127.0.0.1:{self.imap_port}/{folder}",
            "smtp": f"smtp://127.0.0.1:{self.smtp_port}",
            "password_file": str(secret),
        }
        return Mailbox(name=name, **{**usual, **more})

    def comes(self, mail: EmailMessage | bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """A mail comes to a mailbox."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        if not self._outside.folder.exists(folder):
            self._outside.folder.create(folder)
        self._outside.append(raw, folder, dt=at or datetime.now(UTC))


@contextmanager
def post_office(folder: Path, port: int | None = None) -> Iterator[PostOffice]:
    """A mail server for the length of the block."""
    port = port or free_port()
    program = Path(sys.executable).with_name("pymap")
    server = subprocess.Popen(
        [
            *(str(program), "--host", "127.0.0.1", "--port", str(port), "--no-tls"),
            *("dict", "--demo-user", USER, "--demo-password", PASSWORD),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        until_listening(server, port)
        office = PostOffice(port, folder, server)
        try:
            yield office
        finally:
            office.close()
    finally:
        server.kill()
        server.communicate()


def until_listening(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the server answers."""
    while True:
        with suppress(subprocess.TimeoutExpired):  # asking without a pause would take the time that it needs
            server.wait(0.01)
        assert server.poll() is None, server.communicate()[1].decode()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as there:
                assert there.recv(100).startswith(b"* OK")
                return
        except ConnectionRefusedError:
            continue


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def mail(
    text: str = "热水器不加热",
    *,
    subject: str = "冷水",
    sender: str = "陈经理 <chen@hotel.example>",
    message: str | None = "first@hotel.example",
    **headers: str,
) -> EmailMessage:
    """A mail that somebody writes to the firm; ``in_reply_to`` and the like become headers."""
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = sender, ADDRESS, subject
    if message:
        written["Message-ID"] = f"<{message}>"
    for name, value in headers.items():
        written[name.replace("_", "-").title()] = value
    written.set_content(text)
    return written
