"""What every refusal looks like."""

from __future__ import annotations

import httpx

LEAKS = ("Traceback", "psycopg", "SELECT ", "INSERT ", 'File "', "log.event", "view.", "site-packages")


def is_refused(answer: httpx.Response, status: int, code: str, where: str | None = None) -> None:
    """The answer is a problem that names the place, and tells nothing of the inside."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:aftersales:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    if where is not None:
        assert [error.get("pointer") or error["parameter"] for error in problem["errors"]] == [where]
    assert not [leak for leak in LEAKS if leak in answer.text]
