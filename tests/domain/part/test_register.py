"""A register is a map that remembers what it was."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.part.register import DRAWERS, Register

keys = st.one_of(st.text(max_size=2), st.uuids())
changes = st.lists(st.dictionaries(keys, st.one_of(st.none(), st.integers()), max_size=5), max_size=8)


@for_all(changes)
def test_a_register_is_a_map_and_what_it_was_stays(made: list[dict[str | UUID, int | None]]) -> None:
    register: Register[str | UUID, int] = Register()
    plain: dict[str | UUID, int] = {}
    for change in made:
        before, register = register, register.put(change)
        was = plain
        plain = {key: value for key, value in (plain | change).items() if value is not None}
        assert dict(before.items()) == was
        assert dict(register.items()) == plain
        assert sorted(register.values()) == sorted(plain.values())
        assert len(register) == len(plain)
        assert all(register.get(key) == plain.get(key) for key in change)
    assert register == Register[str | UUID, int]().put(plain)


def test_a_change_copies_few_entries() -> None:
    full = Register[str, int]().put({str(number): number for number in range(50 * DRAWERS)})
    changed = full.put({"7": 8})
    untouched = [number for number in range(DRAWERS) if changed.drawers[number] is full.drawers[number]]
    assert len(untouched) == DRAWERS - 1
    assert (full.get("7"), changed.get("7")) == (7, 8)
