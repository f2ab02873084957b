"""One import, measured from inside its own process."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from application.importing.mapping import load_mapping
from application.importing.run import import_file
from application.log.event_log import open_log
from application.plans import shipped_promises


async def main(url: str, path: str) -> None:
    """Import the file and print events per second and the peak of memory as one JSON line."""
    with tempfile.TemporaryDirectory() as scratch:
        async with open_log(url) as log:
            started = time.perf_counter()
            report = await import_file(
                log,
                shipped_promises(),
                load_mapping(Path("helpdesk")),
                Path(path),
                rejects=Path(scratch, "rejects.csv"),
                time_zone="Asia/Shanghai",
            )
            took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"events_per_second": report.source_events / took, "memory_mb": peak}, sys.stdout)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2]))
