"""Mails that their mail server does not hand out: asked for again, set aside, and no other held up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import AsyncConnection

from application.desk import NotFound
from application.files.store import Files
from application.mail import fetching
from application.mail.aside import MailsAside
from application.mail.aside_book import SetAsideMail, waiting
from application.mail.deciding import RetryMail, StillRefused
from application.mail.fetching import Fetcher
from application.mail.imap import TROUBLE, open_box
from application.mail.intake import Intake
from application.mail.letter import read_letter
from application.mail.withheld import TRIES
from tests.application.mail import test_following as following
from tests.application.mail.imap_peer import Peer, imap_peer
from tests.application.mail.post_office import ADDRESS
from tests.application.mail.test_following import PATIENCE, Firm, at, one
from tests.application.policies.case import ADMIN

told = following.told
BROKEN = b"NO [SERVERBUG] the message cannot be read"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried at once."""
    monkeypatch.setattr(fetching, "FIRST_WAIT", 0.002)
    monkeypatch.setattr(fetching, "LONGEST_WAIT", 0.01)


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A mail server that hands out its first mail and its last, and not the one between them."""
    with imap_peer() as peer:
        for name in ("first@x", "second@x", "third@x"):
            peer.comes(one(name))
        peer.withholds[2] = BROKEN
        yield peer


async def until(firm: Firm, query: str, *rows: tuple[Any, ...]) -> None:
    """Until a query answers so."""
    async with asyncio.timeout(PATIENCE):
        while await firm.rows(query) != [*rows]:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def seen(firm: Firm, *fates: str) -> None:
    """Until so much became of the mails, in their order."""
    await until(firm, "SELECT fate FROM mail.received ORDER BY uid", *((fate,) for fate in fates))


async def aside(firm: Firm) -> list[SetAsideMail]:
    """What waits for somebody."""
    async with firm.case.log.connection() as conn:
        return list((await waiting(conn)).items)


def intake(firm: Firm) -> Intake:
    """Where mails go."""
    return Intake(firm.case.log, firm.case.desks.tickets, Files(firm.case.log.connection), [ADDRESS])


def desk(firm: Firm, peer: Peer) -> MailsAside:
    """Where people settle what becomes of those that were set aside."""
    return MailsAside(firm.case.log, intake(firm), [at(peer)])


async def looks(firm: Firm, peer: Peer, conn: Any) -> None:
    """A worker starts, looks at the mailbox once, and ends."""
    box = open_box(at(peer))
    try:
        fetcher = Fetcher(at(peer), intake(firm), desk(firm, peer), firm.case.log, firm.case.url)
        await fetcher.look(conn, box)
    finally:
        box.close()


@pytest.mark.parametrize("said", [BROKEN, b"BAD internal error", b""], ids=["no", "bad", "hangs up"])
def test_a_mail_that_is_never_handed_out_is_set_aside_and_those_behind_it_are_taken(
    told: Any, peer: Peer, said: bytes
) -> None:
    peer.withholds[2] = said

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await seen(firm, "opened", "set_aside", "opened")
        [mail] = await aside(firm)
        assert (mail.message, mail.sender, mail.sha256, mail.uid) == ("second@x", "second@x", None, 2)
        assert mail.why.startswith(f"not handed out, {TRIES} times: ")
        assert said.partition(b"] ")[2].decode() in mail.why
        asked = [each for each in peer.asked if each.upper().startswith(b"UID FETCH 2 (BODY.PEEK[])")]
        assert len(asked) == TRIES
        assert await firm.rows("SELECT 1 FROM mail.refused") == []

    told(story)


def test_a_mail_of_which_not_even_the_head_is_handed_out_is_called_by_its_place(
    told: Any, peer: Peer
) -> None:
    peer.withholds_heads = True

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await seen(firm, "opened", "set_aside", "opened")
        [mail] = await aside(firm)
        assert (mail.message, mail.sender, mail.uid_validity, mail.uid) == ("support/7/2", "", 7, 2)

    told(story)


def test_how_often_it_was_asked_for_outlives_the_worker(told: Any, peer: Peer) -> None:
    async def story(firm: Firm) -> None:
        async with await AsyncConnection.connect(firm.case.url, autocommit=True) as conn:
            for tries in range(1, TRIES + 1):
                with pytest.raises(TROUBLE):
                    await looks(firm, peer, conn)
                assert await firm.rows("SELECT uid, tries FROM mail.refused") == [(2, tries)]
            assert await aside(firm) == []
            await looks(firm, peer, conn)
        assert len(await aside(firm)) == 1

    told(story)


def test_a_server_that_hands_out_nothing_at_all_is_waited_for(told: Any, peer: Peer) -> None:
    peer.withholds = dict.fromkeys((1, 2, 3), BROKEN)

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await until(firm, f"SELECT uid FROM mail.refused WHERE tries >= {TRIES}", (1,))
            await following.until(lambda: any(b"UID FETCH 3 (BODY.PEEK[]<0" in asked for asked in peer.asked))
            assert await aside(firm) == []
            [(failure,)] = await firm.rows("SELECT failure FROM mail.mailbox")
            assert "cannot be read" in failure
            peer.withholds = {1: BROKEN}
            await seen(firm, "set_aside", "opened", "opened")

    told(story)


def test_a_retry_asks_the_mail_server_again(told: Any, peer: Peer) -> None:
    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await seen(firm, "opened", "set_aside", "opened")
        [mail] = await aside(firm)
        people = desk(firm, peer)
        with pytest.raises(NotFound, match="did not hand out"):
            await people.content(str(mail.id))
        with pytest.raises(StillRefused, match="cannot be read"):
            await people.send(str(mail.id), RetryMail(), ADMIN)
        peer.withholds.clear()
        peer.validity = 8
        with pytest.raises(StillRefused, match="numbered its mails anew"):
            await people.send(str(mail.id), RetryMail(), ADMIN)
        peer.validity = 7
        gone = peer.mails.pop(2)
        with pytest.raises(StillRefused, match="not in its mailbox any more"):
            await people.send(str(mail.id), RetryMail(), ADMIN)
        peer.mails[2] = gone
        receipt = await people.send(str(mail.id), RetryMail(), ADMIN)
        assert receipt.made == await firm.case.log.find("mail:second@x")
        assert await aside(firm) == []

    told(story)


def test_a_retry_finds_the_ticket_of_a_mail_that_came_to_another_mailbox_too(told: Any, peer: Peer) -> None:
    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await seen(firm, "opened", "set_aside", "opened")
        [mail] = await aside(firm)
        taken = await intake(firm).take(read_letter(peer.mails[2]), at(peer), firm.case.now)
        receipt = await desk(firm, peer).send(str(mail.id), RetryMail(), ADMIN)
        assert receipt.made == taken.ticket

    told(story)


def test_a_mail_of_nothing_is_passed(told: Any, peer: Peer) -> None:
    peer.withholds.clear()
    peer.mails[3] = b""

    async def story(firm: Firm) -> None:
        async with firm.following(at(peer)):
            await seen(firm, "opened", "opened")
            await until(firm, "SELECT uid, failure FROM mail.mailbox", (3, None))

    told(story)
