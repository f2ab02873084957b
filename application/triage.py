"""The matrix, the categories and the fault codes of an installation, from its file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from domain.errors import InvalidValue
from domain.ticket.triage import Triage

SHIPPED = Path(__file__).with_suffix(".toml")


def read_triage(path: Path | None = None) -> Triage:
    """What a file states; what comes with the product without one.

    Raises:
        InvalidValue: the file is not there, or states what cannot be; the message begins with its path.
    """
    path = path or SHIPPED
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Triage)
    except OSError as error:
        raise InvalidValue(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, InvalidValue) as wrong:
        raise InvalidValue(f"{path}: {wrong}") from None
