"""What becomes of a mail that came in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from application.database.connect import Database
from application.files.store import Files
from application.mail.intake import Fate, Intake, Taken
from application.mail.letter import read_letter
from application.mail.mailboxes import Mailbox
from application.ticket_commands.correspondence import WriteLetter
from application.ticket_commands.course import CloseTicket, HoldTicket, ResolveTicket
from application.ticket_commands.pairing import MergeTicket
from domain.event import type_name
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, HoldReason, Status, Trouble
from tests.application.mail.post_office import ADDRESS, mail
from tests.application.mail.test_letter import bounce
from tests.application.policies.case import Case, case_on

BOX = Mailbox(
    name="support",
    address=ADDRESS,
    imap="imaps://u@h",
    smtp="smtps://u@h",
    team="华东一组",
    acknowledge=False,
    most_an_hour=3,
)


class Post:
    """Mails that come to a firm."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.intake = Intake(case.log, case.desks.tickets, Files(case.log.connection), [ADDRESS])

    async def comes(
        self, raw: bytes | None = None, *, box: Mailbox = BOX, lately: int = 0, **said: Any
    ) -> Taken:
        """A mail comes, a minute after whatever happened before."""
        letter = read_letter(raw or mail(**said).as_bytes())
        return await self.intake.take(letter, box, self.case.passes(minutes=1), opened_lately=lately)

    async def ticket(self, taken: Taken | UUID | None) -> Ticket:
        """A ticket as it stands."""
        found = taken.ticket if isinstance(taken, Taken) else taken
        assert found is not None
        held = await self.case.desks.tickets.streams.read(found)
        assert held is not None
        return held.state


@pytest.fixture
def told(database: Database) -> Callable[[Callable[[Post], Awaitable[None]]], None]:
    """Tell a story on a database."""

    def tell(story: Callable[[Post], Awaitable[None]]) -> None:
        async def run() -> None:
            async with case_on(database) as case:
                await story(Post(case))

        asyncio.run(run())

    return tell


def test_a_mail_begins_a_ticket_with_everything_that_it_says(told: Any) -> None:
    async def story(post: Post) -> None:
        taken = await post.comes()
        ticket = await post.ticket(taken)
        assert taken.fate is Fate.OPENED
        assert (ticket.subject, ticket.description, ticket.channel) == ("冷水", "热水器不加热", Channel.EMAIL)
        assert (ticket.contact, ticket.team) == ("陈经理 <chen@hotel.example>", "华东一组")
        assert (ticket.reported_at, ticket.correspondent) == (post.case.now, "chen@hotel.example")
        assert [file.name for file in ticket.files] == ["冷水.eml"]
        assert {fact.act.actor for fact in await post.case.told(ticket.id)} == {"mailbox:support"}

    told(story)


def test_the_same_mail_is_recorded_once_whichever_mailbox_it_comes_to_and_when(told: Any) -> None:
    async def story(post: Post) -> None:
        first = await post.comes()
        other = Mailbox(name="sales", address="sales@firm.example", imap="imaps://u@h", smtp="smtps://u@h")
        again = [await post.comes(), await post.comes(box=other)]
        assert again == [Taken(Fate.REPEATED, first.ticket)] * 2
        assert (await post.case.types((await post.ticket(first)).id)).count("ticket.contacted") == 1

    told(story)


def test_two_workers_that_take_the_same_mail_at_once_record_it_once(told: Any) -> None:
    async def story(post: Post) -> None:
        taken = await asyncio.gather(*(Post(post.case).comes() for _ in range(4)))
        assert sorted(each.fate for each in taken) == [Fate.OPENED, *[Fate.REPEATED] * 3]
        assert len({each.ticket for each in taken}) == 1

    told(story)


@pytest.mark.parametrize(
    "answer",
    [
        {"in_reply_to": "<first@hotel.example>"},
        {"references": "<first@hotel.example> <unknown@elsewhere>"},
        {"in_reply_to": "<{number}.1@firm.example>"},
        {"subject": "Re: [{number}] 冷水"},
    ],
)
def test_an_answer_finds_its_ticket(told: Any, answer: dict[str, str]) -> None:
    async def story(post: Post) -> None:
        ticket = await post.ticket(await post.comes())
        said = {name: text.format(number=ticket.number) for name, text in answer.items()}
        taken = await post.comes(text="still cold", message="second@hotel.example", **said)
        assert taken == Taken(Fate.ADDED, ticket.id)
        last = (await post.case.told(ticket.id))[-2].event
        assert (type_name(last), last.summary) == ("ticket.contacted", "still cold")  # type: ignore[attr-defined]

    told(story)


def test_what_a_mail_answers_counts_more_than_a_number_in_its_subject(told: Any) -> None:
    async def story(post: Post) -> None:
        first, other = await post.comes(), await post.comes(message="other@hotel.example")
        number = (await post.ticket(other)).number
        taken = await post.comes(
            message="third@x", subject=f"Re: [{number}]", in_reply_to="<first@hotel.example>"
        )
        assert taken.ticket == first.ticket

    told(story)


def test_the_customers_mail_ends_the_wait_for_the_customer_and_a_machines_does_not(told: Any) -> None:
    async def story(post: Post) -> None:
        ticket = await post.ticket(await post.comes())
        await post.case.ask(ticket.number, HoldTicket(hold=HoldReason.WAITING_FOR_CUSTOMER))
        away = {"message": "away@x", "in_reply_to": "<first@hotel.example>", "auto_submitted": "auto-replied"}
        assert (await post.comes(text="I am away", **away)).fate is Fate.AUTOMATIC
        assert (await post.ticket(ticket.id)).status is Status.ON_HOLD
        assert (await post.comes(message="2@x", in_reply_to="<first@hotel.example>")).fate is Fate.ADDED
        assert (await post.ticket(ticket.id)).status is Status.ASSIGNED

    told(story)


