"""``aftersales files``: its commands and their options."""

from __future__ import annotations

import typer

from interfaces.cli.options import Json, settings

files = typer.Typer(help="Photos and files of tickets.", no_args_is_help=True)


@files.callback()
def _several() -> None:
    """Photos and files of tickets."""


@files.command("verify")
def files_verify(as_json: Json = False) -> None:
    """Compute the hash of every attached file anew; name those that are not what the log says."""
    from interfaces.cli.files import verify

    verify(settings(), as_json=as_json)
