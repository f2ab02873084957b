"""What went wrong, in one line that says how to mend it."""

from __future__ import annotations

import os


class Refused(Exception):
    """The command cannot do what it was asked. The message is one line and says what to do."""

    exit_code = 1


class Misused(Refused):
    """An argument cannot be right, whatever the state of things."""

    exit_code = 2


class Altered(Refused):
    """The log is not as it was recorded."""

    exit_code = 3


def explain(error: Exception) -> str:
    """An error for the person at the terminal: never a traceback, never a secret."""
    return " ".join(_told(error).split())


def _told(error: Exception) -> str:
    for kinds, words in _words():
        if isinstance(error, kinds):
            return words.format(error, _first_line(error))
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return (
        f"this should not have happened: {type(error).__name__}: {_first_line(error)}; "
        "set AFTERSALES_LOG_LEVEL=debug to see where, and report it"
    )


def _words() -> tuple[tuple[tuple[type[Exception], ...], str], ...]:
    """What each kind of error is told as: ``{0}`` is the error, ``{1}`` its first line."""
    import psycopg

    from application.database.errors import DatabaseProblem
    from application.desk import NotFound
    from application.importing.mapping import BadMapping
    from application.importing.rows import UnreadableFile
    from application.log.errors import LogUnavailable, UnreadableEvent
    from application.settings import SettingsError
    from domain.errors import DomainError

    clear = (Refused, SettingsError, DatabaseProblem, BadMapping, UnreadableFile, NotFound, DomainError)
    return (
        (clear, "{0}"),
        ((UnreadableEvent,), "{0}: install the newer release"),
        ((LogUnavailable,), "{0}; what was recorded stays: run the command again"),
        ((psycopg.OperationalError,), "the database does not answer: {1}"),
        ((psycopg.Error,), "the database refuses: {1}"),
    )


def wants_traceback() -> bool:
    """Whether whoever runs the command asked to see where things go wrong."""
    return os.environ.get("AFTERSALES_LOG_LEVEL", "").strip().lower() == "debug"


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), "no message")
