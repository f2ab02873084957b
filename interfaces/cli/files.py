"""``aftersales files``: what was attached proves itself."""

from __future__ import annotations

import msgspec

from application.files.verifying import verify as verify_files
from application.settings import Settings
from interfaces.cli.database import connection
from interfaces.cli.output import write, write_json
from interfaces.cli.problems import Altered

MOST_SHOWN = 10
"""Files in the line for people; the others are in JSON."""


def verify(settings: Settings, *, as_json: bool) -> None:
    """Compute the hash of every attached file anew and print how many there are.

    Raises:
        Altered: one is not what was attached, or is not there.
    """
    with connection(settings) as conn:
        found = verify_files(conn)
    if as_json:
        write_json(msgspec.to_builtins(found))
    elif not found.faults:
        write(f"verified {found.files - len(found.erased)} files of {found.bytes:,} bytes")
        for each in found.erased:
            write(f"{each.sha256} (event {each.position}) was erased in maintenance {each.maintenance}")
    if found.faults:
        shown = ", ".join(map(str, found.faults[:MOST_SHOWN]))
        more = ", …" if len(found.faults) > MOST_SHOWN else ""
        raise Altered(f"{len(found.faults)} of {found.files} files are not what was attached: {shown}{more}")
