"""The commands and their options."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn
from uuid import UUID

import typer

from interfaces.cli.problems import Refused, explain, wants_traceback
from interfaces.cli.stopping import follow, stop_on_signal

if TYPE_CHECKING:
    from application.settings import Settings

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
log = typer.Typer(help="The event log.", no_args_is_help=True)
export = typer.Typer(help="Evidence to hand out.", no_args_is_help=True)
log_key = typer.Typer(help="The keys that sign the log.", no_args_is_help=True)
projections = typer.Typer(
    help="How far every view is, and what it holds back; rebuild one.",
    invoke_without_command=True,
    no_args_is_help=False,
)
app.add_typer(log, name="log", rich_help_panel=DATA)
app.add_typer(export, name="export", rich_help_panel=DATA)
log.add_typer(log_key, name="key")
app.add_typer(token, name="token", rich_help_panel=UPKEEP)
app.add_typer(projections, name="projections", rich_help_panel=UPKEEP)
app.add_typer(database, name="db", rich_help_panel=UPKEEP)

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help="Instead of AFTERSALES_PORT.", show_default=False)
]
Under = Annotated[int | None, typer.Option(hidden=True)]
RoleName = Literal["agent", "storekeeper", "contract_manager", "auditor", "admin"]
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

    run_demo(_settings(port), tickets=tickets, seed=seed, as_json=as_json)


@app.command(rich_help_panel=SERVICES)
def serve(port: Port = None, under: Under = None) -> None:
    """Answer HTTP until stopped; any number may run."""
    from interfaces.cli.serve import serve as run_server

    run_server(_settings(port), parent=under)


@app.command(rich_help_panel=SERVICES)
def worker(under: Under = None) -> None:
    """Keep the views up to date until stopped; any number may run."""
    from interfaces.cli.serve import work

    work(_settings(), parent=under)


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

    bring_in(_settings(), kind, file, mapping, as_of, check=check, rejects=rejects, as_json=as_json)


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
    show(_settings(), after=after, limit=limit, about=given[0] if given else None, as_json=as_json)


@log.command("follow")
def log_follow(
    after: Annotated[
        int | None, typer.Option(min=0, help="Begin after this position; otherwise with what comes now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print events as they are recorded, until stopped."""
    from interfaces.cli.history import follow

    follow(_settings(), after=after, as_json=as_json)


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
    show(_settings(), about=given[0], begin=begin, end=end, basis=basis, as_json=as_json)


@log.command("head")
def log_head(as_json: Json = False) -> None:
    """Print how far the log is, and the hash of all of it: POSITION:HASH, to be kept elsewhere."""
    from interfaces.cli.sealed import head

    head(_settings(), as_json=as_json)


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

    verify(_settings(), expect or (), checkpoint or (), key or (), as_json=as_json)


@log.command("checkpoint")
def log_checkpoint(
    now: Annotated[bool, typer.Option("--now", help="Sign the log as it stands first.")] = False,
    as_json: Json = False,
) -> None:
    """Print the newest signed checkpoint, and where it could not be delivered; 3 if the signer refuses."""
    from interfaces.cli.signing import checkpoint

    checkpoint(_settings(), now=now, as_json=as_json)


@log_key.command("create")
def log_key_create(as_json: Json = False) -> None:
    """Make the first key; a worker does it by itself otherwise."""
    from interfaces.cli.signing import create

    create(_settings(), as_json=as_json)


@log_key.command("list")
def log_key_list(as_json: Json = False) -> None:
    """Every key with its fingerprint, to be handed to auditors."""
    from interfaces.cli.signing import show

    show(_settings(), as_json=as_json)


