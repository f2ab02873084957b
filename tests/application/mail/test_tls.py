"""Mail servers are come to over TLS, and only those that are trusted."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from application.mail.imap import open_box
from application.mail.mailboxes import Mailbox, read_mailboxes, server
from application.mail.sending import send
from application.mail.servers import MailServerTrouble, explained, turns_to_tls
from domain.errors import InvalidValue
from tests.application.mail.certificates import Authority
from tests.application.mail.imap_peer import imap_peer
from tests.application.mail.post_office import ADDRESS, PASSWORD, USER, free_port, mail, until_listening

NOT_TRUSTED = "mailbox support: the certificate of 127.0.0.1 is not trusted"
OTHER_HOST = "mailbox support: the certificate of 127.0.0.1 is for another host: write the name"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The firm's own."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the password."""
    file = tmp_path_factory.mktemp("secret") / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def starttls_port(authority: Authority) -> Iterator[int]:
    """An IMAP server that turns to TLS."""
    port, (cert, key) = free_port(), authority.signs("127.0.0.1")
    program = Path(sys.executable).with_name("pymap")
    command = [program, "--host", "127.0.0.1", "--port", str(port), "--cert", cert, "--key", key]
    told = subprocess.Popen(
        [*command, "dict", "--demo-user", USER, "--demo-password", PASSWORD],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    until_listening(told, port)
    yield port
    told.kill()
    told.communicate()


def box(secret: Path, **said: Any) -> Mailbox:
    """A mailbox of the firm."""
    usual = {"imap": f"imaps://{USER}@127.0.0.1", "smtp": f"smtps://{USER}@127.0.0.1"}
    return Mailbox(name="support", address=ADDRESS, password_file=str(secret), **{**usual, **said})


def test_a_mailbox_over_tls_with_a_certificate_of_the_firms_own_authority(
    authority: Authority, secret: Path
) -> None:
    with imap_peer(authority.serves("127.0.0.1")) as peer:
        peer.mails = {4: mail().as_bytes()}
        mailbox = box(secret, imap=f"imaps://{USER}@127.0.0.1:{peer.port}", ca_file=str(authority.file))
        opened = open_box(mailbox)
        assert (opened.examine(), opened.uids(0)) == (7, [4])
        opened.begin_idle()
        assert not opened.has_news()
        opened.end_idle()
        opened.close()


@pytest.mark.parametrize(
    ("hosts", "trusted", "said"),
    [(("127.0.0.1",), False, NOT_TRUSTED), (("mail.firm.example",), True, OTHER_HOST)],
)
def test_a_mail_server_whose_certificate_is_not_believed_is_told_no_password(
    authority: Authority, secret: Path, hosts: tuple[str, ...], trusted: bool, said: str
) -> None:
    with imap_peer(authority.serves(*hosts)) as peer:
        url = f"imaps://{USER}@127.0.0.1:{peer.port}"
        mailbox = box(secret, imap=url, ca_file=str(authority.file) if trusted else None)
        with pytest.raises(MailServerTrouble, match=said):
            open_box(mailbox)
        assert peer.asked == []


def test_a_mail_server_turns_to_tls_before_it_is_told_the_password(
    authority: Authority, secret: Path, starttls_port: int
) -> None:
    url = f"imap://{USER}@127.0.0.1:{starttls_port}"
    trusting = box(secret, imap=url, tls=True, ca_file=str(authority.file))
    opened = open_box(trusting)
    assert isinstance(opened._client.sock, ssl.SSLSocket)
    assert opened.examine() > 0
    opened.close()
    with pytest.raises(MailServerTrouble, match=NOT_TRUSTED):
        open_box(box(secret, imap=url, tls=True))


def test_a_mail_server_that_cannot_turn_to_tls_is_told_no_password(secret: Path) -> None:
    with imap_peer() as peer:
        url = f"imap://{USER}@127.0.0.1:{peer.port}"
        with pytest.raises(MailServerTrouble, match="offers no STARTTLS, and no password is told without"):
            open_box(box(secret, imap=url, tls=True))
        assert not [asked for asked in peer.asked if b"LOGIN" in asked]
        open_box(box(secret, imap=url)).close()
        assert [asked for asked in peer.asked if b"LOGIN" in asked]


@pytest.mark.parametrize(
    ("url", "tls", "turns"),
    [
        ("imap://u@mail.firm.example", None, True),
        ("imap://u@mail.firm.example", False, False),
        ("imap://u@127.0.0.1", None, False),
        ("imap://u@localhost", None, False),
        ("imap://u@127.0.0.1", True, True),
        ("imap://u@127.0.0.1.firm.example", None, True),
    ],
)
def test_only_this_machine_or_who_is_said_to_be_safe_is_told_a_password_without_tls(
    url: str, tls: bool | None, turns: bool, secret: Path
) -> None:
    assert turns_to_tls(box(secret, imap=url, tls=tls), server(url)) is turns


class Taking:
    """A mail server's part that takes everything."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.knew: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """A mail is taken."""
        self.taken.append("TLS" if session.ssl or server.transport.get_extra_info("ssl_object") else "plain")
        return "250 OK"

    def lets_in(self, server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
        """Somebody says who they are."""
        known = isinstance(said, LoginPassword) and said.password == PASSWORD.encode()
        self.knew.append(said.password)
        return AuthResult(success=known)


LETTER = EmailMessage()
LETTER["From"], LETTER["To"] = ADDRESS, "chen@hotel.example"
LETTER.set_content("we come")


def sends(mailbox: Mailbox) -> Any:
    """Send a letter."""
    return asyncio.run(send(mailbox, LETTER, ["chen@hotel.example"]))


@pytest.mark.parametrize("kind", ["smtps", "submission"])
def test_a_letter_goes_out_over_tls_and_to_nobody_who_is_not_trusted(
    authority: Authority, secret: Path, kind: str
) -> None:
    served, port = Taking(), free_port()
    context = authority.serves("127.0.0.1")
    how: dict[str, Any] = {"ssl_context": context} if kind == "smtps" else {"tls_context": context}
    login = {"authenticator": served.lets_in, "auth_required": True, "auth_require_tls": kind != "smtps"}
    mail_server = Controller(served, hostname="127.0.0.1", port=port, **how, **login)
    mail_server.start()
    try:
        said = {"smtp": f"{kind}://{USER}@127.0.0.1:{port}", "tls": True}
        assert sends(box(secret, **said, ca_file=str(authority.file))).taken
        assert (served.taken, served.knew) == (["TLS"], [PASSWORD.encode()])
        with pytest.raises((aiosmtplib.SMTPException, OSError)) as refused:
            sends(box(secret, **said))
        distrusting = box(secret, **said)
        line = explained(distrusting, server(distrusting.smtp), refused.value)
        assert line.startswith(NOT_TRUSTED)
        elsewhere = box(
            secret, **said | {"smtp": f"{kind}://{USER}@localhost:{port}"}, ca_file=str(authority.file)
        )
        with pytest.raises((aiosmtplib.SMTPException, OSError)) as refused:
            sends(elsewhere)
        assert "is for another host" in explained(elsewhere, server(elsewhere.smtp), refused.value)
        assert len(served.taken) == len(served.knew) == 1
    finally:
        mail_server.stop()


def test_a_mail_server_that_cannot_turn_to_tls_gets_no_letter_and_no_password(secret: Path) -> None:
    served, port = Taking(), free_port()
    login = {"authenticator": served.lets_in, "auth_require_tls": False}
    mail_server = Controller(served, hostname="127.0.0.1", port=port, **login)
    mail_server.start()
    try:
        said = {"smtp": f"submission://{USER}@127.0.0.1:{port}"}
        with pytest.raises(aiosmtplib.SMTPException, match="STARTTLS"):
            sends(box(secret, **said, tls=True))
        assert (served.taken, served.knew) == ([], [])
        assert sends(box(secret, **said)).taken
    finally:
        mail_server.stop()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('ca_file = "nowhere.pem"', "ca_file nowhere.pem: No such file"),
        ('ca_file = "{password}"', "holds no certificates"),
        ('imap = "smtp://u@h"', "write imap:// or imaps://"),
        ('smtp = "imaps://u@h"', "write smtp:// or smtps:// or submission://"),
        ("tls = false", "both servers are named with TLS"),
        ("tls = 1", "Expected `bool"),
        ("most_bytes = 1000", "Expected `int` >= 65536"),
    ],
)
def test_a_file_of_mailboxes_that_cannot_be_is_said_in_one_line(
    tmp_path: Path, secret: Path, line: str, said: str
) -> None:
    usual = {"name": '"a"', "address": '"a@b"', "imap": '"imaps://u@h"', "smtp": '"smtps://u@h"'}
    name, _, value = line.format(password=secret).partition(" = ")
    lines = [f"{name} = {value}" for name, value in (usual | {name: value}).items()]
    path = tmp_path / "mailboxes.toml"
    path.write_text("\n".join(["[[mailbox]]", *lines]), encoding="utf-8")
    with pytest.raises(InvalidValue) as refused:
        read_mailboxes(path)
    assert said in refused.value.message
    assert "\n" not in refused.value.message
