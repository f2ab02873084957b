"""Which error is answered with which problem: a stable type, what went wrong, and which field."""

from __future__ import annotations

import re
import traceback
from typing import Any

import msgspec
import structlog
from eventsourcing.persistence import IntegrityError
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from psycopg.errors import FeatureNotSupported, OperationalError, UndefinedColumn, UndefinedTable

from application.access import Forbidden
from application.desk import NotFound
from application.files.kinds import WrongFileType
from application.files.store import FileAltered, FileErased, FileTooLarge
from application.log.errors import BasisMoved, KeyReused, LogBusy, LogUnavailable, NameTaken, VersionConflict
from application.log.tree.proofs import BrokenTree
from application.mail.aside import StillRefused
from application.saved_views import AlreadySaved, NotYours
from application.streams import StaleVersion
from domain.contract.cover import EntitlementExhausted
from domain.errors import DomainError, NotAllowed
from domain.part.errors import StockConflict
from domain.ticket.errors import Unsettled
from interfaces.http.body import NotJson, WrongMediaType
from interfaces.http.negotiating import NotAcceptable
from interfaces.http.params import WrongParameter
from interfaces.http.problem import FieldError, problem
from interfaces.offline.verify import NotProven
from projections.engine.cursor import BadCursor
from projections.engine.held import HeldBack
from projections.engine.waiting import NotYetVisible
from projections.what_if.records import TooManyOpen

log = structlog.get_logger("http")

NOT_NOW: tuple[tuple[type[DomainError], str, tuple[str, ...]], ...] = (
    (NotAllowed, "Not allowed now", ("state", "allowed")),
    (StockConflict, "The stock does not allow it", ("available", "held")),
    (EntitlementExhausted, "Nothing is left of it", ("remaining",)),
    (AlreadySaved, "Already saved", ()),
    (StillRefused, "Refused still", ()),
    (Unsettled, "The case is not settled", ("parts", "questions")),
)
"""Refusals that another day might not get: what they are called, and what of them the answer shows."""


def refused(request: Request[Any, Any, Any], error: DomainError) -> Response[bytes]:
    """A rule said no: 409 when things as they stand forbid it, 422 when it can never be right."""
    errors = (FieldError(error.message, pointer=f"#{error.field}"),) if error.field else ()
    for kind, title, shows in NOT_NOW:
        if isinstance(error, kind):
            shown = {name: getattr(error, name, None) for name in shows}
            return problem(request, 409, error.code, title, error.message, errors=errors, **shown)
    title = "Idempotency-Key reused" if isinstance(error, KeyReused) else "Invalid value"
    return problem(request, 422, error.code, title, error.message, errors=errors)


def unavailable(request: Request[Any, Any, Any], error: LogUnavailable) -> Response[bytes]:
    """The database does not answer, or too many are asking: come back in a moment."""
    code, title = ("busy", "Busy") if isinstance(error, LogBusy) else ("unavailable", "Database unavailable")
    return problem(request, 503, code, title, str(error), headers={"Retry-After": "1"})


def lost(request: Request[Any, Any, Any], _: OperationalError) -> Response[bytes]:
    """The same, where a version that was published elsewhere had to be looked up."""
    return unavailable(request, LogUnavailable("the database does not answer"))


def not_yet_visible(request: Request[Any, Any, Any], error: NotYetVisible) -> Response[bytes]:
    """The view has not reached the position that was asked for."""
    return problem(
        request, 503, "not-yet-visible", "View is behind", str(error), headers={"Retry-After": "1"}
    )


def held_back(request: Request[Any, Any, Any], error: HeldBack) -> Response[bytes]:
    """The view knows less of this one thing than the log does, and says so instead of showing it."""
    where = {"view": error.view, "position": error.position}
    return problem(
        request, 503, "view-parked", "Held back", str(error), headers={"Retry-After": "60"}, **where
    )


def conflict(request: Request[Any, Any, Any], error: IntegrityError) -> Response[bytes]:
    """Others were faster, several times over."""
    return problem(request, 409, "conflict", "Conflict", f"{error}; read it again and repeat the command")


