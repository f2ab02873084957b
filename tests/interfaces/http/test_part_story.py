"""The life of spare parts, told over HTTP: from the delivery to the asset, and back (R16-R18)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from application.access import Role
from interfaces.http import ticket_parts
from projections.stock import detail
from tests.benchmarks.serving import OURS, server
from tests.interfaces.http.client import Caller, Served

DELIVERY = {"location": "SH-MAIN", "supplier": "宁波热能", "document": "DN-88012"}
LATER = "2099-01-01T00:00:00Z"


def days(count: int) -> str:
    """A day that many days from today."""
    return (datetime.now(UTC) + timedelta(days=count)).date().isoformat()


def hours_ago(hours: float) -> str:
    """A time before now."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def quantities(part: dict[str, Any]) -> dict[str, int]:
    """What there is of a part; zero is left out."""
    names = ("on_hand", "reserved", "expired", "quarantined", "available", "issued", "removed")
    return {name: part[name] for name in names if part[name]}


def test_a_tube_from_its_delivery_into_a_boiler_and_the_old_one_back(agent: Caller, keeper: Caller) -> None:
    tube = keeper.catalogues("TUBE", tracking="serial", reorder_point=2)
    keeper.sends(f"/parts/{tube}/receive", **DELIVERY, serials=["T1", "T2", "T3"])
    ticket = agent.register(customer="海风酒店", asset="SN-127")["number"]

    def shown() -> dict[str, int]:
        return quantities(agent.reads(f"/parts/{tube}"))

    assert shown() == {"on_hand": 3, "available": 3}

    promise = agent.sends(
        f"/parts/{tube}/reserve", location="SH-MAIN", ticket=ticket, quantity=1, expires_at=LATER
    )["made"]
    assert shown() == {"on_hand": 3, "reserved": 1, "available": 2}
    (reserved,) = agent.reads("/reservations", ticket=ticket)["items"]
    assert (reserved["id"], reserved["number"], reserved["goods"]["quantity"]) == (promise, tube, 1)

    agent.sends(
        f"/parts/{tube}/issue", location="SH-MAIN", ticket=ticket, serials=["T1"], reservation=promise
    )
    assert shown() == {"on_hand": 2, "available": 2, "issued": 1}
    assert agent.reads(f"/parts/{tube}")["below_reorder"]
    assert agent.reads("/reservations", ticket=ticket)["items"] == []

    agent.does(ticket, "resolve", solution="new tube")
    kept = agent.post(f"/tickets/{ticket}/close")
    assert (kept.status_code, kept.json()["parts"]) == (409, {tube: 1})

    agent.sends(
        f"/parts/{tube}/install",
        ticket=ticket,
        asset="SN-127",
        serials=["T1"],
        serial_out="T0",
        fate="returned",
    )
    assert shown() == {"on_hand": 2, "available": 2, "removed": 1}
    agent.does(ticket, "close")

    keeper.sends(
        f"/parts/{tube}/return", ticket=ticket, location="SH-MAIN", serials=["T0"], condition="faulty"
    )
    assert shown() == {"on_hand": 2, "quarantined": 1, "available": 2}
    keeper.sends(
        f"/parts/{tube}/scrap", bucket="quarantine", location="SH-MAIN", serials=["T0"], reason="burnt"
    )
    assert shown() == {"on_hand": 2, "available": 2}


@pytest.fixture(scope="module")
def shelves(agent: Caller, keeper: Caller) -> list[str]:
    """Seven parts of five lots each at three locations, some of each promised to one of two tickets."""
    numbers = [keeper.catalogues(f"SHELF-{step}", tracking="lot") for step in range(7)]
    tickets = [agent.register(customer=name)["number"] for name in ("甲", "乙")]
    for step, number in enumerate(numbers):
        for place in ("A", "B", "C"):
            lots = {f"{place}{lot}": lot + 1 for lot in range(5)}
            keeper.sends(f"/parts/{number}/receive", **{**DELIVERY, "location": place}, lots=lots)
        goods = {"ticket": tickets[step % 2], "location": "B", "quantity": 3}
        agent.sends(f"/parts/{number}/reserve", **goods, expires_at=f"2099-01-0{7 - step}T00:00:00Z")
        agent.sends(f"/parts/{number}/issue", **goods)
    return numbers


