"""Tables as files: which form somebody wants, and a file that is sent piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any

from litestar import Request, Response
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import QueryParameter
from litestar.response import Stream

from interfaces.http.freshness import tagged
from interfaces.http.negotiating import best, liked_language
from projections.sheets.sheet import Language
from projections.sheets.xlsx import MEDIA_TYPE as XLSX

CSV = "text/csv"
PIECE = 64 * 1024
IN_MEMORY = 4 * 1024 * 1024
"""A larger file waits on disk."""


class TableForm(StrEnum):
    """What a table is written as."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class ListForm(StrEnum):
    """What a list is written as."""

    JSON = "json"
    CSV = "csv"


class Spoken(StrEnum):
    """A language that people are told things in."""

    ZH = "zh"
    EN = "en"


MEDIA_TYPES = {TableForm.JSON: "application/json", TableForm.CSV: CSV, TableForm.XLSX: XLSX}
Bom = Annotated[
    bool, QueryParameter(required=False, description="Begin CSV with a byte order mark: Excel needs one.")
]


@dataclass
class InManyForms(Operation):
    """A table's answer beside its JSON."""

    def __post_init__(self) -> None:
        """Add the files."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            answer.content |= {CSV: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))}
            if self.operation_id in {"GetCompliance", "GetOwnTimes"}:
                answer.content |= {XLSX: OpenAPIMediaType(schema=Schema())}


def wanted_form(request: Request[Any, Any, Any], stated: StrEnum | None, forms: type[StrEnum]) -> TableForm:
    """What somebody wants it as: as they say, else what they accept.

    Raises:
        NotAcceptable: they accept none of the forms.
    """
    if stated is not None:
        return TableForm(stated.value)
    offered = {MEDIA_TYPES[TableForm(form.value)]: TableForm(form.value) for form in forms}
    return offered[best(request.headers.get("Accept", ""), list(offered))]


def wanted_language(request: Request[Any, Any, Any], stated: Spoken | None) -> Language:
    """Which language somebody reads: as they say, else what they like best."""
    return stated.value if stated else liked_language(request.headers.get("Accept-Language", ""))


class File(SpooledTemporaryFile[bytes]):
    """Where a file is written before it is sent; gone when it is closed.

    Args:
        called: its name, without what tells its form.
    """

    def __init__(self, called: str) -> None:
        super().__init__(IN_MEMORY)
        self.called = called


def sent(file: File, form: TableForm, if_none_match: str | None) -> Response[Any]:
    """The file, tagged with its own digest; 304 to whoever has it."""
    file.seek(0)
    digest = sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    answer = tagged(None, digest.hexdigest(), if_none_match)
    answer.headers["Vary"] = "Accept, Accept-Language"
    if answer.status_code == 304:
        file.close()
        return answer
    headers = answer.headers | {
        "Content-Disposition": f'attachment; filename="{file.called}.{form.value}"',
        "Content-Length": str(file.tell()),
    }
    return Stream(_pieces(file), media_type=MEDIA_TYPES[form], headers=headers)


async def _pieces(file: File) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
