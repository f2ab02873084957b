"""A worker process to be killed: ``python -m tests.projections.engine.worker URL BATCH``."""

from __future__ import annotations

import sys
from threading import Event

from projections.engine.runner import Runner
from tests.projections.views import shipped

if __name__ == "__main__":
    with Runner(sys.argv[1], shipped(), batch=int(sys.argv[2])) as runner:
        runner.run_forever(Event())
