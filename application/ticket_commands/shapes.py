"""What the commands to a ticket are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar

from msgspec import Meta

from application.access import Permission
from application.commands import Action, Name

Url = Annotated[str, Meta(min_length=9, max_length=1000, pattern=r"^https?://[^\s\x00]+$")]
CallTime = Annotated[timedelta, Meta(description="ISO 8601, such as PT4M30S.")]
MailAddress = Annotated[
    str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s<>,;:\"\x00]+@[^@\s<>,;:\"\x00]+$")
]
MailAddresses = Annotated[tuple[MailAddress, ...], Meta(max_length=20)]
Articles = Annotated[tuple[Name, ...], Meta(max_length=20, description="Knowledge articles, by number.")]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="In hexadecimal, small letters.")]


class TicketAction(Action, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command to a ticket."""

    needs: ClassVar[Permission] = Permission.WORK
