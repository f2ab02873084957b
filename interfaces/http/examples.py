"""One example of every command, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from application.ticket_commands import (
    AssignTicket,
    CancelTicket,
    ClassifyTicket,
    CloseTicket,
    Command,
    ConfirmTicket,
    EscalateTicket,
    HoldTicket,
    LogContact,
    PrioritiseTicket,
    RegisterTicket,
    RejectTicket,
    RemarkOnTicket,
    ReopenTicket,
    ResolveTicket,
    ResumeTicket,
)
from domain.ticket.words import Channel, Direction, HoldReason, Impact, Party, Priority, Tier

EXAMPLES: tuple[Command, ...] = (
    RegisterTicket(
        subject="热水器不加热 / no hot water",
        priority=Priority.P2,
        customer="海风酒店",
        product="H-200",
        asset="SN-00127",
        channel=Channel.PHONE,
        plan="hot-water",
        occurred_at=datetime.fromisoformat("2026-03-02T09:00:00+08:00"),
        reason="taken on paper while the line was down",
    ),
    ClassifyTicket(category="heating", fault_code="E-07", impact=Impact.HIGH),
    PrioritiseTicket(priority=Priority.P1),
    AssignTicket(team="华东一组", person="王芳"),
    LogContact(
        channel=Channel.PHONE, direction=Direction.OUTBOUND, party=Party.PERSON, summary="coming at 14:00"
    ),
    HoldTicket(
        hold=HoldReason.WAITING_FOR_CUSTOMER, review_at=datetime.fromisoformat("2099-03-03T09:00:00+08:00")
    ),
    ResumeTicket(),
    EscalateTicket(tier=Tier.L2, team="总部技术支持"),
    ResolveTicket(solution="更换加热管 / new heating element", cause="scale"),
    ConfirmTicket(confirmed_by="陈经理"),
    RejectTicket(reason="still cold"),
    CloseTicket(),
    ReopenTicket(reason="cold again"),
    CancelTicket(reason="reported twice", duplicate_of="T-2026-000122"),
    RemarkOnTicket(text="the customer prefers mornings"),
)


def shown(command: Command) -> dict[str, Any]:
    """A command as it is sent: what is given, and no more."""
    fields = msgspec.structs.asdict(command)
    defaults = {field.name: field.default for field in msgspec.structs.fields(command)}
    given = {name: value for name, value in fields.items() if value != defaults[name]}
    return msgspec.to_builtins(given)
