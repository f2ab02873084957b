"""Mails that cannot be taken in are set aside, and hold up no other."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing import get_context
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from application.access import Caller, Role
from application.database.connect import Database
from application.desk import NotFound
from application.files.store import Files
from application.files.verifying import verify
from application.log.errors import LogUnavailable, VersionConflict
from application.mail import fetching
from application.mail.aside import MailsAside
from application.mail.aside_book import SetAsideMail, alerts, posts, waiting
from application.mail.deciding import DismissMail, RetryMail, StillRefused
from application.mail.fetching import Fetcher, Mail
from application.mail.intake import Intake
from application.mail.outages import is_outage
from application.tickets.desk import TicketDesk
from domain.errors import InvalidValue, NotAllowed
from domain.event import Act, type_name
from domain.promises import UnknownPlan
from domain.ticket.mail_events import MailCut
from tests.application.mail.post_office import ADDRESS, mail
from tests.application.mail.test_intake import BOX
from tests.application.policies.case import ADMIN, Case, case_on
from tests.conftest import connected

OLD = datetime(1989, 1, 1, tzinfo=UTC)
"""Before the plan of these tests was offered: a ticket that was reported then is refused."""
AUDITOR = Caller("chen.jing", Role.AUDITOR, ADMIN.token_id)


def newer(desk: TicketDesk) -> None:
    """Let a desk open tickets as ever, but none of the year 1989."""
    usual = desk.open

    async def opened(command: Any, act: Act, *more: Any, **said: Any) -> Any:
        if act.occurred_at == OLD:
            raise UnknownPlan("no plan was offered in 1989")
        return await usual(command, act, *more, **said)

    desk.open = opened  # type: ignore[method-assign]


class Post:
    """A mailbox that is followed by a worker, without its mail server."""

    def __init__(self, case: Case) -> None:
        self.case = case
        newer(case.desks.tickets)
        self.intake = Intake(case.log, case.desks.tickets, Files(case.log.connection), [ADDRESS])
        self.aside = MailsAside(case.log, self.intake, [BOX])
        self.fetcher = Fetcher(BOX, self.intake, self.aside, case.log, case.url, now=lambda: case.now)

    async def comes(self, uid: int, at: datetime | None = None, raw: bytes = b"", **said: Any) -> None:
        """A mail is fetched."""
        said = {"message": f"{uid}@hotel.example", **said}
        async with await AsyncConnection.connect(self.case.url, autocommit=True) as conn:
            one = Mail(uid, at or self.case.now, raw or mail(**said).as_bytes())
            await self.fetcher._take(conn, 1, one)

    async def waiting(self) -> tuple[SetAsideMail, ...]:
        """What waits for somebody."""
        async with self.case.log.connection() as conn:
            return (await waiting(conn)).items

    async def fates(self) -> list[str]:
        """What became of every mail."""
        async with self.case.log.connection() as conn:
            rows = await conn.execute("SELECT fate FROM mail.received ORDER BY uid")
            return [fate for (fate,) in await rows.fetchall()]

    async def told(self) -> list[str]:
        """The types of all events, but those of tickets."""
        facts = await self.case.log.after(0, 1000)
        types = [type_name(fact.event) for fact in facts]
        return [each for each in types if not each.startswith("ticket.")]


@pytest.fixture
def told(database: Database) -> Callable[[Callable[[Post], Awaitable[None]]], None]:
    """Tell a story on a database."""

    def tell(story: Callable[[Post], Awaitable[None]]) -> None:
        async def run() -> None:
            async with case_on(database) as case:
                await story(Post(case))

        asyncio.run(run())

    return tell


def test_a_mail_that_the_desk_refuses_is_set_aside_and_the_next_one_is_taken(told: Any) -> None:
    async def story(post: Post) -> None:
        await post.comes(1, OLD)
        await post.comes(2)
        assert await post.fates() == ["set_aside", "opened"]
        [aside] = await post.waiting()
        raw = mail(message="1@hotel.example").as_bytes()
        assert (aside.mailbox, aside.message) == ("support", "1@hotel.example")
        assert (aside.sender, aside.subject, aside.arrived_at) == ("chen@hotel.example", "冷水", OLD)
        assert "1989" in aside.why
        assert (aside.sha256, aside.size) == (sha256(raw).hexdigest(), len(raw))
        content = await post.aside.content(str(aside.id))
        assert b"".join([piece async for piece in content]) == raw
        with connected(post.case.url) as conn:
            assert verify(conn).faults == ()

    told(story)


def test_a_mail_whose_reading_fails_in_an_unforeseen_way_is_set_aside(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(raw: bytes, size: int) -> None:
        raise RecursionError("too deep\nfor anybody")

    async def story(post: Post) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(fetching, "read_letter", cannot)
            await post.comes(1)
            await post.comes(2, raw=b"\x00\xff no mail at all")
        first, other = await post.waiting()
        assert (first.message, first.why) == ("1@hotel.example", "RecursionError: too deep")
        assert other.message.endswith("@no-message-id")
        receipt = await post.aside.send(str(first.id), RetryMail(), ADMIN)
        assert receipt.made is not None
        assert await post.fates() == ["opened", "set_aside"]

    told(story)


@pytest.mark.parametrize(
    "error",
    [
        LogUnavailable("the database does not answer"),
        psycopg.OperationalError("gone"),
        psycopg.errors.ReadOnlySqlTransaction("a standby"),
        VersionConflict(ADMIN.token_id, 3),
        ConnectionResetError("the mail server is gone"),
    ],
)
def test_an_outage_sets_nothing_aside(told: Any, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def gone(*_: Any, **__: Any) -> None:
        raise error

    async def story(post: Post) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(Intake, "take", gone)
            with pytest.raises(type(error)):
                await post.comes(1)
        assert await post.fates() == []
        await post.comes(1)
        assert await post.fates() == ["opened"]

    told(story)


def test_what_the_database_cannot_keep_is_the_mails_own_fault() -> None:
    assert not is_outage(psycopg.errors.CharacterNotInRepertoire("a byte"))
    assert not is_outage(InvalidValue("no"))


def test_a_mail_is_set_aside_once_wherever_and_however_often_it_is_seen(told: Any) -> None:
    async def story(post: Post) -> None:
        await post.comes(1, OLD)
        await post.comes(1, OLD)
        await post.comes(7, OLD, message="1@hotel.example")
        assert await post.told() == ["mail.set_aside"]
        [aside] = await post.waiting()
        await post.aside.send(str(aside.id), DismissMail(reason="a test"), ADMIN)
        await post.comes(8, OLD, message="1@hotel.example")
        assert await post.waiting() == ()
        assert await post.told() == ["mail.set_aside", "mail.dismissed"]

    told(story)


def test_a_retry_that_is_refused_leaves_it_aside_and_one_that_is_not_settles_it(told: Any) -> None:
    async def story(post: Post) -> None:
        await post.comes(1, OLD)
        [aside] = await post.waiting()
        with pytest.raises(StillRefused, match="1989"):
            await post.aside.send(str(aside.id), RetryMail(), ADMIN)
        assert await post.waiting() == (aside,)
        elsewhere = MailsAside(post.case.log, post.intake, [])
        with pytest.raises(StillRefused, match="not set up"):
            await elsewhere.send(str(aside.id), RetryMail(), ADMIN)

        ticket = await post.case.ticket(None)
        again = mail(message="2@hotel.example", subject=f"Re: {ticket.number}").as_bytes()
        await post.aside.put("support", again, None, OLD, InvalidValue("as if"))  # before it was reported
        _, second = await post.waiting()
        receipt = await post.aside.send(str(second.id), RetryMail(), ADMIN)
        assert (receipt.made, receipt.version) == (ticket.id, 2)
        assert "ticket.contacted" in await post.case.types(ticket.id)
        with pytest.raises(NotAllowed, match="taken in"):
            await post.aside.send(str(second.id), RetryMail(), ADMIN)

    told(story)


def test_a_retry_whose_worker_died_half_way_is_finished_by_the_next_one(told: Any) -> None:
    async def story(post: Post) -> None:
        raw = mail().as_bytes()
        await post.aside.put("support", raw, None, post.case.now, InvalidValue("as if"))
        [aside] = await post.waiting()
        await post.comes(1, raw=raw)  # the ticket is there, and nothing says yet that it is settled
        receipt = await post.aside.send(str(aside.id), RetryMail(), ADMIN)
        found = await post.case.log.find("mail:first@hotel.example")
        assert receipt.made == found
        assert await post.told() == ["mail.set_aside", "mail.taken_in"]

    told(story)


def test_who_may_decide_and_what_has_to_be_said(told: Any) -> None:
    async def story(post: Post) -> None:
        await post.comes(1, OLD)
        [aside] = await post.waiting()
        with pytest.raises(Exception, match="does not allow"):
            await post.aside.send(str(aside.id), RetryMail(), AUDITOR)
        with pytest.raises(InvalidValue) as said:
            await post.aside.send(str(aside.id), DismissMail(reason=" "), ADMIN)
        assert said.value.field == "/reason"
        for nothing in (str(ADMIN.token_id), "x"):
            with pytest.raises(NotFound):
                await post.aside.send(nothing, RetryMail(), ADMIN)
        assert await post.waiting() == (aside,)

    told(story)


def test_somebody_is_told_of_what_waits_and_of_a_mailbox_that_cannot_be_looked_at(told: Any) -> None:
    async def story(post: Post) -> None:
        await post.comes(1, OLD)
        await post.fetcher._failed(OSError("wrong password"))
        async with post.case.log.connection() as conn:
            found = await posts(conn)
        assert found["support"][:2] == (1, "wrong password")
        first, other = alerts(found)
        assert first.en == "1 mails to support could not be taken in: see aftersales mail set-aside"
        assert "password" not in other.en

    told(story)


def _dies(url: str, at: str) -> None:
    """A worker that is killed while it sets a mail aside: before the fact, or before its own note of it."""

    def killed(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    async def run() -> None:
        async with case_on(Database(service_url=url, owner_url=url, is_embedded=False)) as case:
            post = Post(case)
            if at == "before":
                case.log.append = killed  # type: ignore[method-assign]
            else:
                put = post.aside.put

                async def put_and_die(*given: Any, **more: Any) -> None:
                    await put(*given, **more)
                    killed()

                post.aside.put = put_and_die  # type: ignore[method-assign]
            await post.comes(1, OLD)

    asyncio.run(run())


@pytest.mark.parametrize(("at", "facts"), [("before", 0), ("after", 1)])
def test_a_worker_that_is_killed_while_it_sets_a_mail_aside_leaves_it_to_the_next(
    database: Database, told: Any, at: str, facts: int
) -> None:
    worker = get_context("fork").Process(target=_dies, args=(database.service_url, at))
    worker.start()
    worker.join(30)
    assert worker.exitcode == -signal.SIGKILL

    async def story(post: Post) -> None:
        assert await post.told() == ["mail.set_aside"] * facts
        assert await post.fates() == []
        await post.comes(1, OLD)
        await post.comes(2)
        assert await post.told() == ["mail.set_aside"]
        assert await post.fates() == ["set_aside", "opened"]

    told(story)


def test_a_mail_of_which_only_the_beginning_was_taken_is_retried_as_such(told: Any) -> None:
    async def story(post: Post) -> None:
        raw = mail().as_bytes()
        await post.aside.put("support", raw, None, post.case.now, InvalidValue("as if"), cut_from=90_000_000)
        [aside] = await post.waiting()
        assert (aside.size, aside.cut_from) == (len(raw), 90_000_000)
        receipt = await post.aside.send(str(aside.id), RetryMail(), ADMIN)
        assert receipt.made is not None
        [cut] = [each.event for each in await post.case.told(receipt.made) if isinstance(each.event, MailCut)]
        assert (cut.size, cut.taken, cut.message) == (90_000_000, len(raw), aside.message)

    told(story)
