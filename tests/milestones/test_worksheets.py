"""Each worksheet exists where the documentation says."""

import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from milestones.words import ChecklistKind, NoticeKind
from milestones.worksheets import SHEETS, WORKSHEETS, Answer, kept, state

TABLE = Path(__file__).parents[2] / "docs" / "worksheets.md"
ROW = re.compile(r"^\| (.+?) \| (page|notice) \| `(\w+)` \| (.+) \|$", re.MULTILINE)


def test_the_documentation_lists_exactly_what_there_is():
    documented = ROW.findall(TABLE.read_text())

    assert documented == [(each.name, each.place, each.target, each.about) for each in WORKSHEETS]


def test_each_of_the_fourteen_is_a_page_or_a_notice():
    pages = {name for name in _names(get_resolver()) if isinstance(name, str)}

    missing = [
        each.name
        for each in WORKSHEETS
        if each.target not in (pages if each.place == "page" else NoticeKind.values)
    ]

    assert (len(WORKSHEETS), missing) == (14, [])


def _names(resolver):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _names(pattern)
        else:
            yield pattern.name


@pytest.mark.parametrize("kind", list(ChecklistKind))
def test_each_kind_of_checklist_has_a_sheet_with_items_of_its_own(kind):
    codes = SHEETS[kind].codes

    assert len(codes) == len(set(codes)) >= 4


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([True] * 6, "complete"),
        ([True, None, True, True, True, True], "1 of 6 open"),
        ([False], "1 of 6 missing"),
    ],
)
def test_the_state_of_a_sheet_is_said_in_words(found, words):
    sheet = SHEETS[ChecklistKind.OFFBOARDING]
    answers = [Answer(code, ok) for code, ok in zip(sheet.codes, found, strict=False)]

    assert state(kept(sheet, answers)) == words
