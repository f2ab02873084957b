from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from application.settings import Settings, SettingsError

WITNESS = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
NO_WITNESS = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_nothing_set() -> None:
    settings = Settings.from_env({"HOME": "/home/li"})
    assert settings.database_url is None
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8470, 1)
    assert (settings.time_zone, settings.language, settings.log_level) == ("Asia/Shanghai", "zh", "info")


def test_everything_set() -> None:
    settings = Settings.from_env(
        {
            "AFTERSALES_DATA_DIR": "/srv/desk",
            "AFTERSALES_DATABASE_URL": "postgresql://desk@db/aftersales",
            "AFTERSALES_OWNER_DATABASE_URL": "postgres://owner@db/aftersales",
            "AFTERSALES_DATABASE_POOL_SIZE": "3",
            "AFTERSALES_HOST": "0.0.0.0",  # noqa: S104
            "AFTERSALES_PORT": "80",
            "AFTERSALES_WORKERS": "4",
            "AFTERSALES_TIME_ZONE": "Europe/Rome",
            "AFTERSALES_LANGUAGE": "EN",
            "AFTERSALES_LOG_LEVEL": "Debug",
            "AFTERSALES_IDEMPOTENCY_KEEP": "PT36H",
            "AFTERSALES_HOLD_REVIEW": "P1DT12H",
            "AFTERSALES_LOG_ORIGIN": "log.desk.example/service",
            "AFTERSALES_SIGNING_KEY_DIR": "/srv/keys",
            "AFTERSALES_CHECKPOINT_EVENTS": "10",
            "AFTERSALES_CHECKPOINT_SECONDS": "5",
            "AFTERSALES_CHECKPOINT_TARGETS": "file:/mnt  https://hook.example/x mailto:a@desk.example",
            "AFTERSALES_CHECKPOINT_MAIL_HOURS": "168",
            "AFTERSALES_SMTP_URL": "smtp://desk:s3cr3t@mail.example:587",
            "AFTERSALES_MAIL_FROM": "desk@desk.example",
            "AFTERSALES_WITNESSES": f"{WITNESS} https://witness.example/w",
        }
    )
    assert settings == Settings(
        data_dir=Path("/srv/desk"),
        database_url="postgresql://desk@db/aftersales",
        owner_database_url="postgres://owner@db/aftersales",
        database_pool_size=3,
        host="0.0.0.0",  # noqa: S104
        port=80,
        workers=4,
        time_zone="Europe/Rome",
        language="en",
        log_level="debug",
        idempotency_keep=timedelta(hours=36),
        hold_review=timedelta(hours=36),
        log_origin="log.desk.example/service",
        signing_key_dir=Path("/srv/keys"),
        checkpoint_events=10,
        checkpoint_seconds=5,
        checkpoint_targets=("file:/mnt", "https://hook.example/x", "mailto:a@desk.example"),
        checkpoint_mail_hours=168,
        smtp_url="smtp://desk:s3cr3t@mail.example:587",
        mail_from="desk@desk.example",
        witnesses=(WITNESS, "https://witness.example/w"),
    )
    assert settings.keys == Path("/srv/keys")


