"""The OpenAPI document as its readers need it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from application import (
    assignment_commands,
    contract_commands,
    part_commands,
    publishing_commands,
)
from application.assignment_commands import AssignPlan
from application.commands import Command
from application.contract_commands import DraftContract
from application.mail.aside import DismissMail, RetryMail
from application.part_commands import CataloguePart
from application.reception import HandInForm, SayInChat
from application.ticket_commands import actions
from application.ticket_commands.intake import RegisterTicket
from application.ticket_commands.liaison import AskOthers
from interfaces.http.app import create_app
from interfaces.http.examples import EXAMPLES, shown
from tests.interfaces.http.client import Caller

COMMANDS: list[type[Command]] = [
    *(RegisterTicket, *actions.ACTIONS),
    *(CataloguePart, *part_commands.ACTIONS),
    *(DraftContract, *contract_commands.ACTIONS),
    *(AssignPlan, *assignment_commands.ACTIONS),
    *(HandInForm, SayInChat, RetryMail, DismissMail),
    *(*publishing_commands.PLAN_ACTIONS, *publishing_commands.CALENDAR_ACTIONS),
    *publishing_commands.TRIAGE_ACTIONS,
]
FILES = "POST /api/v1/tickets/{ticket}/files"
OTHERS = {
    FILES,
    "POST /api/v1/intake/files",
    "POST /api/v1/tickets/bulk",
    "POST /api/v1/saved-views",
    "POST /api/v1/sla/simulations",
}
COLLECTIONS = ("/tickets", "/parts", "/contracts", "/intake/forms", "/plan-assignments")


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


WRITE_IT = """
import msgspec, sys
from interfaces.http.app import create_app
document = create_app("postgresql://").openapi_schema.to_schema()
sys.stdout.buffer.write(msgspec.json.encode(document))
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_it_is_the_same_in_every_process(document: dict[str, Any], seed: str) -> None:
    env = {**os.environ, "PYTHONHASHSEED": seed}
    written = subprocess.run(
        [sys.executable, "-c", WRITE_IT], env=env, capture_output=True, check=True
    ).stdout
    assert written == msgspec.json.encode(document)


def test_every_operation_is_told_in_words(document: dict[str, Any], operations: dict[str, Any]) -> None:
    assert len(operations) == 175
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
        if name.startswith(("POST", "PUT")):
            assert {"400", "413", "415"} <= refusals.keys()
            assert "409" in refusals or "presence" in name or name.endswith("/intake/files")
        else:
            assert "400" not in refusals
        if any(
            item in name for item in ("{ticket}", "{part}", "{contract}", "{case}", "{plan}", "{calendar}")
        ):
            assert "404" in refusals


def test_commands_tell_their_headers(operations: dict[str, Any]) -> None:
    posts = {name: operation for name, operation in operations.items() if name.startswith("POST")}
    commands = {name: posts[name] for name in posts.keys() - OTHERS if "/log/" not in name}
    assert len(commands) == len(COMMANDS) == 77
    for name, operation in commands.items():
        sent = {parameter["name"] for parameter in operation["parameters"]}
        status, expected = ("201", {"Location"}) if name.endswith(COLLECTIONS) else ("200", set())
        headers = operation["responses"][status]["headers"]
        assert headers.keys() == {"ETag", "Log-Position"} | expected
        assert all(header["schema"]["type"] in {"string", "integer"} for header in headers.values())
        assert "Idempotency-Key" in sent
        assert ("If-Match" in sent) == ("{" in name or name == "POST /api/v1/triage/publish")


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
    assert register["channel"]["default"] == "other"


def test_what_a_base_says_of_a_field_is_told_of_every_command_that_has_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("ReceivePart", "IssuePart", "ScrapPart"):
        assert schemas[name]["properties"]["serials"]["description"] == "The serial numbers."
    for name in ("LedgerLine", "TraceLine"):
        assert schemas[name]["properties"]["position"]["description"] == "The event's place in the log."


def test_what_lists_and_maps_are_made_of_is_told(document: dict[str, Any]) -> None:
    receive = document["components"]["schemas"]["ReceivePart"]["properties"]
    assert receive["serials"]["items"]["maxLength"] == 200
    assert receive["lots"]["additionalProperties"] == {"type": "integer", "minimum": 0, "maximum": 10**9}
    assert receive["lots"]["propertyNames"]["minLength"] == 1
    assert receive["expires_on"]["additionalProperties"]["format"] == "date"


