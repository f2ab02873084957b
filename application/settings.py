"""Settings: everything that differs from one installation to the next, read once from the environment."""

from __future__ import annotations

import ipaddress
import os
import re
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from application.database.urls import place_and_query, redacted
from application.files.kinds import MOST_BYTES, TYPES, FileRules
from application.log.silence import SILENCE
from domain.ticket.decisions import REVIEW_WITHIN

PREFIX = "AFTERSALES_"
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(Exception):
    """A setting that cannot be right. The message is one line: the variable, and how to mend it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One installation.

    Attributes:
        data_dir: where the embedded database and everything else that is kept on disk lives.
        database_url: an existing PostgreSQL server (15 or newer); ``None`` runs the embedded one.
        owner_database_url: the same database as a role that may create tables; ``database_url`` otherwise.
        database_pool_size: connections that one process of the service keeps at most.
        host: address the HTTP server listens on.
        port: its port.
        workers: number of HTTP server processes.
        leader_silence: how long a worker that leads may say nothing until another one takes over.
        idempotency_keep: how long a command is remembered by its Idempotency-Key.
        public_tlog: whether checkpoints and hashes of the log are shown without a token; events never are.
        hold_review: how long after it began a hold is looked at again, where nobody said when.
        time_zone: IANA zone in which times without one are read and calendars are shown.
        language: language of texts for people when a request names none.
        log_level: least severe level that is logged.
        log_origin: what the log calls itself in checkpoints; ``None`` for a name that is made with its key.
        signing_key_dir: where the keys that sign the log are; ``None`` for ``signing`` in ``data_dir``.
        checkpoint_events: a checkpoint is signed after so many events at the latest,
        checkpoint_seconds: and so many seconds after the one before, if there was an event.
        checkpoint_targets: where checkpoints are put: ``file:/directory``, ``https://…``, ``mailto:a@b``.
        checkpoint_mail_hours: between two mails to one mailbox.
        smtp_url: the mail server, with its password.
        mail_from: whom mails come from; ``None`` for the mailbox that they go to.
        escalation_rules: the file of rules that escalate; ``None`` for no rules.
        file_most_bytes: of one attached file.
        file_types: media types of files that may be attached.
        mailboxes: the file that says which mailboxes there are; ``None`` for none.
        witnesses: verifier keys of witnesses, each followed by the address where it takes checkpoints.
    """

    data_dir: Path
    database_url: str | None = None
    owner_database_url: str | None = None
    database_pool_size: int = 8
    host: str = "127.0.0.1"
    port: int = 8470
    workers: int = 1
    leader_silence: timedelta = SILENCE
    idempotency_keep: timedelta = timedelta(days=30)
    public_tlog: bool = False
    hold_review: timedelta = REVIEW_WITHIN
    time_zone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_origin: str | None = None
    signing_key_dir: Path | None = None
    checkpoint_events: int = 1000
    checkpoint_seconds: int = 60
    checkpoint_targets: tuple[str, ...] = ()
    checkpoint_mail_hours: int = 24
    smtp_url: str | None = None
    mail_from: str | None = None
    witnesses: tuple[str, ...] = ()
    escalation_rules: Path | None = None
    file_most_bytes: int = MOST_BYTES
    file_types: tuple[str, ...] = TYPES
    mailboxes: Path | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the ``AFTERSALES_…`` variables; an empty one counts as absent.

        Raises:
            SettingsError: a value cannot be right.
        """
        given: dict[str, Any] = {}
        for field, (read, mend) in _VARIABLES.items():
            variable = PREFIX + field.upper()
            text = environ.get(variable, "").strip()
            if not text:
                continue
            try:
                given[field] = read(text)
            except ValueError:
                shown = "" if field.endswith(("_url", "_targets")) else f" {text!r}"
                raise SettingsError(f"{variable}{shown} cannot be used: {mend}") from None
        if "owner_database_url" in given and "database_url" not in given:
            raise SettingsError(
                "AFTERSALES_OWNER_DATABASE_URL is set alone: set AFTERSALES_DATABASE_URL too, or neither"
            )
        if "smtp_url" not in given and any(
            t.startswith("mailto:") for t in given.get("checkpoint_targets", ())
        ):
            raise SettingsError("AFTERSALES_CHECKPOINT_TARGETS names a mailbox: set AFTERSALES_SMTP_URL, too")
        return cls(**{"data_dir": default_data_dir(environ), **given})

    @property
    def files(self) -> FileRules:
        """What may be attached."""
        return FileRules(self.file_most_bytes, self.file_types)

    @property
    def keys(self) -> Path:
        """Where the keys that sign the log are."""
        return self.signing_key_dir or self.data_dir / "signing"

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        for name in ("database_url", "owner_database_url"):
            shown[name] = shown[name] and redacted(shown[name])
        for name in ("smtp_url", "checkpoint_targets"):
            shown[name] = shown[name] and "…"
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def default_data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """``/var/lib/aftersales`` for root, else ``aftersales`` in the user's data home (XDG)."""
    if os.geteuid() == 0:
        return Path("/var/lib/aftersales")
    home = environ.get("XDG_DATA_HOME", "")
    if home.startswith("/"):
        return Path(home, "aftersales")
    return Path(environ.get("HOME") or Path.home(), ".local/share/aftersales")


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as unknown_home:
        raise ValueError from unknown_home