def test_empty_is_absent() -> None:
    assert Settings.from_env({"AFTERSALES_PORT": "", "AFTERSALES_DATABASE_URL": " "}) == Settings.from_env({})


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("PORT", "http", "1 to 65535"),
        ("PORT", "0", "1 to 65535"),
        ("PORT", "65536", "1 to 65535"),
        ("WORKERS", "-1", "1 to 256"),
        ("DATABASE_POOL_SIZE", "1.5", "1 to 1000"),
        ("TIME_ZONE", "Peking", "Asia/Shanghai"),
        ("IDEMPOTENCY_KEEP", "30", "P30D"),
        ("HOLD_REVIEW", "3 days", "P3D"),
        ("HOLD_REVIEW", "PT0S", "PT1M"),
        ("IDEMPOTENCY_KEEP", "30 days", "P30D"),
        ("IDEMPOTENCY_KEEP", "PT59S", "PT1M"),
        ("IDEMPOTENCY_KEEP", "-P30D", "PT1M"),
        ("IDEMPOTENCY_KEEP", "P3651D", "P3650D"),
        ("TIME_ZONE", "../../etc/passwd", "Asia/Shanghai"),
        ("TIME_ZONE", "/etc/localtime", "Asia/Shanghai"),
        ("TIME_ZONE", "Europe", "Asia/Shanghai"),
        ("LANGUAGE", "it", "zh or en"),
        ("LOG_LEVEL", "loud", "warning"),
        ("HOST", "localhost:80", "without port"),
        ("HOST", "http://localhost", "without port"),
        ("DATA_DIR", "~nobody-of-this-name/x", "path of a directory"),
        ("DATABASE_URL", "mysql://db/aftersales", "postgresql://"),
        ("DATABASE_URL", "postgresql://desk:s3cr3t/x@db:port/aftersales", "percent-encoded"),
        ("DATABASE_URL", "postgresql://desk:s3cr3t/5@db/aftersales", "percent-encoded"),
        ("DATABASE_URL", "postgresql://desk:5/s3cr3t@db/aftersales", "percent-encoded"),
        ("OWNER_DATABASE_URL", "db", "postgresql://"),
        ("LOG_ORIGIN", "our log", "without spaces"),
        ("CHECKPOINT_EVENTS", "0", "1 to 1000000"),
        ("CHECKPOINT_TARGETS", "file:out", "file:/directory"),
        ("CHECKPOINT_TARGETS", "http://hook.example/s3cr3t", "https://host"),
        ("CHECKPOINT_TARGETS", "https://u:s3cr3t@hook.example/", "https://host"),
        ("CHECKPOINT_TARGETS", "https://hook.example/ https://hook.example/", "each once"),
        ("CHECKPOINT_TARGETS", "mailto:audit", "mailto:name@host"),
        ("SMTP_URL", "http://desk:s3cr3t@mail.example", "smtp://"),
        ("SMTP_URL", "smtp://mail.example:99999", "smtp://"),
        ("MAIL_FROM", "a@b.example, c@d.example", "one mail address"),
        ("WITNESSES", "https://witness.example", "verifier keys"),
        ("WITNESSES", f"{WITNESS} http://witness.example", "https"),
        ("WITNESSES", NO_WITNESS, "type 4"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_and_the_remedy(
    name: str, value: str, advice: str
) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_env({f"AFTERSALES_{name}": value})
    said = str(error.value)
    assert said.startswith(f"AFTERSALES_{name} ")
    assert advice in said
    assert "\n" not in said
    assert "s3cr3t" not in said


def test_a_mailbox_needs_a_mail_server() -> None:
    with pytest.raises(SettingsError, match="AFTERSALES_SMTP_URL"):
        Settings.from_env({"AFTERSALES_CHECKPOINT_TARGETS": "mailto:audit@desk.example"})


def test_an_owner_without_a_database_is_refused() -> None:
    with pytest.raises(SettingsError, match="AFTERSALES_DATABASE_URL"):
        Settings.from_env({"AFTERSALES_OWNER_DATABASE_URL": "postgresql:///aftersales"})


def test_passwords_are_not_shown() -> None:
    settings = Settings.from_env(
        {
            "AFTERSALES_DATABASE_URL": "postgresql://desk:s3cr3t@db/aftersales",
            "AFTERSALES_OWNER_DATABASE_URL": "postgresql://owner:s3cr3t@db/aftersales",
            "AFTERSALES_SMTP_URL": "smtp://desk:s3cr3t@mail.example",
            "AFTERSALES_CHECKPOINT_TARGETS": "https://hook.example/s3cr3t",
        }
    )
    for shown in (repr(settings), str(settings), f"{settings}"):
        assert "s3cr3t" not in shown
        assert "desk:***@db" in shown


@pytest.mark.parametrize(
    "url",
    [
        "postgres://db",
        "postgresql://desk:s3cr3t?x@db/aftersales",
        "postgresql://db?user=desk@example",
        "postgresql:///aftersales?host=/run/postgresql&port=5433",
        "postgresql://desk:p%2Fss%40@h1:5432,h2/aftersales?target_session_attrs=read-write",
    ],
)
def test_urls(url: str) -> None:
    assert Settings.from_env({"AFTERSALES_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize("name", ["::1", "[::1]", "desk.example", "127.0.0.1"])
def test_hosts(name: str) -> None:
    assert Settings.from_env({"AFTERSALES_HOST": name}).host == name.strip("[]")


@pytest.mark.parametrize(
    ("uid", "environ", "place"),
    [
        (0, {"HOME": "/root", "XDG_DATA_HOME": "/root/data"}, "/var/lib/aftersales"),
        (1000, {"HOME": "/home/li"}, "/home/li/.local/share/aftersales"),
        (1000, {"HOME": "/home/li", "XDG_DATA_HOME": "/data"}, "/data/aftersales"),
        (1000, {"HOME": "/home/li", "XDG_DATA_HOME": "data"}, "/home/li/.local/share/aftersales"),
    ],
)
def test_the_data_directory_unless_said(
    uid: int, environ: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert Settings.from_env(environ).data_dir == Path(place)


def test_a_data_directory_is_absolute_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_env({"AFTERSALES_DATA_DIR": "desk"}).data_dir == tmp_path / "desk"
