"""Text hygiene, once for every door: what may stand in a line, and in a longer text."""

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.deconstruct import deconstructible

# C0 and C1 controls, line and paragraph separators, bidi controls, blanks without width, byte order marks,
# lone surrogates. The joiners (U+200C, U+200D) stay: scripts and emoji need them.
LINE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\u200b\u200e\u200f\u061c\ufeff"
    "\ud800-\udfff]"
)
TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\u2060\u200e\u200f\u061c\ufeff\ud800-\udfff]"
)


@deconstructible
class Clean:
    """Refuses control and bidi characters; in a `line` also breaks."""

    def __init__(self, *, line: bool) -> None:
        self.line = line

    def __call__(self, value: str) -> None:
        if found := (LINE if self.line else TEXT).search(value):
            raise ValidationError(
                f"Remove the invisible character U+{ord(found.group()):04X}; it cannot be shown safely.",
                code="invisible_character",
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Clean) and self.line == other.line

    def __hash__(self) -> int:
        return hash(self.line)


if TYPE_CHECKING:
    CharField = models.CharField[str, str]
    TextField = models.TextField[str, str]
else:
    CharField, TextField = models.CharField, models.TextField


class Line(CharField):
    """One line of clean text."""

    default_validators = [Clean(line=True)]


class Text(TextField):
    """Several lines of clean text; `max_length` is enforced by validation."""

    default_validators = [Clean(line=False)]

    def to_python(self, value: Any) -> Any:
        """Browsers send their lines with CR LF."""
        return value.replace("\r\n", "\n") if isinstance(value, str) else super().to_python(value)


def one_line(value: str, *, limit: int) -> str:
    """A foreign text made fit for one line: unsafe characters gone, blanks folded, cut with an ellipsis."""
    folded = " ".join(LINE.sub(" ", value).split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"
