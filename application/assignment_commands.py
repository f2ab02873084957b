"""The commands that the book of assignments takes, as they arrive."""

from __future__ import annotations

from typing import Any, ClassVar

from application.access import Permission
from application.commands import Action, Command, Decision, Moment, Name, in_utc
from domain.assignment import book
from domain.assignment.events import Scope
from domain.event import Act


class AssignPlan(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Promise a plan without a contract; `reason` is required (SLA 13).

    Attributes:
        key: the serial, product or class; absent for `default`, which is for everybody.
        effective_from: tickets that are reported from then on; from now on when absent.
        until: and before then; for ever when absent.
    """

    action: ClassVar[str] = "assign"
    needs: ClassVar[Permission] = Permission.CONTRACTS

    scope: Scope
    key: Name | None = None
    plan: Name
    effective_from: Moment | None = None
    until: Moment | None = None

    def told(self, act: Act) -> dict[str, Any]:
        """The arguments of ``assign``, times in UTC."""
        begins = in_utc(self.effective_from, "/effective_from") if self.effective_from else act.occurred_at
        until = in_utc(self.until, "/until") if self.until else None
        return {**self.arguments(), "effective_from": begins, "until": until}


class UnassignPlan(Action, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End an assignment, now or at `until`; `reason` is required (SLA 13)."""

    action: ClassVar[str] = "unassign"
    needs: ClassVar[Permission] = Permission.CONTRACTS
    decision: ClassVar[Decision] = book.unassign

    until: Moment | None = None

    def told(self, act: Act) -> dict[str, Any]:
        """The arguments of ``unassign``, times in UTC."""
        return {"until": in_utc(self.until, "/until") if self.until else act.occurred_at}


ACTIONS: tuple[type[Action], ...] = (UnassignPlan,)
"""Everything that may be asked of an assignment."""
