"""A worker that follows a mailbox: woken, cut off, restarted, and never alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from application.database.connect import Database
from application.files.store import Files
from application.mail import fetching
from application.mail.aside import MailsAside
from application.mail.fetching import Fetcher
from application.mail.intake import Intake
from application.mail.mailboxes import Mailbox
from domain.ticket.file_events import FileAttached
from domain.ticket.mail_events import MailCut
from tests.application.mail.imap_peer import Peer, imap_peer
from tests.application.mail.post_office import ADDRESS, free_port, mail, post_office
from tests.application.policies.case import Case, case_on

PATIENCE = 20.0
"""Seconds after which a condition that has not come true fails the test; less than a fetcher listens."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what wakes a fetcher lets it look again within a test; only what failed is tried soon."""
    monkeypatch.setattr(fetching, "LISTEN", 600.0)
    monkeypatch.setattr(fetching, "EVERY", 0.05)  # of those that stand by, and of servers that do not tell
    monkeypatch.setattr(fetching, "FIRST_WAIT", 0.02)


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A mail server that does as it is told."""
    with imap_peer() as peer:
        yield peer


def at(peer: Peer) -> Mailbox:
    """The mailbox on it."""
    return Mailbox(
        name="support", address=ADDRESS, imap=f"imap://u@127.0.0.1:{peer.port}", smtp="smtps://u@h"
    )


class Firm:
    """Workers that follow a mailbox."""

    def __init__(self, case: Case) -> None:
        self.case = case

    @asynccontextmanager
    async def following(self, mailbox: Mailbox, workers: int = 1) -> AsyncIterator[asyncio.Event]:
        """Workers for the length of the block; none may end badly."""
        stop = asyncio.Event()
        intake = Intake(self.case.log, self.case.desks.tickets, Files(self.case.log.connection), [ADDRESS])
        aside = MailsAside(self.case.log, intake, [mailbox])
        fetchers = [Fetcher(mailbox, intake, aside, self.case.log, self.case.url) for _ in range(workers)]
        running = [asyncio.create_task(fetcher.run(stop)) for fetcher in fetchers]
        try:
            yield stop
        finally:
            stop.set()
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*running)

    async def rows(self, query: str) -> list[Any]:
        """What the tables of the post say."""
        async with self.case.log.connection() as conn:
            return await (await conn.execute(query)).fetchall()  # type: ignore[arg-type]

    async def has_taken(self, *messages: str) -> None:
        """Until these mails, and no others, are on tickets, each on one."""
        async with asyncio.timeout(PATIENCE):
            taken = "SELECT message FROM mail.received"
            while {row[0] for row in await self.rows(taken)} != {*messages}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        tickets = "SELECT count(*) FROM log.event WHERE type = 'ticket.registered'"
        assert (await self.rows(tickets))[0][0] == len(messages)


async def until(condition: Callable[[], Any]) -> None:
    """Until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture
def told(database: Database) -> Callable[[Callable[[Firm], Awaitable[None]]], None]:
    """Tell a story on a database."""

    def tell(story: Callable[[Firm], Awaitable[None]]) -> None:
        async def run() -> None:
            async with case_on(database) as case:
                await story(Firm(case))

        asyncio.run(run())

    return tell


def one(message: str) -> bytes:
    """A mail."""
    return mail(message=message, sender=f"{message}").as_bytes()


def test_a_mail_wakes_whoever_listens(told: Any, peer: Peer) -> None:
    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            for number in range(3):
                await until(peer.idling.is_set)
                peer.comes(one(f"{number}@x"))
                await firm.has_taken(*(f"{each}@x" for each in range(number + 1)))

    told(story)


def test_a_real_mail_server_wakes_whoever_listens_and_may_be_started_anew(told: Any, tmp_path: Path) -> None:
    port = free_port()

    async def story(firm: Firm) -> None:
        with post_office(tmp_path, port) as office:
            mailbox = office.mailbox()
            async with firm.following(mailbox) as stop:
                office.comes(one("1@x"))
                await firm.has_taken("1@x")
                office.dies()
                with post_office(tmp_path, port) as again:  # it has forgotten everything, and counts anew
                    again.comes(one("1@x"))
                    again.comes(one("2@x"))
                    await firm.has_taken("1@x", "2@x")
                    assert not stop.is_set()

    told(story)


@pytest.mark.parametrize("said", [b"UID SEARCH", b"IDLE"])
def test_a_mail_that_comes_between_looking_and_listening_is_not_slept_through(
    told: Any, peer: Peer, said: bytes
) -> None:
    """The server says so in one breath with its answer, and never again."""
    peer.mails = {1: one("1@x")}

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await until(peer.idling.is_set)
            await firm.has_taken("1@x")
            peer.with_answer[said] = b"* 2 EXISTS\r\n"
            peer.then[said] = lambda: peer.mails.update({2: one("2@x")})
            peer.tells(b"* OK still here\r\n")  # it looks again, and listens again
            await firm.has_taken("1@x", "2@x")

    told(story)


def test_a_server_that_hangs_up_is_come_to_again(told: Any, peer: Peer) -> None:
    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await until(peer.idling.is_set)
            for number in range(2):
                peer.idling.clear()
                peer.hangs_up()
                peer.mails[number + 1] = one(f"{number}@x")
                await firm.has_taken(*(f"{each}@x" for each in range(number + 1)))
                await until(peer.idling.is_set)
            assert await firm.rows("SELECT failure FROM mail.mailbox") == [(None,)]

    told(story)


