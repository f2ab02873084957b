"""How a command is read from a request: JSON only, strictly, in one pass."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures.state import State

from application.access import Caller
from application.commands import Command

JSON_TYPES = ("application/json", "")


class NotJson(Exception):
    """The body is not JSON."""


class WrongMediaType(Exception):
    """The body says that it is something else."""


@cache
def _decoder(command: type[Command]) -> msgspec.json.Decoder[Command]:
    return msgspec.json.Decoder(command)


class CommandRequest(Request[Caller, Any, State]):
    """A request whose body is the command that its route takes."""

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
        if self.content_type[0].lower() not in JSON_TYPES:
            raise WrongMediaType(f"send application/json, not {self.content_type[0]}")
        try:
            return _decoder(field.annotation).decode(await self.body())
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotJson(str(error)) from error
