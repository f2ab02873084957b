"""A mail with a film, too large for the mailbox: of it only the beginning is taken (R01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from functools import cache
from hashlib import sha256
from random import Random
from typing import ClassVar

from application.access import Caller, Permission, Role
from application.commands import Command
from application.demo.diary import Step
from application.demo.firm import say
from application.demo.pictures import PANEL
from application.demo.year import Fate, Report
from application.ticket_commands.correspondence import AttachFile
from application.ticket_commands.intake import RegisterTicket
from domain.event import Event
from domain.ticket.events import TicketContacted
from domain.ticket.file_events import FileAttached
from domain.ticket.mail_events import MailCut
from domain.ticket.words import Channel, Direction, FileKind, Party

MAILBOX = "support"
MAIL = "message/rfc822"
FILM, FILM_BYTES = "机房.mp4", 31_457_280
TAKEN = 1_048_576
"""Bytes that are taken of a mail."""
AFTER = timedelta(minutes=4)
"""How long after the report it comes."""


class TakeMail(Command, frozen=True, kw_only=True):
    """Record what a worker takes of a mail."""

    action: ClassVar[str] = "take"
    needs: ClassVar[Permission] = Permission.INTAKE

    content: bytes
    events: tuple[Event, ...]


@cache
def beginning(subject: str, text: str, message: str) -> bytes:
    """As much of the mail as is taken; the film in it is noise."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "客户 <facility@customer.example>", f"{MAILBOX}@hengquan.example"
    mail["Subject"], mail["Message-ID"] = subject, f"<{message}>"
    mail.set_content(text)
    mail.add_attachment(PANEL.content, maintype="image", subtype="png", filename=PANEL.name)
    noise = Random(0).randbytes(TAKEN)  # noqa: S311 - a film that nobody sees
    mail.add_attachment(noise, maintype="video", subtype="mp4", filename=FILM)
    mail.set_boundary("hengquan")
    return mail.as_bytes()[:TAKEN]


def sender_of_film(reports: Sequence[Report], told: Sequence[Sequence[Step]]) -> int | None:
    """Whose report is followed by a mail with a film: of those who wrote, one whose case is still open."""
    wrote = [
        index
        for index, report in enumerate(reports)
        if report.channel is Channel.EMAIL
        and report.fate in {Fate.ACTIVE, Fate.SERVED}
        and told[index][-1].at > told[index][0].at + AFTER
        and not any(isinstance(step.command, AttachFile) for step in told[index])
    ]
    return next(iter(sorted(wrote, key=lambda index: reports[index].fate is Fate.SERVED)), None)


def with_film(report: Report, story: Sequence[Step]) -> list[Step]:
    """The story with the mail in it, in order."""
    first = story[0]
    if not isinstance(first.command, RegisterTicket):
        raise TypeError("a story begins with a report")
    language, rng = report.customer.lang, Random(f"{report.luck}/film")  # noqa: S311
    at, taken = first.at + AFTER, {step.at for step in story}
    while at in taken:
        at += timedelta(seconds=7)
    reason, text = say(rng, "late.register", language), say(rng, "film", language)
    message = f"film.{sha256(report.luck.encode()).hexdigest()[:12]}@customer.example"
    content = beginning(first.command.subject, text, message)
    events = _taken(report, first.command.subject, text, message, content)
    command = TakeMail(occurred_at=at, reason=reason, content=content, events=events)
    step = Step(at=at, caller=Caller(MAILBOX, Role.INTAKE, first.caller.token_id), command=command)
    return sorted([*story, step], key=lambda step: step.at)


def _taken(report: Report, subject: str, text: str, message: str, content: bytes) -> tuple[Event, ...]:
    contacted = TicketContacted(
        channel=Channel.EMAIL,
        direction=Direction.INBOUND,
        party=Party.PERSON,
        person=report.contact,
        summary=text,
        address="facility@customer.example",
        subject=subject,
        message=message,
    )
    mail = FileAttached(
        sha256=sha256(content).hexdigest(),
        size=len(content),
        media_type=MAIL,
        name=f"{subject}.eml",
        kind=FileKind.DOCUMENT,
    )
    panel = FileAttached(**PANEL.attached(report.customer.lang))
    size = FILM_BYTES * 4 // 3 + len(PANEL.content)
    cut = MailCut(mailbox=MAILBOX, message=message, size=size, taken=TAKEN, broken=FILM)
    return (contacted, mail, panel, cut)
