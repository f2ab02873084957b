"""What the service notes of a ticket's deadlines by itself. No verdict and no clock depends on it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from domain.clock import Milestone
from domain.event import Event, recorded
from domain.reading import Cause
from domain.ticket.events import PlanPin


@recorded
class DeadlineWarned(Event, frozen=True, tag="ticket.deadline_warned"):
    """So much of the time for a milestone was used (SLA 12). It happened when that was so.

    Attributes:
        milestone: with the cycle, the clock.
        percent: of the target.
        due_at: the deadline as it stood then.
        target: the seconds promised.
        pin: by which plan and calendar.
        detected_at: when it was noticed: later, if nobody looked at the time.
    """

    IS_NOTE: ClassVar[bool] = True

    milestone: Milestone
    cycle: int
    percent: int
    due_at: datetime
    target: int
    pin: PlanPin
    detected_at: datetime


@recorded
class DeadlineMissed(Event, frozen=True, tag="ticket.deadline_missed"):
    """A deadline passed, or a change of priority made the milestone late at once; it happened then (SLA 12).

    Attributes:
        milestone: with the cycle, the clock.
        due_at: the deadline.
        cause: the time ran out, or another target made it late.
        target: the seconds promised.
        elapsed: the seconds that had counted when it was noticed, as far as the calendar knew.
        pin: by which plan and calendar.
        detected_at: when it was noticed.
    """

    IS_NOTE: ClassVar[bool] = True

    milestone: Milestone
    cycle: int
    due_at: datetime
    cause: Cause
    target: int
    elapsed: int | None
    pin: PlanPin
    detected_at: datetime


@recorded
class MissCorrected(Event, frozen=True, tag="ticket.miss_corrected"):
    """A miss that was recorded does not stand, as a fact recorded later shows (SLA 8).

    The milestone was reached in time, the deadline was another one, or the ticket was cancelled; or that
    deadline was missed, but otherwise: at another time, or by the other cause (SLA 9). Then this tells how.

    Attributes:
        milestone: with the cycle, the clock.
        due_at: the deadline that was recorded as missed.
        missed: the version of the event that recorded it.
        shown_by: the version of the fact that shows it.
        fact: what that was, such as ``ticket.arrived``.
        cause: how that deadline was missed in truth; ``None`` where it was not.
        missed_at: when that was.
    """

    IS_NOTE: ClassVar[bool] = True

    milestone: Milestone
    cycle: int
    due_at: datetime
    missed: int
    shown_by: int
    fact: str
    cause: Cause | None = None
    missed_at: datetime | None = None
