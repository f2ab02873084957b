"""The routes of commands: one to begin something, one for each thing that may be asked of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol
from urllib.parse import quote

from litestar import HttpMethod, Request, Response
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from application.access import Caller
from application.commands import Command
from application.desk import Receipt
from application.log.append import Request as CommandRequest
from interfaces.http.auth import may
from interfaces.http.conditions import (
    LOCATION_HEADER,
    POSITION_HEADER,
    VERSION_HEADER,
    IdempotencyKey,
    IfMatch,
    command_request,
    expected_version,
)
from interfaces.http.openapi import COMMAND_ANSWERS, CREATE_ANSWERS
from interfaces.http.receipts import CommandRoute, ReceiptAnswer
from interfaces.http.service import Service, service

Begin = Callable[[Service, Any, Caller, CommandRequest | None], Awaitable[Receipt]]
At = Callable[[Service], "Taking"]
SUMMARY = re.compile(r"[.;:]| \(")
"""Where the summary of a docstring's first line ends."""
NOT_A_SEGMENT = frozenset({".", ".."})
"""Numbers that a path would swallow."""


class Taking(Protocol):
    """A desk that takes commands to what is there already."""

    async def send(
        self,
        reference: str,
        command: Any,
        caller: Caller,
        *,
        expected: int | None = None,
        request: CommandRequest | None = None,
    ) -> Receipt:
        """Ask something of one of them."""
        ...


def beginning(
    collection: str,
    command: type[Command],
    begin: Begin,
    *,
    summary: str,
    told: str,
    made_in: str | None = None,
) -> HTTPRouteHandler:
    """The route that begins something: ``POST`` on its collection.

    Args:
        collection: its path, such as ``/tickets``.
        command: what is sent.
        begin: takes it to its desk.
        summary: of the operation.
        told: its description.
        made_in: the collection that it then stands in, if that is another.
    """

    async def begin_one(
        request: Request[Caller, Any, Any],
        state: State,
        data: Command,
        idempotency_key: IdempotencyKey = None,
    ) -> ReceiptAnswer:
        key = await command_request(request, idempotency_key)
        receipt = await begin(service(state), data, request.user, key)
        return ReceiptAnswer(receipt, 201, f"/api/v1{made_in or collection}/{_reference(receipt)}")

    _annotate(begin_one, command)
    begin_one.__doc__ = told
    return CommandRoute(
        collection,
        http_method=HttpMethod.POST,
        operation_id=command.__name__,
        summary=summary,
        guards=[may(command.needs)],
        responses=CREATE_ANSWERS,
        response_headers=[VERSION_HEADER, POSITION_HEADER, LOCATION_HEADER],
        response_description="It is recorded.",
    )(begin_one)


def actions(
    collection: str, noun: str, reference: Any, commands: Iterable[type[Command]], at: At
) -> list[HTTPRouteHandler]:
    """The routes of everything that may be asked: ``POST …/{id}/{action}``; only the command differs.

    Args:
        collection: the path of the collection, such as ``/tickets``.
        noun: what the id or number in the path is called, such as ``ticket``.
        reference: its annotation.
        commands: what may be asked.
        at: the desk that takes it.
    """
    path = f"{collection}/{{{noun}:str}}"
    return [_action(path, command, at, noun=noun, reference=reference) for command in commands]


def actions_of_one(path: str, name: str, commands: Iterable[type[Command]], at: At) -> list[HTTPRouteHandler]:
    """The same for something of which there is one: ``POST …/{action}``.

    Args:
        path: its path, such as ``/triage``.
        name: what its desk calls it.
        commands: what may be asked.
        at: the desk that takes it.
    """
    return [_action(path, command, at, name=name) for command in commands]


def _action(
    path: str, command: type[Command], at: At, *, noun: str = "", reference: Any = None, name: str = ""
) -> HTTPRouteHandler:
    async def act(
        request: Request[Caller, Any, Any],
        state: State,
        data: Command,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
        **named: str,
    ) -> ReceiptAnswer:
        receipt = await at(service(state)).send(
            named.get(noun, name),
            data,
            request.user,
            expected=expected_version(if_match),
            request=await command_request(request, idempotency_key),
        )
        return ReceiptAnswer(receipt)

    _name_parameters(act, {noun: reference} if noun else {})
    _annotate(act, command)
    act.__doc__ = told = (command.__doc__ or "").partition("\n")[0].replace("``", "`")
    return CommandRoute(
        f"{path}/{command.action}",
        http_method=HttpMethod.POST,
        operation_id=command.__name__,
        summary=SUMMARY.split(told)[0].replace("`", ""),
        status_code=200,
        guards=[may(command.needs)],
        responses=COMMAND_ANSWERS,
        response_headers=[VERSION_HEADER, POSITION_HEADER],
        response_description="It is recorded.",
    )(act)


def _annotate(handler: Callable[..., Any], command: type[Command]) -> None:
    """What the framework is to take it for: its document says so, and the body is read so."""
    handler.__annotations__ |= {"data": JSONBody[command], "return": Response[Receipt]}


def _name_parameters(handler: Callable[..., Any], in_path: dict[str, Any]) -> None:
    """Let the framework see path parameters by their own names, in place of ``**named``."""
    *given, _ = (signature := inspect.signature(handler)).parameters.values()
    named = [
        inspect.Parameter(noun, inspect.Parameter.KEYWORD_ONLY, annotation=reference)
        for noun, reference in in_path.items()
    ]
    handler.__signature__ = signature.replace(parameters=[*given, *named])  # type: ignore[attr-defined]
    handler.__annotations__ |= in_path


def _reference(receipt: Receipt) -> str:
    """How to reach it by a path: its number, unless that would not be one segment."""
    unfit = "/" in receipt.number or receipt.number in NOT_A_SEGMENT
    return str(receipt.id) if unfit else quote(receipt.number, safe="")