@pytest.mark.parametrize(
    ("path", "asked", "key", "count"),
    [
        ("/parts", {"text": "SHELF"}, ("number",), 7),
        ("/stock", {"location": "B"}, ("location", "number"), 7),
        ("/stock", {"part": "SHELF-3"}, ("location", "number"), 3),
        ("/reservations", {"location": "B"}, ("expires_at", "id"), 7),
        ("/parts/SHELF-3/units", {}, ("location", "unit"), 14),
        ("/parts/SHELF-3/ledger", {}, ("position", "line"), 20),
        ("/traces/steps", {"customer": "甲"}, ("position", "line"), 8),
        ("/traces/reach", {"customer": "甲"}, ("ticket_number", "number", "lot"), 8),
        ("/traces/customers", {"lot": "B0"}, ("customer",), 2),
        ("/traces/places", {"lot": "B0", "part": "SHELF-3"}, ("number", "lot"), 3),
    ],
)
@pytest.mark.parametrize("limit", [1, 3, 500])
def test_every_item_of_a_list_comes_once_and_in_order(
    agent: Caller, shelves: list[str], path: str, asked: Any, key: tuple[str, ...], count: int, limit: int
) -> None:
    pages = list(agent.pages(path, limit=limit, **asked))
    assert all(len(page) == limit for page in pages[:-1])
    items = [item for page in pages for item in page]
    assert [{**item} for item in items] == agent.reads(path, limit=500, **asked)["items"]
    keys = [tuple(item[name] for name in key) for item in items]
    if path not in {"/traces/places", "/parts/SHELF-3/units"}:
        assert keys == sorted(set(keys))
    assert len(items) == count


def test_filters_that_name_nothing_say_so_and_filters_that_find_nothing_are_empty(
    agent: Caller, shelves: list[str]
) -> None:
    for path, name in (("/stock", "part"), ("/reservations", "ticket"), ("/traces/steps", "part")):
        answer = agent.get(path, {name: "no such"})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, name)
        assert agent.reads(path, **{name: NOBODY})["items"] == []
    assert agent.reads("/stock", location="nowhere")["items"] == []
    for path in ("/traces/steps", "/traces/places", "/traces/reach", "/traces/customers"):
        answer = agent.get(path)
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "serial")


def test_overdue_promises_are_found(agent: Caller, shelves: list[str]) -> None:
    due = agent.reads("/reservations", overdue_at="2099-01-02T12:00:00Z")["items"]
    assert [each["number"] for each in due] == ["SHELF-6", "SHELF-5"]


NOBODY = "6f2b1d1e-58a9-4f0f-9a3b-0d4f6f9d2c11"


@pytest.fixture(scope="module")
def repair(agent: Caller, keeper: Caller) -> dict[str, str]:
    """A ticket with seals of one lot: three issued, two of them in SN-5, one still out, one more promised."""
    seal = keeper.catalogues("SEAL", tracking="lot")
    keeper.sends(f"/parts/{seal}/receive", **DELIVERY, lots={"L1": 10})
    ticket = agent.register(customer="海风酒店", asset="SN-5")["number"]
    goods = {"ticket": ticket, "location": "SH-MAIN"}
    agent.sends(f"/parts/{seal}/issue", **goods, quantity=3)
    agent.sends(f"/parts/{seal}/install", ticket=ticket, asset="SN-5", quantity=2)
    agent.sends(f"/parts/{seal}/reserve", **goods, quantity=1, expires_at=LATER)
    return {"seal": seal, "ticket": ticket}


