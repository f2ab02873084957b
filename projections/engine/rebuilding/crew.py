"""Jobs done side by side by processes of our own, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import Any, Generic, Protocol, TypeVar

H = TypeVar("H")
"""What a process needs to do its jobs; made in the process itself."""


class Job(Protocol):
    """Something to be done; it and its answer can be pickled."""

    def do(self, hand: Any) -> Any:
        """Do it."""


J = TypeVar("J", bound=Job)


class CrewBroken(Exception):
    """A process of ours ended, or a job failed."""


class Crew(Generic[H]):
    """Does jobs in the order in which hands are free.

    Args:
        pipes: to the processes; none means that all is done here.
        makes: makes a hand.
    """

    def __init__(self, pipes: list[Pipe], makes: Callable[[], H]) -> None:
        self._pipes = pipes
        self._hand = None if pipes else makes()

    def each(self, jobs: Iterable[J]) -> Iterator[tuple[J, Any]]:
        """Do jobs, each with its answer when it is there. The next is asked for when a hand is free.

        Raises:
            CrewBroken: a job failed in another process, or a process has ended.
        """
        waiting = iter(jobs)
        if self._hand is not None:
            for job in waiting:
                yield job, job.do(self._hand)
            return
        busy: dict[Any, J] = {}
        free = list(self._pipes)
        while True:
            while free and (job := next(waiting, None)) is not None:
                pipe = free.pop()
                pipe.send(job)
                busy[pipe] = job
            if not busy:
                return
            for pipe in wait(list(busy)):
                answer = _heard(pipe)
                free.append(pipe)  # type: ignore[arg-type]
                yield busy.pop(pipe), answer


def _heard(pipe: Any) -> Any:
    try:
        answer, error = pipe.recv()
    except (EOFError, OSError):
        raise CrewBroken("a process of the rebuild was ended") from None
    if error is not None:
        raise CrewBroken(error)
    return answer


@contextmanager
def crew(size: int, makes: Callable[[], H]) -> Iterator[Crew[H]]:
    """So many processes for the length of the block; with one, this process does everything itself.

    They are copies of this one, so it may have no other threads. They end with it, however it ends.
    """
    fork = get_context("fork")
    pipes: list[Pipe] = []
    processes = []
    try:
        for _ in range(size if size > 1 else 0):
            ours, theirs = fork.Pipe()
            # The later one also holds the earlier ones' ends, and lets go of them when it ends.
            process = fork.Process(target=_work, args=(theirs, makes, [*pipes, ours]), daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)  # type: ignore[arg-type]
            processes.append(process)
        yield Crew(pipes, makes)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(1)
            process.kill()
            process.join()


def _work(pipe: Any, makes: Callable[[], Any], others: list[Any]) -> None:
    for other in others:
        other.close()
    hand = makes()
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        try:
            answer: tuple[Any, str | None] = job.do(hand), None
        except Exception as error:
            first = next(iter(str(error).splitlines()), "")
            answer = None, f"{type(error).__name__}: {first}"
        pipe.send(answer)
