"""Photos and files on a ticket (R02)."""

from __future__ import annotations

from domain.errors import InvalidValue
from domain.event import Act, Event
from domain.ticket.allowed import must_allow, must_follow_report, needs_reason
from domain.ticket.file_events import FileAttached, FileWithdrawn
from domain.ticket.state import AttachedFile, Ticket
from domain.ticket.words import FileKind


def shown(ticket: Ticket, sha256: str) -> AttachedFile | None:
    """The ticket's file with this hash, if it is attached and not withdrawn."""
    return next((file for file in ticket.files if file.sha256 == sha256 and file.withdrawn_at is None), None)


def attach_file(
    ticket: Ticket,
    *,
    sha256: str,
    size: int,
    media_type: str,
    name: str,
    kind: FileKind,
    caption: str | None = None,
    by: Act,
) -> tuple[Event, ...]:
    """Attach a file whose content is kept, in whatever state the ticket is.

    Returns:
        Nothing where the ticket shows this content already: it is one file.
    """
    must_follow_report(ticket, by)
    if shown(ticket, sha256) is not None:
        return ()
    attached = FileAttached(
        sha256=sha256, size=size, media_type=media_type, name=name, kind=kind, caption=caption
    )
    return (attached,)


def withdraw_file(ticket: Ticket, *, sha256: str, by: Act) -> tuple[Event, ...]:
    """Show a file no more, but to auditors.

    Raises:
        InvalidValue: the ticket shows no such file, or no reason was given.
    """
    must_allow(ticket, "withdraw-file", by)
    needs_reason(by, "withdrawing a file")
    file = shown(ticket, sha256)
    if file is None:
        raise InvalidValue(f"{ticket.number} shows no file {sha256}", field="/sha256")
    return (FileWithdrawn(sha256=sha256, name=file.name),)
