"""Workers that are there at once: forked from a process that has imported everything and started nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

import interfaces.cli.reacting  # noqa: F401 - imported before the fork, as all that a worker needs
import projections.catalogue  # noqa: F401
from application.settings import Settings
from interfaces.cli import serve

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["__main__", __name__])


def forked_worker(environment: Mapping[str, str]) -> BaseProcess:
    """``aftersales worker`` with this environment, running."""
    worker = FORKS.Process(target=_work, args=(dict(environment),), daemon=True)
    worker.start()
    return worker


def _work(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    serve.work(Settings.from_env())
