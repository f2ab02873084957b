"""What a file means, as data: a TOML mapping and the checks that it makes sense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from application.access import Role
from application.importing.commands import COMMANDS, NAMES, REGISTER, WORDS
from application.importing.dialect import Dialect, Part, Times

Column = str | tuple[str, ...]
"""One column, or several whose values are joined with a space."""

SourceName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]

SPECIAL = frozenset({"@case", "@activity", "@line"})
"""What can stand for a column's name: the case, the activity, the line of the file."""

RESERVED = frozenset({"system", *Role})
"""What actors of the service itself begin with; a source of that name would pass for them."""

ANY = "*"
"""In a table of values: every value without a line of its own."""


SHIPPED = Path(__file__).parent / "mappings"


class BadMapping(Exception):
    """The mapping file is wrong; the message names the key."""


class Columns(Part, frozen=True, kw_only=True):
    """Which column says what."""

    case: Column | None = None
    time: Column | None = None
    activity: Column | None = None
    person: Column | None = None
    team: Column | None = None
    tier: Column | None = None
    wait: Column | None = None
    priority: Column | None = None
    subject: Column | None = None
    description: Column | None = None
    customer: Column | None = None
    contact: Column | None = None
    site: Column | None = None
    product: Column | None = None
    asset: Column | None = None
    channel: Column | None = None
    category: Column | None = None


XES_COLUMNS: dict[str, Column] = {
    "case": "case:concept:name",
    "time": "time:timestamp",
    "activity": "concept:name",
    "person": "org:resource",
    "team": "org:group",
}
"""What an XES log means where the mapping does not say otherwise."""

FIELDS = tuple(field for field in Columns.__struct_fields__ if field not in {"case", "time"})
"""What a row says beside its case and time."""


class TierPattern(Part, frozen=True, kw_only=True):
    """A tier for the teams whose name matches a regular expression."""

    matches: str
    tier: str

    def __post_init__(self) -> None:
        try:
            re.compile(self.matches)
        except re.error as error:
            raise ValueError(f"matches {self.matches!r} is not a regular expression: {error}") from error
        _check_word("tier", self.tier)


class Activity(Part, frozen=True, kw_only=True, rename={"from_": "from", "with_": "with"}):
    """What one activity does.

    Attributes:
        do: the command, or several of which the first that the ticket's state allows is taken.
        implies: commands that must have happened just before, taken where the state calls for them.
        from_: arguments of the command read from columns.
        with_: arguments of the command that are always the same.
    """

    do: str | tuple[str, ...]
    implies: tuple[str, ...] = ()
    from_: dict[str, Column] = {}
    with_: dict[str, str] = {}

    @property
    def commands(self) -> tuple[str, ...]:
        """``do`` as a tuple."""
        return (self.do,) if isinstance(self.do, str) else self.do

    def __post_init__(self) -> None:
        for name in self.commands:
            if name not in NAMES:
                raise ValueError(f"do: {name!r} is no command; there are {', '.join(sorted(NAMES))}")
        for name in self.implies:
            if name not in COMMANDS:
                raise ValueError(f"implies: {name!r} is no command that can be implied")
        known = {argument for name in (*self.commands, *self.implies) for argument in _takes(name)}
        for argument in (*self.from_, *self.with_):
            if argument not in known:
                raise ValueError(f"{argument!r} is no argument of {', '.join(self.commands)}")
        for argument, word in self.with_.items():
            _check_word(argument, word)


class Mapping(Part, frozen=True, kw_only=True):
    """A whole mapping file. See docs/import.md for every key."""

    source: SourceName
    format: Literal["csv", "xes"]
    plan: str
    csv: Dialect = Dialect()
    time: Times = Times()
    columns: Columns = Columns()
    defaults: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    tier_from_team: tuple[TierPattern, ...] = ()
    activities: dict[str, Activity] = {}
    keep: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def column(self, field: str) -> Column | None:
        """The column of a field, by the mapping or by what XES means anyway."""
        chosen: Column | None = getattr(self.columns, field, None)
        return XES_COLUMNS.get(field) if chosen is None and self.format == "xes" else chosen

    def used_columns(self) -> Iterator[str]:
        """The columns that case, time and fields are read from."""
        for field in Columns.__struct_fields__:
            yield from _parts(self.column(field))

    def named_columns(self) -> Iterator[tuple[str, str]]:
        """Every column the file must have, with the key of the mapping that names it."""
        named: dict[str, Column | None] = {
            f"columns.{field}": getattr(self.columns, field) for field in Columns.__struct_fields__
        }
        for name, activity in self.activities.items():
            named |= {f'activities."{name}".from.{argument}': c for argument, c in activity.from_.items()}
        named["keep"] = tuple(column for column in self.keep if column != ANY)
        for key, column in named.items():
            for part in _parts(column):
                if part not in SPECIAL:
                    yield key, part

    def __post_init__(self) -> None:
        if self.source in RESERVED:
            raise ValueError(f"source: {self.source!r} is the name of people or parts of this service itself")
        if "activity" in self.values:
            raise ValueError(
                "values.activity: the source's own word is kept; list each under activities instead"
            )
        for field in ("case", "time"):
            if self.column(field) is None:
                raise ValueError(f"columns.{field} is missing")
        if self.column("activity") is None and "activity" not in self.defaults:
            raise ValueError(
                "columns.activity is missing; for one row per ticket set defaults.activity instead"
            )
        for field, word in self.defaults.items():
            if field not in FIELDS:
                raise ValueError(f"defaults.{field} is not known; there are {', '.join(FIELDS)}")
            _check_word(field, word)
        for field, table in self.values.items():
            if field not in FIELDS and all(field not in _takes(name) for name in NAMES):
                raise ValueError(f"values.{field}: no field and no argument has this name")
            for word in table.values():
                _check_word(field, word)
        for name, activity in self.activities.items():
            self._check_needs(name, activity)

    def _check_needs(self, name: str, activity: Activity) -> None:
        given = {*activity.from_, *activity.with_, *self.defaults, "solution", "finding"}
        given |= {field for field in FIELDS if self.column(field) is not None}
        if self.tier_from_team:
            given.add("tier")
        for command in (*activity.commands, *activity.implies):
            for need in COMMANDS[command].needs if command != REGISTER else ():
                if need not in given:
                    raise ValueError(
                        f'activities."{name}": {command} needs {need}; give it in "with" or "from", '
                        f"or for every row in columns or defaults"
                    )


def _parts(column: Column | None) -> tuple[str, ...]:
    return (column,) if isinstance(column, str) else column or ()


def _takes(command: str) -> tuple[str, ...]:
    return () if command == REGISTER else COMMANDS[command].takes


def _check_word(field: str, word: str) -> None:
    if field in WORDS and word not in set(WORDS[field]):
        raise ValueError(f"{field}: {word!r} is not one of {', '.join(WORDS[field])}")


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Args:
        path: the file, or the bare name of a mapping that comes with the product, such as ``helpdesk``.

    Raises:
        BadMapping: it cannot be read, is not TOML, or a key is unknown, missing or wrong.
    """
    shipped = SHIPPED / f"{path}.toml"
    if path.name == str(path) and not path.exists() and shipped.exists():
        path = shipped
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Mapping)
    except OSError as error:
        raise BadMapping(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        raise BadMapping(f"{path.name}: {error}") from error
