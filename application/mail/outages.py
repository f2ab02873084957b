"""Which errors say nothing about a mail, so that it is tried again; others say that it cannot be taken."""

from __future__ import annotations

import psycopg
from eventsourcing.persistence import PersistenceError

OUTAGES = (PersistenceError, psycopg.Error, OSError)
"""The database does not answer, others were faster again and again, a disk or a network is not there."""
OF_THE_MAIL = (psycopg.DataError, psycopg.IntegrityError)
"""But a value that the database cannot keep is the mail's own."""


def is_outage(error: Exception) -> bool:
    """Whether another moment might bring another answer, whatever mail it is."""
    return isinstance(error, OUTAGES) and not isinstance(error, OF_THE_MAIL)
