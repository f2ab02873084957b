"""The files of a ticket."""

from __future__ import annotations

from msgspec.structs import replace

from domain.event import Act
from domain.ticket.evolving.step import on
from domain.ticket.file_events import FileAttached, FileWithdrawn
from domain.ticket.state import AttachedFile, Ticket


@on(FileAttached)
def _(event: FileAttached, ticket: Ticket, act: Act) -> Ticket:
    file = AttachedFile(
        sha256=event.sha256,
        size=event.size,
        media_type=event.media_type,
        name=event.name,
        kind=event.kind,
        caption=event.caption,
        attached_at=act.occurred_at,
    )
    if all(each.sha256 != event.sha256 for each in ticket.files):
        return replace(ticket, files=(*ticket.files, file))
    return replace(
        ticket, files=tuple(file if each.sha256 == event.sha256 else each for each in ticket.files)
    )


@on(FileWithdrawn)
def _(event: FileWithdrawn, ticket: Ticket, act: Act) -> Ticket:
    files = (
        replace(file, withdrawn_at=act.occurred_at) if file.sha256 == event.sha256 else file
        for file in ticket.files
    )
    return replace(ticket, files=tuple(files))
