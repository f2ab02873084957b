"""Photos and files on a ticket (R02)."""

from __future__ import annotations

import pytest

from domain.errors import InvalidValue
from domain.ticket.words import Status
from tests.domain.story import happened, registered
from tests.domain.ticket.story import DIGEST, PHOTO, STANDS, given

ASKED = {name: getattr(PHOTO, name) for name in PHOTO.__struct_fields__}
SHOWS_IT = (registered("09:00"), happened(PHOTO, "09:05"))


@pytest.mark.parametrize("status", Status)
def test_a_file_is_attached_whatever_the_ticket_is(status: Status) -> None:
    given(*STANDS[status]).when("attach-file", **ASKED).then(PHOTO)


def test_the_same_content_is_one_file() -> None:
    answer = given(*SHOWS_IT).when("attach-file", **{**ASKED, "name": "again.jpg"})
    assert (answer.error, answer.events) == (None, ())


def test_what_was_withdrawn_may_be_attached_again_in_its_place() -> None:
    withdrawn = given(*SHOWS_IT).when("withdraw-file", "09:10", sha256=DIGEST)
    assert [file.withdrawn_at is None for file in withdrawn.ticket.files] == [False]
    again = given(*SHOWS_IT, happened(withdrawn.events[0], "09:10")).when(
        "attach-file", **{**ASKED, "caption": "the right one"}
    )
    [file] = again.ticket.files
    assert (file.caption, file.withdrawn_at) == ("the right one", None)


@pytest.mark.parametrize(
    ("asked", "why", "field"), [("0" * 64, "wrong customer", "/sha256"), (DIGEST, " ", "/reason")]
)
def test_only_what_is_there_is_withdrawn_and_with_a_reason(asked: str, why: str, field: str) -> None:
    given(*SHOWS_IT).when("withdraw-file", why=why, sha256=asked).refused(InvalidValue, field)


def test_nothing_is_attached_before_the_report() -> None:
    given(registered("09:00")).when("attach-file", "08:59", **ASKED).refused(InvalidValue, "/occurred_at")
