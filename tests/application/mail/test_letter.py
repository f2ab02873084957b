"""What is read out of a mail, whatever it is made of."""

from __future__ import annotations

from email.mime.text import MIMEText

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from application.mail.bounces import Failure
from application.mail.letter import LONGEST, Kind, read_letter
from tests.application.mail.post_office import mail

HEADERS = ("From", "Subject", "Message-ID", "References", "Content-Type", "Content-Transfer-Encoding", "Date")


def bounce(returned: str) -> bytes:
    """What a mail server writes that could not deliver a mail of ours (RFC 3464)."""
    return BOUNCE.replace("RETURNED", returned).replace("\n", "\r\n").encode()


BOUNCE = """\
From: Mail delivery <MAILER-DAEMON@hotel.example>
To: service@firm.example
Subject: Undelivered
Message-ID: <bounce-of-RETURNED>
Content-Type: multipart/report; report-type=delivery-status; boundary=part

--part
Content-Type: text/plain

It could not be delivered.
--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.hotel.example

Final-Recipient: rfc822; chen@hotel.example
Status: 5.1.1

--part
Content-Type: message/rfc822

Message-ID: <RETURNED>
Subject: what we wrote

we come tomorrow
--part--
"""


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, Kind.PERSON),
        ({"auto_submitted": "no"}, Kind.PERSON),
        ({"auto_submitted": "auto-replied"}, Kind.AUTOMATIC),
        ({"auto_submitted": "auto-generated; type=vacation"}, Kind.AUTOMATIC),
        ({"precedence": "bulk"}, Kind.AUTOMATIC),
        ({"precedence": "first-class"}, Kind.PERSON),
        ({"list_id": "<news.hotel.example>"}, Kind.AUTOMATIC),
        ({"x_autoreply": "yes"}, Kind.AUTOMATIC),
        ({"return_path": "<>"}, Kind.AUTOMATIC),
        ({"return_path": "<chen@hotel.example>"}, Kind.PERSON),
    ],
)
def test_machines_say_that_they_are_machines(headers: dict[str, str], kind: Kind) -> None:
    assert read_letter(mail(**headers).as_bytes()).kind is kind


def test_a_bounce_says_what_came_back_and_why() -> None:
    letter = read_letter(bounce("T-2026-000001.1@firm.example"))
    assert (letter.kind, letter.returned) == (Kind.BOUNCE, "T-2026-000001.1@firm.example")
    assert letter.failures == (Failure("chen@hotel.example", "rfc822; chen@hotel.example; 5.1.1"),)


def test_a_bounce_says_of_each_recipient_what_became_of_it_there() -> None:
    report = """Original-Recipient: rfc822; wang@hotel.example
Final-Recipient: rfc822; wang@office.hotel.example
Action: failed
Diagnostic-Code: smtp; 552 mailbox full

Final-Recipient: rfc822; chen@hotel.example
Action: delayed
Status: 4.4.1

Final-Recipient: x400; nobody
Action: failed
Status: 5.1.2
"""
    raw = BOUNCE.replace("Final-Recipient: rfc822; chen@hotel.example\nStatus: 5.1.1\n", report)
    assert read_letter(raw.encode()).failures == (
        Failure("wang@hotel.example", "rfc822; wang@office.hotel.example; smtp; 552 mailbox full"),
        Failure(None, "x400; nobody; 5.1.2"),
    )


def test_a_bounce_that_is_none_in_form_gives_its_subject_as_the_reason() -> None:
    assert read_letter(b"From: postmaster@x\nSubject: Undeliverable: cold\n\nSorry.").failures == (
        Failure(None, "Undeliverable: cold"),
    )


def test_the_nearest_mail_that_it_answers_comes_first() -> None:
    letter = read_letter(mail(in_reply_to="<c@x>", references="<a@x> <b@x> <c@x>").as_bytes())
    assert letter.answers == ("c@x", "c@x", "b@x", "a@x")


def test_a_text_that_is_html_only_is_read_as_text() -> None:
    html = MIMEText("<p>水还是<b>冷</b>的</p><script>x()</script>", "html", "gb18030")
    html["From"], html["Message-ID"] = "chen@hotel.example", "<h@x>"
    assert "水还是" in read_letter(html.as_bytes()).text
    assert "<" not in read_letter(html.as_bytes()).text


def test_a_very_long_text_is_cut_in_the_event() -> None:
    assert len(read_letter(mail("冷" * 30_000).as_bytes()).text) == LONGEST


def test_files_come_with_their_names_and_types() -> None:
    written = mail()
    written.add_attachment(b"\xff\xd8\xff photo", maintype="image", subtype="jpeg", filename="冷水 1.jpg")
    [photo] = read_letter(written.as_bytes()).enclosed
    assert (photo.name, photo.media_type, photo.content) == (
        "冷水 1.jpg",
        "image/jpeg",
        b"\xff\xd8\xff photo",
    )


def test_a_mail_without_a_name_of_its_own_is_called_by_its_bytes() -> None:
    first, again = (read_letter(mail(message=None).as_bytes()) for _ in range(2))
    other = read_letter(mail("other", message=None).as_bytes())
    assert first.message == again.message != other.message


@for_any(
    st.lists(st.tuples(st.sampled_from(HEADERS), st.binary(max_size=60)), max_size=8), st.binary(max_size=200)
)
def test_whatever_the_bytes_are_something_is_read(headers: list[tuple[str, bytes]], body: bytes) -> None:
    raw = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + body
    letter = read_letter(raw)
    assert letter.message
    for text in (
        letter.subject,
        letter.text,
        letter.sender,
        letter.name,
        *(each.said for each in letter.failures),
    ):
        assert "\x00" not in text
        text.encode()
