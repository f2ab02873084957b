"""Which spare parts the repair of a report takes, and what will happen to them."""

from __future__ import annotations

from random import Random

import msgspec

from application.demo.supplies import Place, SparePart, supplies
from application.demo.year import Report
from domain.part.words import Fate, Tracking

FATES = {Fate.RETURNED: 80, Fate.KEPT_BY_CUSTOMER: 9, Fate.SCRAPPED: 8, Fate.LOST: 3}
"""What becomes of the old one."""
SENT = 0.5
"""Of what has run out at the service centre: how often the main warehouse sends it to the engineer."""
IN_THE_VAN = 0.75
PROMISED, DROPPED, EXTRA, BROKEN, DEAD = 0.9, 0.08, 0.15, 0.25, 0.04
"""Shares of the needs; see ``Need``."""


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One part number that a repair takes.

    Attributes:
        place: where it is fetched.
        promised: reserved before.
        transferred: brought to the place for this ticket, because it had run out there.
        dropped: reserved, and then not needed.
        extra: how many more were fetched than used, to be safe.
        broken: how many of these broke.
        dead: the first one was faulty from the factory.
        fate: what became of what came out of the asset.
    """

    part: SparePart
    quantity: int
    place: Place
    promised: bool
    transferred: bool = False
    dropped: bool = False
    extra: int = 0
    broken: int = 0
    dead: bool = False
    fate: Fate = Fate.RETURNED


def needs(report: Report, rng: Random, *, count: int, waits: bool) -> list[Need]:
    """What a repair takes; often nothing.

    Args:
        report: what is repaired.
        rng: decides.
        count: how many pieces the report speaks of.
        waits: the work waits for a part, so it takes one where the fault allows.
    """
    repairs = [repair for repair in supplies().repairs if repair.fault == report.fault.code]
    taken = [repair for repair in repairs if rng.random() < repair.share]
    if not taken and (waits or report.thorough):
        taken = repairs[:1]
    sent, team = rng.random() < SENT, report.customer.team
    made: list[Need] = []
    for repair in taken:
        for number, quantity in repair.parts.items():
            need = _usual(supplies().part(number), quantity * (count if repair.counted else 1), team, rng)
            if report.thorough:
                need = _everything(need, team)
            elif waits:
                need = _waited_for(need, team, sent=sent)
            elif made and need.promised and need.part.tracking is not Tracking.SERIAL:
                need = msgspec.structs.replace(need, dropped=rng.random() < DROPPED)
            made.append(need)
    return made


def _usual(part: SparePart, quantity: int, team: str, rng: Random) -> Need:
    van = "van" in part.keep and rng.random() < IN_THE_VAN
    serial = part.tracking is Tracking.SERIAL
    extra = 1 if not serial and rng.random() < EXTRA else 0
    return Need(
        part=part,
        quantity=quantity,
        place=rng.choice(supplies().near(team, "van" if van else "centre")),
        promised=not van and rng.random() < PROMISED,
        extra=extra,
        broken=extra if rng.random() < BROKEN else 0,
        dead=serial and rng.random() < DEAD,
        fate=rng.choices(list(FATES), list(FATES.values()))[0],
    )


def _waited_for(need: Need, team: str, *, sent: bool) -> Need:
    """One that the service centre has run out of: the main warehouse sends it, to the engineer or there."""
    place = supplies().main if sent else supplies().near(team, "centre")[0]
    return msgspec.structs.replace(need, place=place, promised=True, transferred=not sent)


def _everything(need: Need, team: str) -> Need:
    """One to which everything happens that can happen."""
    by_the_piece = need.part.tracking is Tracking.SERIAL
    return msgspec.structs.replace(
        _waited_for(need, team, sent=False),
        extra=0 if by_the_piece else 2,
        broken=0 if by_the_piece else 1,
        dead=False,
        fate=Fate.RETURNED,
    )
