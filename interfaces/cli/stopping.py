"""Being asked to stop: SIGTERM, SIGINT, or the terminal's end, let a command end in order, once."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from threading import Thread
from types import FrameType
from typing import Any, TypeVar

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG = 1

T = TypeVar("T")


class Stopped(SystemExit):
    """Somebody asked this process to stop; every ``with`` on the way is left in order."""


def stop_on_signal() -> None:
    """Let the first signal raise ``Stopped`` wherever the program is. The next ones wait for it to finish."""

    def raise_stopped(number: int, _: FrameType | None) -> None:
        _forget_signals()
        raise Stopped(128 + number)

    _on_signal(raise_stopped)


def tell_on_signal(told: Callable[[], object]) -> None:
    """Call ``told`` instead, once: for what ends by itself when it is told.

    In a thread of its own, which waits from now on: a handler may take no lock, not even to start a thread,
    for the program may hold that lock where the signal finds it.
    """
    hears, says = os.pipe()

    def listen() -> None:
        while os.read(hears, 1)[0] not in SIGNALS:
            pass
        told()

    # The signal itself writes to the pipe: a handler in Python would wait for the main thread, which may
    # have gone to sleep just after the signal came.
    os.set_blocking(says, False)
    signal.set_wakeup_fd(says, warn_on_full_buffer=False)
    Thread(target=listen, name="signals", daemon=True).start()
    _forget_signals()


def run_until_stopped(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own; a signal cancels it, so that it ends in its own order.

    Raises:
        Stopped: a signal came before its end.
    """
    import asyncio

    import uvloop

    came: list[int] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}

    async def main() -> T:
        task = asyncio.ensure_future(work)

        def stop(number: int) -> None:
            came.append(number)
            task.cancel()

        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
        return await task

    try:
        with suppress(asyncio.CancelledError):
            return uvloop.run(main())
    finally:
        for number, asked in before.items():
            signal.signal(number, asked)
    _forget_signals()
    raise Stopped(128 + came[0])


def follow(parent: int, number: signal.Signals) -> None:
    """Get this signal when the parent dies, in whatever way; at once if it is dead already (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def _forget_signals() -> None:
    _on_signal(lambda *_: None)


def _on_signal(handler: Callable[[int, FrameType | None], object]) -> None:
    ours = os.getpid()

    def handled(number: int, frame: FrameType | None) -> None:
        if os.getpid() == ours:
            handler(number, frame)
        elif number == signal.SIGTERM:
            os._exit(128 + number)  # a fork of ours that has not begun yet

    for number in SIGNALS:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, handled)
