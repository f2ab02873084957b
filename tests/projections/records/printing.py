"""Print one record's PDF in a process of its own: ``python -m tests.projections.records.printing zh``."""

from __future__ import annotations

import sys

from projections.records.events import events_json
from projections.records.pdf import to_pdf
from tests.projections.records.case import rich_case

if __name__ == "__main__":
    told = rich_case()
    language = "zh" if sys.argv[1] == "zh" else "en"
    sys.stdout.buffer.write(to_pdf(told.record(), events_json(told.facts, told.seals), language))
