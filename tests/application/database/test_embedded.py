from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from application.database import binaries
from application.database.embedded import EmbeddedServer, running_server
from application.database.errors import DatabaseProblem, DatabaseRefused
from tests.application.database.conftest import Holder, server_processes, until
from tests.conftest import FAST, connected

Hold = Callable[..., Holder]


def postmaster(server: EmbeddedServer) -> int:
    return int((server.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def test_a_clean_stop_leaves_no_server_behind(new_dir: Path) -> None:
    with running_server(new_dir, FAST) as server, connected(server.url()) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert server_processes(new_dir)
    assert server_processes(new_dir) == []
    assert not server.socket_dir.exists()
    assert not (new_dir / "postgres" / "postmaster.pid").exists()


def test_rows_survive_a_restart(data_dir: Path) -> None:
    with running_server(data_dir, FAST) as server, connected(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    with running_server(data_dir, FAST) as server, connected(server.url()) as connection:
        assert connection.execute("SELECT seven FROM kept").fetchone() == (7,)


def test_the_server_is_private_and_durable(new_dir: Path) -> None:
    with running_server(new_dir) as server, connected(server.url()) as connection:
        for setting, value in (
            ("listen_addresses", ""),
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("data_checksums", "on"),
            ("TimeZone", "UTC"),
        ):
            assert connection.execute("SELECT current_setting(%s)", [setting]).fetchone() == (value,)
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
        assert (new_dir / "postgres").stat().st_mode & 0o777 == 0o700


def test_chinese_text_has_letters(new_dir: Path) -> None:
    with running_server(new_dir, FAST) as server, connected(server.url()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT show_trgm('热水器') <> '{}', lower('É')").fetchone() == (True, "é")


def test_a_second_process_joins_and_the_last_one_stops(data_dir: Path, hold: Hold) -> None:
    with running_server(data_dir, FAST) as server:
        first = postmaster(server)
        other = hold()
        assert other.server_pid() == first
    with connected(server.url()):
        pass
    other.leave()
    assert server_processes(data_dir) == []


def test_the_same_process_may_use_it_twice(data_dir: Path) -> None:
    with running_server(data_dir, FAST) as outer:
        with running_server(data_dir, FAST) as inner:
            assert inner.url() == outer.url()
        with connected(outer.url()):
            pass
    assert server_processes(data_dir) == []


def test_processes_that_start_together_share_one_server(new_dir: Path, hold: Hold) -> None:
    holders = [hold() for _ in range(4)]
    assert len({holder.server_pid() for holder in holders}) == 1
    for holder in holders:
        holder.leave()
    assert server_processes(new_dir) == []


def test_a_killed_process_holds_no_lease(data_dir: Path, hold: Hold) -> None:
    killed = hold()
    pid = killed.server_pid()
    killed.kill()
    with running_server(data_dir, FAST) as server:
        assert postmaster(server) == pid
    assert server_processes(data_dir) == []


def test_a_killed_server_is_started_again_while_others_hold_leases(data_dir: Path, hold: Hold) -> None:
    other = hold()
    killed = other.server_pid()
    os.kill(killed, signal.SIGKILL)
    with running_server(data_dir, FAST) as server, connected(server.url()):
        assert postmaster(server) != killed
    other.leave()
    assert server_processes(data_dir) == []


def test_everything_killed_and_its_pid_used_by_another_process(data_dir: Path, hold: Hold) -> None:
    with running_server(data_dir, FAST) as server, connected(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    holder = hold()
    os.kill(holder.server_pid(), signal.SIGKILL)
    holder.kill()
    until(lambda: server_processes(data_dir) == [])
    owner = (data_dir / "postgres").stat()
    same_user: dict[str, Any] = (
        {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    )
    stranger = subprocess.Popen(["/bin/sleep", "1000"], **same_user)
    pid_file, socket_lock = data_dir / "postgres" / "postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"
    for file in (pid_file, socket_lock):
        _, *rest = file.read_text().splitlines()
        file.write_text("\n".join([str(stranger.pid), *rest]) + "\n")
    try:
        with running_server(data_dir, FAST) as server, connected(server.url()) as connection:
            assert connection.execute("SELECT seven FROM kept").fetchone() == (7,)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_killed_while_the_cluster_is_made(new_dir: Path, hold: Hold) -> None:
    killed = hold()
    until((new_dir / "postgres.partial" / "PG_VERSION").exists)
    killed.kill()
    with running_server(new_dir, FAST) as server, connected(server.url()):
        pass


def test_ctrl_c_in_the_starters_terminal_does_not_reach_the_server(data_dir: Path, hold: Hold) -> None:
    starter = hold()
    pid = starter.server_pid()
    with running_server(data_dir, FAST) as server:
        starter.kill(signal.SIGINT)
        with connected(server.url()):
            assert postmaster(server) == pid


def test_ctrl_c_stops_the_server_of_its_only_user(data_dir: Path, hold: Hold) -> None:
    only = hold()
    only.server_pid()
    only.kill(signal.SIGINT)
    assert server_processes(data_dir) == []


@pytest.mark.parametrize("name", ["a" * 200, "数据 'x' \"y\" $HOME %20 \\", "a,b"])
def test_any_path_will_do(data_dir: Path, name: str) -> None:
    with running_server(data_dir / name, FAST) as server:
        with connected(server.url()):
            pass
        psql = binaries._package() / "pginstall" / "bin" / "psql"  # pyright: ignore[reportPrivateUsage]
        assert subprocess.check_output([psql, server.url(), "-Atc", "SELECT 7"]) == b"7\n"
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    assert server_processes(data_dir / name) == []
    assert not server.socket_dir.exists()


def test_a_squatter_in_the_place_of_a_long_paths_socket_is_refused(data_dir: Path) -> None:
    place = data_dir / ("b" * 200)
    with running_server(place, FAST) as server:
        pass
    server.socket_dir.symlink_to(data_dir)
    try:
        with pytest.raises(DatabaseRefused, match="belongs to somebody else"), running_server(place, FAST):
            pass
    finally:
        server.socket_dir.unlink()


def test_a_server_started_by_hand_is_left_alone(data_dir: Path) -> None:
    with running_server(data_dir, FAST):
        pass
    folder = data_dir / "postgres"
    by_hand = subprocess.Popen(["/bin/sleep", "1000"], cwd=folder)
    (folder / "postmaster.pid").write_text(f"{by_hand.pid}\n")
    try:
        with pytest.raises(DatabaseRefused, match=f"process {by_hand.pid}"), running_server(data_dir, FAST):
            pass
    finally:
        by_hand.kill()
        by_hand.wait()


def test_a_cluster_of_another_major_version_is_refused(data_dir: Path) -> None:
    with running_server(data_dir, FAST):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(DatabaseRefused, match="PostgreSQL 17"), running_server(data_dir, FAST):
        pass


def test_a_server_that_does_not_start_says_why_in_one_line(new_dir: Path) -> None:
    with pytest.raises(DatabaseProblem) as problem, running_server(new_dir, {"shared_buffers": "lots"}):
        pass
    assert "shared_buffers" in str(problem.value)
    assert "\n" not in str(problem.value)
    with running_server(new_dir, FAST) as server, connected(server.url()):
        pass


def test_a_file_in_the_place_of_the_directory(new_dir: Path) -> None:
    new_dir.write_text("not a directory")
    with pytest.raises(DatabaseProblem, match="cannot be used"), running_server(new_dir):
        pass
