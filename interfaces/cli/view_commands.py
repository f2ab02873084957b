"""``aftersales projections``: its commands and their options."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from interfaces.cli.options import Json, Under, settings
from interfaces.cli.stopping import follow

projections = typer.Typer(
    help="How far every view is, and what it holds back; rebuild one.",
    invoke_without_command=True,
    no_args_is_help=False,
)


@projections.callback()
def projections_show(context: typer.Context, as_json: Json = False) -> None:
    """How far every view is, and what it holds back; rebuild one."""
    if context.invoked_subcommand is None:
        from interfaces.cli.views import show

        show(settings(), as_json=as_json)


@projections.command("rebuild")
def projections_rebuild(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Views, such as queue.", show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All views, in one pass over the log.")] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Those that another release made, or that lack most of the log.")
    ] = False,
    accept: Annotated[
        str | None,
        typer.Option(
            "--accept-difference",
            metavar="REASON",
            help="Use it even if it differs; why stands in the record.",
        ),
    ] = None,
    as_json: Json = False,
    under: Under = None,
) -> None:
    """Build views anew beside the ones that are read, compare them, and put them in their place."""
    from interfaces.cli.problems import Misused
    from interfaces.cli.rebuilding import build

    if bool(names) + every + changed != 1:
        raise Misused("name the views to rebuild, or say --all or --changed")
    if under:
        follow(under, signal.SIGTERM)
    build(settings(), names or (), changed=changed, accept=accept, as_json=as_json)


@projections.command("rebuilds")
def projections_rebuilds(as_json: Json = False) -> None:
    """The last rebuilds: when, how they ended, and what differed."""
    from interfaces.cli.rebuilding import show

    show(settings(), as_json=as_json)


@projections.command("parked")
def projections_parked(as_json: Json = False) -> None:
    """What the views hold back behind an event that they cannot take, and why."""
    from interfaces.cli.parked import show

    show(settings(), as_json=as_json)


View = Annotated[str | None, typer.Argument(help="Only this view, such as queue.", show_default=False)]


@projections.command("retry")
def projections_retry(
    name: View = None,
    position: Annotated[int | None, typer.Option(min=1, help="Only what waits behind this event.")] = None,
) -> None:
    """Let the worker try at once what is held back."""
    from interfaces.cli.parked import retry

    retry(settings(), name, position)


@projections.command("skip")
def projections_skip(
    name: Annotated[str, typer.Argument(help="The view, such as queue.")],
    position: Annotated[int, typer.Argument(min=1, help="The event, as projections parked shows it.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the log.")],
    by: Annotated[str | None, typer.Option(help="Who decided it (you).", show_default=False)] = None,
) -> None:
    """Leave one event out of a view for ever, in every rebuild too; it is recorded in the log."""
    from interfaces.cli.parked import skip

    skip(settings(), name, position, reason=reason, by=by)
