"""Mail comes in and goes out over real servers (R01)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from application.database.connect import Database
from application.desk import wall_clock
from application.files.store import Files
from application.mail import fetching
from application.mail.aside import MailsAside
from application.mail.fetching import Fetcher
from application.mail.imap import open_box
from application.mail.intake import Intake
from application.mail.mailboxes import Mailbox
from application.mail.outbox import GIVE_UP, Outbox
from application.ticket_commands.correspondence import WriteLetter
from domain.event import type_name
from domain.ticket.state import Ticket
from domain.ticket.words import Trouble
from tests.application.mail.post_office import ADDRESS, PostOffice, free_port, mail
from tests.application.policies.case import Case, case_on


class Firm:
    """A worker that looks at its mailboxes and sends what waits, when it is told to."""

    def __init__(self, case: Case, *mailboxes: Mailbox) -> None:
        self.case = case
        case.now = wall_clock()
        intake = Intake(case.log, case.desks.tickets, Files(case.log.connection), [ADDRESS])
        self.aside = MailsAside(case.log, intake, mailboxes)
        self._fetchers = [(box, Fetcher(box, intake, self.aside, case.log, case.url)) for box in mailboxes]
        self.outbox = Outbox(case.log, case.desks.tickets, mailboxes, now=lambda: case.now)

    async def looks(self) -> None:
        """Everything that is new in every mailbox is taken in."""
        async with await AsyncConnection.connect(self.case.url, autocommit=True) as conn:
            for mailbox, fetcher in self._fetchers:
                box = open_box(mailbox)
                while await fetcher.look(conn, box):
                    pass
                box.close()

    async def sends(self) -> None:
        """Everything that may go out is tried."""
        await self.case.react()
        while await self.outbox.step():
            pass

    async def rows(self, query: str) -> list[Any]:
        """What the tables of the post say."""
        async with self.case.log.connection() as conn:
            return await (await conn.execute(query)).fetchall()  # type: ignore[arg-type]

    async def tickets(self) -> list[Ticket]:
        """Every ticket there is, in the order in which they began."""
        facts = await self.case.log.after(0, 1000)
        begun = [fact.stream_id for fact in facts if type_name(fact.event) == "ticket.registered"]
        held = [await self.case.desks.tickets.streams.read(each) for each in begun]
        return [each.state for each in held if each]


@asynccontextmanager
async def firm_on(database: Database, *mailboxes: Mailbox) -> AsyncIterator[Firm]:
    """A firm on a database."""
    async with case_on(database) as case:
        yield Firm(case, *mailboxes)


def tell(story: Callable[[], Awaitable[None]]) -> None:
    """Let a story happen."""
    asyncio.run(story())  # type: ignore[arg-type]


def test_a_correspondence_over_real_servers(database: Database, office: PostOffice) -> None:
    async def story() -> None:
        async with firm_on(database, office.mailbox(folder="Story", language="en")) as firm:
            office.comes(mail(message="one@hotel.example"), "Story")
            await firm.looks()
            [ticket] = await firm.tickets()
            await firm.sends()
            thanks = office.taken.get(timeout=10)
            assert thanks["Subject"] == f"[{ticket.number}] We have your message: 冷水"
            assert (thanks["Auto-Submitted"], thanks["In-Reply-To"]) == (
                "auto-replied",
                "<one@hotel.example>",
            )

            await firm.case.ask(ticket.number, WriteLetter(text="明天九点上门", mailbox="support"))
            await firm.sends()
            letter = office.taken.get(timeout=10)
            assert letter["Message-ID"] == f"<{ticket.number}.2@firm.example>"
            assert letter["From"] == "海风售后 <service@firm.example>"
            assert (letter["To"], letter["Auto-Submitted"]) == ("chen@hotel.example", None)
            assert letter.get_content().strip() == "明天九点上门"

            office.comes(mail("谢谢", message="two@x", in_reply_to=letter["Message-ID"]), "Story")
            await firm.looks()
            [ticket] = await firm.tickets()
            types = await firm.case.types(ticket.id)
            assert types.count("ticket.contacted") == 4  # in, our automatic one, our own, in
            assert [each.sent_at is not None for each in ticket.letters] == [True, True]

    tell(story)


def test_several_mailboxes_are_one_post_and_nothing_is_taken_twice(
    database: Database, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PAGE", 2)

    async def story() -> None:
        boxes = (
            office.mailbox(folder="North"),
            office.mailbox("sales", folder="South", address="sales@firm.example"),
        )
        async with firm_on(database, *boxes) as firm:
            for number in range(5):  # more than one look fetches
                office.comes(mail(message=f"{number}@north", sender=f"c{number}@x.example"), "North")
            office.comes(mail(message="3@north"), "South")
            office.comes(mail(message="other@south"), "South")
            await firm.looks()
            await firm.looks()
            assert len(await firm.tickets()) == 6
            fates = dict(await firm.rows("SELECT fate, count(*) FROM mail.received GROUP BY 1"))
            assert fates == {"opened": 6, "repeated": 1}

    tell(story)


def test_a_mailbox_that_counts_anew_is_looked_at_again_and_nothing_is_recorded_twice(
    database: Database, office: PostOffice
) -> None:
    async def story() -> None:
        async with firm_on(database, office.mailbox(folder="Anew")) as firm:
            office.comes(mail(message="same@x"), "Anew")
            await firm.looks()
            async with firm.case.log.connection() as conn:
                await conn.execute("UPDATE mail.mailbox SET uid_validity = 1")
            await firm.looks()
            assert len(await firm.tickets()) == 1
            assert [fate for (fate,) in await firm.rows("SELECT fate FROM mail.received")] == ["opened"]

    tell(story)


def test_a_refused_letter_is_known_to_have_failed_and_is_no_contact(
    database: Database, office: PostOffice
) -> None:
    async def story() -> None:
        async with firm_on(database, office.mailbox()) as firm:
            office.refuses["gone@hotel.example"] = "550 5.1.1 no such user"
            ticket = await firm.case.ticket(None)
            await firm.case.ask(ticket.number, WriteLetter(text="hello", to=("gone@hotel.example",)))
            await firm.sends()
            [state] = await firm.tickets()
            assert (state.letters[0].trouble, state.last_contact_at) == (Trouble.REFUSED, None)
            assert await firm.rows("SELECT * FROM mail.outgoing") == []

    tell(story)


def test_a_letter_waits_for_a_mail_server_that_is_away_and_is_given_up_in_the_end(
    database: Database, office: PostOffice
) -> None:
    async def story() -> None:
        away = office.mailbox(smtp=f"smtp://127.0.0.1:{free_port()}")
        async with firm_on(database, away) as firm:
            ticket = await firm.case.ticket(None)
            await firm.case.ask(ticket.number, WriteLetter(text="hello", to=("chen@hotel.example",)))
            await firm.sends()
            [(tries, failure)] = await firm.rows("SELECT tries, failure FROM mail.outgoing")
            assert (tries, bool(failure)) == (1, True)
            assert (await firm.tickets())[0].letters[0].trouble is None
            firm.case.passes(seconds=(GIVE_UP + timedelta(minutes=1)).total_seconds())
            async with firm.case.log.connection() as conn:
                await conn.execute("UPDATE mail.outgoing SET due_at = clock_timestamp()")
            await firm.sends()
            assert (await firm.tickets())[0].letters[0].trouble is Trouble.GIVEN_UP

    tell(story)


def test_a_letter_that_went_out_before_its_worker_died_is_not_recorded_twice(
    database: Database, office: PostOffice
) -> None:
    async def story() -> None:
        async with firm_on(database, office.mailbox()) as firm:
            ticket = await firm.case.ticket(None)
            await firm.case.ask(ticket.number, WriteLetter(text="hello", to=("chen@hotel.example",)))
            await firm.sends()
            async with firm.case.log.connection() as conn:  # as if it had died before it said so
                await conn.execute(
                    "INSERT INTO mail.outgoing (ticket_id, letter, mailbox, written_at) "
                    "VALUES (%s, 1, 'support', now())",
                    (ticket.id,),
                )
            await firm.sends()
            assert (await firm.case.types(ticket.id)).count("ticket.contacted") == 1
            assert await firm.rows("SELECT * FROM mail.outgoing") == []

    tell(story)


def test_a_mail_server_that_does_not_let_in_is_named_where_people_look(
    database: Database, office: PostOffice
) -> None:
    async def story() -> None:
        box = office.mailbox(imap=f"imap://nobody@127.0.0.1:{office.imap_port}/INBOX")
        async with firm_on(database, box) as firm:
            stop = asyncio.Event()
            running = asyncio.create_task(firm._fetchers[0][1].run(stop))
            while not await firm.rows("SELECT failure FROM mail.mailbox WHERE failure IS NOT NULL"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            stop.set()
            await running
            [(failure,)] = await firm.rows("SELECT failure FROM mail.mailbox")
            assert "secret" not in failure

    tell(story)
