"""Patterns for LIKE."""

from __future__ import annotations


def contains(text: str) -> str:
    """The pattern of everything that has ``text`` in it, its own wildcards taken literally."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
