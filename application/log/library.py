"""This log as an application of the ``eventsourcing`` library: its factory and its ``Application``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import EventStore, Mapper, Transcoder
from eventsourcing.postgres import BasePostgresFactory, PostgresFactory
from eventsourcing.utils import Environment, EnvType

from application.forms import TICKET
from application.log.mapper import LogMapper
from application.log.recorders import (
    LogDatastore,
    LogProcessRecorder,
    LogRecorder,
    SnapshotRecorder,
    TrackingRecorder,
)
from application.log.snapshots import UNREADABLE
from domain.event import Fact
from domain.ticket.evolution import replay
from domain.ticket.state import Ticket

KEPT = """
    SELECT s.originator_version, s.state FROM log.snapshot s
    JOIN log.event e ON e.stream_id = s.originator_id AND e.version = s.originator_version
         AND e.chain_hash = s.chain_hash
    WHERE s.originator_id = %s AND s.topic = %s AND s.definition = %s AND s.originator_version <= %s
    ORDER BY s.originator_version DESC LIMIT 1
"""


class LogFactory(PostgresFactory):
    """Makes the library's parts stand on this log. Its one setting is ``LOG_URL``, a connection string."""

    LOG_URL = "LOG_URL"

    aggregate_recorder_class = SnapshotRecorder
    application_recorder_class = LogRecorder
    tracking_recorder_class = TrackingRecorder
    process_recorder_class = LogProcessRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super(BasePostgresFactory, self).__init__(env)
        url = self.env.get(self.LOG_URL)
        if not url:
            raise OSError(f"{self.LOG_URL} is not set: give the log's connection string")
        self.datastore = LogDatastore(url)

    def mapper(
        self, transcoder: Transcoder | None = None, mapper_class: type[Mapper[Any]] | None = None
    ) -> Mapper[Any]:
        """The mapper that knows facts."""
        return super().mapper(transcoder, mapper_class or LogMapper)


class KeptTicket(NamedTuple):
    """A kept state, with the names that the library asks for."""

    originator_id: UUID
    originator_version: int
    state: Ticket


class KeptTickets(EventStore[UUID]):
    """The library's snapshot store: the states of tickets that the service keeps."""

    def get(
        self,
        originator_id: UUID,
        *,
        gt: int | None = None,  # noqa: ARG002 - the repository asks for the last one up to a version
        lte: int | None = None,
        desc: bool = False,  # noqa: ARG002
        limit: int | None = None,  # noqa: ARG002
    ) -> Iterator[DomainEventProtocol[UUID]]:
        """The last readable state up to a version, if there is one."""
        recorder = cast(SnapshotRecorder, self.recorder)
        with recorder.datastore.get_connection() as conn:
            row = conn.execute(
                KEPT, (originator_id, TICKET.topic, TICKET.definition, 2**62 if lte is None else lte)
            ).fetchone()
        try:
            if row:
                state = TICKET.read(row["state"])
                yield cast(Any, KeptTicket(originator_id, row["originator_version"], state))
        except UNREADABLE:
            return


class ServiceLog(Application[UUID]):
    """The log of the service, for code that is not on an event loop.

    Args:
        url: the service role's connection string.
    """

    name = "aftersales"
    is_snapshotting_enabled = True

    def __init__(self, url: str) -> None:
        super().__init__({"PERSISTENCE_MODULE": "application.log.library:LogFactory", "LOG_URL": url})

    def ticket(self, ticket_id: UUID, *, version: int | None = None) -> Ticket:
        """A ticket as of a version, or as it is now.

        Raises:
            AggregateNotFoundError: there is no such ticket.
        """
        project = cast(Any, lambda _, recorded: _replayed(recorded))
        return cast(Ticket, self.repository.get(ticket_id, version=version, projector_func=project))

    def construct_snapshot_store(self) -> EventStore[UUID]:
        """The states that the service keeps."""
        return KeptTickets(self.mapper, self.factory.aggregate_recorder(purpose="snapshots"))


def _replayed(recorded: Iterator[KeptTicket | Fact]) -> Ticket | None:
    """The ticket after what the library found: perhaps a kept state, then facts."""
    ticket: Ticket | None = None
    for each in recorded:
        ticket = each.state if isinstance(each, KeptTicket) else replay([each], ticket)
    return ticket
