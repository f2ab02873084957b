"""The commands and their options."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, get_args
from uuid import UUID

import typer

from interfaces.cli.book_commands import calendars, plans, triage
from interfaces.cli.file_commands import files
from interfaces.cli.log_commands import log
from interfaces.cli.mail_commands import mail
from interfaces.cli.options import Json, Under, settings
from interfaces.cli.problems import Refused, explain, wants_traceback
from interfaces.cli.stopping import stop_on_signal
from interfaces.cli.team_commands import team
from interfaces.cli.view_commands import projections

COMMAND = "aftersales"
SERVICES, DATA, UPKEEP = "Services", "Tickets and history", "Upkeep"

app = typer.Typer(
    help="After-sales service on an event log. AFTERSALES_… variables set it up: docs/operations.md.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
token = typer.Typer(help="Who may use the service.", no_args_is_help=True)
database = typer.Typer(help="The database.", no_args_is_help=True)
export = typer.Typer(help="Evidence to hand out.", no_args_is_help=True)
app.add_typer(plans, name="plans", rich_help_panel=DATA)
app.add_typer(calendars, name="calendars", rich_help_panel=DATA)
app.add_typer(triage, name="triage", rich_help_panel=DATA)
app.add_typer(log, name="log", rich_help_panel=DATA)
app.add_typer(export, name="export", rich_help_panel=DATA)
app.add_typer(files, name="files", rich_help_panel=UPKEEP)
app.add_typer(mail, name="mail", rich_help_panel=UPKEEP)
app.add_typer(token, name="token", rich_help_panel=UPKEEP)
app.add_typer(team, name="team", rich_help_panel=UPKEEP)
app.add_typer(projections, name="projections", rich_help_panel=UPKEEP)
app.add_typer(database, name="db", rich_help_panel=UPKEEP)

Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help="Instead of AFTERSALES_PORT.", show_default=False)
]
RoleName = Literal["agent", "storekeeper", "contract_manager", "auditor", "intake", "admin"]
ROLES = ", ".join(get_args(RoleName))
ListName = Literal["tickets", "parts", "stock", "contracts"]


@app.command(rich_help_panel=SERVICES)
def demo(
    as_json: Json = False,
    tickets: Annotated[
        int | None,
        typer.Option(min=10, max=20_000, help="Size of the history (2000).", show_default=False),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Another seed, another year (0).", show_default=False)
    ] = None,
    port: Port = None,
) -> None:
    """A small firm with a year of service, served with a token for each role."""
    from interfaces.cli.demo import demo as run_demo

    run_demo(settings(port), tickets=tickets, seed=seed, as_json=as_json)


@app.command(rich_help_panel=SERVICES)
def serve(port: Port = None, under: Under = None) -> None:
    """Answer HTTP until stopped; any number may run."""
    from interfaces.cli.serve import serve as run_server

    run_server(settings(port), parent=under)


@app.command("try-proposals", hidden=True)
def try_proposals(under: Under = None) -> None:
    """Do the what-if runs that wait; a worker starts this by itself."""
    import signal

    from interfaces.cli.stopping import follow
    from interfaces.cli.trying import do_what_waits

    if under:
        follow(under, signal.SIGTERM)
    do_what_waits(settings())


@app.command(rich_help_panel=SERVICES)
def worker(under: Under = None) -> None:
    """Keep the views up to date until stopped; any number may run."""
    from interfaces.cli.serve import work

    work(settings(), parent=under)


@app.command("import", rich_help_panel=DATA)
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, or XES for tickets; plain or gzip.")],
    kind: Annotated[ListName, typer.Option(help="What its rows are.")] = "tickets",
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", "-m", help="What it means: TOML; for tickets also helpdesk, excavators."),
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="When a list was so, if no column says it (now).")] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what would happen; record nothing.")] = False,
    rejects: Annotated[Path | None, typer.Option(help="Where refused rows go (./FILE.rejects.csv).")] = None,
    as_json: Json = False,
) -> None:
    """Bring in another system's tickets, parts, stock or contracts; again adds nothing (docs/import.md)."""
    from interfaces.cli.imports import bring_in

    bring_in(settings(), kind, file, mapping, as_of, check=check, rejects=rejects, as_json=as_json)


