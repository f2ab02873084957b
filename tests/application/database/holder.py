"""Another process that uses the embedded server, until its standard input ends.

``python -m tests.application.database.holder DATA_DIR [UID]``: prints the server's pid when it answers. With
a UID it lays down root's rights first, once everything is imported.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psycopg

from application.database.embedded import running_server
from tests.conftest import FAST


def hold(data_dir: Path) -> None:
    """Use the server until there is nothing more to read."""
    with running_server(data_dir, FAST) as server, psycopg.connect(server.url()):
        print((data_dir / "postgres" / "postmaster.pid").read_text().split()[0], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        os.setgroups([])
        os.setgid(int(sys.argv[2]))
        os.setuid(int(sys.argv[2]))
    hold(Path(sys.argv[1]))
