"""What the states of tickets, parts and contracts are kept as: MessagePack, exact in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec

import domain
from application.log.snapshots import Form
from domain.contract.state import Contract
from domain.part.events import PartName
from domain.part.holdings import Place, Reservation, Stock, Unit
from domain.part.register import Register
from domain.part.state import Part
from domain.part.words import Bucket, Gone, Tracking
from domain.ticket.state import Ticket

S = TypeVar("S", bound=msgspec.Struct)
DOMAIN = Path(domain.__file__).parent
_ENCODER = msgspec.msgpack.Encoder(uuid_format="bytes")
PLACES: dict[str, Bucket | Gone] = {each.value: each for each in (*Bucket, *Gone)}


@cache
def definition_of(*sources: Path | bytes) -> str:
    """What the code that replays is called: a digest of all of the domain, and of what else it goes by.

    So another release takes no notice of what this one kept, whether or not somebody thought of it.

    Args:
        sources: files, folders of Python files, or what code was given.
    """
    told = sha256()
    for source in (DOMAIN, Path(__file__), *sources):
        for name, content in _contents(source):
            told.update(name.encode() + b"\0" + sha256(content).digest())
    return told.hexdigest()[:32]


def _contents(source: Path | bytes) -> Iterator[tuple[str, bytes]]:
    if isinstance(source, bytes):
        yield "", source
    else:
        for file in sorted(source.rglob("*.py")) if source.is_dir() else (source,):
            yield file.name, file.read_bytes()


def form_of(topic: str, kind: type[S], *sources: Path | bytes) -> Form[S]:
    """The form of states whose type says what every value in them is."""
    return Form(topic, definition_of(*sources), _ENCODER.encode, msgspec.msgpack.Decoder(kind).decode)


class _KeptPlace(msgspec.Struct):
    kind: str
    where: Any = None


class _KeptUnit(msgspec.Struct):
    expires_on: date | None = None
    place: _KeptPlace | None = None


class _KeptStocks(msgspec.Struct):
    drawers: dict[int, dict[Any, Stock]] = {}


class _KeptPart(msgspec.Struct):
    """A part as its bytes are read: where a text or an id may stand, a decoder cannot know which of them."""

    id: UUID
    number: str
    revision: str
    name: PartName
    unit: str
    tracking: Tracking
    shelf_life_days: int | None
    reorder_point: int
    stocks: dict[Bucket, _KeptStocks]
    reservations: Register[UUID, Reservation]
    units: Register[str, _KeptUnit]
    perishable: bool


_PART = msgspec.msgpack.Decoder(_KeptPart)


def _read_part(state: bytes) -> Part:
    kept = _PART.decode(state)
    fields = {name: getattr(kept, name) for name in kept.__struct_fields__}
    ids: dict[bytes, UUID] = {}
    stocks = {
        bucket: Register(
            {
                number: {_where(place, ids): stock for place, stock in drawer.items()}
                for number, drawer in each.drawers.items()
            }
        )
        for bucket, each in kept.stocks.items()
    }
    places: dict[tuple[str, Any], Place] = {}
    units = {
        number: {name: _unit(unit, places, ids) for name, unit in drawer.items()}
        for number, drawer in kept.units.drawers.items()
    }
    return Part(**{**fields, "stocks": stocks, "units": Register(units)})


def _unit(kept: _KeptUnit, places: dict[tuple[str, Any], Place], ids: dict[bytes, UUID]) -> Unit:
    """A unit; those in one place share it."""
    at = kept.place
    if at is None:
        return Unit(kept.expires_on)
    key = (at.kind, at.where)
    place = places.get(key)
    if place is None:
        place = places[key] = Place(PLACES[at.kind], _where(at.where, ids))
    return Unit(kept.expires_on, place)


def _where(kept: Any, ids: dict[bytes, UUID]) -> Any:
    """A location or asset, or a ticket's id, which is kept as bytes; one is made of the same ones."""
    if not isinstance(kept, bytes):
        return kept
    found = ids.get(kept)
    if found is None:
        found = ids[kept] = UUID(bytes=kept)
    return found


TICKET: Form[Ticket] = form_of("ticket", Ticket)
PART: Form[Part] = Form("part", definition_of(), _ENCODER.encode, _read_part)
CONTRACT: Form[Contract] = form_of("contract", Contract)
