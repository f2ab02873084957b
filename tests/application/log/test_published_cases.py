"""The ``eventsourcing`` library's own published test cases, run against our classes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, cast

import pytest
from eventsourcing.persistence import Tracking
from eventsourcing.tests import application as application_cases
from eventsourcing.tests import persistence as persistence_cases
from eventsourcing.tests import projection as projection_cases
from eventsourcing.utils import Environment
from psycopg.sql import SQL

from application.database.connect import Database
from application.log.library import LogFactory
from application.log.recorders import (
    LogDatastore,
    LogProcessRecorder,
    LogRecorder,
    SnapshotRecorder,
    TrackingRecorder,
)
from tests.conftest import EmbeddedServer, fresh_database

FACTORY = "application.log.library:LogFactory"


@pytest.fixture(autouse=True)
def on_a_database(request: pytest.FixtureRequest, database: Database) -> Iterator[None]:
    """Give each case, which knows no fixtures, a database of its own."""
    request.instance.database = database
    request.instance.datastores = []
    yield
    for datastore in request.instance.datastores:
        datastore.close()


class OnTheLog:
    database: Database
    datastores: list[LogDatastore]

    def datastore(self) -> LogDatastore:
        self.datastores.append(LogDatastore(self.database.service_url))
        return self.datastores[-1]


class TestSnapshotRecorder(OnTheLog, persistence_cases.AggregateRecorderTestCase):
    def create_recorder(self) -> SnapshotRecorder:
        return SnapshotRecorder(self.datastore())


class TestLogRecorder(OnTheLog, persistence_cases.ApplicationRecorderTestCase):
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = True

    def create_recorder(self) -> LogRecorder:
        return LogRecorder(self.datastore())

    def test_subscription(self) -> None:
        super().optional_test_insert_subscribe()


class TestNonInterleaving(OnTheLog, persistence_cases.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> LogRecorder:
        return LogRecorder(self.datastore())


class TestTrackingRecorder(OnTheLog, persistence_cases.TrackingRecorderTestCase):
    def create_recorder(self) -> TrackingRecorder:
        return TrackingRecorder(self.datastore())


class TestProcessRecorder(OnTheLog, persistence_cases.ProcessRecorderTestCase):
    def create_recorder(self) -> LogProcessRecorder:
        return LogProcessRecorder(self.datastore())


class CountersView(TrackingRecorder, projection_cases.EventCountersView):
    """A view of the library's example projection, kept in one table beside our tracking."""

    def __init__(self, datastore: Any, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        with datastore.get_connection() as conn:
            conn.execute(
                "CREATE TABLE IF NOT EXISTS view.counters (name text PRIMARY KEY, n bigint NOT NULL)"
            )

    def _count(self, name: str) -> int:
        with self.datastore.get_connection() as conn:
            row = conn.execute("SELECT n FROM view.counters WHERE name = %s", (name,)).fetchone()
            return row["n"] if row else 0

    def _add(self, name: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as curs:
            self._insert_tracking(curs, tracking)
            curs.execute(
                SQL(
                    "INSERT INTO view.counters AS c VALUES (%s, 1) "
                    "ON CONFLICT (name) DO UPDATE SET n = c.n + 1"
                ),
                (name,),
            )

    def get_created_event_counter(self) -> int:
        return self._count("created")

    def get_subsequent_event_counter(self) -> int:
        return self._count("subsequent")

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        self._add("created", tracking)

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        self._add("subsequent", tracking)


class TestCountersView(OnTheLog, projection_cases.EventCountersViewTestCase):
    def construct_event_counters_view(self) -> projection_cases.EventCountersView:
        return CountersView(self.datastore())


class OurEnvironment(OnTheLog):
    @pytest.fixture(autouse=True)
    def our_environment(self, on_a_database: None) -> None:
        cast(Any, self).env = {"PERSISTENCE_MODULE": FACTORY, "LOG_URL": self.database.service_url}


class TestProjection(OurEnvironment, projection_cases.AggregateEventCountersProjectionTestCase):
    view_class = CountersView


class TestEventSourcedProjection(OurEnvironment, projection_cases.EventSourcedProjectionTestCase):
    """The projection writes to a log of its own: in the library every application has one."""

    @pytest.fixture(autouse=True)
    def our_environment(self, on_a_database: None, server: EmbeddedServer) -> Iterator[None]:
        with fresh_database(server) as another:
            cast(Any, self).env = {
                "PERSISTENCE_MODULE": FACTORY,
                "LOG_URL": self.database.service_url,
                "COUNTERS_LOG_URL": another.service_url,
            }
            yield


class TestApplication(OnTheLog, application_cases.ExampleApplicationTestCase):
    expected_factory_topic = FACTORY

    @pytest.fixture(autouse=True)
    def our_environment(self, on_a_database: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(os.environ, "PERSISTENCE_MODULE", FACTORY)
        monkeypatch.setitem(os.environ, "LOG_URL", self.database.service_url)


class TestFactory(OnTheLog, persistence_cases.InfrastructureFactoryTestCase[LogFactory]):
    @pytest.fixture(autouse=True)
    def our_environment(self, on_a_database: None) -> None:
        self.env = Environment(env={"PERSISTENCE_MODULE": FACTORY, "LOG_URL": self.database.service_url})

    @pytest.fixture(autouse=True)
    def before(self, our_environment: None) -> Iterator[None]:
        persistence_cases.InfrastructureFactoryTestCase.setUp(self)
        yield
        persistence_cases.InfrastructureFactoryTestCase.tearDown(self)

    def setUp(self) -> None:  # the fixture above comes first
        pass

    def tearDown(self) -> None:
        pass

    def expected_factory_class(self) -> type[LogFactory]:
        return LogFactory

    def expected_aggregate_recorder_class(self) -> type[SnapshotRecorder]:
        return SnapshotRecorder

    def expected_application_recorder_class(self) -> type[LogRecorder]:
        return LogRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return TrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return CountersView

    def expected_process_recorder_class(self) -> type[LogProcessRecorder]:
        return LogProcessRecorder
