"""The record as PDF/A-3b, read back with another library."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from domain.ticket.events import TicketRemarked
from projections.records.events import events_json
from projections.records.pdf import to_pdf
from projections.records.record import AsOf
from projections.records.voice import Language
from tests.projections.histories import at
from tests.projections.records.case import Told, rich_case
from tests.projections.records.hostile import HOSTILE, hostile_case

RICH = rich_case()
EVENTS = events_json(RICH.facts, RICH.seals)
LANGUAGES: tuple[Language, ...] = ("zh", "en")
A4 = (595, 842)
MARGIN = 32


@cache
def rich(language: Language) -> bytes:
    """The PDF of the case that has everything."""
    return to_pdf(RICH.record(), EVENTS, language)


def read(pdf: bytes) -> PdfReader:
    """Open a PDF."""
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    """All text of all pages, as a reader's search finds it."""
    return " ".join("\n".join(page.extract_text() for page in read(pdf).pages).split())


def pdf_of(told: Told, language: Language = "zh", **more: Any) -> bytes:
    """The PDF of a case."""
    return to_pdf(told.record(**more), events_json(told.facts, told.seals), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_that_it_is_pdf_a_3b(language: Language) -> None:
    metadata = read(rich(language)).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "T-2026-000123" in metadata


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_events_are_inside_byte_for_byte(language: Language) -> None:
    attachments = read(rich(language)).attachments
    assert list(attachments) == ["T-2026-000123-events.json"]
    assert attachments["T-2026-000123-events.json"] == [EVENTS]


def test_the_attachment_is_told_as_the_data_of_the_document() -> None:
    root = read(rich("zh")).trailer["/Root"]
    [told] = [one.get_object() for one in root["/AF"]]
    assert told["/AFRelationship"] == "/Data"
    assert told["/EF"]["/F"].get_object()["/Subtype"] == "/application/json"


def test_chinese_and_english_text_can_be_searched() -> None:
    chinese, english = text_of(rich("zh")), text_of(rich("en"))
    for text in ("服务案例记录", "标识和可追溯性", "更换加热管", "热水器不加热", "HE200-1234", "陈经理"):
        assert text in chinese
    for text in ("Service case record", "Identification and traceability", "热水器不加热", "HE200-1234"):
        assert text in english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_names_the_ticket_the_log_position_and_itself(language: Language) -> None:
    pages = read(rich(language)).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        assert "T-2026-000123" in text
        assert "1150" in text
        of = f"第 {number} 页，共 {len(pages)} 页" if language == "zh" else f"Page {number} of {len(pages)}"
        assert of in text


def test_a_record_as_of_a_moment_says_so_on_every_page() -> None:
    told = Told().registered()
    pdf = pdf_of(told, "en", as_of=AsOf(at(30), "recorded"))
    assert "as of 2026-03-03 15:00:00+08:00" in read(pdf).pages[-1].extract_text()
    assert "by when it was recorded" in text_of(pdf)


def test_all_fonts_are_inside() -> None:
    for language in LANGUAGES:
        for page in read(rich(language)).pages:
            for font in page["/Resources"]["/Font"].values():
                descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
                assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_its_date_is_the_moment_of_the_record() -> None:
    assert read(rich("zh")).metadata.creation_date == datetime(2026, 3, 3, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_record_makes_the_same_bytes_in_every_process(language: Language) -> None:
    for zone, seed in (("Asia/Tokyo", "1"), ("America/New_York", "2")):
        printed = subprocess.run(
            [sys.executable, "-m", "tests.projections.records.printing", language],
            check=True,
            capture_output=True,
            env=os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": seed},
        )
        assert printed.stdout == rich(language)
    assert pdf_of(rich_case(), language) == rich(language)


def test_events_of_another_record_are_refused() -> None:
    with pytest.raises(ValueError, match="not the events"):
        to_pdf(RICH.record(), EVENTS + b" ", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_that_would_like_to_be_more_are_set_as_text(language: Language) -> None:
    told = hostile_case()
    pdf = pdf_of(told, language)
    text = text_of(pdf).replace("\u200b", "")
    for said in ("<script>alert(1)</script>", '#panic("x")', "[U+202E]gnp.exe", "[U+E000]", "[U+001B]"):
        assert said in text
    assert read(pdf).attachments["T-2026-000123-events.json"] == [events_json(told.facts, told.seals)]


def test_nothing_is_set_beyond_the_margins() -> None:
    for page in PdfDocument(pdf_of(hostile_case())):
        assert tuple(map(round, page.get_size())) == A4
        text = page.get_textpage()
        for character in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(character)
            assert left == right or (MARGIN <= left < right <= A4[0] - MARGIN)
            assert bottom == top or (MARGIN <= bottom < top <= A4[1] - MARGIN)


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_a_record_of_any_year_can_be_set(moment: datetime) -> None:
    assert pdf_of(Told().registered(), as_of=AsOf(moment, "occurred")).startswith(b"%PDF")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(
        st.one_of(
            st.characters(exclude_categories=["Cs"]),
            st.sampled_from("".join(HOSTILE)),
            st.sampled_from(
                "\u0301\u0e31\u20e3\ufe0f\u200d\u200c\u180b\u0f39\u1f3fb\u064b\u093f\u1100\u1161"
            ),
        ),
        min_size=1,
        max_size=300,
    )
)
def test_every_text_there_is_can_be_set(text: str) -> None:
    assert pdf_of(Told().registered().then(TicketRemarked(text=text))).startswith(b"%PDF")
