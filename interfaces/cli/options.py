"""What the commands share: options, and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from application.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Under = Annotated[int | None, typer.Option(hidden=True)]


def settings(port: int | None = None) -> Settings:
    """This installation, perhaps on another port."""
    from msgspec.structs import replace

    from application.settings import Settings

    found = Settings.from_env()
    return replace(found, port=port) if port else found
