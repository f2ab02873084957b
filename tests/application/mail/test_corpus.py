"""Mails as the world writes them: in old charsets, with odd names, in each other, and against every rule."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, NamedTuple

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from application.mail.letter import Kind, Letter, read_letter
from application.mail.parts import decoded

FROM = b"From: =?gb2312?B?s8K+rcDt?= <Chen@Hotel.example>\r\n"  # 陈经理
ID = b"Message-ID: <one@hotel.example>\r\n"
PDF, PHOTO = b"%PDF-1.7 report", b"\xff\xd8\xff photo"


class Awkward(NamedTuple):
    """A mail, and what of it has to be read."""

    raw: bytes
    says: dict[str, Any]
    files: list[tuple[str, str]] = []


def plain(body: bytes, kind: bytes = b"text/plain", *heads: bytes) -> bytes:
    """A mail of one part."""
    return FROM + ID + b"".join(heads) + b"Content-Type: " + kind + b"\r\n\r\n" + body


def mixed(*parts: bytes, kind: bytes = b"mixed", heads: bytes = b"", end: bytes = b"--b--\r\n") -> bytes:
    """A mail of several parts, each with its own head."""
    own = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return FROM + ID + heads + b"Content-Type: multipart/" + kind + b"; boundary=b\r\n\r\n" + own + end


def text(body: bytes, charset: bytes = b"utf-8") -> bytes:
    """A part of plain text."""
    return b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\n" + body


def file(content: bytes, kind: bytes, disposition: bytes, *more: bytes) -> bytes:
    """A part that is a file."""
    heads = (b"Content-Type: " + kind, b"Content-Transfer-Encoding: base64", *more)
    heads = (*heads, b"Content-Disposition: " + disposition) if disposition else heads
    return b"\r\n".join(heads) + b"\r\n\r\n" + b64encode(content)


def word(text: str, charset: str) -> bytes:
    """An encoded word."""
    return b"=?" + charset.encode() + b"?B?" + b64encode(text.encode(charset)) + b"?="


SPLIT = "热水器不加热，请尽快上门维修，谢谢".encode("gbk")
"""Cut in the middle of a character, as some mail programs do it."""
INNER = mixed(text(b"inner"), file(PDF, b"application/pdf", b"attachment; filename=i.pdf"))
INNER = INNER.replace(b"boundary=b", b"boundary=c").replace(b"--b", b"--c")
CORPUS = {
    "gb18030 subject and body": Awkward(
        plain(
            "水是冷的€㐀".encode("gb18030"),
            b"text/plain; charset=gb18030",
            b"Subject: " + word("水㐀", "gb18030") + b"\r\n",
        ),
        {"subject": "水㐀", "text": "水是冷的€㐀", "name": "陈经理", "sender": "chen@hotel.example"},
    ),
    "gbk that says gb2312": Awkward(
        plain("朱镕基的热水器".encode("gbk"), b'text/plain; charset="GB2312"'), {"text": "朱镕基的热水器"}
    ),
    "big5 with what only Hong Kong writes": Awkward(
        plain(
            "熱水爐壞咗，唔該嚟睇".encode("big5hkscs"),
            b"text/plain; charset=big5",
            b"Subject: " + word("熱水", "big5") + b"\r\n",
        ),
        {"subject": "熱水", "text": "熱水爐壞咗，唔該嚟睇"},
    ),
    "a charset that nobody knows": Awkward(
        plain("冷水".encode(), b"text/plain; charset=x-unknown"), {"text": "冷水"}
    ),
    "utf-8 that is gbk": Awkward(
        plain("冷水还是冷水".encode("gbk"), b"text/plain; charset=utf-8"), {"text": "冷水还是冷水"}
    ),
    "windows dashes that say latin-1": Awkward(
        plain(b"cold \x96 still", b"text/plain; charset=iso-8859-1"), {"text": "cold – still"}
    ),
    "a subject in words that are cut within a character": Awkward(
        plain(
            b"x",
            b"text/plain",
            b"Subject: =?gb2312?B?"
            + b64encode(SPLIT[:9])
            + b"?=\r\n =?gb2312?B?"
            + b64encode(SPLIT[9:])
            + b"?=\r\n",
        ),
        {"subject": "热水器不加热，请尽快上门维修，谢谢"},
    ),
    "raw bytes in the head, utf-8": Awkward(
        plain(b"x", b"text/plain", "Subject: 冷水 紧急\r\n".encode()), {"subject": "冷水 紧急"}
    ),
    "raw bytes in the head, gbk": Awkward(
        plain(b"x", b"text/plain", "Subject: 冷水 紧急\r\n".encode("gbk")), {"subject": "冷水 紧急"}
    ),
    "an encoded word that is none": Awkward(
        plain(b"x", b"text/plain", b"Subject: =?utf-8?B?a?= and =?nope?Q?=E5=86=B7?=\r\n"),
        {"kind": Kind.PERSON},
    ),
    "page only": Awkward(
        plain(
            "<html><head><title>t</title><style>p{}</style></head><body><p>水是<b>冷</b>的</p>"
            "<script>x()</script></body></html>".encode(),
            b"text/html; charset=utf-8",
        ),
        {"text": "水是\n冷\n的"},
    ),
    "page and text, of which the text is empty": Awkward(
        mixed(text(b" \r\n"), b"Content-Type: text/html\r\n\r\n<p>cold</p>", kind=b"alternative"),
        {"text": "cold"},
    ),
    "RFC 2231 name": Awkward(
        mixed(
            text(b"see file"),
            file(PDF, b"application/pdf", b"attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A%201.pdf"),
        ),
        {"text": "see file"},
        [("报告 1.pdf", "application/pdf")],
    ),
    "RFC 2231 name in pieces, in gbk": Awkward(
        mixed(
            file(
                PDF,
                b"application/pdf",
                b"attachment; filename*0*=gb2312''%B1%A8; filename*1*=%B8%E6; filename*2=\".pdf\"",
            )
        ),
        {},
        [("报告.pdf", "application/pdf")],
    ),
    "encoded words as a name": Awkward(
        mixed(file(PDF, b"application/pdf", b'attachment; filename="' + word("报告.pdf", "gb18030") + b'"')),
        {},
        [("报告.pdf", "application/pdf")],
    ),
    "raw bytes as a name": Awkward(
        mixed(file(PDF, "application/pdf; name=报告.pdf".encode("gbk"), b"")),
        {},
        [("报告.pdf", "application/pdf")],
    ),
    "a name that is a path": Awkward(
        mixed(file(PHOTO, b"image/jpeg", b'attachment; filename="..\\\\..\\\\etc/passwd"')),
        {},
        [(".._.._etc_passwd", "image/jpeg")],
    ),
    "a photo without a name": Awkward(
        mixed(text(b"see"), file(PHOTO, b"image/jpeg", b"inline")), {}, [("part-2.jpg", "image/jpeg")]
    ),
    "a mail in a mail in a mail": Awkward(
        mixed(
            text(b"see below"),
            b"Content-Type: message/rfc822\r\n\r\n" + FROM + b"Content-Type: message/rfc822\r\n\r\n" + INNER,
        ),
        {"text": "see below", "message": "one@hotel.example"},
        [("part-2.eml", "message/rfc822")],
    ),
    "a text that is attached": Awkward(
        mixed(text(b"words"), file(b"log line", b"text/plain", b"attachment; filename=a.log")),
        {"text": "words"},
        [("a.log", "text/plain")],
    ),
    "what Outlook wraps": Awkward(
        mixed(
            text(b"words"),
            file(b"\x78\x9f\x3e\x22", b"application/ms-tnef", b"attachment; filename=winmail.dat"),
        ),
        {"text": "words"},
        [("winmail.dat", "application/ms-tnef")],
    ),
    "an invitation": Awkward(
        mixed(
            text(b"Tuesday?"),
            b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR",
            kind=b"alternative",
        ),
        {"text": "Tuesday?", "kind": Kind.PERSON},
        [("part-2.ics", "text/calendar")],
    ),
    "an S/MIME signature": Awkward(
        mixed(
            text(b"signed words"),
            file(b"0\x80", b"application/pkcs7-signature; name=smime.p7s", b"attachment"),
            kind=b'signed; protocol="application/pkcs7-signature"',
        ),
        {"text": "signed words"},
        [("smime.p7s", "application/pkcs7-signature")],
    ),
    "an S/MIME envelope": Awkward(
        file(
            b"0\x80 sealed",
            b"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            b"",
            FROM[:-2],
        ),
        {"text": "", "sender": "chen@hotel.example"},
        [("smime.p7m", "application/pkcs7-mime")],
    ),
    "no end": Awkward(mixed(text(b"words"), end=b""), {"text": "words"}),
    "no date": Awkward(plain(b"x"), {"kind": Kind.PERSON, "message": "one@hotel.example"}),
    "a date in the future": Awkward(
        plain(b"x", b"text/plain", b"Date: Fri, 31 Dec 2199 23:59:59 +0800\r\n"), {"kind": Kind.PERSON}
    ),
    "every head twice": Awkward(
        plain(
            b"x",
            b"text/plain",
            b"Subject: first\r\nSubject: second\r\nMessage-ID: <two@x>\r\nFrom: other@x.example\r\n",
        ),
        {"subject": "first", "message": "one@hotel.example", "sender": "chen@hotel.example"},
    ),
    "a Message-ID without brackets": Awkward(
        b"From: a@b.example\r\nMessage-ID: bare@x.example\r\nIn-Reply-To: T-2026-000001.1@f.example\r\n\r\nx",
        {"message": "bare@x.example", "answers": ("T-2026-000001.1@f.example",)},
    ),
    "a Message-ID over two lines": Awkward(
        b"From: a@b.example\r\nMessage-ID:\r\n <folded@x.example>\r\n\r\nx", {"message": "folded@x.example"}
    ),
    "no Message-ID": Awkward(b"From: a@b.example\r\n\r\nx", {"kind": Kind.PERSON, "text": "x"}),
    "nobody": Awkward(b"Subject: s\r\n\r\nx", {"kind": Kind.AUTOMATIC, "sender": ""}),
    "a name with a comma": Awkward(
        b'From: "Chen, Manager" <a@b.example>\r\n\r\nx', {"name": "Chen, Manager", "sender": "a@b.example"}
    ),
    "an encoded name with a comma": Awkward(
        b"From: =?utf-8?Q?Chen=2C_Manager?= <a@b.example>\r\n\r\nx",
        {"name": "Chen, Manager", "sender": "a@b.example"},
    ),
    "nothing but a body": Awkward(b"\r\nwords", {"text": "words"}),
    "nested beyond all reason": Awkward(
        FROM
        + ID
        + b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)
        ),
        {"message": "one@hotel.example", "sender": "chen@hotel.example", "kind": Kind.PERSON},
    ),
}


def is_clean(letter: Letter) -> None:
    """Everything of it can be kept by the log."""
    names = [name for file in letter.enclosed for name in (file.name, file.media_type)]
    for said in (
        letter.message,
        letter.subject,
        letter.text,
        letter.sender,
        letter.name,
        *letter.answers,
        *names,
    ):
        assert "\x00" not in said
        said.encode()
    assert letter.message
    for line in (letter.message, letter.subject, letter.name, *names):
        assert "\n" not in line


@pytest.mark.parametrize("name", CORPUS)
def test_an_awkward_mail_is_read(name: str) -> None:
    awkward = CORPUS[name]
    letter = read_letter(awkward.raw)
    assert {key: getattr(letter, key) for key in awkward.says} == awkward.says
    assert [(file.name, file.media_type) for file in letter.enclosed] == awkward.files
    is_clean(letter)


def test_the_bytes_of_a_file_are_those_that_were_sent() -> None:
    [pdf] = read_letter(CORPUS["RFC 2231 name"].raw).enclosed
    assert pdf.content == PDF
    [inner] = read_letter(CORPUS["a mail in a mail in a mail"].raw).enclosed
    assert b64encode(PDF) in inner.content


RAWS = [awkward.raw for name, awkward in CORPUS.items() if name != "nested beyond all reason"]


@for_any(
    st.sampled_from(RAWS), st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=6)), max_size=12)
)
def test_whatever_becomes_of_its_bytes_on_the_way_a_mail_is_read(
    raw: bytes, changes: list[tuple[int, bytes]]
) -> None:
    for place, instead in changes:
        at = place % (len(raw) + 1)
        raw = raw[:at] + instead + raw[at + len(instead) :]
    is_clean(read_letter(raw))
    is_clean(read_letter(raw[: len(raw) // 2], len(raw)))


@for_any(
    st.binary(max_size=80),
    st.sampled_from(["", "gb2312", "utf-7", "idna", "zlib", "x", "\x00", "utf-16", "big5"]),
)
def test_any_bytes_are_text_in_any_charset(content: bytes, charset: str) -> None:
    assert "\x00" not in decoded(content, charset)
    decoded(content, charset).encode()
