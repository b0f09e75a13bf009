"""Pieces of templates: what they escape, what they refuse, and that Today's are written as such."""

from typing import Any

import pytest
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web.pieces import Piece, joined


@pytest.fixture
def piece(settings, tmp_path):
    """Makes a piece of some text, as a template of its own."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]

    def make(text):
        (tmp_path / "piece.html").write_text(text)
        return Piece("piece.html")

    return make


def test_values_are_escaped_but_those_that_are_safe(piece):
    written = piece("<b>{{ name }}</b>{{ rest }}!")(
        name="<O'Hara & Sons>", rest=format_html("<i>{}</i>", "&")
    )

    assert written == "<b>&lt;O&#x27;Hara &amp; Sons&gt;</b><i>&amp;</i>!"
    assert isinstance(written, SafeString)


def test_a_name_may_stand_twice_and_figures_are_written_out(piece):
    assert piece("{{ n }} of {{ n }}")(n=3) == "3 of 3"


@pytest.mark.parametrize(
    "text", ["{% if name %}x{% endif %}", "{{ name|upper }}", "{{ row.name }}", "{% now 'Y' %}"]
)
def test_a_piece_with_more_than_text_and_names_is_refused(piece, text):
    with pytest.raises(TemplateSyntaxError, match="text and plain variables only"):
        piece(text)(name="x")


def test_a_value_that_is_missing_is_an_error(piece):
    with pytest.raises(KeyError):
        piece("{{ name }}")()


def test_pieces_are_joined_as_they_are():
    assert joined([SafeString("<b>"), SafeString("</b>")]) == "<b></b>"


def test_every_piece_of_today_is_one():
    template: Any = get_template("web/team/_needs.html")
    partials = template.template.extra_data["partials"]

    texts = {name: Piece(f"web/team/_needs.html#{name}")._parts[0] for name in partials}

    assert all(any(text) for text in texts.values())
