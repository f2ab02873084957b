"""In which states a ticket lets what be asked of it."""

from __future__ import annotations

from collections.abc import Callable

from domain.errors import InvalidValue, NotAllowed
from domain.event import Act
from domain.ticket.state import Ticket
from domain.ticket.words import Status, Tier

OPEN = frozenset({Status.NEW, Status.ASSIGNED, Status.ON_HOLD})
WORKED = frozenset({Status.NEW, Status.ASSIGNED})
ENDED = frozenset({Status.CLOSED, Status.CANCELLED})
NOT_CANCELLED = frozenset(Status) - {Status.CANCELLED}
NOT_ENDED = frozenset(Status) - ENDED


def _waits_for_others(ticket: Ticket) -> bool:
    return any(each.is_open for each in ticket.liaisons)


ALLOWED: dict[str, frozenset[Status]] = {
    "classify": NOT_ENDED,
    "prioritise": OPEN,
    "assign": OPEN,
    "own": NOT_ENDED,
    "contact": frozenset(Status),
    "hold": WORKED,
    "resume": frozenset({Status.ON_HOLD}),
    "escalate": OPEN,
    "accept-handover": OPEN,
    "refuse-handover": OPEN,
    "hand-back": OPEN,
    "diagnose": NOT_CANCELLED,
    "guide": NOT_ENDED,
    "liaise": NOT_ENDED,
    "answer-liaison": NOT_CANCELLED,
    "move-liaison": NOT_CANCELLED,
    "withdraw-liaison": NOT_CANCELLED,
    "resolve": OPEN,
    "confirm": frozenset({Status.RESOLVED}),
    "reject": frozenset({Status.RESOLVED}),
    "close": frozenset({Status.RESOLVED, Status.CONFIRMED}),
    "reopen": frozenset({Status.RESOLVED, Status.CONFIRMED, Status.CLOSED}),
    "cancel": OPEN,
    "remark": frozenset(Status),
    "answer": frozenset(Status),
    "acknowledge": OPEN,
    "dispatch": OPEN,
    "arrive": OPEN,
    "work-around": OPEN,
    "order-part": OPEN,
    "deliver-part": NOT_ENDED,
    "complain": frozenset(Status),
    "answer-complaint": frozenset(Status),
    "call-back": frozenset({Status.CLOSED}),
    "withdraw-file": frozenset(Status),
    "write": frozenset(Status),
    "identify": frozenset(Status),
    "repin": NOT_CANCELLED,
    "approve-repin": NOT_CANCELLED,
    "decline-repin": frozenset(Status),
    "merge": OPEN,
    "link": frozenset(Status),
    "unlink": frozenset(Status),
    "split": NOT_ENDED,
}
"""In which states each action may be asked for."""


WAITS: dict[str, Callable[[Ticket], bool]] = {
    "answer": lambda ticket: bool(ticket.questions),
    "accept-handover": lambda ticket: ticket.handover is not None,
    "refuse-handover": lambda ticket: ticket.handover is not None,
    "hand-back": lambda ticket: ticket.tier > Tier.L1,
    "answer-liaison": _waits_for_others,
    "move-liaison": _waits_for_others,
    "withdraw-liaison": _waits_for_others,
    "deliver-part": lambda ticket: any(order.delivered_at is None for order in ticket.orders),
    "answer-complaint": lambda ticket: any(each.answered_at is None for each in ticket.complaints),
    "unlink": lambda ticket: bool(ticket.links),
    "withdraw-file": lambda ticket: any(each.withdrawn_at is None for each in ticket.files),
    "approve-repin": lambda ticket: ticket.repin is not None,
    "decline-repin": lambda ticket: ticket.repin is not None,
}
"""What can only be done while something waits for it."""


def allowed_actions(ticket: Ticket) -> tuple[str, ...]:
    """The actions that a ticket allows as it stands, sorted."""
    allowed = (action for action, states in ALLOWED.items() if ticket.status in states)
    return tuple(sorted(action for action in allowed if WAITS.get(action, _always)(ticket)))


def _always(ticket: Ticket) -> bool:  # noqa: ARG001
    return True


def not_allowed(ticket: Ticket, why: str) -> NotAllowed:
    """A refusal, with the state and the actions that it would allow."""
    return NotAllowed(why, state=ticket.status.value, allowed=allowed_actions(ticket))


def must_allow(ticket: Ticket, action: str, by: Act) -> None:
    """Refuse what the state forbids, and what would have happened before the report.

    Raises:
        NotAllowed: with the state, and the actions that it would allow.
        InvalidValue: it would have happened before the customer reported.
    """
    if ticket.status not in ALLOWED[action]:
        raise not_allowed(
            ticket,
            f"{ticket.number} is {ticket.status.value}, so it does not allow {action}; "
            f"it would allow {', '.join(allowed_actions(ticket))}",
        )
    must_follow_report(ticket, by)


def must_follow_report(ticket: Ticket, by: Act) -> None:
    """Refuse what would have happened before the customer reported.

    Raises:
        InvalidValue: it would have.
    """
    if by.occurred_at < ticket.reported_at:
        raise InvalidValue(
            f"{ticket.number} was reported at {ticket.reported_at.isoformat()}; "
            "nothing can have happened to it before",
            field="/occurred_at",
        )


def needs_reason(by: Act, what: str) -> None:
    """Refuse what is asked without saying why.

    Raises:
        InvalidValue: no reason was given.
    """
    if not (by.reason and by.reason.strip()):
        raise InvalidValue(f"{what} needs a reason", field="/reason")
