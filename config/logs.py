"""Structured logs: one JSON line per event, with request and workspace ids and without secrets."""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

MASK = "…"
LINK_PATH = re.compile(r"/(p|d|i|u|c|proof|ping|cal)/[^/\s?]+")
API_TOKEN = re.compile(r"cairn_[0-9A-Za-z]{8,}")
SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|api_key|dsn", re.IGNORECASE)


def scrub(text: str) -> str:
    """The text with link tokens and API tokens masked."""
    return API_TOKEN.sub(f"cairn_{MASK}", LINK_PATH.sub(rf"/\1/{MASK}", text))


def _scrubbed(name: str, value: Any) -> Any:
    if SECRET_NAMES.search(name):
        return MASK
    return scrub(value) if isinstance(value, str) else value


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: _scrubbed(name, value) for name, value in event.items()}


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    mask_secrets,
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
    """Django's LOGGING: everything to standard error, in development at level INFO and readable."""
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False) if development else structlog.processors.JSONRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {"django.server": {"level": "WARNING"}, "celery": {"level": "INFO"}},
    }
