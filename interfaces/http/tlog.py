"""The log as monitors and witnesses read any log: C2SP tlog-tiles, under ``/tlog``."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Annotated, Any, Literal, NamedTuple

from litestar import Response, Router, get
from litestar.datastructures import ResponseHeader, State
from litestar.openapi import ResponseSpec
from litestar.params import PathParameter
from psycopg import AsyncConnection

from application.access import Permission
from application.desk import NotFound
from application.log import entries
from application.log.tree import checkpoints, proofs
from application.log.tree.merkle import TILE_WIDTH
from interfaces.http.auth import may, may_unless_public
from interfaces.http.conditions import CONTENT_HEADER, IfNoneMatch
from interfaces.http.freshness import tagged
from interfaces.http.openapi import ITEM_ANSWERS, UNCHANGED
from interfaces.http.service import Service, service
from interfaces.http.trust import trust

TEXT, BYTES = "text/plain", "application/octet-stream"
PLACE = re.compile(r"((?:x[0-9]{3}/){0,7}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
"""Where a tile stands in its level: x001/x234/067 is number 1234067; .p/9 means its first 9 hashes."""
LEVEL = re.compile(r"[0-7]")
"""Of what can be in any log; tlog-tiles knows 63."""
LONGEST_ENTRY = 2**16 - 1
"""Bytes whose number the form can say."""

UNSIGNED = "no checkpoint was signed yet: `aftersales log checkpoint --now` signs one"
FOREVER = "max-age=31536000, immutable"
KEPT = ResponseHeader(
    name="Cache-Control", value=FOREVER, description="It never changes.", documentation_only=True
)
TILE_ANSWERS: dict[int, ResponseSpec] = ITEM_ANSWERS | {
    200: ResponseSpec(bytes, media_type=BYTES, description="The tile.", generate_examples=False)
}
NOTE_ANSWERS: dict[int, ResponseSpec] = (
    ITEM_ANSWERS
    | UNCHANGED
    | {200: ResponseSpec(str, media_type=TEXT, description="The signed note.", generate_examples=False)}
)
Level = Annotated[str, PathParameter(description="Of the tree: 0 for hashes of entries.", max_length=10)]
Place = Annotated[
    str,
    PathParameter(
        description="The tile's number in steps of three digits, such as `x001/x234/067`; `.p/W` after it "
        "means its first W."
    ),
]


class Tile(NamedTuple):
    """Which 256 of a level are meant, and how many of them."""

    number: int
    width: int

    @property
    def first(self) -> int:
        """The first of them, in its level."""
        return self.number * TILE_WIDTH


def tile_at(place: str) -> Tile:
    """Read the place of a tile.

    Raises:
        NotFound: it is none, or not as tlog-tiles writes it.
    """
    found = PLACE.fullmatch(place.removeprefix("/"))
    if found is None or found[1].startswith("x000") or int(found[2] or 0) >= TILE_WIDTH:
        raise NotFound("there is no such tile: a place is written as C2SP tlog-tiles says")
    return Tile(int(re.sub("[x/]", "", found[1])), int(found[2] or TILE_WIDTH))


@get(
    "/checkpoint",
    operation_id="GetTlogCheckpoint",
    summary="The newest checkpoint, for monitors",
    guards=[may_unless_public(Permission.AUDIT)],
    responses=NOTE_ANSWERS,
    response_headers=[CONTENT_HEADER],
)
async def get_checkpoint(state: State, if_none_match: IfNoneMatch = None) -> Response[str]:
    """The signed note with all its cosignatures (C2SP tlog-checkpoint)."""
    return await newest(service(state), if_none_match)


async def newest(known: Service, if_none_match: str | None) -> Response[str]:
    """The newest checkpoint as text, tagged with its digest.

    Raises:
        NotFound: none was signed yet.
    """
    async with known.log.connection() as conn:
        signed = await checkpoints.newest(conn)
    if signed is None:
        raise NotFound(UNSIGNED)
    answer = tagged(signed.text, sha256(signed.text.encode()).hexdigest(), if_none_match)
    answer.headers["Cache-Control"] = "no-cache"
    if answer.status_code != 304:
        answer.media_type = TEXT
    return answer


@get(
    "/tile/{level:str}/{place:path}",
    operation_id="GetTlogTile",
    summary="Hashes of the tree, for monitors",
    guards=[may_unless_public(Permission.AUDIT)],
    responses=TILE_ANSWERS,
    response_headers=[KEPT],
)
async def get_tile(state: State, level: Level, place: Place) -> Response[bytes]:
    """Up to 256 hashes of one level, 32 bytes each, within the newest checkpoint (C2SP tlog-tiles)."""
    if not LEVEL.fullmatch(level):
        raise NotFound(f"there is no level {level}")
    tile = tile_at(place)
    async with service(state).log.connection() as conn:
        hashes = await _hashes(conn, int(level), tile)
    return _kept(b"".join(hashes), "public" if trust(state).public else "private")


@get(
    "/tile/entries/{place:path}",
    operation_id="GetTlogEntries",
    summary="Sealed events, for monitors",
    guards=[may(Permission.AUDIT)],
    responses=TILE_ANSWERS,
    response_headers=[KEPT],
)
async def get_entries(state: State, place: Place) -> Response[bytes]:
    """Up to 256 events that the hashes are of, each after its length in two bytes; never without a token."""
    tile = tile_at(place)
    last = tile.first + tile.width
    async with service(state).log.connection() as conn:
        await _hashes(conn, 0, tile)
        found = await entries.between(conn, tile.first + 1, last, TILE_WIDTH * LONGEST_ENTRY)
    for entry in found:
        if len(entry.sealed) > LONGEST_ENTRY:
            raise NotFound(
                f"the event at position {entry.position} has more than {LONGEST_ENTRY} bytes, too many to be "
                f"told so: read /api/v1/log/entries?start={tile.first + 1}&end={last} instead"
            )
    return _kept(b"".join(len(each.sealed).to_bytes(2, "big") + each.sealed for each in found), "private")


async def _hashes(conn: AsyncConnection[Any], level: int, tile: Tile) -> list[bytes]:
    """Raises:
    NotFound: the newest checkpoint does not cover the tile.
    """
    try:
        return await proofs.tile(conn, level, tile.number, tile.width)
    except proofs.NotInTree as error:
        raise NotFound(str(error)) from None


def _kept(content: bytes, whose: Literal["public", "private"]) -> Response[bytes]:
    return Response(content, media_type=BYTES, headers={"Cache-Control": f"{whose}, {FOREVER}"})


MONITORED = [get_checkpoint, get_tile, get_entries]
tlog = Router("/tlog", route_handlers=MONITORED, tags=["Log"], security=[{"bearer": []}])
