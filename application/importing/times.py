"""When something happened, by the ways that a mapping says times are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from application.importing.dialect import Times
from application.importing.rows import BadValue

EARLIEST_YEAR = 1900
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Reads times. Compiled once.

    Args:
        times: how they are written.
        now: the latest moment that can have happened.
    """

    def __init__(self, times: Times, now: datetime) -> None:
        self._formats = times.formats
        self._now = now
        self._readers = [_reader(form, times) for form in times.formats]

    def moment(self, text: str) -> datetime:
        """A moment that has been, in UTC.

        Raises:
            BadValue: written in no known way, before 1900 or in the future.
        """
        for time in self.ways(text):
            if time.tzinfo is None:
                raise BadValue(f"time {text!r} has no offset, and the mapping gives no time.zone")
            if time.year < EARLIEST_YEAR:
                raise BadValue(f"time {text!r} lies before {EARLIEST_YEAR}")
            if time > self._now:
                raise BadValue(f"time {text!r} lies in the future")
            return time.astimezone(UTC)
        raise BadValue(f"time {text!r} is not written as {' or '.join(self._formats)}")

    def ways(self, text: str) -> Iterator[datetime]:
        """The times that a text can mean, by the formats in their order."""
        for read in self._readers:
            try:
                yield read(text)
            except (ValueError, OverflowError):
                continue


def _reader(form: str, times: Times) -> Callable[[str], datetime]:
    zone = ZoneInfo(times.zone) if times.zone else None
    if form in {"unix", "unix_ms"}:
        return partial(
            _from_epoch, unit=timedelta(seconds=1) if form == "unix" else timedelta(milliseconds=1)
        )
    return partial(_from_text, form=form, zone=zone)


def _from_epoch(text: str, unit: timedelta) -> datetime:
    return EPOCH + float(text) * unit


def _from_text(text: str, form: str, zone: ZoneInfo | None) -> datetime:
    time = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
    return time if time.tzinfo else time.replace(tzinfo=zone)
