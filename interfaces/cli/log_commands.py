"""``aftersales log``: its commands and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from interfaces.cli.options import Json, settings

log = typer.Typer(help="The event log.", no_args_is_help=True)
log_key = typer.Typer(help="The keys that sign the log.", no_args_is_help=True)
log.add_typer(log_key, name="key")


@log.command("show")
def log_show(
    after: Annotated[
        int | None, typer.Option(min=0, help="Begin after this position; otherwise the last events.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="How many events.")] = 20,
    ticket: Annotated[str | None, typer.Option(help="Only this ticket's whole case: number or id.")] = None,
    part: Annotated[str | None, typer.Option(help="Only this part: its number or id.")] = None,
    contract: Annotated[str | None, typer.Option(help="Only this contract: its number or id.")] = None,
    as_json: Json = False,
) -> None:
    """Print events in words: when, who, on which ticket, part or contract, what and why."""
    from interfaces.cli.history import show
    from interfaces.cli.problems import Misused

    asked = {"ticket": ticket, "part": part, "contract": contract}
    given = [(noun, reference) for noun, reference in asked.items() if reference is not None]
    if len(given) > 1:
        raise Misused("ask for one of --ticket, --part and --contract")
    show(settings(), after=after, limit=limit, about=given[0] if given else None, as_json=as_json)


@log.command("follow")
def log_follow(
    after: Annotated[
        int | None, typer.Option(min=0, help="Begin after this position; otherwise with what comes now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print events as they are recorded, until stopped."""
    from interfaces.cli.history import follow

    follow(settings(), after=after, as_json=as_json)


@log.command("diff")
def log_diff(
    begin: Annotated[
        str | None, typer.Option("--from", help="A version or a time; otherwise before everything.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="A version or a time; otherwise now.")] = None,
    basis: Annotated[
        Literal["occurred", "recorded"], typer.Option(help="Times are when it happened, or was recorded.")
    ] = "occurred",
    ticket: Annotated[str | None, typer.Option(help="Of this ticket: number or id.")] = None,
    case: Annotated[
        str | None, typer.Option(help="Of this ticket's whole case; its versions are log positions.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="Of this part: its number or id.")] = None,
    contract: Annotated[str | None, typer.Option(help="Of this contract: its number or id.")] = None,
    as_json: Json = False,
) -> None:
    """Print what changed from one version or time to another, and the events that made it."""
    from interfaces.cli.differing import show
    from interfaces.cli.problems import Misused

    asked = {"ticket": ticket, "case": case, "part": part, "contract": contract}
    given = [(noun, reference) for noun, reference in asked.items() if reference is not None]
    if len(given) != 1:
        raise Misused("ask for one of --ticket, --case, --part and --contract")
    show(settings(), about=given[0], begin=begin, end=end, basis=basis, as_json=as_json)


@log.command("head")
def log_head(as_json: Json = False) -> None:
    """Print how far the log is, and the hash of all of it: POSITION:HASH, to be kept elsewhere."""
    from interfaces.cli.sealed import head

    head(settings(), as_json=as_json)


@log.command("verify")
def log_verify(
    expect: Annotated[
        list[str] | None,
        typer.Option(metavar="POSITION:HASH", help="As log head printed it once; may come again."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A signed checkpoint that was kept elsewhere; may come again.")
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(metavar="VKEY", help="The log's public key, instead of those that lie here."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute every hash anew; say the first place where the log is not as it was recorded."""
    from interfaces.cli.sealed import verify

    verify(settings(), expect or (), checkpoint or (), key or (), as_json=as_json)


@log.command("checkpoint")
def log_checkpoint(
    now: Annotated[bool, typer.Option("--now", help="Sign the log as it stands first.")] = False,
    as_json: Json = False,
) -> None:
    """Print the newest signed checkpoint, and where it could not be delivered; 3 if the signer refuses."""
    from interfaces.cli.signing import checkpoint

    checkpoint(settings(), now=now, as_json=as_json)


@log_key.command("create")
def log_key_create(as_json: Json = False) -> None:
    """Make the first key; a worker does it by itself otherwise."""
    from interfaces.cli.signing import create

    create(settings(), as_json=as_json)


@log_key.command("list")
def log_key_list(as_json: Json = False) -> None:
    """Every key with its fingerprint, to be handed to auditors."""
    from interfaces.cli.signing import show

    show(settings(), as_json=as_json)


@log_key.command("rotate")
def log_key_rotate(
    reason: Annotated[str, typer.Option(help="Why; it stands in the log.")],
    days: Annotated[int, typer.Option(min=0, max=366, help="How long the key before signs, too.")] = 30,
    by: Annotated[str | None, typer.Option(help="Who decided it (you).", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Make a new key, which signs from now on; the change is recorded in the log."""
    from interfaces.cli.signing import rotate

    rotate(settings(), days=days, reason=reason, by=by, as_json=as_json)


@log.command("maintenance")
def log_maintenance(
    reason: Annotated[str, typer.Option(help="Why; stands in the log.")],
    by: Annotated[str, typer.Option(help="Who; stands in the log.")],
    file: Annotated[
        Path | None, typer.Argument(help="SQL that changes recorded events; stands in the log.")
    ] = None,
    close: Annotated[bool, typer.Option("--close", help="Close one that was interrupted.")] = False,
    as_json: Json = False,
) -> None:
    """Change recorded events and record that: before, after, and each change (docs/operations.md)."""
    from interfaces.cli.maintenance import maintenance

    maintenance(settings(), file, reason=reason, by=by, close=close, as_json=as_json)
