"""Why an append was not taken. Each concerns one append only; its neighbours in the commit go through."""

from __future__ import annotations

from uuid import UUID

from eventsourcing.persistence import IntegrityError, OperationalError

from domain.errors import DomainError


class VersionConflict(IntegrityError):
    """Somebody else appended to the stream first.

    Attributes:
        stream_id: the stream.
        current: the version it is at, 0 when it does not exist.
    """

    def __init__(self, stream_id: UUID, current: int) -> None:
        super().__init__(f"stream {stream_id} is at version {current}")
        self.stream_id = stream_id
        self.current = current


class BasisMoved(IntegrityError):
    """Something that the decision was based on has moved on: look again and decide again."""


class NameTaken(IntegrityError):
    """A name that may belong to one stream only already belongs to another."""

    def __init__(self, name: str, stream_id: UUID) -> None:
        super().__init__(f"{name} already names stream {stream_id}")
        self.name = name
        self.stream_id = stream_id


class AlreadyRead(IntegrityError):
    """A reaction recorded this position before: another worker was faster, or it was restarted."""


class KeyReused(DomainError):
    """The same Idempotency-Key came before with another request."""

    code = "idempotency-key-reused"


class LogUnavailable(OperationalError):
    """The database does not answer. Nothing was recorded, unless the message says it may have been."""


class LogBusy(LogUnavailable):
    """Too many appends are waiting; ask again in a moment."""


class UnreadableEvent(ValueError):
    """A stored event has a type, a schema or bytes that this release does not know."""