def test_an_answer_to_a_closed_ticket_is_kept_on_it(told: Any) -> None:
    async def story(post: Post) -> None:
        ticket = await post.ticket(await post.comes())
        await post.case.ask(ticket.number, ResolveTicket(solution="new element"), CloseTicket())
        taken = await post.comes(message="2@x", in_reply_to="<first@hotel.example>")
        assert (taken.fate, taken.ticket) == (Fate.ADDED, ticket.id)

    told(story)


def test_an_answer_to_a_ticket_that_was_merged_goes_to_where_the_work_goes_on(told: Any) -> None:
    async def story(post: Post) -> None:
        ticket = await post.ticket(await post.comes())
        other = await post.ticket(await post.comes(message="other@x"))
        await post.case.ask(ticket.number, MergeTicket(into=other.number))
        taken = await post.comes(message="2@x", in_reply_to="<first@hotel.example>")
        assert (taken.fate, taken.ticket) == (Fate.ADDED, other.id)

    told(story)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"auto_submitted": "auto-generated"}, "a machine wrote it, about no ticket"),
        ({"sender": f"Firm <{ADDRESS.upper()}>"}, "it is our own"),
        ({"message": "T-2026-000001.1@firm.example"}, "it is our own"),
        ({"lately": 3}, "its sender began 3 tickets within an hour"),
    ],
)
def test_loops_and_machines_begin_no_ticket(told: Any, said: dict[str, Any], why: str) -> None:
    async def story(post: Post) -> None:
        assert await post.comes(**said) == Taken(Fate.LEFT, None, why)
        assert await post.case.log.after(0, 10) == []

    told(story)


def test_a_letter_that_comes_back_is_no_contact_and_its_ticket_says_so(told: Any) -> None:
    async def story(post: Post) -> None:
        ticket = await post.ticket(await post.comes())
        await post.case.ask(ticket.number, WriteLetter(text="we come tomorrow"))
        before = (await post.ticket(ticket.id)).last_contact_at
        raw = bounce(f"{ticket.number}.1@firm.example")
        assert await post.comes(raw) == Taken(Fate.BOUNCED, ticket.id)
        assert (await post.comes(raw)).fate is Fate.REPEATED
        after = await post.ticket(ticket.id)
        assert (after.letters[0].trouble, after.last_contact_at) == (Trouble.BOUNCED, before)
        assert (await post.comes(bounce("unknown@elsewhere"))).fate is Fate.LEFT

    told(story)


def test_a_report_that_a_letter_is_late_is_no_failure(told: Any) -> None:
    async def story(post: Post) -> None:
        ticket = await post.ticket(await post.comes())
        await post.case.ask(ticket.number, WriteLetter(text="we come tomorrow"))
        late = bounce(f"{ticket.number}.1@firm.example").replace(b"Status: 5.1.1", b"Action: delayed")
        assert (await post.comes(late)).fate is Fate.LEFT
        assert (await post.ticket(ticket.id)).letters[0].trouble is None

    told(story)


def test_of_a_letter_to_several_the_ticket_says_with_whom_it_came_back(told: Any) -> None:
    async def story(post: Post) -> None:
        ticket = await post.ticket(await post.comes())
        to = ("Chen@hotel.example", "wang@hotel.example")
        await post.case.ask(ticket.number, WriteLetter(text="we come tomorrow", to=to))
        name = f"{ticket.number}.1@firm.example"
        for address in ("chen@hotel.example", "wang@hotel.example"):
            raw = bounce(name).replace(b"chen@hotel.example", address.encode())
            assert (await post.comes(raw)).fate is Fate.BOUNCED
            assert (await post.comes(raw)).fate is Fate.REPEATED
            [letter] = (await post.ticket(ticket.id)).letters
            known = {each.address.lower(): each.trouble for each in letter.recipients}
            assert known[address] is Trouble.BOUNCED
        assert [each.detail for each in letter.recipients] == [
            "rfc822; chen@hotel.example; 5.1.1",
            "rfc822; wang@hotel.example; 5.1.1",
        ]

    told(story)


def test_files_are_attached_once_and_what_is_not_taken_stays_in_the_mail(told: Any) -> None:
    async def story(post: Post) -> None:
        written = mail()
        for name in ("cold.jpg", "again.jpg"):
            written.add_attachment(b"\xff\xd8\xff photo", maintype="image", subtype="jpeg", filename=name)
        written.add_attachment(b"MZ\x90", maintype="application", subtype="x-msdownload", filename="a.exe")
        ticket = await post.ticket(await post.comes(written.as_bytes()))
        assert [(file.name, file.media_type) for file in ticket.files] == [
            ("冷水.eml", "message/rfc822"),
            ("cold.jpg", "image/jpeg"),
        ]

    told(story)


def test_whoever_begins_a_ticket_is_told_its_number_by_a_letter_that_is_no_response(told: Any) -> None:
    async def story(post: Post) -> None:
        box = Mailbox(name="support", address=ADDRESS, imap="imaps://u@h", smtp="smtps://u@h", language="en")
        [letter] = (await post.ticket(await post.comes(box=box))).letters
        assert (letter.automatic, letter.to, letter.subject) == (
            True,
            ("chen@hotel.example",),
            "We have your message: 冷水",
        )

    told(story)
