"""The triage that comes with the product, one TOML file a version."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from application.calendars import published
from domain.ticket.triage import Triage

TRIAGES = Path(__file__).with_name("triages")


@cache
def shipped_triages() -> tuple[Triage, ...]:
    """Every version that comes with the product."""
    return published(TRIAGES, read_triage)


def read_triage(stated: dict[str, Any]) -> Triage:
    """A triage as its file states it.

    Raises:
        InvalidValue: see ``Triage``.
        msgspec.ValidationError: a field is missing, unknown or of the wrong type.
    """
    return msgspec.convert(stated, Triage)
