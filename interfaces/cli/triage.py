"""``aftersales triage``: listing, showing and publishing what tickets are sorted by."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from application.desk import NotFound
from application.desks import Desks
from application.publishing_commands import PublishTriage
from application.settings import Settings
from application.triage import read_triage
from domain.publishing.editions import Editions
from domain.publishing.events import TRIAGE
from domain.ticket.triage import Triage
from interfaces.cli.output import moment, write_json, write_table
from interfaces.cli.problems import Misused
from interfaces.cli.publishing import asked, moment_of, publish, publisher, stated_in, write_shown
from interfaces.cli.saying import said
from projections.book.shown import TriageHistory, shown_triage


async def _editions(desks: Desks) -> Editions[Triage]:
    return await desks.triage.read(TRIAGE)


def list_versions(settings: Settings, *, as_json: bool) -> None:
    """Print every version, the newest first."""
    editions = asked(settings, _editions)
    items = tuple(map(shown_triage, reversed(editions.all)))
    if as_json:
        write_json(TriageHistory(TRIAGE, editions.events, items))
        return
    counting = editions.at(datetime.now(UTC))
    rows = [
        (
            f"{each.version}",
            "now" if counting and each.version == counting.body.version else "",
            moment(each.effective_from, settings.time_zone),
            f"{len(each.categories)}",
            f"{len(each.fault_codes)}",
            each.published_by or "comes with the product",
            each.reason or "",
        )
        for each in items
    ]
    write_table(("version", "counts", "from", "categories", "fault codes", "published by", "reason"), rows)


def show_version(settings: Settings, version: int | None, *, as_json: bool) -> None:
    """Print one version.

    Raises:
        NotFound: there is none.
    """
    editions = asked(settings, _editions)
    edition = editions.of(version) if version else editions.newest
    if edition is None:
        raise NotFound(f"there is no triage v{version}")
    write_shown(shown_triage(edition), as_json=as_json)


def publish_version(
    settings: Settings, file: Path, effective_from: str | None, reason: str, by: str | None
) -> None:
    """Publish a version.

    Raises:
        Misused: the file cannot be read as one.
        Refused: the rules refuse it.
    """
    stated = stated_in(file, read_triage)
    if stated.name != TRIAGE:
        raise Misused(f'{file}: there is one triage: name = "{TRIAGE}"')
    command = PublishTriage(
        version=stated.version,
        matrix=stated.matrix,
        categories=stated.categories,
        fault_codes=stated.fault_codes,
        effective_from=moment_of(effective_from),
        reason=said("--reason", reason),
    )
    publish(settings, file, lambda desks: desks.triage.send(TRIAGE, command, publisher(by)))
