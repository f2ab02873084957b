"""What happens to the system itself and is recorded for good, beside the service it keeps.

None of it belongs to a service case. The acts say who decided it and why.
"""

from __future__ import annotations

from uuid import UUID, uuid5

from domain.event import Event, recorded

NAMESPACE = UUID("5c1d3d0e-6f0b-5d0e-9a53-0f6b9d2a7c41")


def stream_of(kept: str) -> UUID:
    """The stream of a part of the system, a UUIDv5 of its name: ``projection/queue``, for example."""
    return uuid5(NAMESPACE, kept)


@recorded
class EventSkipped(Event, frozen=True, tag="projection.event_skipped"):
    """A view that could not take an event leaves it out from now on, in every rebuild as well.

    Attributes:
        projection: the view.
        position: the event's place in the log.
        event_type: its type.
        unit: the ticket, part, contract or case whose later events waited for it.
    """

    projection: str
    position: int
    event_type: str
    unit: UUID
