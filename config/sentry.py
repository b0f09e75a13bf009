"""Reports of errors to Sentry: off without SENTRY_DSN; never with secrets, bodies or local variables."""

from typing import Any, cast

import sentry_sdk
from sentry_sdk.types import Event, Hint

from config.logs import without_secrets


def start(dsn: str, *, process: str) -> None:
    """Reports this process's errors to `dsn`; without one, nothing happens."""
    if not dsn:
        return
    sentry_sdk.init(
        dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=None,
        auto_session_tracking=False,
        before_send=_cleaned,
        before_breadcrumb=_crumb,
    )
    sentry_sdk.set_tag("process", process)


def _cleaned(event: Event, _hint: Hint) -> Event:
    return cast(Event, without_secrets(event))


def _crumb(crumb: dict[str, Any], _hint: Hint) -> dict[str, Any]:
    return cast(dict[str, Any], without_secrets(crumb))
