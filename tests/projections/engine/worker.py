"""A worker process to be killed: ``python -m tests.projections.engine.worker URL BATCH [PLAN IT LACKS]``."""

from __future__ import annotations

import sys
from threading import Event

from projections.engine.runner import Runner
from tests.projections.engine.broken import release_without
from tests.projections.views import shipped

if __name__ == "__main__":
    release = release_without(sys.argv[3]) if sys.argv[3:] else shipped()
    with Runner(sys.argv[1], release, batch=int(sys.argv[2])) as runner:
        runner.run_forever(Event())
