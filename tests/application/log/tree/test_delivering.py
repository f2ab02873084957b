"""Checkpoints reach every place outside, at least once, whatever becomes of the others; no secret is told."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from application.database.connect import Database
from application.log.tree.checkpoints import Signed
from application.log.tree.publishing import FileTarget, MailTarget, WebTarget, targets
from tests.application.log.tree.receiving import Answered, mail_server, web_server
from tests.application.log.tree.signed import carried, due_now, grow, more, rows, sign
from tests.conftest import connected

DAY = timedelta(days=1)
WHO = "auditor@firm.example"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Where the keys are."""
    return tmp_path / "keys"


@pytest.fixture
def signed(database: Database, keys: Path) -> Signed:
    """The checkpoint of a log of 300 events."""
    grow(database, 300)
    checkpoint = sign(database, keys)
    assert checkpoint
    return checkpoint


class Posted:
    """A web server's answers, and what it was told."""

    def __init__(self, *answers: Answered) -> None:
        self.answers = [*answers]
        self.bodies: list[str] = []

    def __call__(self, path: str, body: str) -> Answered:
        self.bodies.append(body)
        return self.answers.pop(0) if self.answers else (204, "")


class TestAFile:
    def test_is_the_newest_checkpoint_and_the_last_of_the_day(
        self, database: Database, keys: Path, signed: Signed, tmp_path: Path
    ) -> None:
        target = FileTarget(tmp_path / "out" / "side")
        carried(database, target)
        newest = more(database, keys)
        told = carried(database, target)
        assert told[target.name].size == newest.size == 305
        day = f"{newest.signed_at:%Y-%m-%d}.checkpoint"
        assert {file.name: file.read_text() for file in target.directory.iterdir()} == {
            "checkpoint": newest.text,
            day: newest.text,
        }

    def test_of_a_longer_log_is_not_written_over(
        self, database: Database, signed: Signed, tmp_path: Path
    ) -> None:
        (tmp_path / "checkpoint").write_text(signed.text.replace("\n300\n", "\n301\n"))
        told = carried(database, FileTarget(tmp_path))
        assert "longer log" in (told[f"file:{tmp_path}"].failure or "")
        assert "\n301\n" in (tmp_path / "checkpoint").read_text()

    def test_that_cannot_be_written_is_said(self, database: Database, signed: Signed, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        told = carried(database, FileTarget(tmp_path / "file"))
        assert told[f"file:{tmp_path}/file"].failure == "cannot be written: File exists"


class TestTheWeb:
    def test_gets_the_note_as_it_is_once(self, database: Database, keys: Path, signed: Signed) -> None:
        posted = Posted()
        with web_server(posted) as address:
            target = WebTarget(f"{address}/hook/secret-path")
            carried(database, target)
            carried(database, target)
            assert posted.bodies == [signed.text]
            newest = more(database, keys)
            carried(database, target)
        assert posted.bodies == [signed.text, newest.text]

    def test_that_fails_is_tried_again_later_with_what_is_newest_then(
        self, database: Database, keys: Path, signed: Signed
    ) -> None:
        posted = Posted((500, ""), (302, "http://127.0.0.1:1/else"))
        with web_server(posted) as address:
            target = WebTarget(f"{address}/hook")
            assert carried(database, target)[target.name].failure == "answered 500"
            assert carried(database, target)[target.name].failures == 1
            due_now(database)
            assert carried(database, target)[target.name].failure == "answered 302"
            newest = more(database, keys)
            due_now(database)
            told = carried(database, target)[target.name]
        assert (told.failures, told.failure, told.size) == (0, None, newest.size)
        assert posted.bodies == [signed.text, signed.text, newest.text]

    def test_that_is_away_stops_nobody_and_its_secret_is_not_told(
        self, database: Database, signed: Signed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        away = WebTarget("http://127.0.0.1:1/hook/secret-path?token=secret")
        told = carried(database, away, FileTarget(tmp_path))
        assert told[away.name].failure == "nobody answers: Connection refused"
        assert told[f"file:{tmp_path}"].size == 300
        said = capsys.readouterr()
        assert "127.0.0.1:1" in said.out + said.err
        assert "secret" not in said.out + said.err + str(rows(database, "SELECT * FROM log.delivery"))

    def test_is_told_again_by_whoever_comes_after_a_crash(self, database: Database, signed: Signed) -> None:
        class Crash(BaseException):
            pass

        class Dying(WebTarget, frozen=True):
            def deliver(self, conn: Connection[Any], signed: Signed) -> None:
                super().deliver(conn, signed)
                raise Crash

        posted = Posted()
        with web_server(posted) as address:
            with pytest.raises(Crash):
                carried(database, Dying(f"{address}/hook"))
            carried(database, WebTarget(f"{address}/hook"))
        assert posted.bodies == [signed.text, signed.text]


class TestMail:
    def test_has_the_checkpoint_attached_and_comes_at_most_once_a_day(
        self, database: Database, keys: Path, signed: Signed
    ) -> None:
        with mail_server() as (server, taken):
            target = MailTarget(WHO, server, "desk@firm.example", DAY)
            carried(database, target)
            more(database, keys)
            told = carried(database, target)[target.name]
            assert len(taken) == 1
            assert told.told_at
            assert told.due_at - told.told_at == DAY
            due_now(database)
            carried(database, target)
        (recipient, raw), (_, second) = taken
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        (attached,) = mail.iter_attachments()
        assert (recipient, mail["To"], mail["From"]) == (WHO, WHO, "desk@firm.example")
        assert attached.get_content() == signed.text.encode()
        assert "log.example/service" in mail["Subject"]
        body = mail.get_body()
        assert body
        assert "检查点" in body.get_content()
        assert "--checkpoint checkpoint-300.txt" in body.get_content()
        assert b"checkpoint-305.txt" in second

    def test_that_is_not_taken_is_said_without_the_password(self, database: Database, signed: Signed) -> None:
        with mail_server(refuses=True) as (server, taken):
            refused = MailTarget(WHO, server, WHO, DAY)
            away = MailTarget("a@b.example", "smtp://desk:secret@127.0.0.1:1", WHO, DAY)
            told = carried(database, refused, away)
        assert not taken
        assert told[refused.name].failure == "the mail server does not take it: SMTPRecipientsRefused"
        assert told[away.name].failure == "no mail server: Connection refused"
        assert "secret" not in str(told)


def test_one_process_carries_at_a_time(database: Database, signed: Signed, tmp_path: Path) -> None:
    with connected(database.service_url) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('checkpoint deliveries', 0))")
        assert carried(database, FileTarget(tmp_path)) == {}
    assert carried(database, FileTarget(tmp_path))[f"file:{tmp_path}"].size == 300


def test_nothing_is_carried_before_something_is_signed(database: Database, tmp_path: Path) -> None:
    assert carried(database, FileTarget(tmp_path))[f"file:{tmp_path}"].size == 0
    assert not (tmp_path / "checkpoint").exists()


def test_what_the_settings_say_is_where_it_goes(tmp_path: Path) -> None:
    places = (f"file:{tmp_path}", "https://hook.example/x", "mailto:a@b.example")
    made = targets(places, smtp="smtp://mail.example", sender=None, mail_apart=DAY)
    assert made == [
        FileTarget(tmp_path),
        WebTarget("https://hook.example/x"),
        MailTarget("a@b.example", "smtp://mail.example", "a@b.example", DAY),
    ]
