"""Texts that would like to be more than text."""

from __future__ import annotations

from domain.part.events import PartInstalled
from domain.part.words import Fate
from domain.ticket.events import TicketRemarked
from tests.projections.records.case import HEATER, Told, moved

HOSTILE = (
    "<script>alert(1)</script><b>&amp;</b>\"'<!--",
    "</td></table></style><img src=x onerror=alert(1)>",
    '#panic("x") #read("/etc/passwd") $x^2$ *bold* _it_ `raw` <lab> @ref \\ // c /* */',
    "= Heading\n- list\n+ list\n/ term: x",
    "{page} {number} %s {0} \\n \\",
    "العربية: تم استبدال السخان مرتين 12",
    "עברית abc (x)",
    "evil \u202egnp.exe\u202c \u2066x\u2069 \u200f \ufeff end",
    "emoji 😀 👨‍👩‍👧 🇨🇳 ☎️ ❤️ 👍🏽",
    "\x01\x1b[31m\x7f\x85 \u2028 \u2029",
    "first\nsecond\r\nthird\ttab",
    "\ue000 \ufffe \U00030000 \U00020000 𠮷 \U000e1234",
    "汉\u0e31 e\u0301\u0301 \u0301x \u200d\u200d 1\ufe0f\u20e3 ก\u0301 ا\u0301",
    "ไทย हिन्दी 한국어 日本語 ქართული አማርኛ",
    "A" * 400,
    "汉" * 900,
    "😀" * 200,
    "https://example.com/" + "a/b?c=d&" * 40,
    "السخان" * 40,
    "long " * 800,
    "",
    " ",
)


def hostile_case() -> Told:
    """Such texts in every field there is."""
    evil, long = HOSTILE[0], "W" * 90
    told = Told().registered(
        subject=f"{evil} \u202eabc 😀",
        customer=long,
        asset="SN" + "9" * 80,
        product=HOSTILE[1],
        contact=HOSTILE[2],
        site="\n".join(HOSTILE),
        description="\n".join(HOSTILE),
    )
    for at, text in enumerate(HOSTILE, 1):
        told.then(TicketRemarked(text=text), at, actor=f"agent:{text[:40]}", why=text[:60])
    part = moved(PartInstalled, "P" * 60, ["S" * 70, evil], asset=long, serial_out="O" * 64, fate=Fate.LOST)
    return told.then(part, 90, stream=HEATER, actor="technician:" + "w" * 50)
