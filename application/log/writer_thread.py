"""The log's writer for callers that are not on an event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Lock, Thread
from typing import cast

from application.log.append import Append, Recorded
from application.log.committer import Committer
from application.log.connect import appending


class WriterThread:
    """A ``Committer`` for callers that are not on an event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._committer: Committer | None = None

    def append(self, append: Append) -> Recorded:
        """Record, and wait until it is committed. Raises as ``Committer.append`` does."""
        with self._lock:
            if self._loop is None:
                self._start()
        loop, committer = cast("tuple[asyncio.AbstractEventLoop, Committer]", (self._loop, self._committer))
        return asyncio.run_coroutine_threadsafe(committer.append(append), loop).result()

    def _start(self) -> None:
        self._loop = loop = asyncio.new_event_loop()
        self._committer = committer = Committer(appending(self._url))
        opened: Future[Committer] = asyncio.run_coroutine_threadsafe(committer.__aenter__(), loop)
        Thread(target=loop.run_forever, name="log-writer", daemon=True).start()
        opened.result()

    def close(self) -> None:
        """Let the writer finish and stop its thread."""
        with self._lock:
            loop, committer = self._loop, self._committer
            self._loop = self._committer = None
        if loop is not None and committer is not None:
            asyncio.run_coroutine_threadsafe(committer.__aexit__(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
