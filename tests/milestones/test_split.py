from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestones.split import Cut, Side, SplitReason, Whole, even_weight, halves, scope_flags
from tenancy.refusal import Refused

ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))
WHOLE = Whole(
    code="1.2",
    taken={"1.1", "1.2", "1.3"},
    criteria=(ONE, TWO, THREE),
    weight=Decimal("1.00"),
    invoice_trigger="First instalment",
    next_stage_trigger="Alerting begins",
)
CUT = Cut(
    reason=SplitReason.SUBSET,
    first_output="The dashboard is live.",
    second_name="Export",
    second_output="The export is delivered every night.",
    criteria=frozenset({TWO}),
    weight=Decimal("0.33"),
    invoice_to=Side.FIRST,
    next_stage_to=Side.SECOND,
)


def test_each_half_takes_its_part():
    first, second = halves(WHOLE, CUT)

    assert (first.code, second.code) == ("1.2a", "1.2b")
    assert (first.criteria, second.criteria) == ((ONE, THREE), (TWO,))
    assert (first.weight, second.weight) == (Decimal("0.67"), Decimal("0.33"))
    assert (first.invoice_trigger, second.invoice_trigger) == ("First instalment", "none")
    assert (first.next_stage_trigger, second.next_stage_trigger) == ("none", "Alerting begins")
    assert scope_flags(first, second) == []


@given(
    weight=st.decimals("0.02", "99999.99", places=2),
    share=st.decimals("0.01", "99999.98", places=2),
    moved=st.sets(st.sampled_from([ONE, TWO, THREE]), min_size=1, max_size=2),
    invoice=st.sampled_from(Side),
    onward=st.sampled_from(Side),
)
def test_nothing_is_lost(weight, share, moved, invoice, onward):
    whole = replace(WHOLE, weight=weight)
    cut = replace(
        CUT,
        weight=min(share, weight - Decimal("0.01")),
        criteria=frozenset(moved),
        invoice_to=invoice,
        next_stage_to=onward,
    )

    both = halves(whole, cut)

    assert sum(half.weight for half in both) == weight
    assert all(half.weight > 0 for half in both)
    assert sorted(pk for half in both for pk in half.criteria) == [ONE, TWO, THREE]
    for name, to in (("invoice_trigger", invoice), ("next_stage_trigger", onward)):
        holding = [getattr(half, name) == getattr(whole, name) for half in both]
        assert holding == [to != Side.SECOND, to != Side.FIRST]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_output": " "}, "first_output"),
        ({"second_name": ""}, "second_name"),
        ({"criteria": frozenset()}, "criteria"),
        ({"criteria": frozenset({ONE, TWO, THREE})}, "criteria"),
        ({"criteria": frozenset({UUID(int=9)})}, "criteria"),
        ({"weight": Decimal(0)}, "weight"),
        ({"weight": Decimal("1.00")}, "weight"),
        ({"weight": Decimal("0.005")}, "weight"),
    ],
)
def test_a_cut_that_loses_something_is_refused(change, field):
    with pytest.raises(Refused) as refusal:
        halves(WHOLE, replace(CUT, **change))

    assert list(refusal.value.fields) == [field]


def test_the_only_criterion_stays_and_the_half_without_is_flagged():
    first, second = halves(replace(WHOLE, criteria=(ONE,)), replace(CUT, criteria=frozenset()))

    assert first.criteria == (ONE,)
    assert [flag.code for flag in scope_flags(first, second)] == ["second_criteria"]


@pytest.mark.parametrize("output", ["", "It is live. It is fast.", "Work on the export"])
def test_a_half_that_cannot_be_said_in_one_sentence_is_flagged(output):
    both = halves(WHOLE, replace(CUT, second_output=output))

    assert [flag.code for flag in scope_flags(*both)] == ["second_output"]


@pytest.mark.parametrize(
    ("code", "taken", "codes"),
    [
        ("1.2", {"1.2a"}, ("1.2b", "1.2c")),
        ("1.2a", {"1.2a", "1.2b"}, ("1.2a", "1.2c")),
        ("LAUNCH", set(), ("LAUNCHa", "LAUNCHb")),
        ("123456789012", set(), ("12345678901a", "12345678901b")),
    ],
)
def test_the_halves_take_the_next_free_codes(code, taken, codes):
    assert tuple(half.code for half in halves(replace(WHOLE, code=code, taken=taken), CUT)) == codes


def test_when_no_letter_is_left_the_code_is_asked_for():
    taken = {f"1.2{letter}" for letter in "abcdefghijklmnopqrstuvwxy"}

    with pytest.raises(Refused, match="no letter is left"):
        halves(replace(WHOLE, taken=taken), CUT)


def test_an_odd_weight_is_halved_to_the_hundredth():
    assert even_weight(Decimal("0.05")) == Decimal("0.03")
