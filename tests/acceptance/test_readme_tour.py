"""The README's tour works as it is typed, and answers what the README shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import scratch

README = Path(__file__).parents[2] / "README.md"
TOUR = "## A tour in ten minutes"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

TOKEN = re.compile(
    r"""(?P<gap>…)
      | (?P<space>\s+)
      | (?P<exact>"(?:status|version)":\s*\d+)
      | (?P<time>\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+08:00))
      | (?P<span>-?PT[\dHMS.]+)
      | (?P<flag>\b(?:true|false)\b)
      | (?P<number>(?<![A-Za-z])\d+(?:\.\d+)?)
      | (?P<rule>[-─]{3,})
      | (?P<text>.)""",
    re.VERBOSE | re.DOTALL,
)
LOOSE = {
    "gap": r".*?",
    "space": r"\s*",
    "time": r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+08:00)",
    "span": r"-?PT[\dHMS.]+",
    "flag": r"(?:true|false)",
    "number": r"\d+(?:\.\d+)?",
    "rule": r"[-─]+",
}
"""What differs from one demo to the next: times, durations, counts. All else is as the README has it."""


class Stop(NamedTuple):
    """Commands of the tour, and the excerpt of their answer that follows; empty when none does."""

    commands: str
    excerpt: str

    @property
    def shown(self) -> re.Pattern[str]:
        """What the answer must hold."""
        tokens = TOKEN.finditer(self.excerpt.strip())
        return re.compile("".join(LOOSE.get(str(t.lastgroup), re.escape(t[0])) for t in tokens), re.DOTALL)


def stops() -> list[Stop]:
    """The tour, in order."""
    blocks: list[tuple[str, str]] = BLOCK.findall(README.read_text(encoding="utf-8").partition(TOUR)[2])
    following = [*blocks[1:], ("sh", "")]
    return [
        Stop(body, next_body if next_kind != "sh" else "")
        for (kind, body), (next_kind, next_body) in zip(blocks, following, strict=True)
        if kind == "sh"
    ]


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that looks to the tour like a checkout after ``make demo``, and has nothing else in it."""
    directory = Path(tempfile.mkdtemp(prefix="aftersales-tour-", dir=scratch()))
    (directory / ".venv").symlink_to(sys.prefix)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def environment(directory: Path) -> Iterator[dict[str, str]]:
    """What the second terminal has set while the demo runs in the first."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AFTERSALES_")}
    environment = own | {"AFTERSALES_DATA_DIR": str(directory / "data"), "AFTERSALES_PORT": str(free_port())}
    command = [Path(sys.prefix, "bin", "aftersales"), "demo", "--json", "--tickets", "60"]
    with (
        (directory / "demo.log").open("w+") as log,
        subprocess.Popen(
            command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as demo,
    ):
        try:
            assert demo.stdout is not None
            line = demo.stdout.readline()
            assert line, (directory / "demo.log").read_text()
            assert json.loads(line)["url"].endswith(f":{environment['AFTERSALES_PORT']}")
            del environment["AFTERSALES_PORT"]  # the tour has it from the file that the demo wrote
            yield environment
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_tour_answers_as_shown(directory: Path, environment: dict[str, str]):
    tour = stops()
    lines = ["set -eu"]
    for number, stop in enumerate(tour):
        lines += [stop.commands, f"printf '\\n<<%s>>\\n' {number}"]
    told = subprocess.run(
        ["/bin/bash", "-c", "\n".join(lines)],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    answers = re.split(r"\n<<\d+>>\n", told.stdout)
    assert len(answers) == len(tour) + 1, f"{tour[len(answers) - 1].commands}\n{answers[-1]}\n{told.stderr}"
    for stop, answer in zip(tour, answers, strict=False):
        assert stop.shown.search(answer), f"{stop.commands}\nanswered\n{answer}\nand not\n{stop.excerpt}"


def test_the_tour_names_no_port_and_no_token():
    tour = "".join(stop.commands for stop in stops())
    assert len(stops()) >= 15
    assert not re.search(r"localhost|127\.0\.0\.1|:\d{4,5}\b(?!-)|afs_", tour)
