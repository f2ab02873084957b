"""``aftersales demo``: the invented firm, served until it is stopped."""

from __future__ import annotations

import http.client
import os
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import Connection
from rich.console import Console
from rich.table import Table

from application.access import Role, create_token, join_team, list_tokens, revoke_token
from application.database.connect import Database
from application.demo.chronicle import History
from application.demo.firm import VISITOR, firm
from application.demo.seed import Content, content, record
from application.log.event_log import open_log
from application.plans import shipped_promises
from application.policies.reactor import READER
from application.settings import Settings
from interfaces.cli.children import Children, running
from interfaces.cli.keeping import kept_database
from interfaces.cli.logs import configure_logging
from interfaces.cli.output import note, progress, write, write_json
from interfaces.cli.problems import Refused
from interfaces.cli.serve import free_address, web_address
from interfaces.cli.stopping import Stopped, run_until_stopped
from projections.catalogue import NAMES
from projections.engine.status import ProjectionState, status

TICKETS = 2000
ONE_AT_A_TIME = 0x6166_7464_656D
"""Key of the advisory lock under which the history is told: "aftdem" in ASCII."""

ENV = "demo.env"
"""The file that a shell reads the address and the tokens from."""

READY_SECONDS = 120
FREED_SECONDS = 5
"""How long the port may still be held by the server of a demo that ran here before and was killed."""

ROLES = {
    Role.ADMIN: ("管理员", "everything"),
    Role.AGENT: ("客服", "reads, works on tickets, moves parts for them"),
    Role.STOREKEEPER: ("库管", "reads, keeps the catalogue and the stock of spare parts"),
    Role.CONTRACT_MANAGER: ("合同管理员", "reads, drafts and changes maintenance contracts"),
    Role.AUDITOR: ("审计员", "reads everything, changes nothing"),
}
ENGINEER, UPPER = "赵立新", "service-centre"
"""Somebody else with a token: of the tier above the visitor's, to whom cases are handed over."""


class Ready(msgspec.Struct):
    """What a program needs to use the demo."""

    url: str
    tokens: dict[str, str]


def demo(settings: Settings, *, tickets: int | None, seed: int | None, as_json: bool) -> None:
    """Make the firm when it is not there, serve it, say how to reach it, and stay until stopped.

    Raises:
        Refused: the port is taken, or the server or the worker does not start.
    """
    configure_logging(settings.log_level)
    with suppress(Stopped):
        _wait_for_address(settings)
        with kept_database(settings) as database:
            _make_history(settings, database, tickets=tickets, seed=seed)
            environment = {
                **os.environ,
                "AFTERSALES_HOST": settings.host,
                "AFTERSALES_PORT": str(settings.port),
                "AFTERSALES_LOG_LEVEL": os.environ.get("AFTERSALES_LOG_LEVEL", "warning"),
            }
            with running(("serve", "worker"), environment) as children, _connected(database) as conn:
                _wait_until_ready(settings, children, conn)
                ready = Ready(web_address(settings), _new_tokens(conn))
                _announce(ready, _written(settings.data_dir, ready), as_json=as_json)
                conn.close()
                children.watch()


def _make_history(settings: Settings, database: Database, *, tickets: int | None, seed: int | None) -> None:
    with _connected(database) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        held, history = content(conn)
        if held is Content.OTHER:
            note("the log holds tickets of your own: nothing is added, the demo serves what is there")
            return
        if history is None:
            now = datetime.now(UTC).replace(microsecond=0)
            history = History(tickets=tickets or TICKETS, seed=seed or 0, now=now)
        elif (tickets or history.tickets, history.seed if seed is None else seed) != (
            history.tickets,
            history.seed,
        ):
            note(
                f"the log holds the demo with --tickets {history.tickets} --seed {history.seed} already, and "
                "keeps it; another one needs another AFTERSALES_DATA_DIR"
            )
        if held is not Content.DEMO:
            stage = f"a year of {history.tickets:,} tickets, with parts and contracts"
            with progress({stage: stage}) as told:
                run_until_stopped(_record(settings, database, history, lambda *done: told(stage, *done)))
            _fill_teams(conn)


