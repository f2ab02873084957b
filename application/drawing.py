"""Holidays drawn from libraries, and written out: what is published holds the days and needs no library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.calendar import Year
from domain.errors import InvalidValue
from domain.wall import Weekday

Source = Literal["chinesecalendar", "holidays"]


class Drawn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Years whose holidays a library knows.

    Attributes:
        source: `chinesecalendar`, the State Council's holidays with make-up days (调休), worked like Mondays;
            or `holidays`, the public holidays of some 250 countries, without make-up days.
        country: for `holidays`, its ISO 3166 code, such as "IT".
        subdivision: and the part of it, such as "BZ", where that has holidays of its own.
        years: which.
    """

    source: Source
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    subdivision: Annotated[str, Meta(max_length=20)] | None = None
    years: Annotated[tuple[Annotated[int, Meta(ge=1970, le=2200)], ...], Meta(min_length=1, max_length=100)]

    @property
    def told(self) -> str:
        """What was drawn from where, in one line."""
        where = "-".join(filter(None, (self.country, self.subdivision)))
        years = ", ".join(map(str, sorted(self.years)))
        return f"{self.source} {version(self.source)} ({f'{where} ' if where else ''}{years})"


def draw(asked: Sequence[Drawn]) -> dict[int, Year]:
    """The days of every year, written out.

    Raises:
        InvalidValue: a library does not know the country, or one of the years.
    """
    years: dict[int, Year] = {}
    for place, drawn in enumerate(asked):
        try:
            years |= {number: SOURCES[drawn.source](drawn, number) for number in drawn.years}
        except InvalidValue as unknown:
            raise InvalidValue(unknown.message, field=f"/drawn/{place}{unknown.field}") from None
    return years


def with_own(drawn: Mapping[int, Year], own: Mapping[int, Year]) -> dict[int, Year]:
    """Years with days of one's own added: what is stated wins over what was drawn."""
    return {number: _with_own(drawn.get(number), own.get(number)) for number in sorted({*drawn, *own})}


def _with_own(drawn: Year | None, own: Year | None) -> Year:
    if drawn is None or own is None:
        return drawn or own or Year()
    make_up = {day: like for day, like in drawn.make_up.items() if day not in own.off}
    return Year((drawn.off - own.make_up.keys()) | own.off, make_up | own.make_up)


def _china(drawn: Drawn, year: int) -> Year:
    from chinese_calendar import constants

    if drawn.country not in {None, "CN"}:
        raise InvalidValue("chinesecalendar knows China only", field="/country")
    known = {day.year for day in constants.holidays}
    if year not in known:
        raise InvalidValue(
            f"chinesecalendar {version('chinesecalendar')} knows {min(known)} to {max(known)}, not {year}: "
            "the State Council announces a year in November of the one before; "
            "install a release that has it, or state the days yourself",
            field="/years",
        )
    return Year(
        frozenset(day for day in constants.holidays if day.year == year),
        {day: Weekday.MON for day in constants.workdays if day.year == year},
    )


def _country(drawn: Drawn, year: int) -> Year:
    import holidays

    if drawn.country is None:
        raise InvalidValue("holidays needs a country, such as IT", field="/country")
    try:
        # A holiday may be observed in the year before its own.
        found = holidays.country_holidays(
            drawn.country, subdiv=drawn.subdivision, years=[year, year + 1], expand=False
        )
    except NotImplementedError:
        where = "-".join(filter(None, (drawn.country, drawn.subdivision)))
        raise InvalidValue(f"holidays does not know {where}", field="/country") from None
    if not found.start_year <= year <= found.end_year:
        raise InvalidValue(
            f"holidays knows {found.start_year} to {found.end_year} of {drawn.country}, not {year}",
            field="/years",
        )
    return Year(frozenset(day for day in found if day.year == year))


SOURCES: dict[Source, Callable[[Drawn, int], Year]] = {"chinesecalendar": _china, "holidays": _country}
