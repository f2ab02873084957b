from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from application.database.urls import as_role, redacted, socket_url

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://desk:{SECRET}@db.example:5432/aftersales",
        f"postgresql://desk:{SECRET}/{SECRET}?{SECRET}@{SECRET}@db.example/aftersales",
        f"postgresql://desk@db.example/aftersales?password={SECRET}&sslmode=require",
        f"postgresql://desk@db.example/aftersales?sslpassword={SECRET}",
        f"host=db.example user=desk password={SECRET} dbname=aftersales",
        f"host=db.example user=desk password='{SECRET} {SECRET}' dbname=aftersales",
    ],
)
def test_no_password_is_shown(url: str) -> None:
    assert SECRET not in redacted(url)
    assert "desk" in redacted(url)
    assert "aftersales" in redacted(url) or "@" in url.partition("?")[2]
    assert redacted(redacted(url)) == redacted(url)


@pytest.mark.parametrize(
    "url", ["postgresql://desk@db/aftersales?sslmode=require", "postgresql:///aftersales"]
)
def test_a_url_without_password_is_shown_as_it_is(url: str) -> None:
    assert redacted(url) == url


def test_what_follows_a_hidden_parameter_is_shown() -> None:
    assert redacted(f"postgresql:///a?password={SECRET}&port=1") == "postgresql:///a?password=***&port=1"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("postgresql://desk@db/aftersales", "-c role=clerk"),
        ("postgresql://desk:a?b@db", "-c role=clerk"),
        ("postgresql://db?user=desk@example", "-c role=clerk"),
        ("postgresql://desk@db/aftersales?sslmode=require", "-c role=clerk"),
        (
            "postgresql:///aftersales?options=-c%20statement_timeout%3D5s",
            "-c statement_timeout=5s -c role=clerk",
        ),
        ("postgresql:///aftersales?options=-csearch_path%3Da%5C%20b", "-csearch_path=a\\ b -c role=clerk"),
        (
            "postgresql://desk:a+b%2Fc@h1:1,h2:2/aftersales?options=-c%20geqo%3Doff&port=9",
            "-c geqo=off -c role=clerk",
        ),
    ],
)
def test_a_role_is_added_and_the_rest_is_kept(url: str, options: str) -> None:
    before, after = conninfo_to_dict(url), conninfo_to_dict(as_role(url, "clerk"))
    assert after == {**before, "options": options}


@given(st.text(st.characters(exclude_characters="\0,", exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_libpq_reads_a_socket_url_as_it_was_meant(name: str) -> None:
    read = conninfo_to_dict(socket_url(Path("/run", name), user="desk", database="aftersales"))
    assert read == {"user": "desk", "dbname": "aftersales", "host": str(Path("/run", name)), "port": "5432"}
