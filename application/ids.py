"""Ids that sort by the time they were made."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562): milliseconds since 1970, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10))
    high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | (noise >> 64 & 0xFFF)
    low = 0x8000_0000_0000_0000 | (noise & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=high << 64 | low)
