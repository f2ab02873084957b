"""Sending to an address on the web: over TLS unless it is this machine, never on to another address."""

from __future__ import annotations

import ipaddress
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec

SECONDS = 10
"""An answer that takes longer is none."""

LONGEST_ANSWER = 100_000


class NotDelivered(Exception):
    """Something could not be sent. The message is one line, without the address, which may hold a secret."""


class Answer(msgspec.Struct, frozen=True):
    """What came back: the HTTP status and the text."""

    status: int
    text: str


class _NoOtherAddress(HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any, **named: Any) -> None:  # noqa: ARG002
        """Follow nobody: what was configured is where it goes."""
        return


_DIRECT = build_opener(_NoOtherAddress, ProxyHandler({}))
_BY_PROXY = build_opener(_NoOtherAddress)


def may_send_to(url: str) -> bool:
    """Whether an address is one that we send to: https, or http on this machine; no password in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_here(host))


def is_here(host: str) -> bool:
    """Whether a host is this machine by its loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def post(url: str, body: str, media_type: str = "text/plain; charset=utf-8") -> Answer:
    """POST a text; any status is an answer.

    Raises:
        NotDelivered: nobody answered.
    """
    headers = {"Content-Type": media_type, "User-Agent": "aftersales"}
    request = Request(url, data=body.encode(), headers=headers, method="POST")  # noqa: S310
    opener = _DIRECT if is_here(urlsplit(url).hostname or "") else _BY_PROXY
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return _read(answer)
    except HTTPError as error:
        with error:
            return _read(error)
    except (OSError, HTTPException) as error:
        raise NotDelivered(f"nobody answers: {_why(error)}") from None


def _read(answer: HTTPResponse | HTTPError) -> Answer:
    return Answer(answer.status or 0, answer.read(LONGEST_ANSWER).decode(errors="replace"))


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or type(reason).__name__
