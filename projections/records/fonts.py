"""The fonts that PDFs are set in, and what to do with a character that none of them has."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from unicodedata import category

import typst
from fontTools.ttLib import TTFont

from projections.records.legible import JOINING, named
from projections.records.voice import Language

PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
CHINESE = "Noto Sans CJK SC"
LATIN = "Noto Sans"
FIRST: dict[Language, tuple[str, ...]] = {"zh": (CHINESE, LATIN), "en": (LATIN, CHINESE)}
"""What is looked at before all other families."""

UNSEEN = re.compile(
    rf"[{JOINING}\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef \n]"
)
"""What needs no glyph."""
SKIN = range(0x1F3FB, 0x1F400)
"""The tones that colour the emoji before them."""
JOINER = "\u200d"


@cache
def library() -> typst.Fonts:
    """The fonts of the packages, and no others: those of a machine would make other bytes."""
    found = (find_spec(name) for name in PACKAGES)
    paths = [str(path) for spec in found if spec for path in spec.submodule_search_locations or ()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


@cache
def families(language: Language) -> tuple[str, ...]:
    """Family names in the order in which a glyph is looked for."""
    others = sorted(_covered().keys() - {CHINESE, LATIN})
    return (*FIRST[language], *others)


def printable(text: str) -> str:
    """The text with every character that cannot be set said by its code point.

    PDF/A forbids characters without a glyph. Characters that stand on each other need one font for all.
    """
    return text if text.isascii() else "".join(map(_set, _clusters(text)))


def _clusters(text: str) -> list[str]:
    """The characters, with those that stand on another kept on it."""
    clusters: list[str] = []
    before = ""
    for one in text:
        stands = category(one)[0] == "M" or ord(one) in SKIN or (UNSEEN.match(one) and one not in " \n")
        if before and (stands or before == JOINER):
            clusters[-1] += one
        else:
            clusters.append(one)
        before = one
    return clusters


def _set(cluster: str) -> str:
    if _one_font_has(cluster):
        return cluster
    base = cluster[0] if _one_font_has(cluster[0]) else named(cluster[0])
    return base + "".join(map(named, cluster[1:]))


def _one_font_has(cluster: str) -> bool:
    points = {ord(one) for one in cluster if not UNSEEN.match(one)}
    return any(points <= covered for covered in _covered().values())


@cache
def _covered() -> dict[str, frozenset[int]]:
    """By family, the code points that its upright face has; of the CJK families only the Chinese one."""
    faces = {
        font.family: font
        for font in library().fonts()
        if font.style == "normal" and font.path and (font.family == CHINESE or "CJK" not in font.family)
    }
    covered: dict[str, frozenset[int]] = {}
    for family, face in sorted(faces.items()):
        with TTFont(face.path, fontNumber=face.index, lazy=True) as opened:
            covered[family] = frozenset(opened["cmap"].getBestCmap() or ())
    return covered
