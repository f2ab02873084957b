"""This log as an application of the ``eventsourcing`` library: its factory and its ``Application``."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, Transcoder
from eventsourcing.postgres import BasePostgresFactory, PostgresFactory
from eventsourcing.utils import Environment, EnvType

from application.log.mapper import LogMapper
from application.log.recorders import (
    LogDatastore,
    LogProcessRecorder,
    LogRecorder,
    SnapshotRecorder,
    TrackingRecorder,
)
from domain.ticket.state import Ticket, replay


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


class ServiceLog(Application[UUID]):
    """The log of the service, for code that is not on an event loop.

    Args:
        url: the service role's connection string.
    """

    name = "aftersales"

    def __init__(self, url: str) -> None:
        super().__init__({"PERSISTENCE_MODULE": "application.log.library:LogFactory", "LOG_URL": url})

    def ticket(self, ticket_id: UUID, *, version: int | None = None) -> Ticket:
        """A ticket as of a version, or as it is now.

        Raises:
            AggregateNotFoundError: there is no such ticket.
        """
        project = cast(Any, lambda _, facts: replay(facts))
        return cast(Ticket, self.repository.get(ticket_id, version=version, projector_func=project))
