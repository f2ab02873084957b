"""One action on many tickets: every ticket a command of its own, so that one refusal stops no other."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from eventsourcing.persistence import IntegrityError
from msgspec import Meta

from application.access import Caller, Forbidden
from application.commands import NO_NUL, Reference
from application.desk import NotFound, Receipt
from application.log.append import Request
from application.log.errors import LogUnavailable
from application.streams import StaleVersion
from application.ticket_commands.actions import ACTIONS
from application.ticket_commands.shapes import TicketAction
from application.tickets.desk import TicketDesk
from domain.errors import DomainError, InvalidValue

AT_ONCE = 50
"""Commands of one request that are under way together; the log takes them in common commits."""
MOST = 200

OF_ONE = frozenset(
    {"answer", "answer-complaint", "answer-liaison", "deliver-part", "move-liaison", "withdraw-liaison"}
)
"""Actions that name something within one ticket."""
MANY: dict[str, type[TicketAction]] = {
    command.action: command for command in ACTIONS if command.action not in OF_ONE
}
"""Actions that may be asked of many tickets at a time."""

REFUSALS = (DomainError, NotFound, StaleVersion, IntegrityError, LogUnavailable, Forbidden)


class OneOfMany(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the tickets.

    Attributes:
        ticket: its id or number.
        version: that it must have; any, when absent.
    """

    ticket: Reference
    version: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None


class ActOnTickets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask the same of up to 200 tickets.

    Attributes:
        action: as in the path of the command for one ticket, such as `assign`.
        command: the body of that command.
        tickets: each once.
    """

    action: Annotated[str, Meta(min_length=1, max_length=40, pattern=NO_NUL)]
    tickets: Annotated[tuple[OneOfMany, ...], Meta(min_length=1, max_length=MOST)]
    command: dict[str, Any] = {}


class Answered(msgspec.Struct, frozen=True):
    """What became of one of the tickets.

    Attributes:
        ticket: as it was asked for.
        answer: the receipt, or why it was refused.
    """

    ticket: str
    answer: Receipt | Exception


def _command(kind: type[TicketAction], fields: dict[str, Any]) -> TicketAction:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        raise msgspec.ValidationError(f"{what} - at `$.command{path or '`'}") from None


async def act_on_tickets(
    desk: TicketDesk, asked: ActOnTickets, caller: Caller, key: str | None
) -> Sequence[Answered]:
    """Send the command to every ticket.

    Args:
        key: of the whole request. Each ticket has one made of it: sent again, what was recorded is answered
            as it was, and what was refused is tried again.

    Returns:
        An answer for every ticket, in the order in which they were asked for.

    Raises:
        InvalidValue: there is no such action for many, or a ticket is asked for twice.
        msgspec.ValidationError: the command is not of its form.
        Forbidden: the caller may not.
    """
    kind = MANY.get(asked.action)
    if kind is None:
        raise InvalidValue(f"for many tickets there are {', '.join(sorted(MANY))}", field="/action")
    caller.must(kind.needs)
    command = _command(kind, asked.command)
    names = [one.ticket for one in asked.tickets]
    if len(set(names)) < len(names):
        twice = next(index for index, name in enumerate(names) if name in names[:index])
        raise InvalidValue(f"{names[twice]} is asked for twice", field=f"/tickets/{twice}/ticket")
    digest = msgspec.json.encode((asked.action, asked.command), order="sorted")
    room = asyncio.Semaphore(AT_ONCE)

    async def ask(one: OneOfMany) -> Answered:
        async with room:
            try:
                return Answered(one.ticket, await _send(one))
            except REFUSALS as refusal:
                return Answered(one.ticket, refusal)

    async def _send(one: OneOfMany) -> Receipt:
        request = None
        if key is not None:
            stream = await desk.find(one.ticket)
            own = hashlib.sha256(f"{key}\n{stream}".encode()).hexdigest()
            what = hashlib.sha256(digest + f"\n{stream}\n{one.version}".encode()).digest()
            request = Request(caller=str(caller.token_id), key=f"bulk-{own}", digest=what)
        return await desk.send(one.ticket, command, caller, expected=one.version, request=request)

    return await asyncio.gather(*map(ask, asked.tickets))
