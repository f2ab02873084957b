"""What an installation settles about its proofs."""

from __future__ import annotations

from pathlib import Path

import msgspec
from litestar.datastructures import State

from application.log.tree.witnesses import Witness


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """How the log is proven to whoever trusts nobody here.

    Attributes:
        keys: the directory of the keys that sign the log; only their public parts are read out.
        witnesses: whose cosignatures are taken.
        public: whether checkpoints and hashes of the log need no token (AFTERSALES_PUBLIC_TLOG).
    """

    keys: Path
    witnesses: tuple[Witness, ...] = ()
    public: bool = False


def trust(state: State) -> Trust:
    """What this application was made with."""
    return state.trust
