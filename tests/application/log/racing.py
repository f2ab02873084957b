"""A process that races others for the log and tells what it was answered: URL, its name, disputed streams."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable
from uuid import UUID

from application.ids import uuid7
from application.log.append import Recorded, Request
from application.log.errors import VersionConflict
from application.log.event_log import EventLog, open_log
from tests.application.log.appending import remark

VERSIONS = 8
OWN = 60
KEYS = 20
NUMBERS = 20
SERIES = "T-2026"


async def race(log: EventLog, name: str, streams: list[UUID]) -> dict[str, list[list[object]]]:
    """Everything at once: events nobody disputes, versions and keys that all want, numbers in a row."""

    async def told(asked: str, append: Awaitable[Recorded]) -> list[object]:
        try:
            recorded = await append
        except VersionConflict:
            return [asked, "conflict"]
        return [asked, "repeated" if recorded.repeated else "recorded", recorded.position, recorded.number]

    async def disputed(stream: UUID) -> list[list[object]]:
        return [
            await told(f"{stream} {version}", log.append([remark(name, stream=stream, version=version)]))
            for version in range(1, VERSIONS + 1)
        ]

    own = [told(f"{name} {n}", log.append([remark(f"{name} {n}")])) for n in range(OWN)]
    keyed = [
        told(f"key {n}", log.append([remark(name)], request=Request("all", f"{n}", b"same")))
        for n in range(KEYS)
    ]
    stream_ids = [uuid7() for _ in range(NUMBERS)]
    numbered = [
        told(name, log.append_numbered(SERIES, lambda number, stream=stream: [remark(number, stream=stream)]))
        for stream in stream_ids
    ]
    answers = await asyncio.gather(
        asyncio.gather(*own),
        asyncio.gather(*keyed),
        asyncio.gather(*numbered),
        asyncio.gather(*map(disputed, streams)),
    )
    own_told, keyed_told, numbered_told, disputed_told = answers
    return {
        "own": own_told,
        "keyed": keyed_told,
        "numbered": numbered_told,
        "disputed": [each for stream in disputed_told for each in stream],
    }


async def main(url: str, name: str, streams: list[UUID]) -> None:
    """Say that we are ready, begin with a line from the other side, and print what we were told."""
    async with open_log(url) as log:
        await log.append([remark(f"{name} is there")])
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(await race(log, name, streams)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], [UUID(stream) for stream in sys.argv[3:]]))
