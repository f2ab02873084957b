"""Events of the log as CloudEvents 1.0 in JSON: docs/feed.md has the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from application.parts import PartDesk
from domain.event import id_of

PREFIX = "aftersales."
"""Before the log's own name of a type: a bus that carries many systems' events tells ours apart."""
SCHEMA = "urn:aftersales:schema:"

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What no attribute may hold (CloudEvents 1.0.2, section "Type System")."""

LARGEST = 2**31 - 1
"""An Integer of CloudEvents (the same section)."""

JSON, BYTES = "application/json", "application/octet-stream"

_ENCODER = msgspec.json.Encoder()


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the log as other systems take it.

    Attributes:
        specversion: always 1.0.
        id: the event's own id, the same for ever: what others name it by as their cause.
        source: whose log it stands in.
        type: for example aftersales.ticket.held.
        subject: what people call the thing it happened to, such as T-2026-000123; its stream where it has no
            number.
        time: when it happened.
        datacontenttype: application/json, unless the log holds something else under this type.
        dataschema: names the type and the number of its form, such as urn:aftersales:schema:ticket.held:1.
        position: its place in the log: from 1, without gaps, in the order of recording. Absent beyond
            2147483647, the largest number that an attribute may have.
        sequence: the same as text of 19 digits, which sorts as it was recorded.
        stream: the id of what it happened to.
        version: its place in that stream.
        recordedtime: when the log took it.
        actor: who did it.
        reason: why, in the actor's words.
        correlationid: the service case.
        causationid: the id of the event that caused it, where a reaction recorded it.
        data: what happened, exactly as it was recorded.
        data_base64: the recorded bytes, where they are not JSON.
    """

    specversion: str
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str
    dataschema: str
    position: int | UnsetType = UNSET
    sequence: str
    stream: UUID
    version: int
    recordedtime: datetime
    actor: str
    reason: str | UnsetType = UNSET
    correlationid: UUID
    causationid: UUID | UnsetType = UNSET
    data: msgspec.Raw | UnsetType = UNSET
    data_base64: bytes | UnsetType = UNSET


def encoded(row: Sequence[Any], source: str) -> bytes:
    """A row of ``feeding.PAGE`` as a CloudEvent; what this release cannot read goes through as it is."""
    (position, stream, version, kind, schema, data, occurred_at, recorded_at, actor, reason, case, cause,
     name) = row  # fmt: skip
    is_json = _is_json(data)
    event = CloudEvent(
        specversion="1.0",
        id=id_of(stream, version),
        source=source,
        type=type_of(kind),
        subject=_line(name.removeprefix(PartDesk.prefix)) if name else str(stream),
        time=occurred_at,
        datacontenttype=JSON if is_json else BYTES,
        dataschema=_line(f"{SCHEMA}{kind}:{schema}"),
        position=position if position <= LARGEST else UNSET,
        sequence=f"{position:019d}",
        stream=stream,
        version=version,
        recordedtime=recorded_at,
        actor=_line(actor),
        reason=_line(reason) if reason else UNSET,
        correlationid=case,
        causationid=cause or UNSET,
        data=msgspec.Raw(data) if is_json else UNSET,
        data_base64=UNSET if is_json else data,
    )
    return _ENCODER.encode(event)


def type_of(kind: str) -> str:
    """What the log calls ``kind``, as a CloudEvent's type."""
    return _line(PREFIX + kind)


def _line(text: str) -> str:
    return CONTROL.sub(" ", text)


def _is_json(data: bytes) -> bool:
    try:
        data.decode()
        msgspec.json.decode(data, type=msgspec.Raw)
    except (UnicodeDecodeError, msgspec.DecodeError):
        return False
    return True
