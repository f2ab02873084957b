"""The record as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from domain.ticket.events import TicketRemarked
from projections.records.html import to_html
from projections.records.voice import Language
from tests.projections.records.case import Told, rich_case
from tests.projections.records.hostile import HOSTILE, hostile_case

RECORD = rich_case().record()
VOID = {"meta", "col", "br", "img", "link", "input"}


class Page(HTMLParser):
    """What a browser would make of a page: its tags, its attributes and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def test_a_page_is_well_formed_and_loads_nothing() -> None:
    for language in ("zh", "en"):
        page = Page(to_html(RECORD, language))
        assert not page.open
        assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
        assert not {"src", "href", "style", "onclick"} - {"style"} & {name for name, _ in page.attributes}
    assert b"default-src 'none'" in to_html(RECORD, "zh")
    assert not re.search(rb"url\(|@import|https?://", to_html(RECORD, "zh"))


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("zh", ("服务案例记录", "标识和可追溯性", "换下序列号", "日志位置 1150", "已关闭", "海盛大酒店")),
        ("en", ("Service case record", "Identification and traceability", "Log position 1150", "closed")),
    ],
)
def test_a_page_is_in_its_language(language: Language, says: tuple[str, ...]) -> None:
    page = Page(to_html(RECORD, language))
    assert ("lang", {"zh": "zh-CN", "en": "en"}[language]) in page.attributes
    for text in says:
        assert text in page.text


def test_both_times_of_every_event_are_there() -> None:
    text = Page(to_html(RECORD, "en")).text
    assert "2026-03-02 11:30:00+08:00" in text
    assert "2026-03-02 14:42:00+08:00" in text
    assert "3 h 12 min later" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_is_text_and_nothing_else(text: str) -> None:
    plain = Page(to_html(Told().registered().then(TicketRemarked(text="x")).record(), "zh"))
    page = Page(to_html(Told().registered().then(TicketRemarked(text=text)).record(), "zh"))
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert not re.search("[\u202a-\u202e\u2066-\u2069\0\x1b]", page.text)


def test_markup_in_every_field_stays_text() -> None:
    page = Page(to_html(hostile_case().record(), "en"))
    assert not page.open
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text


def test_a_number_cannot_leave_the_style_sheet() -> None:
    evil = 'T</style><script>alert(1)</script>"; } * { display: none'
    page = Page(to_html(Told().registered(number=evil).record(), "zh"))
    assert "script" not in page.tags
    assert not page.open


def test_the_same_record_makes_the_same_page() -> None:
    for language in ("zh", "en"):
        assert to_html(rich_case().record(), language) == to_html(RECORD, language)
    assert to_html(RECORD, "zh") != to_html(RECORD, "en")