@export.command("case")
def export_case(
    reference: Annotated[str, typer.Argument(help="A ticket, part or contract: its number or id.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file (./NUMBER.zip).")] = None,
    checkpoint: Annotated[
        int | None, typer.Option(min=1, metavar="SIZE", help="Prove it by this checkpoint, not the newest.")
    ] = None,
    files: Annotated[
        int,
        typer.Option(
            min=0, max=234_881_024, metavar="BYTES", help="Of photos and files it may carry; 0 for none."
        ),
    ] = 33_554_432,
) -> None:
    """Write a whole case with proofs into one file that anybody can verify far from here (docs/bundle.md)."""
    from interfaces.cli.bundles import export_case as run_export

    run_export(settings(), reference, output, checkpoint, files)


@app.command(rich_help_panel=DATA)
def verify(
    bundle: Annotated[Path, typer.Argument(help="As aftersales export case wrote it.")],
    key: Annotated[
        str | None, typer.Option(metavar="VKEY|FINGERPRINT", help="The log's key, as you know it.")
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option(metavar="VKEY", help="Who must have cosigned; may come again.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="One that you kept; it must be the same.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the page that the proven events make.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a bundle proves. It asks no database and no network."""
    from interfaces.cli.bundles import verify as verify_bundle

    verify_bundle(bundle, key, witness or (), checkpoint, page, as_json=as_json)


@token.command("create")
def token_create(
    name: Annotated[str, typer.Argument(help="Whose it is; the actor of everything done with it.")],
    role: Annotated[RoleName, typer.Option(metavar="ROLE", help=f"What it allows: {ROLES}.")],
    expires: Annotated[
        str | None, typer.Option(help="When it ends: 2027-01-31 or 2027-01-31T18:00+08:00.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it, this once."""
    from application.access import Role
    from interfaces.cli.access import create

    create(settings(), name, Role(role), expires, as_json=as_json)


@token.command("list")
def token_list(as_json: Json = False) -> None:
    """Every token there ever was, without its text."""
    from interfaces.cli.access import show

    show(settings(), as_json=as_json)


@token.command("revoke")
def token_revoke(
    token_id: Annotated[UUID, typer.Argument(metavar="ID", help="As aftersales token list shows it.")],
) -> None:
    """Make a token worthless, at once and everywhere."""
    from interfaces.cli.access import revoke

    revoke(settings(), token_id)


@app.command(rich_help_panel=UPKEEP)
def migrate() -> None:
    """Bring the database to this release."""
    from interfaces.cli.database import migrated_database
    from interfaces.cli.output import note

    with migrated_database(settings()):
        note("the database is up to date")


@database.command("url")
def db_url(
    owner: Annotated[bool, typer.Option("--owner", help="As the role that owns the tables.")] = False,
) -> None:
    """Print the connection string, for psql."""
    from interfaces.cli.database import url
    from interfaces.cli.output import write

    write(url(settings(), owner=owner))


@app.command(rich_help_panel=UPKEEP)
def version() -> None:
    """Print the release."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    from interfaces.cli.output import write

    try:
        write(f"{COMMAND} {installed(COMMAND)}")
    except PackageNotFoundError:
        write(f"{COMMAND} (run from its source, not installed)")


def run() -> NoReturn:
    """The entry point: does what the arguments say and exits."""
    stop_on_signal()
    sys.exit(answer(sys.argv[1:]))


def answer(arguments: Sequence[str]) -> int:
    """Do what the arguments say.

    Returns:
        The exit code: 0, 1 when it could not be done, 2 when it was not understood, 3 when it was done and
        something is amiss: refused rows of a file, an altered log. Then stderr ends with one line about it.
    """
    try:
        return app(args=list(arguments), prog_name=COMMAND, standalone_mode=False) or 0
    except BrokenPipeError:
        # Whoever read our output has enough; nothing more may be written, not even by the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if misunderstood := getattr(error, "format_message", None):
            if message := misunderstood().replace("Value error, ", ""):
                _say(f"{message.rstrip('.')}; see {_help_of(error)}")
            return 2
        if wants_traceback():
            import traceback

            traceback.print_exception(error)
        _say(explain(error))
        return error.exit_code if isinstance(error, Refused) else 1


def _help_of(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else COMMAND} --help"


def _say(line: str) -> None:
    print(f"{COMMAND}: {' '.join(line.split())}", file=sys.stderr, flush=True)
