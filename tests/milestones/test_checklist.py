import pytest

from milestones import checklist
from milestones.checklist import ITEMS, Answer
from milestones.gates import CHECKED
from tenancy.refusal import Refused

YES = [Answer(item.code, True) for item in ITEMS]


def answers(**passed: bool | None) -> list[Answer]:
    """All yes, but for those given."""
    return [Answer(item.code, passed.get(item.code, True)) for item in ITEMS]


def test_the_gate_to_review_asks_for_the_musts_of_the_checklist():
    assert list(CHECKED) == [item.code for item in ITEMS if item.is_must]


@pytest.mark.parametrize(
    ("given", "musts", "passes_at"),
    [
        (YES, [], 80),
        (answers(caveats_written=False), [], 80),
        (answers(caveats_written=None), [], 80),
        (answers(scope_matches=False), ["The output matches the agreed scope"], 100),
        (
            answers(criteria_evidenced=False, assets_checked=False),
            ["Files, links and assets are checked", "Every criterion was looked at, with evidence"],
            100,
        ),
    ],
)
def test_no_threshold_makes_up_for_a_must(given, musts, passes_at):
    assert checklist.unmet_musts(given) == musts
    assert checklist.passes_at(given, 80) == passes_at


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (YES, 100),
        (answers(scope_matches=False), 80),
        (answers(caveats_written=None), 100),
        (answers(caveats_written=None, scope_matches=False), 75),
        ([Answer("a", True), Answer("b", True), Answer("c", False)], 67),
        ([Answer("a", True), Answer("b", False), Answer("c", False)], 33),
        ([Answer(str(n), n == 0) for n in range(8)], 13),
        (answers(**{item.code: False for item in ITEMS}), 0),
        ([Answer("caveats_written", None)], 0),
    ],
)
def test_the_score_is_the_share_of_yes_among_what_applies(given, expected):
    assert checklist.score(given) == expected


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (YES[1:], "scope_matches", "Answer this item."),
        ([*YES, YES[0]], "scope_matches", "This item is answered twice."),
        (answers(scope_matches=None), "scope_matches", "This item always applies: answer yes or no."),
        ([Answer("scope_matches", True, "x" * 301), *YES[1:]], "scope_matches", "A note has at most 300"),
        ([Answer("scope_matches", True, "a\u202eb"), *YES[1:]], "scope_matches", "A note is one line"),
        ([*YES, Answer("looks_nice", True)], "looks_nice", "There is no such item."),
    ],
)
def test_a_run_answers_every_item_once_and_with_what_it_takes(given, code, said):
    with pytest.raises(Refused) as refusal:
        checklist.check_complete(given)

    assert list(refusal.value.fields) == [code]
    assert refusal.value.fields[code][0].startswith(said)


def test_a_complete_run_is_kept_in_the_order_of_the_list():
    kept = checklist.kept(list(reversed(YES)))

    assert [item["code"] for item in kept] == list(checklist.BY_CODE)
    assert kept[0] == {"code": "scope_matches", "passed": True, "note": ""}
