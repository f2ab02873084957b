"""``aftersales mail``: its commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.cli.options import Json, settings

mail = typer.Typer(help="Mails that could not be taken in.", no_args_is_help=True)

Mail = Annotated[str, typer.Argument(metavar="ID", help="As aftersales mail set-aside shows it.")]
By = Annotated[str | None, typer.Option(help="Who decides it (the user of this terminal).")]


@mail.command("set-aside")
def mail_set_aside(as_json: Json = False) -> None:
    """Mails that wait for somebody, and what was wrong with them."""
    from interfaces.cli.mails import show

    show(settings(), as_json=as_json)


@mail.command("retry")
def mail_retry(mail_id: Mail, by: By = None) -> None:
    """Try again to take one in, and say which ticket it is on."""
    from interfaces.cli.mails import retry

    retry(settings(), mail_id, by=by)


@mail.command("dismiss")
def mail_dismiss(
    mail_id: Mail,
    reason: Annotated[str, typer.Option(help="Why nothing becomes of it; it stands in the log.")],
    by: By = None,
) -> None:
    """Decide that nothing becomes of one. Its bytes stay."""
    from interfaces.cli.mails import dismiss

    dismiss(settings(), mail_id, reason=reason, by=by)
