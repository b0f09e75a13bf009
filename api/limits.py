"""How many requests a token may send. Advisory: counted in Redis, and a Redis that is away stops nobody."""

from datetime import UTC, datetime
from typing import Any

from django.core.cache import caches
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

PER_MINUTE = 600
WINDOW = 60


class TokenThrottle(BaseThrottle):
    """A fixed window of one minute for each token, or each person in a workspace."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.now = datetime.now(UTC).timestamp()
        return request.auth is None or _count(f"api:{request.auth.key}", self.now) <= PER_MINUTE

    def wait(self) -> float:
        return WINDOW - self.now % WINDOW + 1


def _count(key: str, now: float) -> int:
    """How often in this window, this time included; 0 when nobody can say."""
    place = f"{key}:{int(now // WINDOW)}"
    try:
        caches["fast"].add(place, 0, 2 * WINDOW)
        return caches["fast"].incr(place)
    except (RedisError, OSError, ValueError):
        return 0
