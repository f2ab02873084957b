"""What a traceback in the log may not show."""

from __future__ import annotations

import subprocess
import sys

FAILING = """
import structlog
from interfaces.cli.logs import configure_logging
configure_logging("info")
def answer(token):
    raise ValueError("defect")
try:
    answer("afs_secret")
except ValueError:
    structlog.get_logger().exception("unexpected")
"""


def test_a_traceback_names_the_place_and_shows_no_values() -> None:
    told = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, check=True).stderr
    assert "ValueError" in told
    assert '"name": "answer"' in told
    assert "afs_secret" not in told
