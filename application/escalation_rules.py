"""The rules that escalate, as an installation states them in a TOML file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from application.settings import SettingsError
from domain.ticket.rule_events import ALL, EscalationRule
from domain.ticket.words import Priority, Tier, When

SECOND = timedelta(seconds=1)


class BadRules(SettingsError):
    """The file of rules is wrong; the message says where, in one line."""


class StatedRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as people write it: ``after`` is an ISO 8601 duration, "PT10M"; see ``EscalationRule``."""

    name: str
    version: int
    when: When
    after: timedelta = timedelta(0)
    working_time: bool = False
    percent: int = 0
    priorities: tuple[Priority, ...] = ALL
    tier: Tier | None = None
    to_tier: Tier | None = None
    to_team: str | None = None
    tell: str | None = None


class RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    rule: tuple[StatedRule, ...]


def read_rules(path: Path | None) -> tuple[EscalationRule, ...]:
    """The rules in a file; none where there is no file.

    Raises:
        BadRules: it cannot be read, or states something wrong.
    """
    if path is None:
        return ()
    try:
        stated = msgspec.toml.decode(path.read_bytes(), type=RulesFile)
        rules = tuple(map(_rule, stated.rule))
    except OSError as error:
        raise BadRules(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise BadRules(f"{path.name}: {error}") from error
    if len({rule.name for rule in rules}) < len(rules):
        raise BadRules(f"{path.name}: two rules have one name")
    return rules


def _rule(stated: StatedRule) -> EscalationRule:
    for wrong, why in (
        (stated.to_tier is None and stated.tell is None, "does nothing: give to_tier or tell"),
        (stated.to_team is not None and stated.to_tier is None, "names to_team without to_tier"),
        (
            stated.when is When.WARNED and bool(stated.after),
            "is about a warning, and applies at once: no after",
        ),
        (stated.when is not When.WARNED and stated.after < SECOND, "needs after, such as PT10M"),
        ((stated.when is When.WARNED) is not (0 < stated.percent < 100), "percent, 1 to 99, is for warned"),
    ):
        if wrong:
            raise ValueError(f"rule {stated.name!r}: {why}")
    fields: dict[str, Any] = {name: getattr(stated, name) for name in stated.__struct_fields__}
    fields["after"] = stated.after // SECOND
    return EscalationRule(**fields)