def test_every_time_is_told_as_a_time(document: dict[str, Any]) -> None:
    times = [
        (name, field, stated)
        for name, schema in document["components"]["schemas"].items()
        for field, stated in schema.get("properties", {}).items()
        if field.endswith(("_at", "moment"))
    ]
    assert len(times) > 60
    for name, field, stated in times:
        kinds = [each for each in stated.get("anyOf", [stated]) if each.get("type") != "null"]
        assert [each.get("format") for each in kinds] == ["date-time"], f"{name}.{field}"


def test_every_type_is_there_under_one_name(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    text = msgspec.json.encode(document).decode()
    assert set(re.findall(r"#/components/schemas/([^\"]+)", text)) <= schemas.keys()
    assert {"TicketStatus", "ContractStatus"} <= schemas.keys()
    assert [name for name in schemas if not name.isalnum()] == []
    assert all(schema.get("title", name) == name for name, schema in schemas.items())


def test_a_file_is_sent_as_it_is(operations: dict[str, Any]) -> None:
    operation = operations[FILES]
    assert operation["requestBody"]["content"]["*/*"]["schema"] == {"type": "string", "format": "binary"}
    sent = {parameter["name"] for parameter in operation["parameters"]}
    assert {"name", "kind", "caption", "occurred_at", "reason", "Idempotency-Key"} <= sent
    assert operation["responses"]["201"]["headers"].keys() == {"ETag", "Location", "Log-Position"}


def test_a_record_is_told_in_its_three_forms(operations: dict[str, Any]) -> None:
    answers = operations["GET /api/v1/records/iso9001/cases/{case}"]["responses"]
    assert answers["200"]["content"].keys() == {"application/json", "text/html", "application/pdf"}
    assert "406" in answers


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


EXAMPLE = {type(example): shown(example) for example in EXAMPLES}


def test_the_examples_tell_a_tickets_story_that_works(agent: Caller, manager: Caller) -> None:
    ticket = agent.register(**EXAMPLE[RegisterTicket])["number"]
    other = agent.register()["number"]
    for command in actions.ACTIONS:
        action, body = command.action, EXAMPLE[command]
        if action in {"answer", "withdraw-file"}:
            continue  # nobody asked; nothing is attached
        if action == "refuse-handover":
            agent.does(ticket, "escalate", tier="L3")
        if action == "reject":
            agent.does(ticket, "reopen", reason="x")
            agent.does(ticket, "resolve", solution="x")
        if action == "close":
            agent.does(ticket, "resolve", solution="x")
        if action == "withdraw-liaison":
            agent.does(ticket, "liaise", **EXAMPLE[AskOthers])
        if action == "decline-repin":
            agent.does(ticket, "repin", plan="standard", reason="x")
            body = body | {"request": 2}
        who = manager if action == "approve-repin" else agent
        if action == "merge":
            ticket = agent.register()["number"]
        names = {"cancel": "duplicate_of", "merge": "into", "link": "to", "unlink": "to"}
        who.does(ticket, action, **(body | ({names[action]: other} if action in names else {})))


def test_the_examples_tell_a_parts_story_that_works(admin: Caller) -> None:
    ticket = admin.register()["number"]
    number = admin.sends("/parts", **EXAMPLE[CataloguePart])["number"]
    made = ""
    for command in part_commands.ACTIONS:
        body = EXAMPLE[command]
        known = {"ticket": ticket, "reservation": made}
        receipt = admin.sends(f"/parts/{number}/{command.action}", **body | of(known, body))
        made = receipt.get("made", made)


def test_the_examples_tell_a_contracts_story_that_works(admin: Caller) -> None:
    number = admin.sends("/contracts", **EXAMPLE[DraftContract])["number"]
    ticket = admin.register(**EXAMPLE[RegisterTicket])["number"]
    made = ""
    for command in contract_commands.ACTIONS:
        body = EXAMPLE[command]
        known = {"ticket": ticket, "entry": made}
        receipt = admin.sends(f"/contracts/{number}/{command.action}", **body | of(known, body))
        made = receipt.get("made", made)


def of(known: dict[str, str], body: dict[str, Any]) -> dict[str, str]:
    """Those of the known names that a command asks for."""
    return {name: value for name, value in known.items() if name in body}
