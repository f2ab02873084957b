"""The OpenAPI document as its readers need it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from application.ticket_commands import Command, RegisterTicket
from interfaces.http.app import create_app
from interfaces.http.examples import EXAMPLES, shown
from interfaces.http.tickets import ACTIONS
from tests.interfaces.http.client import Caller

COMMANDS: list[type[Command]] = [RegisterTicket, *(command for _, command in ACTIONS)]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document."""
    return create_app("postgresql://").openapi_schema.to_schema()


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_it_is_served(nobody: Caller, document: dict[str, Any]) -> None:
    served = nobody.get("/schema/openapi.json")
    assert served.json()["openapi"].startswith("3.1")
    assert served.json()["paths"].keys() == document["paths"].keys()


def test_it_is_the_same_every_time(document: dict[str, Any]) -> None:
    again = create_app("postgresql://").openapi_schema.to_schema()
    assert msgspec.json.encode(again) == msgspec.json.encode(document)


def test_every_operation_is_told_in_words(document: dict[str, Any], operations: dict[str, Any]) -> None:
    assert len(operations) == 27
    assert len({operation["operationId"] for operation in operations.values()}) == len(operations)
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations.values():
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags
        for response in operation["responses"].values():
            assert response["description"] not in {"", "Request fulfilled, document follows"}


def test_every_refusal_is_a_problem(operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        refusals = {status: each for status, each in operation["responses"].items() if status >= "4"}
        for response in refusals.values():
            assert response["content"].keys() == {"application/problem+json"}
        if "/api/" in name:
            assert {"401", "403", "422", "503"} <= refusals.keys()
            assert operation["security"] == [{"bearer": []}]
            assert "WWW-Authenticate" in refusals["401"]["headers"]
            assert "Retry-After" in refusals["503"]["headers"]
        if name.startswith("POST"):
            assert {"400", "409", "413", "415"} <= refusals.keys()
        else:
            assert "400" not in refusals
        if "{ticket}" in name:
            assert "404" in refusals


def test_commands_tell_their_headers(operations: dict[str, Any]) -> None:
    commands = {name: operation for name, operation in operations.items() if name.startswith("POST")}
    assert len(commands) == 15
    for name, operation in commands.items():
        sent = {parameter["name"] for parameter in operation["parameters"]}
        status, expected = ("201", {"Location"}) if name.endswith("/tickets") else ("200", set())
        headers = operation["responses"][status]["headers"]
        assert headers.keys() == {"ETag", "Log-Position"} | expected
        assert all(header["schema"]["type"] in {"string", "integer"} for header in headers.values())
        assert "Idempotency-Key" in sent
        assert ("If-Match" in sent) == ("{ticket}" in name)


def test_unknown_fields_are_refused_and_known_ones_explained(document: dict[str, Any]) -> None:
    for command in COMMANDS:
        schema = document["components"]["schemas"][command.__name__]
        assert schema["additionalProperties"] is False
        assert schema["description"]
        assert schema["properties"]["occurred_at"]["description"].startswith("When it happened")
        assert schema["properties"].keys() == set(command.__struct_fields__)
        required = {field.name for field in msgspec.structs.fields(command) if field.required}
        assert set(schema.get("required", [])) == required
    register = document["components"]["schemas"]["RegisterTicket"]["properties"]
    assert (register["priority"]["default"], register["channel"]["default"]) == ("P3", "other")


def test_nobody_is_told_to_send_null_as_a_parameter(operations: dict[str, Any]) -> None:
    for operation in operations.values():
        for parameter in operation.get("parameters", []):
            assert "null" not in msgspec.json.encode(parameter["schema"]).decode()
            assert parameter["schema"].get("type") or parameter["schema"].get("$ref")


def test_every_command_has_an_example_that_it_takes(document: dict[str, Any]) -> None:
    assert {type(example) for example in EXAMPLES} == set(COMMANDS)
    for example in EXAMPLES:
        (told,) = document["components"]["schemas"][type(example).__name__]["examples"]
        assert told == shown(example)
        assert msgspec.json.decode(msgspec.json.encode(told), type=type(example)) == example


def test_the_examples_tell_a_story_that_works(agent: Caller) -> None:
    of = {type(example): shown(example) for example in EXAMPLES}
    ticket = agent.register(**of[RegisterTicket])["number"]
    other = agent.register()["number"]
    for segment, command in ACTIONS:
        body = of[command] | ({"duplicate_of": other} if segment == "cancel" else {})
        if segment == "reject":
            agent.does(ticket, "reopen", reason="x")
            agent.does(ticket, "resolve", solution="x")
        if segment == "close":
            agent.does(ticket, "resolve", solution="x")
        agent.does(ticket, segment, **body)
