"""Thousands of generated requests against a served process: every answer is as the document says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from application.access import Role
from tests.benchmarks.serving import OURS, server
from tests.interfaces.http.client import Caller, Served

COMMAND = Path(sys.executable).parent / "schemathesis"
CONFIGURATION = Path(__file__).parent / "schemathesis.toml"


@pytest.fixture(scope="module")
def things(service: Served) -> None:
    """What the configuration calls by name: tickets, parts in two places, contracts; and a checkpoint."""
    admin = service.caller(Role.ADMIN)
    for asset in ("SN-1", "SN-2"):
        admin.contracts(assets=[asset], allowances={"visits": 1000, "parts": 1000}, **OF_2024)
        admin.does(admin.register(asset=asset, **OF_2024)["number"], "assign", team="A")
    delivery = {"supplier": "x", "document": "x"}
    admin.catalogues("SEAL")
    for location in ("SH-MAIN", "VAN-7"):
        admin.sends("/parts/SEAL/receive", **delivery, location=location, quantity=10**8)
    admin.catalogues("HE-200", tracking="serial")
    admin.sends("/parts/HE-200/receive", **delivery, location="SH-MAIN", serials=["S1", "S2", "S3"])
    admin.sends("/parts/HE-200/issue", location="SH-MAIN", ticket="T-2024-000001", serials=["S1"])
    service.sign()


OF_2024: dict[str, Any] = {"occurred_at": "2024-03-01T00:00:00Z", "reason": "from the books"}


def test_every_answer_to_an_admin_is_documented(service: Served, things: None, tmp_path: Path) -> None:
    admin = service.caller(Role.ADMIN)
    is_as_documented(service, admin, tmp_path, *all_but(*ENDLESS))
    kinds = admin.reads("/audit/counts", by="type")["items"]
    assert len(kinds) > 20  # so many commands were taken


def test_every_answer_to_an_auditor_is_documented_and_reading_changes_nothing(
    service: Served, things: None, tmp_path: Path
) -> None:
    head = service.head()
    auditor = service.caller(Role.AUDITOR)
    is_as_documented(service, auditor, tmp_path, "--include-method", "GET", *all_but(*ENDLESS))
    assert service.head() == head


def test_every_beginning_of_an_answer_that_does_not_end_is_documented(
    service: Served, things: None, tmp_path: Path
) -> None:
    admin = service.caller(Role.ADMIN)
    # Whoever is there is told at once, so that each stream has a first event.
    told = admin.ask("PUT", "/tickets/T-2024-000001/presence", {}, json={})
    assert told.status_code == 200, told.text
    is_as_documented(service, admin, tmp_path, *only(*ENDLESS))


ENDLESS = ("FollowQueue", "FollowSavedQueue")


def only(*names: str) -> list[str]:
    """Of all operations these."""
    return [word for name in names for word in ("--include-operation-id", name)]


def all_but(*names: str) -> list[str]:
    """Of all operations all but these."""
    return [word for name in names for word in ("--exclude-operation-id", name)]


def is_as_documented(service: Served, caller: Caller, directory: Path, *which: str) -> None:
    """Every answer to requests that are drawn at random, right ones and wrong ones."""
    with server(OURS, service.database.service_url) as (port, _):
        document = f"http://127.0.0.1:{port}/schema/openapi.json"
        token = f"Authorization: Bearer {caller.token}"
        run = subprocess.run(
            [
                COMMAND,
                "--config-file",
                CONFIGURATION,
                "--no-color",
                "run",
                document,
                "-H",
                token,
                *which,
            ],
            cwd=directory,
            env=os.environ | {"SCHEMATHESIS_HOOKS": str(CONFIGURATION.with_name("schemathesis_hooks.py"))},
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stdout
