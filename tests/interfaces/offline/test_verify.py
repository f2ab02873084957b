"""What the offline verifier says of a bundle, alone and of one that was tampered with."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from application.log.tree import notes
from domain.catalogue import EVENT_TYPES
from interfaces.bundles.contents import packed
from interfaces.offline import verify
from tests.interfaces.offline.invented import (
    KEY,
    SIZE,
    TOLD,
    WITNESS,
    bundled,
    files,
    private,
    refusal,
    sealed,
)

CODE = Path(verify.__file__)
GOLDEN = Path(__file__).parents[2] / "golden" / "bundle.1.zip"
"""What any release must read, and write again from the same events; its page is what ``FORM`` promises."""


def run(*arguments: object, directory: Path) -> subprocess.CompletedProcess[str]:
    """The one file, copied to where nothing else of the service is."""
    copy = directory / "verify.py"
    shutil.copy(CODE, copy)
    return subprocess.run(
        [sys.executable, "-I", copy, *map(str, arguments)], cwd=directory, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_it_imports_the_standard_library_and_cryptography() -> None:
    imported: set[str] = set()
    for part in ast.walk(ast.parse(CODE.read_text("utf-8"))):
        if isinstance(part, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in part.names}
        elif isinstance(part, ast.ImportFrom):
            imported.add((part.module or "").partition(".")[0])
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_copied_alone_it_says_what_is_proven(tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_bytes(bundled())
    told = run("case.zip", "--key", KEY.fingerprint, "--witness", WITNESS, directory=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert lines[0] == "proven: 5 events of the case T-2026-000123 are in the log"
    assert "              as you expected" in lines
    assert "  witness     witness.example/w1, 2026-03-02 09:00:00+08:00" in lines
    assert "  complete    versions 1 to 4 of its own stream, none missing between" in lines
    assert " #  +08:00               what                      who" in lines
    assert " 9  2026-03-02 09:09:00  ticket.resolved           agent:王芳" in lines
    assert lines[-2].startswith("Not proven: that nothing follows these events")
    assert max(map(len, lines)) < 80


def test_without_a_key_it_says_that_the_key_is_the_bundles_own_word(tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_bytes(bundled())
    told = run("case.zip", directory=tmp_path)
    assert told.returncode == 0
    assert "NOT CHECKED: that it is the log's is this bundle's own word; give --key" in told.stdout
    assert "1 more signatures, not checked" in told.stdout


def test_in_json(tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_bytes(bundled())
    told = json.loads(run("case.zip", "--json", "--key", KEY, directory=tmp_path).stdout)
    assert (told["number"], told["checkpoint"]["size"]) == ("T-2026-000123", SIZE)
    assert (told["expected_key"], told["keys"][0]["sha256"]) == (str(KEY), KEY.fingerprint)
    assert [event["position"] for event in told["events"]] == list(TOLD)
    assert told["events"][3]["reason"] == "补录"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["case.zip", "--key", "ab" * 32], 3, "not proven: the key is not the one you expect, but "),
        (["case.zip", "--key", "abc"], 2, "--key is neither a vkey nor 64 hexadecimal digits"),
        (["case.zip", "--witness", str(KEY)], 2, "--witness: the vkey of a witness begins with the byte 04"),
        (["case.zip", "--witness", "x+1+2"], 2, "--witness: "),
        (["case.zip", "--checkpoint", "case.zip"], 2, "--checkpoint is no checkpoint"),
        (["verify.py"], 3, "not proven: this is not a bundle"),
        (["nowhere.zip"], 1, "nowhere.zip: No such file or directory"),
        (["."], 1, ".: this is not a file"),
        (["/dev/zero"], 1, "/dev/zero: this is not a file"),
        (["case.zip", "--page", "no/where"], 1, "no/where: No such file or directory"),
    ],
)
def test_what_cannot_be_proven_is_one_line(
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.zip").write_bytes(bundled())
    Path("verify.py").write_bytes(CODE.read_bytes())
    assert verify.main(arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"verify.py: {said}")
    assert told.err.count("\n") == 1


def test_a_bundle_proves_itself_against_its_key_a_witness_and_a_kept_checkpoint() -> None:
    found = files()
    for key in (None, str(KEY), KEY.fingerprint, f"sha256:{KEY.fingerprint}", KEY.fingerprint.upper()):
        assert refusal(found, key=key, witnesses=[str(WITNESS)], kept=found["checkpoint"]) == ""


def test_while_one_key_replaces_another_either_is_expected() -> None:
    old, new = private(1), private(7)
    found = verify.unpack(bundled(keys=[new, old]))
    for key in (old, new):
        expected = notes.verifier_key(KEY.name, key)
        proven = verify.prove(found, key=expected.fingerprint)
        assert f"  key         {expected.fingerprint}" in verify.told(proven)
        assert proven.unchecked == 1  # the witness's
    told = verify.told(verify.prove(found))
    assert len([line for line in told if line.startswith("  key ")]) == 2


def test_a_bundle_of_form_1_has_these_bytes_for_ever(tmp_path: Path) -> None:
    assert bundled() == GOLDEN.read_bytes()
    told = run(GOLDEN, "--key", KEY.fingerprint, directory=tmp_path)
    assert told.returncode == 0


def test_another_writer_may_leave_out_the_page_and_pack_the_files(tmp_path: Path) -> None:
    found = files()
    own = found.pop(verify.INDEX)
    (tmp_path / "case.zip").write_bytes(packed(found))
    assert run("case.zip", "--page", "page.html", directory=tmp_path).returncode == 0
    assert (tmp_path / "page.html").read_bytes() == own


def test_every_event_of_the_trade_has_a_title_and_its_fields_a_label() -> None:
    told = {name for name in EVENT_TYPES if name.partition(".")[0] not in {"projection", "log"}}
    assert verify.TITLES.keys() == told
    for name in told:
        unlabelled = set(EVENT_TYPES[name].__struct_fields__) - verify.LABELS.keys()
        assert unlabelled <= NESTED


NESTED = {"pin", "rule", "goods", "more", "fewer", "price", "allowances", "name", "values", "expires_on"}
"""Fields that are only shown by what is in them."""


def with_third(**changed: Any) -> bytes:
    """The bundle of a log whose third event, the case's first, is another."""
    return bundled(seal=lambda position: sealed(position, **changed if position == 3 else {}))


