"""How a mail server is come to: over TLS unless it is said otherwise, and what is wrong when it cannot be."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from application.mail.mailboxes import Mailbox, Server

OTHER_NAME = frozenset({62, 64})
"""What OpenSSL calls a certificate that is for another host, or for another address."""


class MailServerTrouble(OSError):
    """A mail server cannot be come to. The message is one line that says what to do."""


def turns_to_tls(mailbox: Mailbox, where: Server) -> bool:
    """Whether a connection that begins without TLS has to turn to it before a password is told."""
    return (not where.is_here) if mailbox.tls is None else mailbox.tls


def trust(mailbox: Mailbox) -> ssl.SSLContext:
    """Whose certificates are believed: those of this machine's authorities, and the mailbox's own.

    Raises:
        OSError: its file cannot be read, or is none of certificates.
    """
    context = ssl.create_default_context()
    if mailbox.ca_file:
        context.load_verify_locations(mailbox.ca_file)
    return context


def explained(mailbox: Mailbox, where: Server, error: Exception) -> str:
    """What is wrong with a mail server, in one line that names the mailbox and what to do."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"mailbox {mailbox.name}: {_distrust(where, cause)}"
    code = getattr(error, "code", None)
    said = f"{code} {error.message}" if code else str(error) or type(error).__name__  # type: ignore[attr-defined]
    said = " ".join(said.split())
    return f"mailbox {mailbox.name}: {said}"[:500]


def _distrust(where: Server, error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in OTHER_NAME:
        return (
            f"the certificate of {where.host} is for another host: write the name that stands in it "
            f"instead of {where.host}"
        )
    return (
        f"the certificate of {where.host} is not trusted ({error.verify_message}): name the authority that "
        "signed it in ca_file, or let the server have another"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