def test_a_ticket_shows_what_it_has_had_and_is_promised(agent: Caller, repair: dict[str, str]) -> None:
    parts = agent.reads(f"/tickets/{repair['ticket']}/parts")
    (held,), (reserved,), (used,) = parts["held"], parts["reserved"], parts["used"]
    assert (held["number"], held["bucket"], held["goods"]["lots"]) == ("SEAL", "issued", {"L1": 1})
    assert (reserved["goods"]["quantity"], reserved["ticket_number"]) == (1, repair["ticket"])
    assert (used["lot"], used["issued"], used["installed"], used["assets"]) == ("L1", 3, 2, ["SN-5"])


def test_no_list_of_a_part_or_ticket_is_cut_short(
    agent: Caller, keeper: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = agent.register()["number"]
    for number in ("WASHER-1", "WASHER-2"):
        keeper.catalogues(number)
        for location in ("A", "B", "C"):
            keeper.sends(f"/parts/{number}/receive", **{**DELIVERY, "location": location}, quantity=9)
        goods = {"location": "A", "ticket": ticket, "quantity": 1}
        agent.sends(f"/parts/{number}/issue", **goods)
        for _ in range(2):
            agent.sends(f"/parts/{number}/reserve", **goods, expires_at=LATER)
    parts, stock = agent.reads(f"/tickets/{ticket}/parts"), agent.reads("/parts/WASHER-1")["stock"]
    assert [len(parts[name]) for name in ("held", "reserved", "used")] == [2, 4, 2]
    assert len(stock) == 3
    for module in (ticket_parts, detail):
        monkeypatch.setattr(module, "MOST", 1)
    assert agent.reads(f"/tickets/{ticket}/parts") == parts
    assert agent.reads("/parts/WASHER-1")["stock"] == stock


def test_a_ticket_without_parts_shows_none(agent: Caller) -> None:
    ticket = agent.register()["number"]
    assert agent.reads(f"/tickets/{ticket}/parts") == {"held": [], "reserved": [], "used": []}


def test_the_history_of_a_ticket_tells_what_its_parts_did(agent: Caller, repair: dict[str, str]) -> None:
    told = agent.reads(f"/tickets/{repair['ticket']}/history")["items"]
    assert [entry["type"] for entry in told] == [
        "ticket.registered",
        "part.issued",
        "part.installed",
        "part.reserved",
    ]
    assert {entry["subject"]["number"] for entry in told} == {repair["ticket"], "SEAL"}


def test_the_ledger_adds_up_to_the_stock(agent: Caller, repair: dict[str, str]) -> None:
    lines = [line for page in agent.pages("/parts/SEAL/ledger", limit=2) for line in page]
    assert sum(line["delta"] for line in lines if line["bucket"] == "good") == 7
    assert [line["balance"] for line in lines if line["bucket"] == "good"] == [10, 7]
    assert [line["balance"] for line in lines if line["bucket"] == "issued"] == [3, 1]
    assert {line["actor"] for line in lines} == {"storekeeper:zhao.lei", "agent:li.wei"}
    for_ticket = agent.reads("/parts/SEAL/ledger", ticket=repair["ticket"])["items"]
    assert [line for line in lines if line["ticket_number"]] == for_ticket
    (received,) = agent.reads("/parts/SEAL/ledger", location="SH-MAIN", limit=1)["items"]
    assert received["type"] == "part.received"


def test_every_movement_is_told_in_chinese_and_english(agent: Caller, repair: dict[str, str]) -> None:
    ledger = agent.reads("/parts/SEAL/ledger")
    assert ledger["texts"].keys() == {str(line["position"]) for line in ledger["items"]}
    assert all(text["zh"] != text["en"] for text in ledger["texts"].values())


def test_a_lot_is_traced_to_whom_it_reached_and_back(agent: Caller, repair: dict[str, str]) -> None:
    steps = agent.reads("/traces/lots/L1", part="SEAL")["items"]
    assert [(step["came_from"]["stop"], step["went_to"]["stop"], step["quantity"]) for step in steps] == [
        ("supplier", "good", 10),
        ("good", "issued", 3),
        ("issued", "installed", 2),
    ]
    assert (steps[0]["document"], steps[2]["customer"]) == ("DN-88012", "海风酒店")
    (back,) = agent.reads("/traces/assets/SN-5")["items"]
    assert back == steps[2]
    (reached,) = agent.reads("/traces/reach", lot="L1", part="SEAL")["items"]
    assert (reached["ticket_number"], reached["installed"]) == (repair["ticket"], 2)
    (customer,) = agent.reads("/traces/customers", lot="L1", part="SEAL")["items"]
    assert (customer["customer"], customer["tickets"], customer["assets"]) == ("海风酒店", 1, 1)
    places = agent.reads("/traces/places", lot="L1", part="SEAL", now=True)["items"]
    assert {place["at"]["stop"]: place["there"] for place in places} == {
        "good": 7,
        "issued": 1,
        "installed": 2,
    }


def test_a_serial_number_is_traced_from_the_supplier_to_the_asset(agent: Caller, keeper: Caller) -> None:
    keeper.catalogues("PUMP", tracking="serial")
    keeper.sends("/parts/PUMP/receive", **DELIVERY, serials=["P/1"])
    ticket = agent.register(asset="SN-6")["number"]
    agent.sends("/parts/PUMP/issue", location="SH-MAIN", ticket=ticket, serials=["P/1"])
    agent.sends("/parts/PUMP/install", asset="SN-6", ticket=ticket, quantity=1)
    assert agent.reads("/traces/serials/P") == {"items": [], "texts": {}, "next": None}
    steps = agent.reads("/traces/steps", serial="P/1")["items"]
    assert [step["went_to"]["place"] for step in steps] == ["SH-MAIN", ticket, "SN-6"]
    assert agent.reads("/traces/steps", ticket=ticket)["items"] == steps[1:]


def test_what_expires_first_goes_first_and_what_is_expired_stays(agent: Caller, keeper: Caller) -> None:
    keeper.catalogues("GLUE", tracking="lot", shelf_life_days=30)
    for lot, last in (("OLD", days(-3)), ("LATE", days(90)), ("SOON", days(9))):
        keeper.sends("/parts/GLUE/receive", **DELIVERY, lots={lot: 5}, expires_on={lot: last})
    assert quantities(agent.reads("/parts/GLUE")) == {"on_hand": 15, "expired": 5, "available": 10}
    ticket = agent.register()["number"]
    agent.sends("/parts/GLUE/issue", location="SH-MAIN", ticket=ticket, quantity=7)
    assert agent.reads(f"/tickets/{ticket}/parts")["held"][0]["goods"]["lots"] == {"SOON": 5, "LATE": 2}
    units = agent.reads("/parts/GLUE/units")["items"]
    assert [(unit["unit"], unit["on_hand"], unit["expired"]) for unit in units] == [
        ("OLD", 5, True),
        ("LATE", 3, False),
    ]


def test_a_count_sets_the_books_right(keeper: Caller) -> None:
    keeper.catalogues("BOLT")
    keeper.sends("/parts/BOLT/receive", **DELIVERY, quantity=100)
    keeper.sends("/parts/BOLT/count", location="SH-MAIN", quantity=97, reason="three were bent")
    assert quantities(keeper.reads("/parts/BOLT")) == {"on_hand": 97, "available": 97}
    last = keeper.reads("/parts/BOLT/ledger")["items"][-1]
    assert (last["type"], last["delta"], last["reason"]) == ("part.counted", -3, "three were bent")


def test_stock_is_told_by_location_and_the_parts_to_order_are_found(keeper: Caller) -> None:
    for number, point in (("NUT-1", 5), ("NUT-2", 1)):
        keeper.catalogues(number, reorder_point=point)
        keeper.sends(f"/parts/{number}/receive", **DELIVERY, quantity=4)
        keeper.sends(f"/parts/{number}/transfer", from_location="SH-MAIN", to_location="VAN-7", quantity=3)
    found = keeper.reads("/parts", text="nut-", below_reorder=True)["items"]
    assert [part["number"] for part in found] == ["NUT-1"]
    van = keeper.reads("/stock", location="VAN-7")["items"]
    assert [(line["number"], line["on_hand"]) for line in van] == [("NUT-1", 3), ("NUT-2", 3)]
    spread = keeper.reads("/stock", part="NUT-2")["items"]
    assert [(line["location"], line["on_hand"]) for line in spread] == [("SH-MAIN", 1), ("VAN-7", 3)]
    assert keeper.reads("/parts/NUT-2")["stock"] == spread


def test_the_catalogue_is_revised_and_every_version_is_still_there(agent: Caller, keeper: Caller) -> None:
    keeper.catalogues("VALVE", tracking="serial")
    keeper.sends("/parts/VALVE/receive", **DELIVERY, serials=["V1", "V2"])
    keeper.sends("/parts/VALVE/revise", revision="B", name={"zh": "阀", "en": "valve"}, reorder_point=3)
    keeper.sends("/parts/VALVE/quarantine", location="SH-MAIN", serials=["V1"])

    def at(version: int) -> tuple[str, dict[str, int]]:
        part = agent.reads("/parts/VALVE", version=version)
        assert part["version"] == version
        return part["revision"], quantities(part)

    assert [at(1), at(2), at(3), at(4)] == [
        ("A", {}),
        ("A", {"on_hand": 2, "available": 2}),
        ("B", {"on_hand": 2, "available": 2}),
        ("B", {"on_hand": 1, "quarantined": 1, "available": 1}),
    ]
    assert agent.reads("/parts/VALVE", version=4) == agent.reads("/parts/VALVE")
    assert agent.get("/parts/VALVE", {"version": 5}).status_code == 404


def test_a_part_as_of_a_moment_by_what_had_happened_and_by_what_was_known(keeper: Caller) -> None:
    keeper.catalogues("RING", occurred_at=hours_ago(9), reason="from the old books")
    keeper.sends("/parts/RING/receive", **DELIVERY, quantity=2, occurred_at=hours_ago(6), reason="on paper")
    known = keeper.reads("/parts/RING/ledger")["items"][0]["recorded_at"]

    def on_hand(**asked: str) -> int:
        return keeper.reads("/parts/RING", **asked)["on_hand"]

    assert [on_hand(as_of=hours_ago(hours)) for hours in (8, 5)] == [0, 2]
    assert on_hand(as_of=known, basis="recorded") == 2
    for asked in ({"as_of": hours_ago(10)}, {"as_of": hours_ago(5), "basis": "recorded"}):
        assert keeper.get("/parts/RING", asked).status_code == 404


def test_a_part_of_every_location_is_the_same_replayed_and_from_the_view(
    agent: Caller, repair: dict[str, str]
) -> None:
    for part in agent.reads("/parts", limit=500)["items"]:
        now = agent.reads(f"/parts/{part['number']}")
        assert agent.reads(f"/parts/{part['id']}", version=now["version"]) == now
        assert {name: now[name] for name in part} == part


ODD = ["热水管 200", "100%", "50%20x", "a%2Fb", "a+b", "a?b#c", "x\n", " x", "a\\b", "a;b=c"]
NO_SEGMENT = [".", "..", "A/B", "A//B", "/"]


def test_a_part_is_found_where_its_location_says_however_odd_its_number(service: Served) -> None:
    name = {"zh": "管", "en": "tube"}
    token = {"Authorization": f"Bearer {service.token(Role.STOREKEEPER)}"}
    with (
        server(OURS, service.database.service_url) as (port, _),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=token) as http,
    ):
        for number in [*ODD, *NO_SEGMENT]:
            part = {"number": number, "revision": "A", "unit": "kg", "name": name}
            made = http.post("/api/v1/parts", json=part)
            assert made.status_code == 201, made.text
            location = made.headers["Location"]
            received = http.post(f"{location}/receive", json={**DELIVERY, "quantity": 1})
            assert (received.status_code, received.json()["number"]) == (200, number), location
            assert http.get(location).json()["number"] == number
            if number not in {".", ".."}:
                assert http.get(f"/api/v1/parts/{quote(number, safe='')}").json()["number"] == number
            assert location.endswith(made.json()["id"] if number in NO_SEGMENT else quote(number, safe=""))
