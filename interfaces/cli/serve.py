"""``aftersales serve`` and ``aftersales worker``: the two services, each for as long as it is wanted."""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event
from typing import Any

from application.mail.mailboxes import Mailbox, read_mailboxes
from application.settings import Settings
from domain.errors import InvalidValue
from interfaces.cli.keeping import kept_database
from interfaces.cli.logs import configure_logging
from interfaces.cli.output import note
from interfaces.cli.problems import Refused
from interfaces.cli.stopping import Stopped, follow, tell_on_signal

LAST_REQUESTS = 10
"""Seconds that requests under way get when the server stops."""

GRACE = 5
"""Seconds beyond that until a server that still stands is ended."""

LOGGERS: dict[str, Any] = {"handlers": {}, "loggers": {"_granian": {"propagate": True}, "granian.access": {}}}
"""The server's own words go the way of all others."""


def serve(settings: Settings, *, parent: int | None = None) -> None:
    """Answer HTTP until asked to stop.

    Args:
        parent: process that this one may not outlive, and that speaks to the person instead.

    Raises:
        Refused: the address or a file of settings cannot be used, or the server fails again and again.
    """
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    from interfaces.http.asgi import END_STREAMS, SERVICE_URL

    configure_logging(settings.log_level)
    address = free_address(settings.host, settings.port)
    set_up_mailboxes(settings)  # every process reads it again; what is wrong is said once, before any starts
    with suppress(Stopped), _under(parent), kept_database(settings) as database:
        os.environ[SERVICE_URL] = database.service_url
        server = Server(
            "interfaces.http.asgi:app",
            address=address,
            port=settings.port,
            interface=Interfaces.ASGI,
            workers=settings.workers,
            loop=Loops.uvloop,
            websockets=False,
            log_level=LogLevels.warning,
            log_dictconfig=LOGGERS,
            respawn_failed_workers=True,
            workers_kill_timeout=LAST_REQUESTS,
        )
        signal.signal(END_STREAMS, signal.SIG_IGN)  # of a process that does not listen for it yet
        server.on_startup(lambda: tell_on_signal(partial(_stop, server)))
        if not parent:
            server.on_startup(lambda: note(f"aftersales serves {web_address(settings)}; Ctrl-C stops it"))
        server.serve(target_loader=partial(_application, os.getpid(), settings.log_level), wrap_loader=False)
        if not server.interrupt_signal:
            raise Refused("the server stopped by itself; the lines above say why")


def _stop(server: Any) -> None:
    """Ask the server to end, and end it when it does not: its processes die with this one."""
    from interfaces.http.asgi import END_STREAMS

    for worker in list(server.wrks):
        with suppress(ProcessLookupError):
            os.kill(worker.inner.pid, END_STREAMS)
    server.signal_handler_interrupt()
    time.sleep(LAST_REQUESTS + GRACE)
    note("the server did not end in time, and is ended; where it stood:")
    faulthandler.dump_traceback()
    os._exit(0)


@contextmanager
def _under(parent: int | None) -> Iterator[None]:
    """Stop when this process dies, if there is one that we belong to."""
    if parent:
        follow(parent, signal.SIGTERM)
    yield


def _application(parent: int, log_level: str) -> Callable[..., Any]:
    """The application, in the process that serves it, which dies with the main one, however that dies."""
    follow(parent, signal.SIGKILL)
    configure_logging(log_level)
    from interfaces.http.asgi import app

    return app()


def work(settings: Settings, *, parent: int | None = None) -> None:
    """Keep the views up to date, react to the log and end what is over, until asked to stop.

    Views that another release made are rebuilt beside. A lost database is waited for.
    """
    from application.book import open_promises
    from application.log.tree.running import signing
    from interfaces.cli.reacting import reacting
    from interfaces.cli.renewing import renewing
    from interfaces.cli.trying import trying
    from projections.catalogue import every_projection
    from projections.engine.garbage import collected_seldom
    from projections.engine.runner import Runner

    collected_seldom()
    configure_logging(settings.log_level)
    mailboxes = set_up_mailboxes(settings)
    with suppress(Stopped), _under(parent), kept_database(settings) as database:
        stop = Event()
        tell_on_signal(stop.set)
        if not parent:
            note("aftersales keeps the views up to date; Ctrl-C stops it")
        projections = every_projection(open_promises(database.service_url))
        with (
            reacting(database.service_url, settings, mailboxes),
            renewing(database.service_url, projections),
            trying(database.service_url),
            signing(settings, database.service_url),
            Runner(database.service_url, projections, silence=settings.leader_silence) as runner,
        ):
            runner.run_forever(stop)


def set_up_mailboxes(settings: Settings) -> tuple[Mailbox, ...]:
    """The mailboxes of the installation.

    Raises:
        Refused: their file is not there, or says something that cannot be.
    """
    try:
        return read_mailboxes(settings.mailboxes)
    except InvalidValue as wrong:
        raise Refused(f"AFTERSALES_MAILBOXES: {wrong.message}") from None


def free_address(host: str, port: int) -> str:
    """The address that a host name means, if a server may listen there.

    Raises:
        Refused: the name means nothing, or the port is taken or not ours to take.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise Refused(f"there is no address {host}: set AFTERSALES_HOST to one of this machine") from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            raise Refused(
                f"cannot listen on {host} port {port} ({error.strerror}): "
                "stop what uses it, or choose another with --port or AFTERSALES_PORT"
            ) from None
    return str(place[0])


def web_address(settings: Settings) -> str:
    """The URL at which a client on this machine finds the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