async def _record(settings: Settings, database: Database, history: History, told: Any) -> None:
    async with open_log(database.service_url) as log:
        await record(log, history, shipped_promises(), time_zone=settings.time_zone, progress=told)


def _wait_for_address(settings: Settings) -> None:
    until = time.monotonic() + FREED_SECONDS
    while True:
        try:
            free_address(settings.host, settings.port)
        except Refused:
            if time.monotonic() > until or not (settings.data_dir / ENV).exists():
                raise
            time.sleep(0.1)
        else:
            return


def _wait_until_ready(settings: Settings, children: Children, conn: Connection[Any]) -> None:
    """Until the server answers and every view shows the whole log."""
    until = time.monotonic() + READY_SECONDS
    while not (_shows_everything(conn) and _answers(settings)):
        children.must_live()
        if time.monotonic() > until:
            raise Refused(
                f"not ready after {READY_SECONDS} s; aftersales projections says how far the views are"
            )
        time.sleep(0.05)


def _shows_everything(conn: Connection[Any]) -> bool:
    return all(each.state is ProjectionState.LIVE for each in status(conn, (*NAMES, READER)))


def _answers(settings: Settings) -> bool:
    host = web_address(settings).removeprefix("http://").rpartition(":")[0]
    client = http.client.HTTPConnection(host.strip("[]"), settings.port, timeout=5)
    try:
        client.request("GET", "/readyz")
        return client.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        client.close()


def _new_tokens(conn: Connection[Any]) -> dict[str, str]:
    """A token for each role and one more; those of the demo's last start are worth nothing any more."""
    names = {role: f"demo-{role.value}" for role in ROLES}
    for token in list_tokens(conn):
        if token.name in {ENGINEER, *names.values()} and token.revoked_at is None:
            revoke_token(conn, token.id)
    tokens = {role.value: create_token(conn, name=name, role=role)[1] for role, name in names.items()}
    return tokens | {"engineer": create_token(conn, name=ENGINEER, role=Role.AGENT)[1]}


def _fill_teams(conn: Connection[Any]) -> None:
    """Everybody belongs to their team, and the visitor to one of them."""
    for name, team in firm().teams.items():
        for person in team.people:
            join_team(conn, person, name)
    join_team(conn, VISITOR.name, VISITOR.team)


def _written(data_dir: Path, ready: Ready) -> Path:
    """The file that a shell can read the address and the tokens from; only its owner may."""
    lines = {"AFTERSALES_URL": ready.url}
    lines |= {f"AFTERSALES_TOKEN_{role.upper()}": token for role, token in ready.tokens.items()}
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, fresh = data_dir / ENV, data_dir / f"{ENV}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={shlex.quote(value)}\n" for name, value in lines.items())
    return fresh.replace(path)


def _announce(ready: Ready, path: Path, *, as_json: bool) -> None:
    if as_json:
        write_json(ready)
        return
    console = Console()
    console.print(f"\n[bold]售后服务演示已就绪 · The demo is ready[/]   {ready.url}\n", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("角色 Role")
    table.add_column("令牌 Token", overflow="fold")
    told = {role.value: words for role, words in ROLES.items()}
    told["engineer"] = (f"{ENGINEER}（技术支持）", f"an agent of {UPPER}, tier L2")
    for name, (zh, can) in told.items():
        table.add_row(f"{zh} {name}", f"{ready.tokens[name]}\n[dim]{can}[/]")
    console.print(table)
    write(
        f"\n试试看 · Try, in another terminal\n"
        f"  . {shlex.quote(str(path))}\n"
        '  curl -H "Authorization: Bearer $AFTERSALES_TOKEN_AGENT" $AFTERSALES_URL/api/v1/queues\n'
        f"\n接口文档 · API: {ready.url}/schema   导览 · Tour: README.md   Ctrl-C 停止 · stops it"
    )


@contextmanager
def _connected(database: Database) -> Iterator[Connection[Any]]:
    with psycopg.connect(database.service_url, autocommit=True) as conn:
        yield conn
