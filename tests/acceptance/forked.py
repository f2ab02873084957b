"""Services that are there at once: forked from a process that has imported everything and started nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

import granian.server  # noqa: F401 - imported before the fork, as all that a service needs

import interfaces.cli.reacting
import interfaces.http.asgi  # noqa: F401
import projections.catalogue  # noqa: F401
from application.settings import Settings
from interfaces.cli import serve

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["__main__", __name__])


def forked_worker(environment: Mapping[str, str]) -> BaseProcess:
    """``aftersales worker`` with this environment, running."""
    return _forked("work", environment, daemon=True)


def forked_server(environment: Mapping[str, str]) -> BaseProcess:
    """``aftersales serve`` with this environment, running; it has a process of its own that answers."""
    return _forked("serve", environment, daemon=False)


def _forked(service: str, environment: Mapping[str, str], *, daemon: bool) -> BaseProcess:
    process = FORKS.Process(target=_run, args=(service, dict(environment)), daemon=daemon)
    process.start()
    return process


def _run(service: str, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    getattr(serve, service)(Settings.from_env())
