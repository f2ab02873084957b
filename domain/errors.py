"""What a decision says when the answer is no."""

from __future__ import annotations


class DomainError(Exception):
    """A request that the rules of the trade refuse. Nothing was recorded.

    Attributes:
        code: stable name of the rule, used in the problem type of the HTTP answer.
        field: the argument that was wrong, as a JSON pointer, when there is one.
    """

    code = "domain-error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(DomainError):
    """The state does not let this happen now.

    Attributes:
        state: the state the thing is in, for example ``resolved``.
        allowed: the actions its state would allow, sorted.
    """

    code = "not-allowed"

    def __init__(self, message: str, *, state: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.state = state
        self.allowed = allowed


class InvalidValue(DomainError):
    """An argument that can never be right, whatever the state."""

    code = "invalid-value"