def _url(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError
    try:
        port = conninfo_to_dict(text).get("port") or ""
    except psycopg.ProgrammingError:
        raise ValueError from None
    # A bare "/" or "@" in a password moves the rest of it to where a port or a database name should be.
    path = place_and_query(text)[0].partition("://")[2].partition("/")[2]
    if "@" in path or (port and not str(port).replace(",", "0").isdigit()):
        raise ValueError
    return text


def _count(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError
        return number

    return read


def _duration(least: timedelta, most: timedelta) -> Callable[[str], timedelta]:
    def read(text: str) -> timedelta:
        try:
            duration = msgspec.convert(text, timedelta)
        except msgspec.ValidationError:
            raise ValueError from None
        if not least <= duration <= most:
            raise ValueError
        return duration

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError
        return text.lower()

    return read


def _yes_or_no(text: str) -> bool:
    return _one_of("yes", "no")(text) == "yes"


def _zone(text: str) -> str:
    try:
        return zoneinfo.ZoneInfo(text).key
    except (zoneinfo.ZoneInfoNotFoundError, OSError):
        raise ValueError from None


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        if not re.fullmatch(r"[\w.-]+", text):
            raise
    return text


def _origin(text: str) -> str:
    if not re.fullmatch(r"[^\s+]{1,200}", text) or not text.isprintable():
        raise ValueError
    return text


def _targets(text: str) -> tuple[str, ...]:
    from application.log.tree.publishing import is_target

    places = tuple(text.split())
    if not all(map(is_target, places)) or len(set(places)) < len(places):
        raise ValueError
    return places


def _mail_server(text: str) -> str:
    from application.log.tree.publishing import is_mail_server

    if not is_mail_server(text):
        raise ValueError
    return text


def _mailbox(text: str) -> str:
    from application.log.tree.publishing import is_mailbox

    if not is_mailbox(text):
        raise ValueError
    return text


def _witnesses(text: str) -> tuple[str, ...]:
    from application.log.tree.witnesses import witnesses

    words = tuple(text.split())
    witnesses(words)
    return words


def _types(text: str) -> tuple[str, ...]:
    types = tuple(text.lower().split())
    if not set(types) <= {*TYPES}:
        raise ValueError
    return types


_URL_FORM = (
    "write postgresql://user:password@host:5432/database, special characters of the password percent-encoded"
)

_VARIABLES: dict[str, tuple[Callable[[str], Any], str]] = {
    "data_dir": (_path, "give the path of a directory"),
    "database_url": (_url, _URL_FORM),
    "owner_database_url": (_url, _URL_FORM),
    "database_pool_size": (_count(1, 1000), "give a number from 1 to 1000"),
    "host": (_host, "give a host name or address without port, such as 127.0.0.1 or 0.0.0.0"),
    "port": (_count(1, 65535), "give a number from 1 to 65535"),
    "workers": (_count(1, 256), "give a number from 1 to 256"),
    "idempotency_keep": (
        _duration(timedelta(minutes=1), timedelta(days=3650)),
        "give an ISO 8601 duration from PT1M to P3650D, such as P30D or PT12H",
    ),
    "leader_silence": (
        _duration(timedelta(seconds=2), timedelta(minutes=10)),
        "give an ISO 8601 duration from PT2S to PT10M, such as PT10S",
    ),
    "public_tlog": (_yes_or_no, "give yes or no"),
    "hold_review": (
        _duration(timedelta(minutes=1), timedelta(days=365)),
        "give an ISO 8601 duration from PT1M to P365D, such as P3D or PT8H",
    ),
    "time_zone": (_zone, "give an IANA time zone such as Asia/Shanghai or Europe/Rome"),
    "language": (_one_of("zh", "en"), "give zh or en"),
    "log_level": (_one_of(*LOG_LEVELS), f"give one of {', '.join(LOG_LEVELS)}"),
    "log_origin": (_origin, "give a name such as log.firm.example/service, without spaces and plus signs"),
    "signing_key_dir": (_path, "give the path of a directory"),
    "checkpoint_events": (_count(1, 1_000_000), "give a number from 1 to 1000000"),
    "checkpoint_seconds": (_count(1, 86_400), "give a number from 1 to 86400"),
    "checkpoint_targets": (
        _targets,
        "give file:/directory, https://host/path or mailto:name@host, several with spaces between, each once",
    ),
    "checkpoint_mail_hours": (_count(1, 8760), "give a number from 1 to 8760"),
    "smtp_url": (_mail_server, "write smtp://user:password@host:587 or smtps://…, without a path"),
    "mail_from": (_mailbox, "give one mail address"),
    "mailboxes": (_path, "give the path of a file"),
    "witnesses": (
        _witnesses,
        "give verifier keys of type 4, each followed by the https address of its witness, spaces between",
    ),
    "escalation_rules": (_path, "give the path of a TOML file"),
    "file_most_bytes": (_count(1, 10 * 1024**3), "give a number from 1 to 10737418240"),
    "file_types": (_types, f"give some of {', '.join(TYPES)}, with spaces between"),
}
"""Every variable: how its text is read, and what to write when it cannot be."""
