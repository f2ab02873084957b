"""Receipts, versions, positions and keys: what travels in headers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest

from application.access import Role
from application.database.connect import Database
from interfaces.http import freshness
from tests.conftest import connected
from tests.interfaces.http.client import Caller, Served, served, worker
from tests.projections.views import until


def test_registering_answers_with_a_receipt_and_where_the_ticket_is(agent: Caller, service: Served) -> None:
    answer = agent.post("/tickets", {"subject": "冷水"})
    receipt = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/tickets/{receipt['number']}"
    assert answer.headers["ETag"] == '"1"'
    assert int(answer.headers["Log-Position"]) == receipt["position"] == service.head()
    assert UUID(receipt["id"]).version == 7
    assert agent.get(answer.headers["Location"].removeprefix("/api/v1")).json()["id"] == receipt["id"]


def test_numbers_rise_without_gaps_although_commands_are_refused(agent: Caller) -> None:
    first = agent.register(occurred_at="2024-05-01T08:00:00+08:00", reason="from the paper book")
    for refused in ({"subject": " "}, {"subject": "x", "plan": "no such plan"}, {"subject": ""}):
        dated = {**refused, "occurred_at": "2024-05-01T08:00:00+08:00", "reason": "late"}
        assert agent.post("/tickets", dated).status_code == 422
    second = agent.register(occurred_at="2024-06-01T08:00:00+08:00", reason="from the paper book")
    assert (first["number"], second["number"]) == ("T-2024-000001", "T-2024-000002")


def test_the_year_of_a_number_turns_where_the_firm_is(agent: Caller) -> None:
    late = agent.register(occurred_at="2022-12-31T16:00:00Z", reason="from the paper book")
    assert late["number"] == "T-2023-000001"


def test_a_command_for_another_version_is_refused_and_told_the_current_one(
    agent: Caller, service: Served
) -> None:
    ticket = agent.register()["number"]
    agent.does(ticket, "remark", text="somebody was faster")
    head = service.head()
    stale = agent.post(f"/tickets/{ticket}/assign", {"team": "A"}, if_match='"1"')
    assert stale.status_code == 412
    assert stale.json()["type"] == "urn:aftersales:problem:stale-version"
    assert stale.json()["current_version"] == 2
    assert stale.headers["ETag"] == '"2"'
    assert service.head() == head


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', "1", "*"])
def test_a_command_for_the_version_that_stands_is_taken(agent: Caller, tag: str) -> None:
    ticket = agent.register()["number"]
    answer = agent.post(f"/tickets/{ticket}/assign", {"team": "A"}, if_match=tag)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


def test_of_two_commands_for_one_version_one_wins(agent: Caller) -> None:
    ticket = agent.register()["number"]

    def assign(team: str) -> int:
        return agent.post(f"/tickets/{ticket}/assign", {"team": team}, if_match='"1"').status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(assign, "ABCDEFGH")) == [200] + [412] * 7


def test_commands_without_a_version_queue_up_behind_each_other(agent: Caller) -> None:
    ticket = agent.register()["number"]
    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda text: agent.does(ticket, "remark", text=text), "abcd"))
    assert sorted(receipt["version"] for receipt in receipts) == [2, 3, 4, 5]


def test_a_reader_that_knows_the_version_is_told_that_nothing_changed(agent: Caller) -> None:
    ticket = agent.register()["number"]
    tag = agent.get(f"/tickets/{ticket}").headers["ETag"]
    assert tag == '"1"'
    unchanged = agent.get(f"/tickets/{ticket}", if_none_match=tag)
    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", tag)
    agent.does(ticket, "remark", text="news")
    assert agent.get(f"/tickets/{ticket}", if_none_match=tag).headers["ETag"] == '"2"'


@pytest.fixture
def part(keeper: Caller) -> str:
    """The path of a new part with 9 pieces at SH: at version 2."""
    path = f"/parts/{keeper.catalogues(f'P-{uuid4()}')}"
    keeper.sends(f"{path}/receive", location="SH", supplier="x", document="x", quantity=9)
    return path


@pytest.fixture
def contract(manager: Caller) -> str:
    """The path of a new contract that is in force for SN-1: at version 3."""
    return f"/contracts/{manager.contracts(assets=['SN-1'], allowances={'visits': 9})}"


class TestPartsAndContracts:
    """They have versions, positions and keys as tickets have."""

    def test_a_command_for_another_version_is_refused(self, admin: Caller, part: str, contract: str) -> None:
        count = {"location": "SH", "quantity": 9}
        amend = {"effective_on": "2099-01-01", "reason": "x"}
        for path, body, current in (
            (f"{part}/count", count, "2"),
            (f"{contract}/terminate", amend, "3"),
        ):
            stale = admin.post(path, body, if_match='"1"')
            assert (stale.status_code, stale.headers["ETag"]) == (412, f'"{current}"')
            assert stale.json()["current_version"] == int(current)
        assert admin.post(f"{part}/count", count, if_match='"2"').headers["ETag"] == '"3"'

    def test_of_two_commands_for_one_version_one_wins(self, keeper: Caller, part: str) -> None:
        def count(_: int) -> int:
            body = {"location": "SH", "quantity": 9}
            return keeper.post(f"{part}/count", body, if_match='"2"').status_code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(count, range(8))) == [200] + [412] * 7

    def test_the_last_piece_goes_to_one_of_many(self, agent: Caller, part: str) -> None:
        ticket = agent.register()["number"]

        def issue(_: int) -> int:
            body = {"location": "SH", "ticket": ticket, "quantity": 3}
            return agent.post(f"{part}/issue", body).status_code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(issue, range(8))) == [200] * 3 + [409] * 5
        assert agent.reads(part)["on_hand"] == 0

    def test_a_reader_that_knows_the_version_is_told_that_nothing_changed(
        self, agent: Caller, part: str, contract: str
    ) -> None:
        for path, version in ((part, 2), (contract, 3)):
            answer = agent.get(path)
            assert (answer.headers["ETag"], answer.json()["version"]) == (f'"{version}"', version)
            assert agent.get(path, if_none_match=f'"{version}"').status_code == 304
            assert agent.get(path, if_none_match='"1"').status_code == 200

    def test_a_repeated_reservation_is_one_and_is_named_again(
        self, agent: Caller, service: Served, part: str
    ) -> None:
        body = {
            "location": "SH",
            "ticket": agent.register()["number"],
            "quantity": 1,
            "expires_at": "2099-01-01T00:00:00Z",
        }
        first = agent.post(f"{part}/reserve", body, idempotency_key="promise")
        agent.sends(f"{part}/reserve", **body)
        head = service.head()
        again = agent.post(f"{part}/reserve", body, idempotency_key="promise")
        assert UUID(first.json()["made"])
        assert again.json() == first.json()
        assert again.headers["ETag"] == first.headers["ETag"] == '"3"'
        assert service.head() == head
        made = {each["id"] for each in agent.reads("/reservations", ticket=body["ticket"])["items"]}
        assert len(made) == 2
        assert first.json()["made"] in made

    def test_a_repeated_use_is_one_and_is_named_again(
        self, agent: Caller, service: Served, contract: str
    ) -> None:
        body = {"ticket": agent.register(asset="SN-1")["number"], "kind": "visit", "amount": 1}
        first = agent.post(f"{contract}/consume", body, idempotency_key="visit")
        agent.sends(f"{contract}/consume", **body)
        head = service.head()
        again = agent.post(f"{contract}/consume", body, idempotency_key="visit")
        assert again.json() == first.json()
        assert service.head() == head
        used, other = agent.reads(contract)["entries"]
        assert used["id"] == first.json()["made"] != other["id"]

    def test_a_repeated_beginning_is_answered_as_the_first_was(
        self, admin: Caller, service: Served, contract: str
    ) -> None:
        name = {"zh": "管", "en": "tube"}
        part = {"number": f"P-{uuid4()}", "revision": "A", "unit": "pcs", "name": name}
        told = admin.reads(contract)
        draft = {name: told[name] for name in DRAFTED}
        for path, body in (("/parts", part), ("/contracts", draft)):
            first = admin.post(path, body, idempotency_key=f"begin {path}".replace(" ", "-"))
            head = service.head()
            again = admin.post(path, body, idempotency_key=f"begin {path}".replace(" ", "-"))
            assert (again.status_code, again.json()) == (201, first.json())
            assert again.headers["Location"] == first.headers["Location"]
            assert service.head() == head


DRAFTED = ("customer", "title", "plan", "starts_on", "ends_on", "price", "assets")


class TestIdempotencyKey:
    """The same command with the same key is one command."""

    def test_a_repeated_registration_is_answered_as_the_first_was(
        self, agent: Caller, service: Served
    ) -> None:
        first = agent.post("/tickets", {"subject": "冷水"}, idempotency_key="call-1")
        head = service.head()
        again = agent.post("/tickets", {"subject": "冷水"}, idempotency_key="call-1")
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        for header in ("ETag", "Log-Position", "Location"):
            assert again.headers[header] == first.headers[header]
        assert service.head() == head

    def test_a_repeated_action_is_answered_as_the_first_was_whatever_happened_since(
        self, agent: Caller, service: Served
    ) -> None:
        ticket = agent.register()["number"]
        first = agent.post(
            f"/tickets/{ticket}/resolve", {"solution": "x"}, idempotency_key="r", if_match='"1"'
        )
        agent.does(ticket, "close")
        head = service.head()
        again = agent.post(
            f"/tickets/{ticket}/resolve", {"solution": "x"}, idempotency_key="r", if_match='"1"'
        )
        assert (again.status_code, again.json()) == (200, first.json())
        assert service.head() == head

    def test_another_body_under_the_same_key_is_refused(self, agent: Caller, service: Served) -> None:
        agent.post("/tickets", {"subject": "one"}, idempotency_key="call-2")
        head = service.head()
        other = agent.post("/tickets", {"subject": "two"}, idempotency_key="call-2")
        assert other.status_code == 422
        assert other.json()["type"] == "urn:aftersales:problem:idempotency-key-reused"
        assert service.head() == head

    def test_another_ticket_under_the_same_key_is_refused(self, agent: Caller) -> None:
        one, two = agent.register()["number"], agent.register()["number"]
        agent.post(f"/tickets/{one}/remark", {"text": "x"}, idempotency_key="call-3")
        assert (
            agent.post(f"/tickets/{two}/remark", {"text": "x"}, idempotency_key="call-3").status_code == 422
        )

    def test_another_callers_key_is_another_key(self, agent: Caller, service: Served) -> None:
        other = service.caller(Role.AGENT, "wang.fang")
        mine = agent.post("/tickets", {"subject": "x"}, idempotency_key="call-4")
        theirs = other.post("/tickets", {"subject": "x"}, idempotency_key="call-4")
        assert theirs.status_code == 201
        assert theirs.json()["id"] != mine.json()["id"]

    def test_at_the_same_time_only_one_is_recorded(self, agent: Caller, service: Served) -> None:
        head = service.head()

        def call(_: int) -> tuple[int, str]:
            answer = agent.post("/tickets", {"subject": "x"}, idempotency_key="call-5")
            return answer.status_code, answer.json()["id"]

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(call, range(16)))) == 1
        assert service.head() == head + 1

    def test_a_refused_command_does_not_use_up_its_key(self, agent: Caller) -> None:
        ticket = agent.register()["number"]
        assert agent.post(f"/tickets/{ticket}/close", idempotency_key="call-6").status_code == 409
        agent.does(ticket, "resolve", solution="x")
        assert agent.post(f"/tickets/{ticket}/close", idempotency_key="call-6").status_code == 200

    def test_after_thirty_days_it_is_as_new_whatever_comes_under_it(
        self, agent: Caller, service: Served
    ) -> None:
        first = agent.post("/tickets", {"subject": "one"}, idempotency_key="call-7").json()
        with connected(service.database.owner_url) as conn:
            older = (
                "UPDATE log.command SET recorded_at = recorded_at - interval '30 days' WHERE key = 'call-7'"
            )
            conn.execute(older)
        other = agent.post("/tickets", {"subject": "two"}, idempotency_key="call-7")
        assert other.status_code == 201
        assert other.json()["number"] != first["number"]
        again = agent.post("/tickets", {"subject": "two"}, idempotency_key="call-7")
        assert again.json() == other.json()
        assert agent.post("/tickets", {"subject": "one"}, idempotency_key="call-7").status_code == 422


LISTS = [
    *("/queues", "/queues/all", "/tickets", "/sla/compliance", "/sla/clocks", "/audit/events"),
    *("/parts", "/stock", "/reservations", "/contracts", "/entitlements?asset=x"),
    *("/traces/serials/x", "/traces/lots/x", "/traces/assets/x", "/traces/steps?serial=x"),
    *("/traces/places?serial=x", "/traces/reach?serial=x", "/traces/customers?serial=x"),
]
TODAY = datetime.now(UTC).date().isoformat()


def is_behind(answer: httpx.Response) -> None:
    """The answer says that its view is not there yet."""
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:aftersales:problem:not-yet-visible"
    assert int(answer.headers["Retry-After"]) > 0


class TestWaitForPosition:
    """A reader may demand a view at least as new as its own last write (B09)."""

    def test_a_list_shows_what_was_just_written(self, agent: Caller) -> None:
        for _ in range(5):
            number = agent.register(subject="fresh")["number"]
            assert agent.reads("/tickets", limit=1)["items"][0]["number"] == number

    def test_a_view_that_nobody_moves_is_503(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with served(database) as service:
            admin = service.caller(Role.ADMIN)
            with worker(database):
                admin.register()
                for path in LISTS:
                    admin.reads(path)
            monkeypatch.setattr(freshness, "LONGEST_WAIT", 0.05)
            admin.register()
            for path in LISTS:
                is_behind(admin.get(path))
                assert admin.get(path, wait_for_position="1").status_code == 200

    def test_one_thing_is_shown_with_its_last_event_or_not_at_all(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with served(database) as service, ExitStack() as working:
            working.enter_context(worker(database))
            admin = service.caller(Role.ADMIN)
            ticket, part = admin.register()["number"], admin.catalogues("HE-200")
            contract = admin.contracts(assets=["SN-1"])
            admin.sends(f"/parts/{part}/receive", location="SH", supplier="x", document="x", quantity=1)
            shown = [
                *(f"/parts/{part}", f"/parts/{part}/ledger", f"/parts/{part}/units"),
                *(f"/tickets/{ticket}/parts", f"/contracts/{contract}"),
            ]
            for path in shown:
                admin.reads(path)
            working.close()
            monkeypatch.setattr(freshness, "LONGEST_WAIT", 0.05)
            admin.sends(f"/parts/{part}/issue", location="SH", ticket=ticket, quantity=1)
            admin.sends(f"/contracts/{contract}/amend", effective_on=TODAY, added=["SN-2"])
            for path in shown:
                is_behind(admin.ask("GET", path))
            for path in (f"/parts/{part}?version=3", f"/contracts/{contract}?version=4"):
                assert admin.ask("GET", path).status_code == 200
            record = admin.ask("GET", f"/records/iso9001/cases/{ticket}").json()
            assert [event["type"] for event in record["events"]] == ["ticket.registered", "part.issued"]

    def test_what_is_read_from_the_log_waits_for_nobody(self, database: Database) -> None:
        with served(database) as service:
            admin = service.caller(Role.ADMIN)
            ticket = admin.register()["number"]
            admin.does(ticket, "remark", text="x")
            history = f"/tickets/{ticket}/history"
            told = admin.ask("GET", history, headers={"Wait-For-Position": "2"}).json()["items"]
            assert [entry["type"] for entry in told] == ["ticket.registered", "ticket.remarked"]
            beyond = admin.ask("GET", history, headers={"Wait-For-Position": "3"})
            assert (beyond.status_code, beyond.json()["detail"]) == (422, "the log ends at 2")

    def test_views_of_another_release_are_told_from_a_defect(self, database: Database) -> None:
        with served(database) as service, worker(database), connected(database.service_url) as conn:
            agent = service.caller(Role.AGENT)
            agent.register()
            agent.reads("/tickets")
            conn.execute("CREATE DOMAIN view.kept AS bytea")
            for _ in range(12):
                assert agent.ask("GET", "/tickets").status_code == 200
            for changed, back in (
                ("RENAME state TO kept", "RENAME kept TO state"),
                ("ALTER state TYPE view.kept", "ALTER state TYPE bytea"),
            ):
                conn.execute(f"ALTER TABLE view.ticket {changed}")
                refused = agent.ask("GET", "/tickets")
                assert refused.status_code == 503
                assert refused.json()["type"] == "urn:aftersales:problem:views-changing"
                assert refused.headers["Retry-After"] == "2"
                conn.execute(f"ALTER TABLE view.ticket {back}")
                # Every connection that had prepared the query is replaced by another.
                until(lambda: agent.ask("GET", "/tickets").status_code == 200)

    def test_before_a_worker_ever_ran_views_are_missing_and_commands_are_taken(
        self, database: Database
    ) -> None:
        with served(database) as service:
            agent = service.caller(Role.AGENT)
            missing = agent.get("/queues/all")
            assert (missing.status_code, missing.json()["type"]) == (
                503,
                "urn:aftersales:problem:views-missing",
            )
            ticket = agent.register()["number"]
            assert agent.reads(f"/tickets/{ticket}", version=1)["status"] == "new"
            with worker(database):
                assert agent.reads(f"/tickets/{ticket}")["status"] == "new"
