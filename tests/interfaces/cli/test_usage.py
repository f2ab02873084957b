"""What the command says of itself, and of what it does not understand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import get_args

import pytest

from application.access import Role
from interfaces.cli.main import RoleName
from interfaces.cli.problems import explain
from tests.application.database.conftest import ROOT
from tests.interfaces.cli.conftest import Answer

COMMANDS = [
    (),
    ("demo",),
    ("serve",),
    ("worker",),
    ("import",),
    ("log",),
    ("log", "show"),
    ("log", "follow"),
    ("log", "maintenance"),
    ("log", "head"),
    ("log", "verify"),
    ("token",),
    ("token", "create"),
    ("token", "list"),
    ("token", "revoke"),
    ("team",),
    ("team", "join"),
    ("team", "leave"),
    ("team", "list"),
    ("projections",),
    ("projections", "rebuild"),
    ("projections", "rebuilds"),
    ("projections", "parked"),
    ("projections", "retry"),
    ("projections", "skip"),
    ("migrate",),
    ("db",),
    ("db", "url"),
    ("version",),
]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_explains_itself(command: Callable[..., Answer], path: tuple[str, ...]) -> None:
    told = command(*path, "--help")
    assert told.code == 0
    assert " ".join(("Usage: aftersales", *path)) in told.out


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (("nope",), "nope"),
        (("token", "create"), "name"),
        (("token", "create", "li.wei"), "--role"),
        (("token", "create", "li.wei", "--role", "boss"), "boss"),
        (("token", "create", " ", "--role", "agent"), "printable"),
        (("token", "create", "a\nb", "--role", "agent"), "printable"),
        (("token", "create", "li.wei", "--role", "agent", "--expires", "soon"), "soon"),
        (("token", "create", "li.wei", "--role", "agent", "--expires", "2020-01-01"), "passed"),
        (("token", "revoke", "li.wei"), "ID"),
        (("team", "join", "li.wei", " "), "printable"),
        (("serve", "--port", "0"), "--port"),
        (("serve", "--port", "eighty"), "--port"),
        (("demo", "--tickets", "9"), "--tickets"),
        (("log", "show", "--limit", "0"), "--limit"),
        (("log", "show", "--after", "-1"), "--after"),
        (("import", "export.csv"), "--mapping"),
        (("projections", "rebuild", "nope"), "queue"),
        (("projections", "rebuild"), "--all"),
        (("projections", "rebuild", "queue", "--all"), "--all"),
    ],
)
def test_misuse_is_one_line_and_exit_code_2(
    command: Callable[..., Answer], arguments: tuple[str, ...], about: str
) -> None:
    told = command(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("aftersales: ")
    assert told.err.count("\n") == 1
    assert about in told.err


def test_without_a_command_it_lists_them(command: Callable[..., Answer]) -> None:
    told = command()
    assert (told.code, told.err) == (2, "")
    assert "demo" in told.out


def test_a_setting_that_cannot_be_right(
    command: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSALES_PORT", "eighty")
    told = command("projections")
    assert (told.code, told.out) == (1, "")
    assert told.err == "aftersales: AFTERSALES_PORT 'eighty' cannot be used: give a number from 1 to 65535\n"


@pytest.mark.parametrize(
    "arguments", [("migrate",), ("projections",), ("log", "show"), ("token", "list"), ("serve",)]
)
def test_a_database_that_does_not_answer(
    command: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], port: int
) -> None:
    monkeypatch.setenv("AFTERSALES_DATABASE_URL", f"postgresql://li:sesame@127.0.0.1:{port}/desk")
    monkeypatch.setenv("AFTERSALES_PORT", str(port))
    told = command(*arguments)
    assert (told.code, told.out) == (1, "")
    assert told.err.count("\n") == 1
    assert "no connection to postgresql://li:***@127.0.0.1" in told.err
    assert "sesame" not in told.err


def test_what_nobody_expected_is_one_line_too() -> None:
    told = explain(RuntimeError("the wheel came off\nat some place"))
    assert "RuntimeError: the wheel came off" in told
    assert "\n" not in told


def test_roles_are_those_of_the_service() -> None:
    assert set(get_args(RoleName)) == set(Role)


def test_it_starts_without_what_only_some_commands_need() -> None:
    heavy = ("psycopg", "granian", "litestar", "structlog", "asyncio", "application.settings")
    asked = f"import sys, interfaces.cli.main; print([m for m in {heavy!r} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", asked], cwd=ROOT, text=True) == "[]\n"


def test_version(command: Callable[..., Answer]) -> None:
    assert command("version").out.startswith("aftersales ")
