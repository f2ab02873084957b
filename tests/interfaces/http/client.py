"""A caller of the API, who sees its own writes and speaks in paths below ``/api/v1``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import psycopg
from litestar.testing import TestClient

from application.access import Role, create_token
from application.book import open_promises
from application.database.connect import Database
from application.desk import wall_clock
from application.files.kinds import FileRules
from application.mail.mailboxes import Mailbox
from interfaces.http.app import create_app
from interfaces.http.trust import Trust
from projections.catalogue import every_projection
from projections.engine.runner import Runner
from tests.interfaces.http.signing import WITNESS, make_key, sign

ZONE = "Asia/Shanghai"
Json = Mapping[str, Any]
SUPPORT = Mailbox(
    name="support", address="service@firm.example", imap="imaps://u@h", smtp="smtps://u@h", acknowledge=False
)


class Caller:
    """Somebody with a token. Reads wait for what anybody wrote.

    Args:
        service: the served application.
        token: their bearer token; ``None`` sends none.
    """

    def __init__(self, service: Served, token: str | None) -> None:
        self._service = service
        self.token = token

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """One request, as it is."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}
        url = path if path.startswith(("/schema", "/healthz", "/readyz", "/metrics")) else f"/api/v1{path}"
        answer = self._service.http.request(method, url, headers={**sent, **(headers or {})}, **more)
        position = int(answer.headers.get("Log-Position", 0))
        self._service.position = max(self._service.position, position)
        return answer

    def post(self, path: str, json: Json | None = None, **headers: str) -> httpx.Response:
        """A command; ``if_match`` and ``idempotency_key`` become headers."""
        return self.ask("POST", path, _headers(headers), json={} if json is None else json)

    def get(self, path: str, params: Json | None = None, **headers: str) -> httpx.Response:
        """A reading that shows at least what was written."""
        wait = {"Wait-For-Position": str(self._service.position)}
        return self.ask("GET", path, {**wait, **_headers(headers)}, params=params)

    def register(self, **fields: Any) -> dict[str, Any]:
        """Register a ticket and return the receipt."""
        answer = self.post("/tickets", {"subject": "热水器不加热", **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def does(self, ticket: str, action: str, **fields: Any) -> dict[str, Any]:
        """Do something to a ticket, which must be accepted, and return the receipt."""
        return self.sends(f"/tickets/{ticket}/{action}", **fields)

    def sends(self, path: str, **fields: Any) -> dict[str, Any]:
        """Send any command, which must be accepted, and return the receipt."""
        answer = self.post(path, fields)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def catalogues(self, number: str, **fields: Any) -> str:
        """Take a part number into the catalogue and return it."""
        usual = {"revision": "A", "name": {"zh": "加热管", "en": "heating element"}, "unit": "pcs"}
        return self.sends("/parts", number=number, **{**usual, **fields})["number"]

    def contracts(self, **fields: Any) -> str:
        """Draft a contract that is in force this year and activate it; returns its number."""
        year = date.today().year  # noqa: DTZ011 - in force on any day that anybody's wall may show
        usual = {
            "customer": "海风酒店",
            "title": "热水系统维保",
            "plan": "hot-water",
            "starts_on": f"{year - 1}-01-01",
            "ends_on": f"{year + 1}-12-31",
            "price": {"amount": "18600.00", "currency": "CNY"},
        }
        number = self.sends("/contracts", **{**usual, **fields})["number"]
        self.sends(f"/contracts/{number}/sign", signed_by="陈经理", signed_on=f"{year - 1}-01-01")
        self.sends(f"/contracts/{number}/activate")
        return number

    def reads(self, path: str, **params: Any) -> Any:
        """Read something that must be there."""
        answer = self.get(path, params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, **params: Any) -> Iterator[list[Any]]:
        """The items of every page of a list."""
        more: str | None = ""
        while more is not None:
            page = self.reads(path, **params, **({"cursor": more} if more else {}))
            yield page["items"]
            more = page["next"]


class Served:
    """The application on a database.

    Attributes:
        keys: where the log's keys are.
        position: of the last event that a caller of these tests wrote.
    """

    def __init__(self, http: TestClient[Any], database: Database, keys: Path) -> None:
        self.http = http
        self.database = database
        self.keys = keys
        self.position = 0

    def token(self, role: Role, name: str = "li.wei", **more: Any) -> str:
        """A new token."""
        with psycopg.connect(self.database.service_url, autocommit=True) as conn:
            return create_token(conn, name=name, role=role, **more)[1]

    def caller(self, role: Role, name: str = "li.wei") -> Caller:
        """Somebody with a new token of this role."""
        return Caller(self, self.token(role, name))

    def sign(self) -> int:
        """Sign the log; how many events it has."""
        return sign(self.database, self.keys)

    def head(self) -> int:
        """The position of the last event."""
        with psycopg.connect(self.database.service_url, autocommit=True) as conn:
            row = conn.execute("SELECT position, (SELECT count(*) FROM log.event) FROM log.head").fetchone()
        assert row is not None
        assert row[0] == row[1], "the log has a gap"
        return row[0]


@contextmanager
def served(
    database: Database,
    *,
    public: bool = False,
    keys: Path | None = None,
    now: Callable[[], datetime] = wall_clock,
    rules: FileRules | None = None,
) -> Iterator[Served]:
    """Serve the application in this process, without a worker.

    Args:
        public: whether its hashes are for everybody.
        keys: where the log's keys are, if it was signed before.
        now: the service's clock.
        rules: what may be attached; the usual where absent.
    """
    with tempfile.TemporaryDirectory() as made:
        if keys is None:
            keys = Path(made, "signing")
            make_key(keys)
        trust = Trust(keys=keys, public=public, witnesses=(WITNESS,))
        app = create_app(
            database.service_url,
            time_zone=ZONE,
            mailboxes=(SUPPORT,),
            trust=trust,
            now=now,
            rules=rules,
        )
        with TestClient(app, raise_server_exceptions=False) as http:
            yield Served(http, database, keys)


@contextmanager
def worker(database: Database) -> Iterator[None]:
    """Keep the views up to date for the length of the block."""
    stop = Event()
    runner = Runner(database.service_url, every_projection(open_promises(database.service_url)))
    thread = Thread(target=runner.run_forever, args=[stop], name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _headers(named: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): value for name, value in named.items()}
