"""How a command is read from a request: JSON only, strictly, in one pass."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures.state import State
from litestar.exceptions import InternalServerException

from application.access import Caller
from application.commands import Command
from application.pointing import ENTRY, pointed

JSON = b"application/json"
JSON_TYPES = ("application/json", "")
MOST_BYTES = 1_000_000
"""The largest body a command may have."""


class NotJson(Exception):
    """The body is not JSON."""


class WrongMediaType(Exception):
    """The body says that it is something else."""


@cache
def _decoder(command: type[Command]) -> msgspec.json.Decoder[Command]:
    return msgspec.json.Decoder(command)


class CommandRequest(Request[Caller, Any, State]):
    """A request whose body is the command that its route takes."""

    _read: bytes | None = None

    async def body(self) -> bytes:
        """The body. Once as much has come as was announced, nobody is asked for more.

        Raises:
            RequestEntityTooLarge: it is larger than ``MOST_BYTES``.
        """
        if self._read is None:
            announced = dict(self.scope["headers"]).get(b"content-length", b"")
            if announced.isdigit() and int(announced) <= MOST_BYTES:
                self._read = await self._received(int(announced))
            else:
                self._read = await super().body()
        return self._read

    async def _received(self, announced: int) -> bytes:
        read = b""
        while len(read) < announced:
            event: Any = await self.receive()
            if event["type"] != "http.request":
                raise InternalServerException("client disconnected prematurely")
            read += event["body"]
            if not event.get("more_body", False):
                break
        return read

    async def json(self) -> Command:
        """The command.

        Raises:
            WrongMediaType: it is sent as something else than JSON.
            NotJson: it is not JSON.
            msgspec.ValidationError: it is not of the command's form.
        """
        field = self.route_handler.parsed_data_field
        if field is None:
            raise TypeError(f"{self.route_handler} takes no command")
        said = dict(self.scope["headers"]).get(b"content-type")
        if said != JSON and self.content_type[0].lower() not in JSON_TYPES:
            raise WrongMediaType(f"send application/json, not {self.content_type[0]}")
        decoder = _decoder(field.annotation)
        try:
            return decoder.decode(await self.body())
        except msgspec.ValidationError as error:
            if ENTRY not in str(error):
                raise
            try:
                stated = msgspec.json.decode(await self.body())
            except RecursionError:
                raise error from None
            raise pointed(error, stated, lambda some: decoder.decode(msgspec.json.encode(some))) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotJson(str(error)) from error