def forbidden(request: Request[Any, Any, Any], error: Forbidden | NotYours) -> Response[bytes]:
    """The caller is known and may not do this."""
    return problem(request, 403, "forbidden", "Forbidden", str(error))


def not_found(request: Request[Any, Any, Any], error: NotFound) -> Response[bytes]:
    """Nothing under this id or number."""
    return problem(request, 404, "not-found", "Not found", str(error))


def stale(request: Request[Any, Any, Any], error: StaleVersion) -> Response[bytes]:
    """``If-Match`` named a version that no longer stands."""
    return problem(
        request,
        412,
        "stale-version",
        "Stale version",
        str(error),
        headers={"ETag": f'"{error.current}"'},
        current_version=error.current,
    )


WHERE = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`(?P<path>[^`]*)`)?$", re.DOTALL)
NAMED = re.compile(r"field `(?P<field>[^`]+)`")


ABSENT = re.compile(r"Missing required \w+ parameter '(?P<parameter>[^']+)'")


def not_json(request: Request[Any, Any, Any], error: NotJson) -> Response[bytes]:
    """The body is not JSON at all."""
    return problem(request, 400, "malformed-json", "Malformed JSON", f"the body is not JSON: {error}")


def wrong_media_type(
    request: Request[Any, Any, Any], error: WrongMediaType | WrongFileType
) -> Response[bytes]:
    """The body says that it is something else than JSON, or is no file of the kinds that are taken."""
    return problem(request, 415, "unsupported-media-type", "Unsupported media type", str(error))


def not_acceptable(request: Request[Any, Any, Any], error: NotAcceptable) -> Response[bytes]:
    """The caller accepts nothing that there is."""
    return problem(request, 406, "not-acceptable", "Not acceptable", str(error))


def wrong_form(request: Request[Any, Any, Any], error: msgspec.ValidationError) -> Response[bytes]:
    """The body is JSON, and not the command."""
    match = WHERE.match(str(error))
    what, path = (_said(match["what"]), match["path"] or "$") if match else (str(error), "$")
    errors = (FieldError(what, pointer=_pointer(path, NAMED.search(what))),)
    return problem(request, 422, "invalid-form", "Invalid request", what, errors=errors)


def _pointer(path: str, named: re.Match[str] | None) -> str:
    steps = re.findall(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]", path.removeprefix("$"))
    parts = [name or index for name, index in steps]
    if named:
        parts.append(named["field"])
    return "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts) if parts else "#"


def invalid_parameters(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """A path, query or header parameter of the wrong form, or no body where one is needed."""
    extra = error.extra if isinstance(error.extra, list) else []
    errors = tuple(_field_error(item) for item in extra if isinstance(item, dict))
    if absent := ABSENT.match(error.detail):
        errors = (FieldError("it is missing", parameter=absent["parameter"]),)
    detail = "; ".join(f"{e.pointer or e.parameter}: {e.detail}" for e in errors) or None
    return problem(request, 422, "invalid-form", "Invalid request", detail, errors=errors)


def _field_error(item: dict[str, Any]) -> FieldError:
    name = str(item.get("key") or "")
    if name in {"", "data"}:
        return FieldError("the command is missing: send a JSON object, at least {}", pointer="#")
    if item.get("source") == "header":
        name = name.replace("_", "-").title()
    return FieldError(_said(str(item.get("message") or "")), parameter=name)


def wrong_parameter(request: Request[Any, Any, Any], error: WrongParameter | BadCursor) -> Response[bytes]:
    """A parameter that is of the right type and still cannot be meant."""
    name = error.parameter if isinstance(error, WrongParameter) else "cursor"
    errors = (FieldError(str(error), parameter=name),)
    return problem(request, 422, "invalid-form", "Invalid request", str(error), errors=errors)


def _said(message: str) -> str:
    """The one pattern that texts have, in words."""
    return "NUL characters cannot be kept" if "matching regex '^[^" in message else message


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework itself refuses: unknown path, wrong method, too large a body."""
    code = {401: "unauthenticated", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}
    title = {401: "Unauthenticated", 404: "Not found", 405: "Method not allowed", 413: "Too large"}
    detail = error.detail if error.status_code < 500 else None
    return problem(
        request,
        error.status_code,
        code.get(error.status_code, f"http-{error.status_code}"),
        title.get(error.status_code, "Error"),
        detail,
        headers=error.headers,
    )


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A defect of ours: logged in full, told in one line."""
    # As text: a renderer that shows local variables would show tokens.
    told = "".join(traceback.format_exception(error))
    log.error("unexpected error", path=request.url.path, method=request.method, traceback=told)
    return problem(request, 500, "internal", "Internal error", "the error was logged")


def log_altered(request: Request[Any, Any, Any], error: NotProven | BrokenTree) -> Response[bytes]:
    """The log is not what was signed: nothing that rests on it is handed out."""
    log.error("ALERT: the log is not what was signed", path=request.url.path, error=str(error))
    said = f"{error}; aftersales log verify says where the log was changed"
    return problem(request, 500, "log-altered", "The log is not what was signed", said)


def too_large(request: Request[Any, Any, Any], error: FileTooLarge) -> Response[bytes]:
    """A file of more bytes than are taken."""
    return problem(request, 413, "too-large", "Too large", str(error))


def file_altered(request: Request[Any, Any, Any], error: FileAltered) -> Response[bytes]:
    """A file is not what was attached: it is not handed out."""
    log.error("ALERT: a file is not what was attached", path=request.url.path, error=str(error))
    said = f"{error}; aftersales files verify names every such file"
    return problem(request, 500, "file-altered", "The file is not what was attached", said)


def file_erased(request: Request[Any, Any, Any], error: FileErased) -> Response[bytes]:
    """A file was taken out of the database in a maintenance that the log records."""
    return problem(request, 410, "file-erased", "The file was erased", str(error))


def too_many_runs(request: Request[Any, Any, Any], error: TooManyOpen) -> Response[bytes]:
    """So many what-if runs wait that another one is refused."""
    return problem(request, 503, "busy", "Too many what-if runs", str(error), headers={"Retry-After": "30"})


def views_missing(request: Request[Any, Any, Any], _: UndefinedTable) -> Response[bytes]:
    """No worker has made the views yet."""
    return problem(
        request,
        503,
        "views-missing",
        "Views not made yet",
        "start `aftersales worker`: it makes the views and keeps them",
        headers={"Retry-After": "2"},
    )


def views_changing(
    request: Request[Any, Any, Any],
    _: UndefinedColumn | FeatureNotSupported,
) -> Response[bytes]:
    """The views are another release's, or were until now."""
    return problem(
        request,
        503,
        "views-changing",
        "Views are being rebuilt",
        "the views have the form of another release; a worker of this one rebuilds them",
        headers={"Retry-After": "2"},
    )


HANDLERS: dict[Any, Any] = {
    UndefinedTable: views_missing,
    UndefinedColumn: views_changing,
    FeatureNotSupported: views_changing,
    WrongParameter: wrong_parameter,
    BadCursor: wrong_parameter,
    DomainError: refused,
    Forbidden: forbidden,
    NotYours: forbidden,
    NotFound: not_found,
    NotProven: log_altered,
    BrokenTree: log_altered,
    StaleVersion: stale,
    LogUnavailable: unavailable,
    OperationalError: lost,
    NotYetVisible: not_yet_visible,
    HeldBack: held_back,
    VersionConflict: conflict,
    BasisMoved: conflict,
    NameTaken: conflict,
    NotAcceptable: not_acceptable,
    TooManyOpen: too_many_runs,
    NotJson: not_json,
    WrongMediaType: wrong_media_type,
    WrongFileType: wrong_media_type,
    FileTooLarge: too_large,
    FileAltered: file_altered,
    FileErased: file_erased,
    msgspec.ValidationError: wrong_form,
    ValidationException: invalid_parameters,
    HTTPException: http_error,
    Exception: unexpected,
}
"""Exception to answer, for the whole application."""
