"""Thousands of generated requests against a served process: every answer is as the document says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from application.access import Role
from tests.benchmarks.serving import OURS, server
from tests.interfaces.http.client import Served

COMMAND = Path(sys.executable).parent / "schemathesis"
CONFIGURATION = Path(__file__).parent / "schemathesis.toml"


@pytest.mark.parametrize(
    ("role", "which"),
    [(Role.AGENT, []), (Role.AUDITOR, []), (Role.ADMIN, ["--include-tag", "Audit"])],
    ids=lambda value: str(value) if isinstance(value, Role) else "",
)
def test_every_answer_is_documented(service: Served, tmp_path: Path, role: Role, which: list[str]) -> None:
    agent = service.caller(Role.AGENT)
    for _ in range(3):
        agent.does(agent.register()["number"], "assign", team="A")
    head = service.head()
    with server(OURS, service.database.service_url) as (port, _):
        document = f"http://127.0.0.1:{port}/schema/openapi.json"
        token = f"Authorization: Bearer {service.token(role)}"
        run = subprocess.run(
            [COMMAND, "--config-file", CONFIGURATION, "--no-color", "run", document, "-H", token, *which],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stdout
    assert (service.head() > head) == (role is Role.AGENT)  # the others read