def test_hostile_texts_stay_texts() -> None:
    subject = '<script>alert(1)</script>&\\"\\u202e\\u001b[2J\\ud800'
    data = f'{{"number":"T-1","subject":"{subject}"}}'.encode()
    found = verify.unpack(with_third(data=data, actor="a\x1b[31m\n\u202eb"))
    shown = found[verify.INDEX].decode()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;[U+202E][U+001B][2J[U+D800]" in shown
    for line in verify.told(verify.prove(found)):
        assert verify.HIDING.search(line) is None
        assert "\n" not in line


@pytest.mark.parametrize(
    "data",
    [b"\xff", b"[" * 100_000, b'{"a":' * 5000, b"[1]", b"1e99999", b'{"number":' + b"9" * 5000 + b"}"],
    ids=["not UTF-8", "deep list", "deep object", "list", "number", "long number"],
)
def test_data_that_is_no_common_object_is_shown_all_the_same(data: bytes) -> None:
    proven = verify.prove(verify.unpack(with_third(data=data)))
    assert len(verify.told(proven)) > 10
    assert json.dumps(verify.plain(proven))


def test_times_at_the_ends_of_the_calendar_are_shown() -> None:
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    for at, said in ((first, "0001-01-01 08:00:00  ticket.registered"), (last, "9999-12-31 23:59:59+00:00")):
        told = verify.told(verify.prove(verify.unpack(with_third(occurred_at=at))))
        assert any(said in line for line in told)
