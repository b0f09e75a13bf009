"""How clearly a milestone is defined: eleven checks with weights, each with what is wrong and how to mend it.

Pure: a draft goes in, the score comes out, and the score is the sum of the checks that passed.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from milestones.gates import is_one_sentence
from milestones.pace import Pace

LONGEST_OUTPUT = 140
LONGEST_SPAN = timedelta(days=14)
MOST_CRITERIA = 7
NOT_AN_OUTCOME = re.compile(
    r"^\W*(work(ing)? on|continu\w*|keep(ing)?|ongoing|start(ing)?|begin(ning)?|try(ing)?"
    r"|help(ing)?|support(ing)?|assist(ing)?|investigat\w*|explor\w*|research(ing)?|discuss(ing)?"
    r"|look(ing)? (into|at)|wip|to ?do|tbd|pending|finish(ing)?|do(ing)?)\b|\bin progress\b",
    re.IGNORECASE,
)
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class CriterionDraft:
    """An acceptance criterion as it stands in a draft."""

    statement: str
    verification: str = ""
    measure: str = ""
    target: str = ""

    @property
    def is_verifiable(self) -> bool:
        """A number with a target, or a yes-or-no fact with how it is checked."""
        return bool(self.verification.strip() or (self.measure.strip() and DIGIT.search(self.target)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known of a milestone's definition. `start` is the planned start, or when it was thought of."""

    output: str = ""
    description: str = ""
    criteria: Sequence[CriterionDraft] = ()
    has_owner: bool = False
    has_client_owner: bool = False
    has_approver: bool = False
    has_channel: bool = False
    start: date | None = None
    planned_date: date | None = None
    dependency_risks: str = ""
    invoice_trigger: str = ""
    next_stage_trigger: str = ""
    pace: Pace = field(default=Pace(None, ""))


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `wrong` and `mend` are empty once it passes."""

    code: str
    weight: int
    label: str
    wrong: str = ""
    mend: str = ""

    @property
    def passed(self) -> bool:
        return not self.wrong


def checks(d: Draft) -> list[Check]:
    """Every check of a draft, in the order in which a record is filled in."""
    return [
        Check("output", 15, "One sentence that names an outcome", *_of_output(d.output)),
        Check("criteria", 15, "At least one acceptance criterion", *_of_criteria(d.criteria)),
        Check("verifiable", 15, "Every criterion can be verified", *_of_verifying(d.criteria)),
        _given("owner_primary", 10, "One primary owner", d.has_owner, "Name the one person who delivers it."),
        Check("approval", 10, "Client's owner, approver and channel", *_of_approval(d)),
        Check("span", 10, "Planned for 14 days at most", *_of_span(d.start, d.planned_date)),
        _given(
            "description",
            5,
            "Told in the client's words",
            bool(d.description.strip()),
            "Describe it in words that the client uses.",
        ),
        *_stated(d),
        Check("pace", 5, "A sound pace of the project", d.pace.verdict, _mend_pace(d.pace)),
    ]


def score(found: Collection[Check]) -> int:
    """100 × passed weight ÷ total weight, rounded half up."""
    total = sum(check.weight for check in found)
    return (200 * sum(check.weight for check in found if check.passed) + total) // (2 * total)


def too_broad(d: Draft) -> list[str]:
    """Why a milestone had better be two; empty when its size is right."""
    return breadth(d.output, start=d.start, planned_date=d.planned_date, criteria=len(d.criteria))


def breadth(output: str, *, start: date | None, planned_date: date | None, criteria: int) -> list[str]:
    """The same, of what is known without reading the criteria."""
    reasons = [
        (start and planned_date and planned_date - start > LONGEST_SPAN, "It spans more than 14 days."),
        (output.strip() and not is_one_sentence(output), "Its output takes more than one sentence."),
        (criteria > MOST_CRITERIA, f"It has {criteria} acceptance criteria."),
    ]
    return [sentence for found, sentence in reasons if found]


def names_an_outcome(output: str) -> bool:
    """Whether the output says what will exist, not what somebody will be doing."""
    return bool(output.strip()) and not NOT_AN_OUTCOME.search(output)


def _given(code: str, weight: int, label: str, is_given: bool, mend: str) -> Check:
    return Check(code, weight, label) if is_given else Check(code, weight, label, "Not stated yet.", mend)


def _stated(d: Draft) -> list[Check]:
    return [
        _given(code, 5, label, bool(text.strip()), mend)
        for code, label, text, mend in (
            ("dependency_risks", "Dependency risks", d.dependency_risks, "State them, or write “none”."),
            ("invoice_trigger", "Invoice trigger", d.invoice_trigger, "Say what it bills, or “none”."),
            ("next_stage_trigger", "Next-stage trigger", d.next_stage_trigger, "Say what starts after it."),
        )
    ]


Finding = tuple[str, str]


def _of_output(output: str) -> Finding:
    if not output.strip():
        return "There is no output yet.", "Say in one sentence what will exist that does not exist now."
    if not is_one_sentence(output):
        return "The output takes more than one sentence.", "Keep the one outcome, or split the milestone."
    if len(output.strip()) > LONGEST_OUTPUT:
        return (
            f"The output has {len(output.strip())} characters.",
            f"Say it in {LONGEST_OUTPUT} or fewer.",
        )
    if not names_an_outcome(output):
        return (
            "The output names an activity or a status.",
            "Name what will exist: “The dashboard is live”, not “work on the dashboard”.",
        )
    return "", ""


def _of_criteria(criteria: Sequence[CriterionDraft]) -> Finding:
    if criteria:
        return "", ""
    return "There is no acceptance criterion.", "Add a fact that someone else could check."


def _of_verifying(criteria: Sequence[CriterionDraft]) -> Finding:
    if not criteria:
        return (
            "There is nothing to verify.",
            "Add a criterion with a number and its target, or with its check.",
        )
    vague = [f"“{criterion.statement[:60]}”" for criterion in criteria if not criterion.is_verifiable]
    if not vague:
        return "", ""
    return (
        f"Nobody could verify {', '.join(vague[:3])}{' and others' if len(vague) > 3 else ''}.",
        "Give a measure and its target, or say how the fact is checked.",
    )


def _of_approval(d: Draft) -> Finding:
    named = {
        "the client's owner": d.has_client_owner,
        "the approver": d.has_approver,
        "the approval channel": d.has_channel,
    }
    missing = [words for words, given in named.items() if not given]
    if not missing:
        return "", ""
    return f"Not named yet: {', '.join(missing)}.", "Name who answers, who decides, and how they say so."


def _of_span(start: date | None, planned: date | None) -> Finding:
    if start is None or planned is None:
        return "It has no planned date.", "Plan it for 14 days or less."
    if planned - start <= LONGEST_SPAN:
        return "", ""
    return f"It spans {(planned - start).days} days.", "Split it, or plan it for 14 days or less."


def _mend_pace(pace: Pace) -> str:
    return "" if pace.is_sound else "Aim at one or two milestones a week."
