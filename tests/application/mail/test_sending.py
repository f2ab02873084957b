"""Letters on their way out: refused for good, asked to wait, taken for some, and never lost."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from application.database.connect import Database
from application.mail.mailboxes import Mailbox
from application.mail.outbox import FIRST_WAIT, GIVE_UP, Outbox
from application.mail.postbook import status
from application.ticket_commands.correspondence import WriteLetter
from domain.ticket.mail_events import LetterFailed
from domain.ticket.words import Trouble
from tests.application.mail.post_office import PostOffice, free_port
from tests.application.mail.test_post import Firm, firm_on
from tests.application.policies.case import case_on

CHEN, WANG = "chen@hotel.example", "wang@hotel.example"
GREYLISTED = "451 4.7.1 greylisted, come again in five minutes"
GONE = "550 5.1.1 no such user"


@pytest.fixture
def told(database: Database, office: PostOffice) -> Callable[[Callable[[Firm], Awaitable[None]]], None]:
    """Tell a story of a firm with a mailbox, whose mail server refuses nobody yet."""

    def tell(story: Callable[[Firm], Awaitable[None]]) -> None:
        async def run() -> None:
            async with firm_on(database, office.mailbox()) as firm:
                await story(firm)

        asyncio.run(run())

    return tell


async def written(firm: Firm, *to: str, cc: tuple[str, ...] = ()) -> Any:
    """A ticket with a letter to somebody."""
    ticket = await firm.case.ticket(None)
    await firm.case.ask(
        ticket.number, WriteLetter(text="we come", to=to or (CHEN,), cc=cc, mailbox="support")
    )
    return ticket


async def later(firm: Firm) -> None:
    """It is time to try again."""
    async with firm.case.log.connection() as conn:
        await conn.execute("UPDATE mail.outgoing SET due_at = clock_timestamp()")
    await firm.sends()


async def failures(firm: Firm, ticket: Any) -> list[tuple[Trouble, str]]:
    """What the ticket says that did not arrive."""
    events = [fact.event for fact in await firm.case.told(ticket.id)]
    return [
        (each.trouble, f"{each.address}: {each.detail}") for each in events if isinstance(each, LetterFailed)
    ]


async def fates(firm: Firm, ticket: Any) -> dict[str, str]:
    """What the ticket says became of its letter with each recipient."""
    [state] = [each for each in await firm.tickets() if each.id == ticket.id]
    return {
        each.address: "taken" if each.taken_at else each.trouble.value if each.trouble else "waits"
        for each in state.letters[0].recipients
    }


async def contacts(firm: Firm, ticket: Any) -> int:
    """How often somebody wrote to the customer."""
    return (await firm.case.types(ticket.id)).count("ticket.contacted")


def test_a_letter_that_is_greylisted_waits_and_is_a_contact_once_it_is_taken(
    told: Any, office: PostOffice
) -> None:
    async def story(firm: Firm) -> None:
        office.refuses[CHEN] = GREYLISTED
        ticket = await written(firm)
        await firm.sends()
        query = "SELECT tries, failure, due_at > clock_timestamp() + %s FROM mail.outgoing"
        query = query % f"interval '{FIRST_WAIT.total_seconds() - 5} s'"
        assert await firm.rows(query) == [(1, f"{CHEN}: {GREYLISTED}", True)]
        await later(firm)
        [(tries, _, _)] = await firm.rows(query)
        assert (tries, await contacts(firm, ticket), await failures(firm, ticket)) == (2, 0, [])
        async with firm.case.log.connection() as conn:
            await conn.execute("INSERT INTO mail.mailbox (name) VALUES ('support')")
            assert "greylisted" in ((await status(conn))[0].held_up_by or "")
        office.refuses.clear()
        await later(firm)
        assert office.taken.get(timeout=10)["To"] == CHEN
        assert (await contacts(firm, ticket), await firm.rows("SELECT 1 FROM mail.outgoing")) == (1, [])

    told(story)


def test_a_letter_that_is_refused_for_good_says_on_its_ticket_by_whom_and_why(
    told: Any, office: PostOffice
) -> None:
    async def story(firm: Firm) -> None:
        office.refuses[CHEN] = GONE
        ticket = await written(firm)
        await firm.sends()
        assert await failures(firm, ticket) == [(Trouble.REFUSED, f"{CHEN}: {GONE}")]
        assert (await contacts(firm, ticket), await firm.rows("SELECT 1 FROM mail.outgoing")) == (0, [])

    told(story)


def test_a_letter_that_some_get_and_some_never_will_is_a_contact_and_a_failure(
    told: Any, office: PostOffice
) -> None:
    async def story(firm: Firm) -> None:
        office.refuses[WANG] = GONE
        ticket = await written(firm, CHEN, cc=(WANG,))
        await firm.sends()
        assert office.taken.get(timeout=10)["Cc"] == WANG
        assert await failures(firm, ticket) == [(Trouble.REFUSED, f"{WANG}: {GONE}")]
        assert (await contacts(firm, ticket), await firm.rows("SELECT 1 FROM mail.outgoing")) == (1, [])

    told(story)


@pytest.mark.parametrize("in_the_end", [None, GONE])
def test_whoever_a_letter_has_to_wait_for_is_tried_alone_later(
    told: Any, office: PostOffice, in_the_end: str | None
) -> None:
    async def story(firm: Firm) -> None:
        office.refuses[WANG] = GREYLISTED
        ticket = await written(firm, CHEN, WANG)
        await firm.sends()
        first = office.taken.get(timeout=10)
        assert await fates(firm, ticket) == {CHEN: "taken", WANG: "waits"}
        assert (await contacts(firm, ticket), await failures(firm, ticket)) == (1, [])
        office.refuses = {WANG: in_the_end, CHEN: "550 5.7.1 not twice"} if in_the_end else {CHEN: GONE}
        await later(firm)
        if in_the_end is None:
            assert office.taken.get(timeout=10)["Message-ID"] == first["Message-ID"]
            assert await failures(firm, ticket) == []
            assert await fates(firm, ticket) == {CHEN: "taken", WANG: "taken"}
        else:
            assert await failures(firm, ticket) == [(Trouble.REFUSED, f"{WANG}: {GONE}")]
            assert await fates(firm, ticket) == {CHEN: "taken", WANG: "refused"}
        assert (await contacts(firm, ticket), await firm.rows("SELECT 1 FROM mail.outgoing")) == (1, [])

    told(story)


def test_a_mail_server_that_does_not_let_us_in_refuses_no_letter(
    database: Database, office: PostOffice
) -> None:
    def nobody(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    port = free_port()
    closed = Controller(office, hostname="127.0.0.1", port=port, authenticator=nobody, auth_require_tls=False)
    closed.start()

    async def story() -> None:
        async with firm_on(database, office.mailbox(smtp=f"smtp://firm@127.0.0.1:{port}")) as firm:
            ticket = await written(firm)
            await firm.sends()
            [(failure,)] = await firm.rows("SELECT failure FROM mail.outgoing")
            assert failure.startswith("mailbox support: 535 ")
            assert await failures(firm, ticket) == []
            firm.case.passes(seconds=(GIVE_UP + timedelta(minutes=1)).total_seconds())
            await later(firm)
            [(trouble, _)] = await failures(firm, ticket)
            assert trouble is Trouble.GIVEN_UP

    try:
        asyncio.run(story())
    finally:
        closed.stop()


def test_a_letter_that_cannot_be_a_mail_is_refused_and_holds_up_no_other(
    told: Any, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from application.mail import outbox

    usual = outbox.compose

    def composed(letter: Any, *more: Any) -> Any:
        if letter.to == (WANG,):
            raise LookupError("no such charset")
        return usual(letter, *more)

    async def story(firm: Firm) -> None:
        monkeypatch.setattr(outbox, "compose", composed)
        first, second = await written(firm, WANG), await written(firm, CHEN)
        await firm.sends()
        assert await failures(firm, first) == [
            (Trouble.REFUSED, f"{WANG}: it cannot be written as a mail: no such charset")
        ]
        assert office.taken.get(timeout=10)["To"] == CHEN
        assert await contacts(firm, second) == 1

    told(story)


def _dies(url: str, mailbox: Mailbox) -> None:
    """A worker that is killed when the mail server has taken a letter, and nothing says so yet."""

    async def run() -> None:
        database = Database(service_url=url, owner_url=url, is_embedded=False)
        async with case_on(database) as case:
            outbox = Outbox(case.log, case.desks.tickets, [mailbox])

            async def killed(*_: Any) -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            outbox._settle = killed  # type: ignore[method-assign]
            await outbox.step()

    asyncio.run(run())


def test_a_letter_whose_worker_is_killed_before_it_is_recorded_goes_out_again_as_the_same(
    database: Database, told: Any, office: PostOffice, tmp_path: Path
) -> None:
    async def story(firm: Firm) -> None:
        ticket = await written(firm)
        await firm.case.react()
        given = (database.service_url, office.mailbox())
        worker = get_context("fork").Process(target=_dies, args=given)
        worker.start()
        await asyncio.to_thread(worker.join, 30)
        assert worker.exitcode == -signal.SIGKILL
        first = office.taken.get(timeout=10)
        await firm.sends()  # it is the dead worker's for a while yet
        assert await contacts(firm, ticket) == 0
        assert office.taken.empty()
        await later(firm)
        assert office.taken.get(timeout=10)["Message-ID"] == first["Message-ID"]
        assert (await contacts(firm, ticket), await firm.rows("SELECT 1 FROM mail.outgoing")) == (1, [])

    told(story)
