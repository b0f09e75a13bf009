"""What may stand in a line, and in a longer text."""

import pytest
from django.core.exceptions import ValidationError

from tenancy.text import Clean, Text, one_line


@pytest.mark.parametrize(
    "text", ["a\nb", "a\x00", "a\u2028b", "a\u202eb", "\ufeffa", "a\x85b", "\ud800", "\u200b"]
)
def test_a_line_holds_no_invisible_character(text):
    with pytest.raises(ValidationError, match=r"Remove the invisible character U\+"):
        Clean(line=True)(text)


@pytest.mark.parametrize("text", ["Grüße, 東京 – “quoted” 🙂", "e\u0301", ""])
def test_a_line_holds_any_writing(text):
    Clean(line=True)(text)


def test_a_text_keeps_tabs_and_breaks():
    assert Text().clean("one\r\ntwo\tthree\n", None) == "one\ntwo\tthree\n"


def test_a_text_refuses_a_lone_carriage_return():
    with pytest.raises(ValidationError):
        Text().clean("one\rtwo", None)


def test_foreign_text_is_made_fit_for_a_line():
    assert one_line(" a\n\u202eb  c ", limit=80) == "a b c"
    assert one_line("x" * 81, limit=80) == "x" * 79 + "…"
