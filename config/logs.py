"""Structured logs: one JSON line per event, with request and workspace ids and without secrets.

Secrets are masked twice: by the name of a field, and by their look in the finished line, so that none slips
through in an exception's text or in what a library logs.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

MASK: Final = "***"
SECRET_NAMES: Final = re.compile(
    r"password|passwd|secret|token|authorization|cookie|session_?key|api_?key|dsn|database_url|signature",
    re.IGNORECASE,
)
# Each keeps what comes before the secret (group 1). No match crosses a quote, so that JSON stays JSON.
END: Final = r"[^\s\"'\\<>&;,)}\]]"
LOOKS: Final = [
    re.compile(look)
    for look in (
        r"(/(?:p|d|i|u|c|join|proof|ping|cal)/)[^\s\"'\\/?<>]{16,}",  # links for people without a login
        r"(/(?:confirm-email|reset/key)/)[^\s\"'\\/?<>]+",  # links in sign-in mails
        r"(\bcairn_)[0-9A-Za-z]{20,}",  # API tokens
        r"(\bwhsec_|\blin_wh_)[\w+/=-]{8,}",  # webhook secrets
        rf"((?i:\bbearer\s|\bbasic\s)){END}+",
        r"(\b[a-z][a-z0-9+.-]*://[^\s\"'\\/@:]*:)[^\s\"'\\/@]+(?=@)",  # the password in an address
        r"(://)\w{16,}(?=@)",  # the key in Sentry's address
        rf"((?i:\b(?:\w*password|\w*secret|\w*token|\w*_key|sessionid|csrftoken))=|[?&](?:key|code)=){END}+",
    )
]
# PostgreSQL quotes the row that it refuses, whatever it holds, over several lines if need be.
ROW: Final = re.compile(r"(Failing row contains \().*?(?=\n\n|\Z)", re.DOTALL)
ROW_IN_JSON: Final = re.compile(r"(Failing row contains \()(?:[^\"\\]|\\.)*")


def _mask(text: str, looks: Iterable[re.Pattern[str]]) -> str:
    for look in looks:
        text = look.sub(rf"\g<1>{MASK}", text)
    return text


def scrub(text: str) -> str:
    """The text with everything masked that looks like a secret."""
    return _mask(text, (*LOOKS, ROW))


def without_secrets(value: Any, name: str = "") -> Any:
    """The value, however deep, with what is called a secret masked and texts scrubbed."""
    if SECRET_NAMES.search(name):
        return MASK
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {key: without_secrets(part, str(key)) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(part) for part in value]
    return value


def _mask_named(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {
        name: value if name.startswith("_") else without_secrets(value, name) for name, value in event.items()
    }


def _scrub_line(_logger: WrappedLogger, _method: str, line: Any) -> str:
    return _mask(line, (*LOOKS, ROW_IN_JSON))


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _mask_named,
]


def configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def config(*, development: bool) -> dict[str, Any]:
    """Django's LOGGING: everything from INFO to standard error, in development readable for people."""
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False) if development else structlog.processors.JSONRenderer()
    )
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [remove_meta, renderer, _scrub_line],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {name: {"level": level} for name, level in TALKATIVE.items()},
    }


# They say below this level what our own lines say already.
TALKATIVE: Final = {
    "django.request": "CRITICAL",
    "django.server": "WARNING",
    "celery.app.trace": "WARNING",
    "celery.worker.strategy": "WARNING",
    "celery.beat": "WARNING",
}


def note_workspace(request: Any, log_kwargs: dict[str, Any], **_: Any) -> None:
    """Names the workspace in a request's last line, which is written when its door is closed again."""
    for entered in ("access", "link", "auth"):
        if workspace_id := getattr(getattr(request, entered, None), "workspace_id", None):
            log_kwargs["workspace_id"] = str(workspace_id)
            return
