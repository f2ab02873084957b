"""The system account that the embedded server runs as, and the way it needs to its files.

PostgreSQL refuses to run as root. Started by root, the server runs as the user who owns the cluster, or
for a new cluster as ``aftersales``, which is created when missing. Anybody else runs it as himself.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from application.database.errors import DatabaseRefused

NAME = "aftersales"
STAND_INS = ("postgres", "nobody")


class Account(msgspec.Struct, frozen=True):
    """A system user, by number.

    Attributes:
        uid: its user id.
        gid: its main group.
        is_us: whether it is the user this process already runs as.
    """

    uid: int
    gid: int
    is_us: bool

    def spawning(self) -> dict[str, Any]:
        """Arguments with which ``subprocess`` starts a program as this user."""
        return {} if self.is_us else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make ``path`` this user's, readable by nobody else."""
        path.chmod(0o700)
        if not self.is_us:
            os.chown(path, self.uid, self.gid)


def server_account(cluster: Path) -> Account:
    """Who runs the server of ``cluster``, which need not exist yet.

    Raises:
        DatabaseRefused: the cluster is another user's, or root finds no other user.
    """
    us = os.geteuid()
    owner = cluster.stat().st_uid if cluster.exists() else None
    if us != 0:
        if owner not in (None, us):
            raise DatabaseRefused(f"{cluster} belongs to user {owner}: run as that user or as root")
        return Account(uid=us, gid=os.getegid(), is_us=True)
    if owner:
        return Account(uid=owner, gid=cluster.stat().st_gid, is_us=False)
    for name in (NAME, *STAND_INS):
        entry = _known(name) or (name == NAME and _created(name))
        if entry and entry.pw_uid != 0:
            return Account(uid=entry.pw_uid, gid=entry.pw_gid, is_us=False)
    raise DatabaseRefused(
        f"PostgreSQL does not run as root and no user {NAME!r} could be created: "
        "create it, or run as another user"
    )


def open_way(account: Account, directory: Path) -> None:
    """Let the account pass through ``directory`` and its parents, so that it reaches what is inside.

    Only the right to pass is added, only where root owns the directory, and it is said on stderr.

    Raises:
        DatabaseRefused: a directory on the way is closed and not root's.
    """
    if account.is_us:
        return
    opened: list[str] = []
    for step in reversed((directory, *directory.parents)):
        status = step.stat()
        if _may_pass(account, status):
            continue
        if status.st_uid != 0:
            raise DatabaseRefused(
                f"the database user (uid {account.uid}) cannot enter {step}: "
                "choose another AFTERSALES_DATA_DIR"
            )
        step.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
        opened.append(str(step))
    if opened:
        print(
            f"aftersales: let the database user pass through {', '.join(opened)} (chmod o+x)", file=sys.stderr
        )


def _may_pass(account: Account, status: os.stat_result) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _known(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _created(name: str) -> pwd.struct_passwd | None:
    """Create the user. Two processes may try at once: what counts is whether it is there afterwards."""
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd:
        options = ("--system", "--no-create-home", "--home-dir", "/nonexistent")
        command = [useradd, *options, "--shell", "/usr/sbin/nologin", name]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    return _known(name)
