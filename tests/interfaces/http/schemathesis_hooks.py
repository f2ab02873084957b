"""What the tests of the document need besides its configuration; run by schemathesis, not by pytest."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests
import schemathesis

UNKNOWN = "x-schemathesis-unknown-property"


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """A header that nobody knows makes no request wrong (RFC 9110, 5.1): those with one are not asked."""
    return UNKNOWN not in {name.lower() for name in case.headers or ()}


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Few what-if runs may wait: each that was taken is cancelled, as whoever asks too much would."""
    if case.operation.definition.raw.get("operationId") == "TryProposal" and response.status_code == 202:
        asked = response.request
        run = urljoin(asked.url, response.headers["location"][0])
        ended = requests.delete(run, headers={"Authorization": asked.headers["Authorization"]}, timeout=10)
        ended.raise_for_status()
