"""``make faults``: everything dies again and again under load, then everything is proved."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path

from tests.acceptance.faults.disturbing import by_chance, disturbed
from tests.acceptance.faults.proving import prove
from tests.acceptance.installation import installed

SAID = Path("build/faults.log")
"""What servers and workers say meanwhile."""


def main() -> None:
    """Print what dies as it dies, and at the end what was proved."""
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="what chance draws from")
    parser.add_argument("--kills", type=int, default=24, help="how many processes die")
    given = parser.parse_args()
    began = time.monotonic()
    tell(f"SEED={given.seed} KILLS={given.kills}; what servers and workers say is in {SAID}")
    SAID.parent.mkdir(exist_ok=True)
    with SAID.open("w") as said, installed(said.fileno()) as home:
        told = disturbed(home, given.seed, by_chance(given.seed, given.kills), tell=tell)
        for what, count in prove(home, told).items():
            tell(f"{count:>8} {what}")
    tell(f"proved in {time.monotonic() - began:.0f} s; again with SEED={given.seed} KILLS={given.kills}")


def tell(line: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
