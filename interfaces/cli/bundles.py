"""``aftersales export case`` and ``aftersales verify``: evidence that leaves the house and is believed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection

from application.log.tree.keys import KeyDirectory, KeyProblem
from application.log.tree.proofs import BrokenTree
from application.settings import Settings
from interfaces.bundles.case import CannotExport, Exported, export, meant
from interfaces.cli.database import current_database
from interfaces.cli.output import note, write, write_json
from interfaces.cli.problems import Altered, Misused, Refused
from interfaces.offline import verify as offline

AGAIN = "{} newer events are not in it: aftersales log checkpoint --now signs them, then export again"


def export_case(
    settings: Settings, reference: str, output: Path | None, size: int | None, files: int
) -> None:
    """Write the bundle of a case, part or contract, and print where.

    Args:
        reference: id or number.
        output: the file; ``None`` for one with the number's name, here.
        size: of the checkpoint that proves it; ``None`` for the newest.
        files: bytes of photos and files that it may carry.

    Raises:
        NotFound: there is no such thing.
        Refused: no checkpoint covers it, or the log's key is not here.
        Altered: the log is not what was signed.
    """
    keys, zone = KeyDirectory(settings.keys), ZoneInfo(settings.time_zone)

    async def read(url: str) -> Exported:
        async with await AsyncConnection.connect(url, autocommit=True) as conn:
            return await export(conn, await meant(conn, reference), keys, zone, size, files_most=files)

    try:
        with current_database(settings) as database:
            made = asyncio.run(read(database.service_url))
    except (CannotExport, KeyProblem) as error:
        raise Refused(str(error)) from None
    except (offline.NotProven, BrokenTree) as error:
        raise Altered(f"the log is not what was signed, see aftersales log verify: {error}") from None
    path = output or Path(made.name)
    path.write_bytes(made.content)
    write(str(path))
    carried = f" and {made.files} {'files' if made.files > 1 else 'file'}" if made.files else ""
    note(f"{made.events} events{carried}, proven by the checkpoint of {made.size}")
    for digest, why in made.left_out.items():
        note(f"without the file {digest}: {why}")
    if made.newer:
        note(AGAIN.format(made.newer))


def verify(
    bundle: Path,
    key: str | None,
    witnesses: Sequence[str],
    checkpoint: Path | None,
    page: Path | None,
    *,
    as_json: bool,
) -> None:
    """Print what a bundle proves, by the verifier that stands alone.

    Raises:
        Misused: an argument is not what it should be.
        Altered: it is not proven.
    """
    try:
        proven = offline.verify(bundle, key, witnesses, checkpoint, page)
    except offline.Misused as error:
        raise Misused(str(error)) from None
    except offline.NotProven as error:
        raise Altered(f"not proven: {error}") from None
    if as_json:
        write_json(offline.plain(proven))
        return
    for line in offline.told(proven):
        write(line)
