"""Paging by key: where the next page begins, as text in the address."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
SEPARATOR = "~"
LONGEST = 200  # no cursor of ours is longer, and reading a number of any length takes its time


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page, and the key of the last one when more follow."""

    rows: list[T]
    next: str


def page_of(found: Iterable[T], *, limit: int, key: Callable[[T], tuple[object, ...]]) -> Page[T]:
    """The first `limit` of the rows found; ask the database for one more than that."""
    rows = list(found)
    following = cursor(*key(rows[limit - 1])) if len(rows) > limit else ""
    return Page(rows[:limit], following)


def cursor(*parts: object) -> str:
    return SEPARATOR.join(str(part) for part in parts)


def parts_of(text: str, count: int) -> list[str] | None:
    """The parts of a cursor; None when the address holds none that could be ours."""
    parts = text.split(SEPARATOR)
    return parts if len(text) <= LONGEST and len(parts) == count and all(parts) else None
