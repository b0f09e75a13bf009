"""Cells that a spreadsheet must not run, and the way back to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.cells import harmless, original


@pytest.mark.parametrize(
    "text", ["=1+1", "+49", "-2", "@SUM(A1)", "\tx", "\rx", "  =1", "\u200b=1", "\u00a0@x", "＝1", "\n=1"]
)
def test_what_looks_like_a_formula_is_marked_as_text(text):
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "plain", "a=b", "Ada's", "'quoted'", "1.5"])
def test_other_text_stays_as_it_is(text):
    assert harmless(text) == text


@given(st.text() | st.from_regex(r"'*\s*[=+\-@].*"))
def test_a_cell_leads_back_to_its_text(text):
    assert original(harmless(text)) == text
