"""Templates hold no inline code, and every component they name exists and is shown in the kit."""

import re
from pathlib import Path

import brotli
import django_htmx
import pytest
from django.template.loader import render_to_string

from web import kit

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "email" not in path.parent.name)
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
HTMX = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"

INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*(\ssrc=|type=\"application/json\"))"
)
INCLUDE = re.compile(r"\{% (?:include|extends) \"([^\"]+)\"")
SHARED_LIMIT = 70_000


def names_in(path: Path) -> set[str]:
    return set(INCLUDE.findall(path.read_text()))


def sent(*paths: Path) -> int:
    return sum(len(brotli.compress(path.read_bytes())) for path in paths)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_a_page_holds_no_inline_script_or_style(page: Path) -> None:
    found = INLINE.search(page.read_text())

    assert found is None, f"{page.relative_to(ROOT)}: {found}"


def test_every_component_is_shown_on_the_kit_page() -> None:
    seen: set[str] = set()
    ahead = {"web/kit.html"}
    while ahead:
        seen |= ahead
        ahead = set().union(*(names_in(TEMPLATES / name) for name in ahead)) - seen

    missing = {f"components/{path.name}" for path in COMPONENTS} - seen

    assert missing == set()


def test_the_kit_shows_every_label_and_flag() -> None:
    page = render_to_string("web/kit.html", kit.sample())

    shown = set(re.findall(r"(?:label--|flag--)(\w+)", page))

    assert shown == {*kit.LABELS, *kit.FLAGS, "none"}


def test_what_every_page_loads_leaves_30_kb_of_100_for_the_page_itself() -> None:
    named = re.findall(r"static '((?:css|js)/[^']+)'", (TEMPLATES / "base.html").read_text())
    code = sent(*(STATIC / name for name in named), HTMX)
    font = (STATIC / "fonts/inter-latin.woff2").stat().st_size

    assert code + font < SHARED_LIMIT