@log_key.command("rotate")
def log_key_rotate(
    reason: Annotated[str, typer.Option(help="Why; it stands in the log.")],
    days: Annotated[int, typer.Option(min=0, max=366, help="How long the key before signs, too.")] = 30,
    by: Annotated[str | None, typer.Option(help="Who decided it (you).", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Make a new key, which signs from now on; the change is recorded in the log."""
    from interfaces.cli.signing import rotate

    rotate(_settings(), days=days, reason=reason, by=by, as_json=as_json)


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

    maintenance(_settings(), file, reason=reason, by=by, close=close, as_json=as_json)


@export.command("case")
def export_case(
    reference: Annotated[str, typer.Argument(help="A ticket, part or contract: its number or id.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file (./NUMBER.zip).")] = None,
    checkpoint: Annotated[
        int | None, typer.Option(min=1, metavar="SIZE", help="Prove it by this checkpoint, not the newest.")
    ] = None,
) -> None:
    """Write a whole case with proofs into one file that anybody can verify far from here (docs/bundle.md)."""
    from interfaces.cli.bundles import export_case as run_export

    run_export(_settings(), reference, output, checkpoint)


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
    role: Annotated[RoleName, typer.Option(help="What it allows.")],
    expires: Annotated[
        str | None, typer.Option(help="When it ends: 2027-01-31 or 2027-01-31T18:00+08:00.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it, this once."""
    from application.access import Role
    from interfaces.cli.access import create

    create(_settings(), name, Role(role), expires, as_json=as_json)


@token.command("list")
def token_list(as_json: Json = False) -> None:
    """Every token there ever was, without its text."""
    from interfaces.cli.access import show

    show(_settings(), as_json=as_json)


@token.command("revoke")
def token_revoke(
    token_id: Annotated[UUID, typer.Argument(metavar="ID", help="As aftersales token list shows it.")],
) -> None:
    """Make a token worthless, at once and everywhere."""
    from interfaces.cli.access import revoke

    revoke(_settings(), token_id)


@projections.callback()
def projections_show(context: typer.Context, as_json: Json = False) -> None:
    """How far every view is, and what it holds back; rebuild one."""
    if context.invoked_subcommand is None:
        from interfaces.cli.views import show

        show(_settings(), as_json=as_json)


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
    build(_settings(), names or (), changed=changed, accept=accept, as_json=as_json)


@projections.command("rebuilds")
def projections_rebuilds(as_json: Json = False) -> None:
    """The last rebuilds: when, how they ended, and what differed."""
    from interfaces.cli.rebuilding import show

    show(_settings(), as_json=as_json)


@projections.command("parked")
def projections_parked(as_json: Json = False) -> None:
    """What the views hold back behind an event that they cannot take, and why."""
    from interfaces.cli.parked import show

    show(_settings(), as_json=as_json)


View = Annotated[str | None, typer.Argument(help="Only this view, such as queue.", show_default=False)]


@projections.command("retry")
def projections_retry(
    name: View = None,
    position: Annotated[int | None, typer.Option(min=1, help="Only what waits behind this event.")] = None,
) -> None:
    """Let the worker try at once what is held back."""
    from interfaces.cli.parked import retry

    retry(_settings(), name, position)


@projections.command("skip")
def projections_skip(
    name: Annotated[str, typer.Argument(help="The view, such as queue.")],
    position: Annotated[int, typer.Argument(min=1, help="The event, as projections parked shows it.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the log.")],
    by: Annotated[str | None, typer.Option(help="Who decided it (you).", show_default=False)] = None,
) -> None:
    """Leave one event out of a view for ever, in every rebuild too; it is recorded in the log."""
    from interfaces.cli.parked import skip

    skip(_settings(), name, position, reason=reason, by=by)


@app.command(rich_help_panel=UPKEEP)
def migrate() -> None:
    """Bring the database to this release."""
    from interfaces.cli.database import migrated_database
    from interfaces.cli.output import note

    with migrated_database(_settings()):
        note("the database is up to date")


@database.command("url")
def db_url(
    owner: Annotated[bool, typer.Option("--owner", help="As the role that owns the tables.")] = False,
) -> None:
    """Print the connection string, for psql."""
    from interfaces.cli.database import url
    from interfaces.cli.output import write

    write(url(_settings(), owner=owner))


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


def _settings(port: int | None = None) -> Settings:
    from msgspec.structs import replace

    from application.settings import Settings

    settings = Settings.from_env()
    return replace(settings, port=port) if port else settings


def _help_of(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else COMMAND} --help"


def _say(line: str) -> None:
    print(f"{COMMAND}: {' '.join(line.split())}", file=sys.stderr, flush=True)
