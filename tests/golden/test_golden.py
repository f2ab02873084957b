"""Every event that was ever written can be read today, and what is written today stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from application.log.mapper import read_event, store
from domain.catalogue import EVENT_TYPES
from domain.event import Act, Fact, type_name
from domain.upcasters import UPCASTERS
from tests.golden.samples import path, sample, stored

SAMPLES = stored()
VERSIONS = [(name, schema) for name, cls in EVENT_TYPES.items() for schema in range(1, cls.SCHEMA + 1)]
STREAM = UUID(int=1)


@pytest.mark.parametrize(("name", "schema"), VERSIONS)
def test_every_version_of_every_type_has_a_sample(name: str, schema: int) -> None:
    assert (name, schema) in SAMPLES, f"{path(name, schema).name} is missing: python -m tests.golden"


def test_there_is_no_sample_of_an_unknown_version() -> None:
    assert SAMPLES.keys() <= set(VERSIONS)


@pytest.mark.parametrize(("name", "schema"), SAMPLES)
def test_it_is_read_as_todays_event(name: str, schema: int) -> None:
    event = read_event(name, schema, SAMPLES[name, schema])
    assert type(event) is EVENT_TYPES[name]
    assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event


@pytest.mark.parametrize(("name", "cls"), EVENT_TYPES.items())
def test_today_the_same_bytes_are_written(name: str, cls: type) -> None:
    """Fields that change want a higher ``SCHEMA``, an upcaster and a sample of their own."""
    data = SAMPLES[name, cls.SCHEMA]
    act = Act(actor="agent:li.wei", occurred_at=datetime(2026, 3, 2, tzinfo=UTC))
    event = read_event(name, cls.SCHEMA, data)
    written = store(Fact(stream_id=STREAM, version=1, event=event, act=act, correlation_id=STREAM))
    assert written.state == data
    assert (written.topic, written.schema) == (name, cls.SCHEMA)


@pytest.mark.parametrize(("name", "cls"), EVENT_TYPES.items())
def test_no_field_of_a_sample_is_left_empty(name: str, cls: type) -> None:
    told = msgspec.json.decode(SAMPLES[name, cls.SCHEMA])
    assert told.pop("type") == name == type_name(cls)
    assert told.keys() == set(cls.__struct_fields__)
    assert all(value not in (None, [], {}, "") for value in told.values())
    assert type(sample(cls)) is cls


@pytest.mark.parametrize(("name", "schema"), VERSIONS)
def test_every_older_version_has_its_upcaster(name: str, schema: int) -> None:
    assert ((name, schema) in UPCASTERS) is (schema < EVENT_TYPES[name].SCHEMA)
