"""What happens to the system itself and is recorded for good, beside the service it keeps.

None of it belongs to a service case. The acts say who decided it and why.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid5

from msgspec import Struct

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


class Change(Struct, frozen=True):
    """What was done to one event in the place where it stands.

    Attributes:
        position: of the event.
        operation: how.
        leaf_before: the leaf hash of what stood there, in hex.
        leaf_after: that of what stands there now; ``None`` for nothing.
    """

    position: int
    operation: Literal["UPDATE", "DELETE"]
    leaf_before: str
    leaf_after: str | None


@recorded
class MaintenanceOpened(Event, frozen=True, tag="log.maintenance_opened"):
    """Events that were recorded are going to be changed.

    Attributes:
        statements: what is going to be done, in SQL.
    """

    statements: str


@recorded
class MaintenanceClosed(Event, frozen=True, tag="log.maintenance_closed"):
    """From now on no recorded event can be changed any more.

    Attributes:
        maintenance: the position at which it was opened.
        updated: how many times an event was changed.
        deleted: how many events were taken out.
        changes: each of them, in order.
        failure: why it was not done, or not in order.
        files: the SHA-256 of every file that was erased.
    """

    maintenance: int
    updated: int
    deleted: int
    changes: tuple[Change, ...]
    failure: str | None = None
    files: tuple[str, ...] = ()


@recorded
class LogKeyIntroduced(Event, frozen=True, tag="log.key_introduced"):
    """The log is signed with a new key from now on, for a while together with the one before.

    Attributes:
        vkey: the new key, as verifiers are given it (C2SP signed-note).
        replaces: the vkey of the one before.
    """

    vkey: str
    replaces: str


@recorded
class LogKeyRetired(Event, frozen=True, tag="log.key_retired"):
    """A key does not sign the log any more, and its private part is gone.

    Attributes:
        vkey: the key.
    """

    vkey: str
