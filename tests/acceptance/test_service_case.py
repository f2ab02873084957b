"""One service case, told by everybody who takes part in it, and read by an auditor.

A hotel has a maintenance contract for its water heater. The heater fails, an element is reserved, issued and
installed, the old one comes back, the customer confirms, the case closes. Then the same again while the
worker is killed after every step.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.acceptance.forked import forked_worker
from tests.acceptance.installation import Installation, installed, until

NOTHING: dict[str, Any] = {"projections": []}
HEATER = "WH-2024-00117"
TODAY = datetime.now(UTC)
YEAR = {
    "starts_on": f"{TODAY - timedelta(days=100):%Y-%m-%d}",
    "ends_on": f"{TODAY + timedelta(days=265):%Y-%m-%d}",
}


class Firm:
    """The people of the story, and the numbers that they call things by.

    Args:
        installation: the service.
        between: happens after everything that somebody does.
    """

    def __init__(self, installation: Installation, between: Callable[[], None] = lambda: None) -> None:
        self.service = installation
        self.manager = installation.person("contract_manager", "zhou.min")
        self.storekeeper = installation.person("storekeeper", "sun.lei")
        self.agent = installation.person("agent", "li.wei")
        self.auditor = installation.person("auditor", "chen.jing")
        self._between = between
        self.contract = ""
        self.ticket = ""

    def tell(self) -> None:
        """Let everything happen."""
        for step in self.story():
            step()
            self._between()
        until(self.service.settled)

    def story(self) -> Iterator[Callable[[], Any]]:
        """Everything that happens, in order."""
        yield from self.a_contract_is_made()
        yield from self.parts_come_in()
        yield from self.the_heater_fails()
        yield from self.a_technician_comes_with_parts()
        yield from self.the_case_is_settled()

    def a_contract_is_made(self) -> Iterator[Callable[[], Any]]:
        """The contract manager drafts, signs and activates it."""

        def draft() -> None:
            terms = {"visits": 2, "parts": 3}
            price = {"amount": "18600.00", "currency": "CNY"}
            drafted = self.manager.sends(
                "/contracts",
                customer="海风酒店",
                title="热水系统维保 2026",
                plan="hot-water",
                price=price,
                allowances=terms,
                assets=[HEATER],
                **YEAR,
            )
            self.contract = drafted["number"]

        yield draft
        yield lambda: self.manager.sends(
            f"/contracts/{self.contract}/sign", signed_by="陈总", signed_on=YEAR["starts_on"]
        )
        yield lambda: self.manager.sends(f"/contracts/{self.contract}/activate")

    def parts_come_in(self) -> Iterator[Callable[[], Any]]:
        """The storekeeper catalogues a heating element and a gasket, and takes a delivery of each."""
        element = {"zh": "加热管 3 kW", "en": "Heating element 3 kW"}
        gasket = {"zh": "密封垫", "en": "Gasket"}
        yield lambda: self.storekeeper.sends(
            "/parts", number="HE-200", revision="B", name=element, unit="件", tracking="serial"
        )
        yield lambda: self.storekeeper.sends(
            "/parts",
            number="GK-10",
            revision="A",
            name=gasket,
            unit="件",
            tracking="lot",
            shelf_life_days=700,
        )
        came = {"location": "上海总库", "supplier": "合肥电热", "document": "DN-881"}
        yield lambda: self.storekeeper.sends("/parts/HE-200/receive", serials=["HE-1", "HE-2"], **came)
        yield lambda: self.storekeeper.sends("/parts/GK-10/receive", lots={"L-7": 10}, **came)

    def the_heater_fails(self) -> Iterator[Callable[[], Any]]:
        """The hotel calls, the agent calls back and reserves what will be needed."""

        def register() -> None:
            report = {"subject": "热水器不加热", "priority": "P2", "channel": "phone"}
            registered = self.agent.sends("/tickets", customer="海风酒店", asset=HEATER, **report)
            self.ticket = registered["number"]

        yield register
        yield lambda: self.agent.sends(f"/tickets/{self.ticket}/assign", team="华东一组", person="王芳")
        called = {"channel": "phone", "direction": "outbound", "party": "person"}
        yield lambda: self.agent.sends(f"/tickets/{self.ticket}/contact", **called)

        def reserve() -> None:
            until_tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
            kept = {"location": "上海总库", "ticket": self.ticket, "expires_at": until_tomorrow}
            self.element = self.agent.sends("/parts/HE-200/reserve", serials=["HE-1"], **kept)["made"]
            self.spare = self.agent.sends("/parts/GK-10/reserve", quantity=1, **kept)["made"]

        yield reserve

    def a_technician_comes_with_parts(self) -> Iterator[Callable[[], Any]]:
        """Parts are issued, somebody is on site, the element is changed; a gasket is not needed after all."""

        def issue() -> None:
            out = {"location": "上海总库", "ticket": self.ticket}
            self.storekeeper.sends("/parts/HE-200/issue", serials=["HE-1"], reservation=self.element, **out)
            self.storekeeper.sends("/parts/GK-10/issue", quantity=2, **out)

        yield issue
        there = {"channel": "on_site", "direction": "outbound", "party": "person", "person": "王芳"}
        yield lambda: self.agent.sends(f"/tickets/{self.ticket}/contact", **there)
        swapped = {"serials": ["HE-1"], "asset": HEATER, "serial_out": "HE-OLD-1", "fate": "returned"}
        yield lambda: self.agent.sends("/parts/HE-200/install", ticket=self.ticket, **swapped)
        yield lambda: self.agent.sends(
            f"/tickets/{self.ticket}/resolve", solution="更换加热管，测试出水 60 °C", cause="水垢"
        )

    def the_case_is_settled(self) -> Iterator[Callable[[], Any]]:
        """Gaskets are out, so the case does not close; they come back, and so does the old element."""

        def too_early() -> None:
            refusal = self.agent.is_refused(f"/tickets/{self.ticket}/close")
            assert (refusal["type"], refusal["parts"]) == ("urn:aftersales:problem:unsettled", {"GK-10": 2})

        yield too_early
        back = {"location": "上海总库"}
        yield lambda: self.storekeeper.sends(
            "/parts/GK-10/return", ticket=self.ticket, quantity=2, condition="good", **back
        )
        yield lambda: self.storekeeper.sends(
            "/parts/HE-200/return", ticket=self.ticket, serials=["HE-OLD-1"], condition="faulty", **back
        )
        yield lambda: self.agent.sends(f"/tickets/{self.ticket}/confirm", confirmed_by="陈经理")
        yield lambda: self.agent.sends(f"/tickets/{self.ticket}/close")

    def log(self) -> Counter[tuple[str, str]]:
        """How often each type of event stands in the log, and by whom."""
        events = self.service.pages("/api/v1/audit/events", limit=500)
        return Counter((event["type"], event["actor"]) for event in events)


@pytest.fixture(scope="module")
def firm() -> Iterator[Firm]:
    """The story, told once without a disturbance."""
    yield from told(killed=False)


def told(*, killed: bool) -> Iterator[Firm]:
    """The story in an installation of its own."""
    with installed() as service:
        service.token = service.run("token", "create", "reader", "--role", "auditor").strip()
        service.start("serve")
        workers = [forked_worker(service.environment)]
        until(service.caught_up)

        def kill_the_worker() -> None:
            """As soon as a view shows what was just done: the others, and the reactions, are at it."""
            until(lambda: any(view["lag"] == 0 for view in (service.ready() or NOTHING)["projections"]))
            workers[-1].kill()
            workers.append(forked_worker(service.environment))

        firm = Firm(service, kill_the_worker if killed else lambda: None)
        firm.tell()
        yield firm
        workers[-1].terminate()
        for worker in workers:
            worker.join()


def test_the_ticket_fell_under_the_contract_and_has_its_plan(firm: Firm) -> None:
    ticket = firm.agent.reads(f"/tickets/{firm.ticket}")
    assert (ticket["status"], ticket["pin"]["plan"], ticket["questions"]) == ("closed", "hot-water", [])
    assert ticket["contract"]["winner"]["number"] == firm.contract
    assert {clock["verdict"] for clock in ticket["clocks"]} == {"met"}


def test_a_visit_and_a_part_were_taken_from_the_contract(firm: Firm) -> None:
    contract = firm.manager.reads(f"/contracts/{firm.contract}")
    left = {each["kind"]: (each["granted"], each["remaining"]) for each in contract["balances"]}
    assert (left["visit"], left["part"]) == ((2, 1), (3, 2))
    assert {entry["ticket_number"] for entry in contract["entries"]} == {firm.ticket}


def test_everything_that_went_out_is_accounted_for(firm: Firm) -> None:
    stock = {line["number"]: line for line in firm.storekeeper.reads("/stock", location="上海总库")["items"]}
    elements, gaskets = stock["HE-200"], stock["GK-10"]
    assert (elements["on_hand"], elements["quarantined"], elements["available"]) == (1, 1, 1)
    assert (gaskets["on_hand"], gaskets["reserved"], gaskets["available"]) == (10, 0, 10)


@pytest.mark.parametrize(("part", "bucket", "balance"), [("HE-200", "good", 1), ("GK-10", "good", 10)])
def test_the_ledgers_last_balance_is_the_stock(firm: Firm, part: str, bucket: str, balance: int) -> None:
    query = {"location": "上海总库", "bucket": bucket, "limit": 500}
    lines = firm.storekeeper.reads(f"/parts/{part}/ledger", **query)["items"]
    in_order = sorted(lines, key=lambda line: (line["position"], line["line"]))
    assert in_order[-1]["balance"] == balance == sum(line["delta"] for line in in_order)


def test_from_the_serial_number_to_the_customer_and_back(firm: Firm) -> None:
    element = firm.auditor.reads("/traces/serials/HE-1")
    assert firm.ticket in json.dumps(element, ensure_ascii=False)
    assert HEATER in json.dumps(element)
    reached = firm.auditor.reads("/traces/reach", serial="HE-1")["items"]
    assert {each["customer"] for each in reached} == {"海风酒店"}
    heater = json.dumps(firm.auditor.reads(f"/traces/assets/{HEATER}"))
    assert "HE-1" in heater
    assert "HE-OLD-1" in heater


def test_the_case_is_one_history_across_its_streams_and_names_its_causes(firm: Firm) -> None:
    entries = firm.auditor.reads(f"/tickets/{firm.ticket}/history", limit=500)["items"]
    assert [each["position"] for each in entries] == sorted(each["position"] for each in entries)
    about = {(each["subject"]["kind"], each["subject"]["number"]) for each in entries}
    assert about == {
        ("ticket", firm.ticket),
        ("part", "HE-200"),
        ("part", "GK-10"),
        ("contract", firm.contract),
    }
    of = {each["id"]: each for each in entries}
    caused = {each["type"]: of[each["causation_id"]]["type"] for each in entries if each["causation_id"]}
    assert caused["contract.entitlement_consumed"] in {"ticket.contacted", "part.installed"}
    assert all(each["occurred_at"] <= each["recorded_at"] for each in entries)


class TestTheRecord:
    """The ISO 9001 record of the case."""

    def test_every_clause_is_answered(self, firm: Firm) -> None:
        record = firm.auditor.reads(f"/records/iso9001/cases/{firm.ticket}")
        clauses = {clause["number"]: clause for clause in record["clauses"]}
        assert {"8.2.1", "8.5.1", "8.5.2", "8.5.5", "8.5.6", "8.6", "8.7", "9.1.2", "10.2"} <= clauses.keys()

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_the_document_says_it_in_words_and_carries_its_events(self, firm: Firm, language: str) -> None:
        path = f"/records/iso9001/cases/{firm.ticket}"
        document = firm.auditor.file(path, format="pdf", language=language).content
        pdf = PdfReader(BytesIO(document))
        words = "".join(page.extract_text() for page in pdf.pages)
        assert firm.ticket in words
        assert "海风酒店" in words
        (attached,) = (content for contents in pdf.attachments.values() for content in contents)
        assert attached == firm.auditor.file(f"{path}/events").content
        assert document == firm.auditor.file(path, format="pdf", language=language).content

    def test_as_of_a_moment_it_says_what_was_known_then(self, firm: Firm) -> None:
        path = f"/records/iso9001/cases/{firm.ticket}"
        events = firm.auditor.reads(f"{path}/events")
        then = events[2]["recorded_at"]
        early = firm.auditor.reads(f"{path}/events", as_of=then, basis="recorded")
        assert [event["position"] for event in early] == [event["position"] for event in events[:3]]


def test_killing_the_worker_after_every_step_changes_nothing(firm: Firm) -> None:
    undisturbed = firm.log()
    for disturbed in told(killed=True):
        assert disturbed.log() == undisturbed
        one, other = (
            each.manager.reads(f"/contracts/{each.contract}")["balances"] for each in (firm, disturbed)
        )
        assert one == other
        assert disturbed.agent.reads(f"/tickets/{disturbed.ticket}")["status"] == "closed"
