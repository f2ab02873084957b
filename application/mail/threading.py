"""Which ticket a mail belongs to: by what it answers, else by the number in its subject."""

from __future__ import annotations

import re
from hashlib import sha256
from uuid import UUID

from application.log.event_log import EventLog
from application.mail.letter import Letter

NUMBER = re.compile(r"\bT-\d{4}-\d{6,}\b", re.ASCII)
OURS = re.compile(r"(T-\d{4}-\d{6,})\.(\d+)@", re.ASCII)
LONGEST = 200
"""Characters of a Message-ID that stand in a name as they are."""


def name_of(message: str) -> str:
    """What the log calls the ticket of a mail by."""
    return f"mail:{message if len(message) <= LONGEST else sha256(message.encode()).hexdigest()}"


def message_id(number: str, letter: int, domain: str) -> str:
    """The Message-ID of a ticket's own letter, the same however often it goes out."""
    return f"{number}.{letter}@{domain}"


def own_letter(message: str) -> tuple[str, int] | None:
    """Of a Message-ID that we made, the ticket's number and the letter; ``None`` for any other."""
    found = OURS.match(message)
    return (found[1], int(found[2])) if found else None


async def ticket_of(letter: Letter, log: EventLog) -> UUID | None:
    """The ticket that a mail is about; ``None`` when it begins one.

    What it answers counts first, the nearest first: a letter of ours, or a mail that is on a ticket. A number
    in the subject counts where it answers nothing that is known, since a new mail may be begun from an old.
    """
    numbers = [own[0] for message in letter.answers if (own := own_letter(message))]
    names = [name_of(message) for message in letter.answers]
    said = NUMBER.findall(letter.subject)
    known = await log.known([*numbers, *names, *said])
    for message in letter.answers:
        own = own_letter(message)
        if found := known.get(own[0] if own else name_of(message)):
            return found
    return next((known[number] for number in said if number in known), None)
