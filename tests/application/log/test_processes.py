"""Three processes append at once: one log without a gap, and everybody has an answer of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from typing import IO, Any

import pytest

from application.database.connect import Database
from application.ids import uuid7
from tests.application.log.committing import is_whole
from tests.application.log.racing import KEYS, NUMBERS, OWN, SERIES, VERSIONS
from tests.application.log.tampering import found
from tests.conftest import connected

PROCESSES = ("a", "b", "c")
STREAMS = [uuid7() for _ in range(4)]
Told = dict[str, dict[str, list[list[Any]]]]


@pytest.fixture(scope="module")
def told(module_database: Database) -> Told:
    """What each of three was answered, who were let go at the same moment."""
    program = [sys.executable, "-m", "tests.application.log.racing", module_database.service_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    racing = {name: subprocess.Popen([*program, name, *map(str, STREAMS)], **pipes) for name in PROCESSES}
    for process in racing.values():
        assert _pipe(process.stdout).readline() == "ready\n"
    for process in racing.values():
        _pipe(process.stdin).write("go\n")
        _pipe(process.stdin).flush()
    answers = {name: json.loads(_pipe(process.stdout).readline()) for name, process in racing.items()}
    assert [process.wait() for process in racing.values()] == [0, 0, 0]
    return answers


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _together(told: Told, what: str) -> dict[str, list[list[Any]]]:
    """The answers of all processes, by what was asked."""
    answers: dict[str, list[list[Any]]] = defaultdict(list)
    for each in told.values():
        for asked, *answer in each[what]:
            answers[asked].append(answer)
    return answers


def test_positions_have_no_gap_and_each_is_somebodys_answer(told: Told, module_database: Database) -> None:
    there = [
        answer[1]
        for what in ("own", "keyed", "numbered", "disputed")
        for answers in _together(told, what).values()
        for answer in answers
        if answer[0] == "recorded"
    ]
    events = len(PROCESSES) * (1 + OWN + NUMBERS) + KEYS + len(STREAMS) * VERSIONS
    assert is_whole(module_database) == len(there) + len(PROCESSES) == events
    assert len(set(there)) == len(there)
    assert found(module_database) is None


def test_each_is_told_where_its_own_event_stands(told: Told, module_database: Database) -> None:
    with connected(module_database.service_url) as conn:
        query = "SELECT position, data ->> 'text' FROM public.event_log"
        said = dict(conn.execute(query).fetchall())
    for asked, answers in _together(told, "own").items():
        ((outcome, position, _),) = answers
        assert (outcome, said[position]) == ("recorded", asked)


def test_of_each_version_one_process_wins_and_the_others_fail_alone(told: Told) -> None:
    disputed = _together(told, "disputed")
    assert len(disputed) == len(STREAMS) * VERSIONS
    for asked, answers in disputed.items():
        assert sorted(answer[0] for answer in answers) == ["conflict", "conflict", "recorded"], asked


def test_a_key_is_taken_once_and_everybody_gets_that_answer(told: Told) -> None:
    keyed = _together(told, "keyed")
    assert len(keyed) == KEYS
    for asked, answers in keyed.items():
        assert sorted(answer[0] for answer in answers) == ["recorded", "repeated", "repeated"], asked
        assert len({answer[1] for answer in answers}) == 1, asked


def test_numbers_are_given_once_and_without_a_gap(told: Told) -> None:
    numbers = sorted(answer[2] for answers in _together(told, "numbered").values() for answer in answers)
    assert numbers == [f"{SERIES}-{n:06d}" for n in range(1, len(PROCESSES) * NUMBERS + 1)]
