"""One milestone cut in two, with nothing lost: pure, so that a preview and the cut itself cannot differ."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from string import ascii_lowercase
from uuid import UUID

from django.db.models import TextChoices

from milestones.clarity import names_an_outcome
from milestones.gates import is_one_sentence
from tenancy.refusal import Refused, Unmet

CENT = Decimal("0.01")
LONGEST_CODE = 12
NONE = "none"


class SplitReason(TextChoices):
    EXPLORATORY = "exploratory", "Part is ready, part exploratory"
    SUBSET = "subset", "The client must approve a subset"
    BILLING = "billing", "Billing mixes two events"


class Side(TextChoices):
    """Where a trigger goes; on both halves it is stated twice."""

    FIRST = "first", "First half"
    SECOND = "second", "Second half"
    BOTH = "both", "Both halves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The milestone that is to be cut. `taken` are the codes of its project."""

    code: str
    taken: Collection[str]
    criteria: Sequence[UUID]
    weight: Decimal
    invoice_trigger: str
    next_stage_trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where the cut goes. `criteria` are those of the second half, `weight` its share of the whole's."""

    reason: SplitReason
    first_output: str
    second_name: str
    second_output: str
    criteria: frozenset[UUID]
    weight: Decimal
    invoice_to: Side = Side.FIRST
    next_stage_to: Side = Side.SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    code: str
    output: str
    criteria: tuple[UUID, ...]
    weight: Decimal
    invoice_trigger: str
    next_stage_trigger: str


def halves(whole: Whole, cut: Cut) -> tuple[Half, Half]:
    """The two milestones that a cut makes; together they hold all that the whole held.

    Raises:
        Refused: naming the fields that would lose something or leave a half empty.
    """
    _check(whole, cut)
    codes = _codes(whole.code, whole.taken)
    kept = tuple(pk for pk in whole.criteria if pk not in cut.criteria)
    given = tuple(pk for pk in whole.criteria if pk in cut.criteria)
    invoice = _assigned(whole.invoice_trigger, cut.invoice_to)
    onward = _assigned(whole.next_stage_trigger, cut.next_stage_to)
    first, second = (
        Half(
            code=codes[n],
            output=(cut.first_output, cut.second_output)[n],
            criteria=(kept, given)[n],
            weight=(whole.weight - cut.weight, cut.weight)[n],
            invoice_trigger=invoice[n],
            next_stage_trigger=onward[n],
        )
        for n in (0, 1)
    )
    return first, second


def even_weight(whole: Decimal) -> Decimal:
    """A half of the weight, in whole hundredths; the other half is the rest."""
    return (whole / 2).quantize(CENT, ROUND_HALF_UP)


def scope_flags(first: Half, second: Half) -> list[Unmet]:
    """What shows that a half is still a scope issue: it cannot be said in one sentence, or checked."""
    found = []
    for name, half in (("first", first), ("second", second)):
        if not is_one_sentence(half.output) or not names_an_outcome(half.output):
            message = (
                f"{half.code} cannot be said in one sentence that names an outcome: its scope is not clear."
            )
            found.append(Unmet(f"{name}_output", message))
        if not half.criteria:
            found.append(Unmet(f"{name}_criteria", f"{half.code} has no acceptance criterion yet: add one."))
    return found


def _check(whole: Whole, cut: Cut) -> None:
    faults: dict[str, list[str]] = {}
    if not cut.first_output.strip():
        faults["first_output"] = ["Say what the first half still delivers."]
    if not cut.second_name.strip():
        faults["second_name"] = ["Name the second half."]
    if strange := cut.criteria - set(whole.criteria):
        faults["criteria"] = [f"{len(strange)} of these criteria belong to another milestone."]
    elif len(whole.criteria) > 1 and len(cut.criteria) in (0, len(whole.criteria)):
        faults["criteria"] = ["Leave at least one criterion on each half."]
    elif len(whole.criteria) == 1 and cut.criteria:
        faults["criteria"] = ["The only criterion stays with the first half; give the second half its own."]
    if not CENT <= cut.weight <= whole.weight - CENT or cut.weight != cut.weight.quantize(CENT):
        faults["weight"] = [
            f"Give the second half a part of {whole.weight}, in hundredths; the first keeps the rest."
        ]
    if faults:
        raise Refused("The milestone was not split.", code="invalid", fields=faults)


def _assigned(trigger: str, to: Side) -> tuple[str, str]:
    """The trigger on the half that it goes to; the other half says openly that it has none."""
    if to == Side.BOTH or not trigger.strip():
        return trigger, trigger
    return (trigger, NONE) if to == Side.FIRST else (NONE, trigger)


def _codes(code: str, taken: Collection[str]) -> tuple[str, str]:
    """1.2 becomes 1.2a and 1.2b, or the next letters that are free; 1.2a stays when it is cut again."""
    lettered = re.fullmatch(r"(.*\d)([a-z])", code)
    base = (lettered.group(1) if lettered else code)[: LONGEST_CODE - 1]
    free = [base + letter for letter in ascii_lowercase if base + letter not in taken]
    if lettered:
        free = [code, *(each for each in free if each > code)]
    if len(free) < 2:
        raise Refused(
            f"{code} was split so often that no letter is left for its code. Give it another code first.",
            code="invalid",
        )
    return free[0], free[1]