def test_a_server_that_hangs_up_in_the_midst_of_a_mail_loses_none(told: Any, peer: Peer) -> None:
    peer.mails = {number: one(f"{number}@x") for number in range(1, 6)}
    peer.then[b"UID FETCH 3 (BODY"] = peer.hangs_up
    peer.then[b"UID FETCH 4 (RFC822.SIZE"] = peer.hangs_up

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await firm.has_taken(*(f"{number}@x" for number in range(1, 6)))

    told(story)


def test_a_mail_that_somebody_takes_away_meanwhile_holds_up_no_other(told: Any, peer: Peer) -> None:
    peer.mails = {number: one(f"{number}@x") for number in range(1, 4)}
    peer.then[b"UID SEARCH"] = lambda: peer.mails.pop(2)

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await firm.has_taken("1@x", "3@x")

    told(story)


def test_a_mailbox_whose_mails_are_numbered_anew_is_looked_at_again_and_none_is_taken_twice(
    told: Any, peer: Peer
) -> None:
    peer.mails = {8: one("1@x"), 9: one("2@x")}

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await firm.has_taken("1@x", "2@x")
            await until(peer.idling.is_set)
            peer.validity, peer.mails = 8, {1: one("2@x"), 2: one("1@x"), 3: one("3@x")}
            peer.tells(b"* 3 EXISTS\r\n")
            await firm.has_taken("1@x", "2@x", "3@x")
            fates = "SELECT uid_validity, uid, fate FROM mail.received ORDER BY 1, 2"
            assert (await firm.rows(fates))[2:] == [
                (8, 1, "repeated"),
                (8, 2, "repeated"),
                (8, 3, "opened"),
            ]

    told(story)


def test_of_two_workers_on_one_mailbox_one_looks_and_the_other_goes_on_where_it_ends(
    told: Any, peer: Peer
) -> None:
    peer.mails = {number: one(f"{number}@x") for number in range(1, 26)}

    async def story(firm: Firm) -> None:
        mailbox = at(peer)
        first = firm.following(mailbox)
        stop = await first.__aenter__()
        await until(peer.idling.is_set)
        async with firm.following(mailbox, workers=2):
            logins = [asked for asked in peer.asked if asked.startswith(b"LOGIN")]
            assert len(logins) == 1
            peer.idling.clear()
            stop.set()
            await first.__aexit__(None, None, None)
            await until(peer.idling.is_set)
            peer.comes(one("26@x"))
            await firm.has_taken(*(f"{number}@x" for number in range(1, 27)))
        fetched = [asked for asked in peer.asked if b"BODY" in asked]
        assert len(fetched) == 26

    told(story)


def test_a_server_that_does_not_tell_is_asked_again_and_again(told: Any, peer: Peer) -> None:
    peer.offers = b"IMAP4rev1"

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await until(lambda: any(b"UID SEARCH" in asked for asked in peer.asked))
            peer.mails[1] = one("1@x")
            await firm.has_taken("1@x")
            assert b"IDLE" not in peer.asked

    told(story)


def test_a_worker_that_listens_stops_at_once(told: Any, peer: Peer) -> None:
    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await until(peer.idling.is_set)
        assert peer.asked[-1] == b"LOGOUT"

    told(story)


def test_the_wait_after_a_failure_begins_anew_once_a_mailbox_was_looked_at(told: Any, peer: Peer) -> None:
    async def story(firm: Firm) -> None:
        intake = Intake(firm.case.log, firm.case.desks.tickets, Files(firm.case.log.connection), [ADDRESS])
        aside = MailsAside(firm.case.log, intake, [])
        fetcher = Fetcher(at(peer), intake, aside, firm.case.log, firm.case.url)
        fetcher._wait, stop = 0.5, asyncio.Event()
        running = asyncio.create_task(fetcher.run(stop))
        await until(peer.idling.is_set)
        assert fetcher._wait == fetching.FIRST_WAIT
        stop.set()
        await running

    told(story)


def test_of_a_mail_that_is_too_large_the_beginning_is_taken_and_the_ticket_says_where_the_rest_is(
    told: Any, peer: Peer
) -> None:
    written = mail(message="large@x")
    written.add_attachment(b"%PDF-1.7 report", maintype="application", subtype="pdf", filename="报告.pdf")
    written.add_attachment(b"\xff\xd8\xff" * 60_000, maintype="image", subtype="jpeg", filename="large.jpg")
    peer.mails = {1: written.as_bytes(), 2: one("small@x")}
    mailbox = msgspec.structs.replace(at(peer), most_bytes=64 * 1024)

    async def story(firm: Firm) -> None:
        async with firm.following(mailbox):
            await firm.has_taken("large@x", "small@x")
        assert [asked for asked in peer.asked if b"BODY" in asked] == [
            b"UID FETCH 1 (BODY.PEEK[]<0.65536>)",
            b"UID FETCH 2 (BODY.PEEK[])",
        ]
        events = [fact.event for fact in await firm.case.log.after(0, 100)]
        [cut] = [event for event in events if isinstance(event, MailCut)]
        assert cut == MailCut(
            mailbox="support",
            message="large@x",
            size=len(peer.mails[1]),
            taken=65_536,
            broken="large.jpg",
        )
        files = [event for event in events if isinstance(event, FileAttached)]
        assert [(file.name, file.size) for file in files] == [
            ("冷水.eml", 65_536),
            ("报告.pdf", 15),
            ("冷水.eml", len(peer.mails[2])),
        ]

    told(story)
