"""Files as other systems write them."""

from __future__ import annotations

import gzip

import pytest

from application.importing.mapping import BadMapping
from application.importing.rows import UnreadableFile
from tests.application.importing.lists.imported import Importer

CHINESE = "备件编号,名称,单位\nPU-15,循环泵,台\n"
GBK = '[csv]\nencoding = "gbk"'


@pytest.mark.parametrize(
    ("content", "toml"),
    [
        (CHINESE.encode("utf-8-sig"), ""),
        (CHINESE.encode("gbk"), GBK),
        (CHINESE.encode("utf-16"), '[csv]\nencoding = "utf-16"'),
        (CHINESE.replace("\n", "\r\n").encode(), ""),
        (CHINESE.replace(",", ";").encode(), '[csv]\ndelimiter = ";"'),
        (f"期初数据\n\n{CHINESE}".encode(), "[csv]\nskip_lines = 2"),
        (gzip.compress(CHINESE.encode()), ""),
    ],
    ids=["bom", "gbk", "utf-16", "crlf", "semicolons", "title", "gzip"],
)
def test_files_as_other_systems_write_them(importing, content: bytes, toml: str):
    async def play(desk: Importer) -> None:
        report = await desk.take("parts", content, toml)
        assert (report.imported_rows, report.unread) == (1, [])
        assert (await desk.part("PU-15")).name.zh == "循环泵"

    importing(play)


@pytest.mark.parametrize(
    ("content", "toml", "error", "says"),
    [
        (CHINESE.replace("单位", "Einheit"), "", BadMapping, 'the file has no column called "Unit"'),
        (CHINESE.replace(",", ";"), "", BadMapping, 'the file has no column called "Part number"'),
        (CHINESE.replace("名称", "料号"), "", BadMapping, "could both be number"),
        (CHINESE, '[columns]\nnumber = "No"', BadMapping, 'columns.number: the file has no column "No"'),
        (CHINESE.encode("gbk"), "", UnreadableFile, "is not utf-8 text"),
        (b"", "", UnreadableFile, "is empty"),
    ],
)
def test_what_cannot_be_imported_at_all_records_nothing(
    importing, content: str | bytes, toml: str, error: type[Exception], says: str
):
    async def play(desk: Importer) -> None:
        with pytest.raises(error, match=says):
            await desk.take("parts", content, toml)
        assert await desk.log.head() == 0

    importing(play)


def test_a_header_alone_is_a_list_of_nothing(importing):
    async def play(desk: Importer) -> None:
        report = await desk.take("parts", "number,unit,name\n")
        assert (report.rows, report.balanced) == (0, True)

    importing(play)


def test_columns_that_nobody_reads_are_told(importing):
    async def play(desk: Importer) -> None:
        report = await desk.take("parts", "number,unit,name,Weight,\nA,pcs,x,12 kg,y\n")
        assert report.unread == ["Weight"]

    importing(play)
