"""A row with a meaning: case, time, activity and what it says about the ticket."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from application.importing.commands import WORDS
from application.importing.mapping import ANY, FIELDS, Column, Mapping
from application.importing.rows import LONGEST_NAME, BadValue, Row
from application.importing.times import Clock

LONG_FIELDS = frozenset({"subject", "description", "summary", "solution", "cause"})


class SourceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One row, understood.

    Attributes:
        time: when it happened, in UTC.
        person: who, in the source's words; ``None`` when it does not say.
        fields: what the row itself says of the ticket, by field, in our words.
        arguments: what the activity's command is given, on top of the fields.
        values: the row's own columns, without the missing ones.
    """

    case: str
    activity: str
    time: datetime
    line: int
    person: str | None
    fields: dict[str, str]
    arguments: dict[str, str]
    values: dict[str, str]


class Reading:
    """Reads rows under one mapping. Pure; compiled once.

    Args:
        now: the latest moment that can have happened.
    """

    def __init__(self, mapping: Mapping, now: datetime) -> None:
        self._mapping = mapping
        self._missing = frozenset({"", *mapping.missing})
        self._columns = {f: c for f in FIELDS if (c := mapping.column(f)) is not None}
        self._case = mapping.column("case") or ()
        self._time = mapping.column("time") or ()
        self._clock = Clock(mapping.time, now)
        self._tiers = [(re.compile(rule.matches), rule.tier) for rule in mapping.tier_from_team]

    def case(self, row: Row) -> str:
        """The case a row belongs to.

        Raises:
            BadValue: the row does not say.
        """
        columns = (self._case,) if isinstance(self._case, str) else self._case
        parts = [self._look(column, row.values, {"@line": str(row.line)}) for column in columns]
        found = [part for part in parts if part]
        if len(found) < len(columns):
            raise BadValue(f"no case in column {_shown(self._case)}")
        return _short("case", " ".join(found))

    def time(self, row: Row) -> datetime:
        """When a row happened, in UTC.

        Raises:
            BadValue: missing, written in no known way, before 1900 or in the future.
        """
        text = self._look(self._time, row.values, {})
        if text is None:
            raise BadValue(f"no time in column {_shown(self._time)}")
        return self._clock.moment(text)

    def event(self, case: str, time: datetime, row: Row) -> SourceEvent:
        """The source event of a row.

        Raises:
            BadValue: there is no activity, or a value has no meaning under the mapping.
        """
        special = {"@case": case, "@line": str(row.line)}
        column = self._columns.get("activity", ())
        activity = self._meaning("activity", self._look(column, row.values, special))
        activity = activity or self._mapping.defaults.get("activity")
        if activity is None:
            raise BadValue(f"no activity in column {_shown(column)}")
        special["@activity"] = _short("activity", activity)
        said = {field: self._field(field, column, row, special) for field, column in self._columns.items()}
        fields = {field: word for field, word in said.items() if word is not None}
        fields.pop("activity", None)
        person = fields.pop("person", None)
        if "tier" not in fields and (tier := self._tier_of(fields.get("team"))):
            fields["tier"] = tier
        return SourceEvent(
            case=case,
            activity=activity,
            time=time,
            line=row.line,
            person=person,
            fields=fields,
            arguments=self._arguments(activity, row, special),
            values={c: v for c, v in row.values.items() if v.strip() not in self._missing},
        )

    def _arguments(self, activity: str, row: Row, special: dict[str, str]) -> dict[str, str]:
        rule = self._mapping.activities.get(activity)
        if rule is None:
            return {}
        read = {name: self._field(name, column, row, special) for name, column in rule.from_.items()}
        return rule.with_ | {name: word for name, word in read.items() if word is not None}

    def _field(self, field: str, column: Column, row: Row, special: dict[str, str]) -> str | None:
        word = self._meaning(field, self._look(column, row.values, special))
        return word if word is None or field in LONG_FIELDS else _short(field, word)

    def _look(self, column: Column, values: dict[str, str], special: dict[str, str]) -> str | None:
        if isinstance(column, str):
            value = (special if column in special else values).get(column, "").strip()
            return None if value in self._missing else value
        parts = [part for name in column if (part := self._look(name, values, special))]
        return " ".join(parts) or None

    def _meaning(self, field: str, value: str | None) -> str | None:
        if value is None:
            return None
        table = self._mapping.values.get(field, {})
        word = table.get(value) or table.get(ANY) or value
        if field in WORDS and word not in set(WORDS[field]):
            raise BadValue(f"{field} {value!r} has no meaning; add it to [values.{field}]")
        return word

    def _tier_of(self, team: str | None) -> str | None:
        if team is None:
            return None
        return next((tier for pattern, tier in self._tiers if pattern.search(team)), None)


def _shown(column: Column) -> str:
    return column if isinstance(column, str) else " + ".join(column)


def _short(field: str, value: str) -> str:
    if len(value) > LONGEST_NAME:
        raise BadValue(f"{field}: {len(value):,} characters, the most is {LONGEST_NAME}")
    return value
