"""What can be wrong with a database, in one line for the person who runs the service."""

from __future__ import annotations


class DatabaseProblem(Exception):
    """The database cannot be used as it is. The message says what to do and never shows a password."""


class DatabaseUnavailable(DatabaseProblem):
    """No answer, or no server: trying again later may help."""


class DatabaseRefused(DatabaseProblem):
    """The server answers but will not do: too old, wrong encoding, a missing right."""


class DatabaseNewer(DatabaseProblem):
    """The database was migrated by a newer release than this one."""
