"""``aftersales plans``, ``calendars`` and ``triage``: their commands and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from interfaces.cli.options import Json, settings

plans = typer.Typer(help="Service plans: what is promised, every version.", no_args_is_help=True)
calendars = typer.Typer(help="Calendars: what working time is, every version.", no_args_is_help=True)
triage = typer.Typer(
    help="What tickets are sorted by: matrix, categories, fault codes, every version.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="Its name.", show_default=False)]
Version = Annotated[
    int | None, typer.Option("--version", min=1, help="Which one (the newest).", show_default=False)
]
File = Annotated[Path, typer.Argument(help="A TOML file, as `show` prints one.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why; stands in the log.", show_default=False)]
By = Annotated[str | None, typer.Option("--by", help="Who (you).", show_default=False)]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="TIME", help="Counts for tickets reported from then on (now).", show_default=False
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help="Not for tickets that are reported from then on (now).",
        show_default=False,
    ),
]
SourceName = Literal["chinesecalendar", "holidays", "by-hand"]


@plans.command("list")
def plans_list(as_json: Json = False) -> None:
    """Every plan: its newest version, and the one that counts now."""
    from interfaces.cli.book import list_plans

    list_plans(settings(), as_json=as_json)


@plans.command("show")
def plans_show(name: Name, version: Version = None, as_json: Json = False) -> None:
    """Print one version as a file that can be published again."""
    from interfaces.cli.book import show_plan

    show_plan(settings(), name, version, as_json=as_json)


@plans.command("publish")
def plans_publish(file: File, reason: Reason, effective_from: From = None, by: By = None) -> None:
    """Publish the next version of a plan; tickets that are there keep theirs (SLA 8)."""
    from interfaces.cli.book import publish_plan

    publish_plan(settings(), file, effective_from, reason, by)


@plans.command("withdraw")
def plans_withdraw(name: Name, reason: Reason, since: Since = None, by: By = None) -> None:
    """Offer a plan to no more new tickets; those that have it keep it (SLA 8)."""
    from interfaces.cli.book import withdraw_plan

    withdraw_plan(settings(), name, since, reason, by)


@calendars.command("list")
def calendars_list(as_json: Json = False) -> None:
    """Every calendar: its newest version, and how far it has holiday data."""
    from interfaces.cli.book import list_calendars

    list_calendars(settings(), as_json=as_json)


@calendars.command("show")
def calendars_show(name: Name, version: Version = None, as_json: Json = False) -> None:
    """Print one version as a file that can be published again."""
    from interfaces.cli.book import show_calendar

    show_calendar(settings(), name, version, as_json=as_json)


@calendars.command("publish")
def calendars_publish(file: File, reason: Reason, effective_from: From = None, by: By = None) -> None:
    """Publish the next version of a calendar; clocks that run keep theirs (SLA 8)."""
    from interfaces.cli.book import publish_calendar

    publish_calendar(settings(), file, effective_from, reason, by)


@calendars.command("withdraw")
def calendars_withdraw(name: Name, reason: Reason, since: Since = None, by: By = None) -> None:
    """Let no new ticket go by a calendar, nor by a plan that names it; clocks that run keep it (SLA 8)."""
    from interfaces.cli.book import withdraw_calendar

    withdraw_calendar(settings(), name, since, reason, by)


@calendars.command("draw")
def calendars_draw(
    name: Name,
    years: Annotated[str, typer.Option("--years", metavar="2027|2026-2027", help="Which years.")],
    source: Annotated[SourceName, typer.Option(help="The library that knows the holidays; by-hand for you.")],
    country: Annotated[
        str | None, typer.Option(help="For holidays: its code, such as IT or DE-BY.", show_default=False)
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Its time zone (as the newest version).", show_default=False)
    ] = None,
    hours: Annotated[
        str | None,
        typer.Option(
            metavar="HOURS",
            help="Monday to Friday, such as 09:00-12:00,13:30-18:00 (as the newest version).",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print the next version of a calendar with the holidays of some years, for a look and `publish`."""
    from interfaces.cli.book import draw_calendar

    draw_calendar(settings(), name, years, source, country, zone=zone, hours=hours)


@triage.command("list")
def triage_list(as_json: Json = False) -> None:
    """Every version, the newest first, and which one counts now."""
    from interfaces.cli.triage import list_versions

    list_versions(settings(), as_json=as_json)


@triage.command("show")
def triage_show(version: Version = None, as_json: Json = False) -> None:
    """Print one version as a file that can be published again."""
    from interfaces.cli.triage import show_version

    show_version(settings(), version, as_json=as_json)


@triage.command("publish")
def triage_publish(
    file: File,
    reason: Reason,
    effective_from: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TIME", help="Counts for what is judged from then on (now).", show_default=False
        ),
    ] = None,
    by: By = None,
) -> None:
    """Publish the next version; tickets keep what they were given."""
    from interfaces.cli.triage import publish_version

    publish_version(settings(), file, effective_from, reason, by)
