"""The KPIs: what each counts and what it leaves out; no case is no value; one point a day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.actions import open_blocker, resolve, respond
from escalation.models import BlockerType
from milestones.actions.engagements import archive
from milestones.models import Contact, LabelChange, Milestone
from milestones.words import Colour
from proofs.actions.confidence import ask
from proofs.actions.kpis import keep_points
from proofs.actions.opportunities import advance, start_from
from proofs.kpis import DEFINITIONS, LATELY, NONE, Figure, Point, figure, share, trend
from proofs.models import KpiPoint, Opportunity
from proofs.queries import kpis as queries
from proofs.rollout import PHASES
from proofs.sweeps.kpis import keep_due
from proofs.words import AskedAbout, Kpi, OpportunityStage
from telemetry.models import ProbabilityPoint
from telemetry.sweeps.outlooks import foresee
from tenancy.door import inside
from tenancy.ids import uuid7
from tests import factories
from tests.factories import ENDED, MONDAY, milestone_in_execution
from tests.guards.source import ROOT
from tests.plugins.scenes import scene
from tests.proofs.delivering import delivered
from tests.proofs.publishing import publish

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TODAY = MONDAY.date()


def test_a_figure_has_a_value_only_when_it_has_cases():
    assert (figure(0, 0), figure(None, 3), share(0, 0)) == (NONE, NONE, NONE)
    assert share(0, 4) == Figure(Decimal("0.0"), 4)
    with pytest.raises(ValueError, match="cases"):
        Figure(Decimal(1), 0)


@given(part=st.integers(0, 1000), more=st.integers(0, 1000))
def test_a_share_lies_between_nothing_and_all(part, more):
    found = share(part, part + more)

    assert found.n == part + more
    assert found.value is None if found.n == 0 else 0 <= (found.value or 0) <= 100


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(29, None), (30, Decimal(5)), (90, Decimal(5)), (91, None)],
)
def test_a_trend_compares_with_thirty_days_ago(ago, expected):
    points = [Point(TODAY - ago * DAY, Decimal(70), 3)]

    assert trend(Figure(Decimal(75), 4), points, today=TODAY) == expected


def test_a_trend_takes_the_last_value_until_then_and_needs_one_on_both_ends():
    points = [
        Point(TODAY - 40 * DAY, Decimal(60), 3),
        Point(TODAY - 35 * DAY, Decimal(70), 3),
        Point(TODAY - 31 * DAY, None, 0),
        Point(TODAY - 2 * DAY, Decimal(90), 3),
    ]

    assert trend(Figure(Decimal(75), 4), points, today=TODAY) == 5
    assert trend(NONE, points, today=TODAY) is None


def test_the_documentation_says_what_the_pages_say():
    told = (ROOT / "docs" / "kpis.md").read_text().replace("’", "'")

    rows: list[tuple[str, ...]] = [
        (str(kpi.label), said.layer, said.means) for kpi, said in DEFINITIONS.items()
    ]
    rows += [(name, means) for _, name, means, *_ in queries.BESIDE]
    rows += [(phase.focus, phase.exit, phase.counts) for phase in PHASES]
    missing = [row for row in rows if f"| {' | '.join(row)} |".replace("’", "'") not in told]
    assert missing == []


@scene
def milestone(studio, by):
    return milestone_in_execution(by)


def current(*, now=MONDAY):
    return queries.figures(now=now)


def test_an_empty_workspace_has_no_values_and_no_zeros(studio):
    told = queries.told_of(studio, now=MONDAY)

    assert [(each.code, each.value, each.n) for each in told.kpis] == [(kpi, None, 0) for kpi in Kpi]
    assert [(each.value, each.n) for each in told.further] == [(None, 0)] * 5


def test_all_of_it_costs_seven_statements(studio, milestone, by, django_assert_num_queries):
    with django_assert_num_queries(7):
        queries.told_of(studio, now=MONDAY)


def test_clarity_is_the_mean_of_what_is_open(studio, by):
    for number, score in enumerate((80, 91, 40, 50)):
        made = milestone_in_execution(by, project_name=f"P{number}", account_name=f"A{number}")
        Milestone.objects.filter(pk=made.pk).update(clarity_score=score)
    closed, gone = Milestone.objects.filter(clarity_score__lt=60).order_by("clarity_score")
    Milestone.objects.filter(pk=closed.pk).update(**ENDED)
    archive(gone.project_id, by=by, now=MONDAY)

    assert current()[Kpi.CLARITY] == Figure(Decimal("85.5"), 2)


@pytest.mark.parametrize(
    ("made", "counts"),
    [
        (factories.milestone_in_execution, True),
        (factories.milestone_in_qa, True),
        (factories.milestone_in_review, False),
        (factories.milestone_in_closeout, False),
    ],
)
def test_the_probability_is_of_milestones_at_work(studio, by, made, counts):
    made(by)
    Milestone.objects.update(on_time_probability=72)

    assert current()[Kpi.ON_TIME] == (Figure(Decimal("72.0"), 1) if counts else NONE)


def blocker(milestone, by, *, opened, answered=None, resolved=None):
    made = open_blocker(milestone.pk, type=BlockerType.INPUT, title="List of offices", by=by, now=opened)
    if answered:
        respond(made.pk, response="On its way", by=by, now=answered)
    if resolved:
        resolve(made.pk, resolution="Here", by=by, now=resolved)
    return made


def test_blockers_are_timed_on_both_clocks(milestone, by):
    """Monday 9:00 to Tuesday 11:00 is 26 hours on the wall and 10 of nine to five."""
    blocker(milestone, by, opened=MONDAY, answered=MONDAY + 2 * HOUR, resolved=MONDAY + 26 * HOUR)
    blocker(milestone, by, opened=MONDAY, answered=MONDAY + 4 * HOUR, resolved=MONDAY + 6 * HOUR)

    times = queries.blocker_times(now=MONDAY + 2 * DAY)

    assert times.resolved == Figure(Decimal("16.0"), 2)
    assert times.resolved_working == Figure(Decimal("8.0"), 2)
    assert (times.answered, times.answered_working) == (Figure(Decimal("3.0"), 2), Figure(Decimal("3.0"), 2))


def test_an_open_blocker_counts_once_it_is_answered(milestone, by):
    blocker(milestone, by, opened=MONDAY, answered=MONDAY + HOUR)

    times = queries.blocker_times(now=MONDAY + DAY)

    assert (times.resolved, times.answered) == (NONE, Figure(Decimal("1.0"), 1))


@pytest.mark.parametrize(("ago", "counts"), [(LATELY, False), (LATELY - timedelta(seconds=1), True)])
def test_only_the_last_ninety_days_count(milestone, by, ago, counts):
    blocker(milestone, by, opened=MONDAY, resolved=MONDAY + HOUR)

    times = queries.blocker_times(now=MONDAY + HOUR + ago)

    assert times.resolved.n == int(counts)


def test_confidence_is_the_mean_times_twenty(milestone):
    for contact, score in zip(Contact.objects.order_by("name"), (5, 4), strict=True):
        asked = ask(contact, about=AskedAbout.DECISION, subject_id=uuid7(), milestone=milestone, now=MONDAY)
        _answered(asked, score)
    third = ask(contact, about=AskedAbout.DECISION, subject_id=uuid7(), milestone=milestone, now=MONDAY)

    assert third.score is None
    assert current()[Kpi.CONFIDENCE] == Figure(Decimal("90.0"), 2)


def _answered(asked, score):
    """As `give` leaves it; what a decision is about need not exist for the mean."""
    asked.score, asked.answered_at = score, MONDAY
    asked.save(update_fields=["score", "answered_at"])


def test_conversation_is_what_delivered_packets_led_to(studio, by):
    for number in range(3):
        made = factories.milestone_in_closeout(by, project_name=f"P{number}", account_name=f"A{number}")
        packet = delivered(made, by)
        start_from(packet, by=by, now=MONDAY)
        if number:
            opportunity = Opportunity.objects.get(packet=packet.pk)
            advance(opportunity.pk, OpportunityStage.CONVERSATION, by=by, now=MONDAY)

    assert current()[Kpi.CONVERSATION] == Figure(Decimal("66.7"), 3)


def test_the_same_day_share_is_of_published_packets_with_a_clock(studio, by):
    for number, late in enumerate((0 * DAY, 2 * DAY)):
        made = factories.milestone_in_closeout(by, project_name=f"P{number}", account_name=f"A{number}")
        publish(made, by, now=MONDAY + late)

    assert queries.same_day(now=MONDAY + 3 * DAY) == Figure(Decimal("50.0"), 2)


def test_warnings_that_came_too_late_are_counted_of_all_warnings(milestone):
    green, yellow, red = Colour.ON_TRACK, Colour.AT_RISK, Colour.DELAYED
    for before, after, skipped in [(green, yellow, False), (yellow, red, True), (green, yellow, False)]:
        LabelChange.objects.create(
            milestone=milestone,
            at=MONDAY,
            before=before,
            after=after,
            reason="Late",
            warning_skipped=skipped,
        )

    assert queries.warnings_missed(now=MONDAY + HOUR) == Figure(Decimal("1.0"), 2)


def test_a_point_is_kept_once_a_day(studio, milestone):
    Milestone.objects.update(clarity_score=80)
    keep_points(studio, now=MONDAY)
    Milestone.objects.update(clarity_score=90)
    keep_points(studio, now=MONDAY + HOUR)
    keep_points(studio, now=MONDAY + DAY)

    kept = KpiPoint.objects.filter(kpi=Kpi.CLARITY).order_by("day")
    assert [(each.day, each.value, each.n) for each in kept] == [
        (TODAY, Decimal("80.00"), 1),
        (TODAY + DAY, Decimal("90.00"), 1),
    ]
    assert KpiPoint.objects.count() == 2 * len(Kpi)


def test_the_course_is_told_with_its_trend(studio, milestone):
    Milestone.objects.update(clarity_score=80)
    keep_points(studio, now=MONDAY - 40 * DAY)
    Milestone.objects.update(clarity_score=90)

    told = queries.told_of(studio, now=MONDAY).kpis[0]

    assert (told.value, told.trend) == (Decimal("90.0"), Decimal("10.00"))
    assert told.points == [Point(TODAY - 40 * DAY, Decimal("80.00"), 1)]


@pytest.mark.slow
class TestSweep:
    @pytest.fixture
    def ada(self, fresh_database):
        return factories.person()

    def test_every_workspace_gets_its_day_once(self, ada):
        vienna = factories.workspace(ada, slug="vienna", time_zone="Europe/Vienna")
        auckland = factories.workspace(ada, slug="auckland", time_zone="Pacific/Auckland")
        evening = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)

        looked_at = [keep_due(now=evening), keep_due(now=evening), keep_due(now=evening + HOUR)]

        assert looked_at == [2, 0, 1]
        assert _days(vienna) == [date(2026, 3, 2), date(2026, 3, 3)]
        assert _days(auckland) == [date(2026, 3, 3)]

    def test_the_probability_has_a_course_of_what_was_said(self, ada):
        studio = factories.workspace(ada)
        with inside(studio):
            milestone_in_execution(factories.actor(ada))

        for number in range(4):
            foresee(now=MONDAY + number * DAY)
            keep_due(now=MONDAY + number * DAY + HOUR)

        with inside(studio):
            told = next(
                kpi for kpi in queries.told_of(studio, now=MONDAY + 3 * DAY).kpis if kpi.code == Kpi.ON_TIME
            )
            said = list(ProbabilityPoint.objects.order_by("day").values_list("percent", flat=True))
        assert len(said) == 4
        assert [point.value for point in told.points] == said
        assert told.value == said[-1]
        assert told.n == 1


def _days(workspace):
    with inside(workspace):
        return sorted(set(KpiPoint.objects.values_list("day", flat=True)))
