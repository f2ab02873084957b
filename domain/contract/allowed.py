"""In which states a contract lets what be asked of it."""

from __future__ import annotations

from domain.contract.state import Contract
from domain.contract.words import Status
from domain.errors import NotAllowed

COUNTED = frozenset({Status.ACTIVE, Status.EXPIRED, Status.TERMINATED})

ALLOWED: dict[str, frozenset[Status]] = {
    "sign": frozenset({Status.DRAFT}),
    "activate": frozenset({Status.SIGNED}),
    "amend": frozenset({Status.DRAFT, Status.SIGNED, Status.ACTIVE}),
    "renew": frozenset({Status.ACTIVE, Status.EXPIRED}),
    "expire": frozenset({Status.ACTIVE}),
    "terminate": frozenset({Status.ACTIVE}),
    "consume": COUNTED,
    "restore": COUNTED,
}
"""In which states each action may be asked for. What was due before the end may be used after it."""


def allowed_actions(status: Status) -> tuple[str, ...]:
    """The actions that a state allows, sorted."""
    return tuple(sorted(action for action, states in ALLOWED.items() if status in states))


def must_allow(contract: Contract, action: str) -> None:
    """Refuse what the state forbids.

    Raises:
        NotAllowed: with the state, and the actions that it would allow.
    """
    if contract.status not in ALLOWED[action]:
        allowed = allowed_actions(contract.status)
        raise NotAllowed(
            f"{contract.number} is {contract.status.value}, so it does not allow {action}; "
            f"it would allow {', '.join(allowed)}",
            state=contract.status.value,
            allowed=allowed,
        )
