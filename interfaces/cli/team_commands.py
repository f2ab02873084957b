"""``aftersales team``: its commands."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.cli.options import Json, settings

team = typer.Typer(help="Who belongs to which team.", no_args_is_help=True)

Person = Annotated[str, typer.Argument(help="The name of their token, as tickets are assigned to them.")]
Team = Annotated[str, typer.Argument(help="The team, as tickets are assigned to it.")]


@team.command("join")
def team_join(person: Person, name: Team) -> None:
    """Let a person belong to a team: their queue `my-team` shows its tickets."""
    from interfaces.cli.teams import join

    join(settings(), person, name)


@team.command("leave")
def team_leave(person: Person, name: Team) -> None:
    """Let a person no longer belong to a team."""
    from interfaces.cli.teams import leave

    leave(settings(), person, name)


@team.command("list")
def team_list(as_json: Json = False) -> None:
    """Everybody who belongs to a team."""
    from interfaces.cli.teams import show

    show(settings(), as_json=as_json)
