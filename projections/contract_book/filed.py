"""A contract after some of its events, as it is kept in the book."""

from __future__ import annotations

import msgspec

from domain.contract.events import ContractDrafted
from domain.contract.state import Contract, begin, evolve
from domain.event import Fact
from projections.engine.shape import shape


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """A contract with its place in the log.

    Attributes:
        contract: as it stands.
        version: of the contract's stream.
        position: of the last event in it.
    """

    contract: Contract
    version: int
    position: int


SHAPE = shape(Filed)
"""What a kept contract looks like; the book is rebuilt when this changes."""

_DECODER = msgspec.json.Decoder(Filed)
_ENCODER = msgspec.json.Encoder()


def after(filed: Filed | None, fact: Fact) -> Filed | None:
    """The contract after one more fact; ``None`` while nothing was drafted."""
    if filed is not None:
        contract = evolve(fact.event, filed.contract, fact.act)
    elif isinstance(fact.event, ContractDrafted):
        contract = begin(fact.stream_id, fact.event, fact.act)
    else:
        return None
    return Filed(contract=contract, version=fact.version, position=fact.position)


def keep(filed: Filed) -> bytes:
    """The bytes a contract is kept in."""
    return _ENCODER.encode(filed)


def read(state: bytes) -> Filed:
    """A contract from the bytes it was kept in."""
    return _DECODER.decode(state)
