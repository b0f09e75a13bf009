"""What is archived stays as it is: every write about it is refused, and no job looks at it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from escalation.actions import acknowledge, open_blocker, resolve
from escalation.models import BlockerType
from journal.models import Event
from milestones.actions import (
    artifacts,
    checklists,
    clients,
    comments,
    conclusions,
    dates,
    milestone,
    misses,
    notices,
    plans,
    quality,
    recourse,
    reports,
    requests,
    returns,
    reviews,
    scope,
    splitting,
    stages,
    weekly,
    work,
)
from milestones.actions.engagements import archive, unarchive
from milestones.models import Miss, Phase, Pulse, WeeklyReview
from milestones.split import Cut, SplitReason
from milestones.words import Ask, ChecklistKind, NoticeKind, ResetCause, Stage, Way
from proofs.actions import metrics
from telemetry.actions.connections import connect
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene

LATER = MONDAY + timedelta(hours=1)
FRIDAY = MONDAY + timedelta(days=4)
CUT = Cut(
    reason=SplitReason.EXPLORATORY,
    first_output="The dashboard is live.",
    second_name="Alerts",
    second_output="The alerts are live.",
    criteria=frozenset(),
    weight=Decimal("0.5"),
)


@scene
def kept(studio, by):
    """An archived project with something of everything."""
    first, told = factories.milestone_in_execution(by), {"by": by, "now": MONDAY}
    project = first.project
    second = milestone.add_milestone(project, {"code": "1.2", "name": "Alerts"}, **told)
    said = {"project": project, "milestone": first, "subject": first, "title": "News", "body": "More."}
    link = artifacts.add_link(first.pk, title="Dashboard", url="https://app.example/d", **told)
    rows = {
        "first": first,
        "project": project,
        "criterion": first.criteria.first(),
        "dependency": milestone.add_dependency(second, first, **told),
        "artifact": link.artifact,
        "item": work.add_work_item(first.pk, title="Sketch", **told),
        "request": scope.queue_request(first.pk, title="Dark mode", **told),
        "comment": comments.add(first.pk, text="Could it be dark?", **told),
        "notice": notices.draft(NoticeKind.RECOVERY, **said, **told),
        "blocker": open_blocker(first.pk, type=BlockerType.INPUT, title="No logo", **told),
        "metric": metrics.add_metric(first.pk, {"name": "Leads"}, **told),
        "phase": Phase.objects.create(project=project, name="Build", position=9),
        "miss": Miss.objects.create(milestone=first, planned_date=date(2026, 2, 27), opened_at=MONDAY),
        "way": recourse.choose(first.pk, Way.RESCOPE, reason="Less.", until=FRIDAY.date(), **told),
        "weekly": WeeklyReview.objects.create(
            project=project, week=MONDAY.date(), answers={}, saved_at=MONDAY, by_name="Ada"
        ),
    }
    archive(project.pk, **told)
    project.refresh_from_db()
    return rows


WRITES = {
    "record": lambda k, w: milestone.change_milestone(k["first"].pk, {"name": "Other"}, **w),
    "milestone": lambda k, w: milestone.add_milestone(k["project"], {"code": "1.3", "name": "More"}, **w),
    "criterion": lambda k, w: milestone.add_criterion(k["first"].pk, {"statement": "It loads."}, **w),
    "evidence": lambda k, w: milestone.change_criterion(k["criterion"].pk, {"is_met": True}, **w),
    "no criterion": lambda k, w: milestone.remove_criterion(k["criterion"].pk, **w),
    "dependency": lambda k, w: milestone.add_dependency(k["first"], k["dependency"].milestone, **w),
    "lag": lambda k, w: milestone.change_dependency(k["dependency"].pk, {"lag_days": 2}, **w),
    "no dependency": lambda k, w: milestone.remove_dependency(k["dependency"].pk, **w),
    "project": lambda k, w: clients.change_project(k["project"].pk, {"name": "Other"}, **w),
    "phase": lambda k, w: clients.add_phase(project=k["project"], name="Run", position=2, **w),
    "phase's name": lambda k, w: clients.change_phase(k["phase"].pk, {"name": "Run"}, **w),
    "weights": lambda k, w: plans.weigh(k["project"].pk, {}, names={k["phase"].pk: "Run"}, **w),
    "link": lambda k, w: artifacts.add_link(k["first"].pk, title="Log", url="https://app.example/l", **w),
    "no artifact": lambda k, w: artifacts.remove(k["artifact"].pk, **w),
    "item": lambda k, w: work.add_work_item(k["first"].pk, title="More", **w),
    "item's title": lambda k, w: work.change_work_item(k["item"].pk, {"title": "More"}, **w),
    "progress": lambda k, w: reports.record_progress(k["first"].pk, done="A page.", **w),
    "check": lambda k, w: quality.record_qa_run(k["first"].pk, check_name="Load", score=90, **w),
    "stage": lambda k, w: stages.move(k["first"].pk, Stage.QA, **w),
    "reset": lambda k, w: returns.reset(k["first"].pk, ResetCause.REWORK, "Again.", **w),
    "split": lambda k, w: splitting.split(k["first"].pk, CUT, **w),
    "confirmed": lambda k, w: dates.confirm_forecast(k["first"].pk, **w),
    "plan": lambda k, w: dates.ask_for_rebaseline(
        {k["first"].pk: date(2026, 3, 20)},
        project_id=k["project"].pk,
        reason="More was agreed.",
        decide_by=FRIDAY,
        **w,
    ),
    "ask": lambda k, w: scope.queue_request(k["first"].pk, title="More", **w),
    "estimate": lambda k, w: scope.estimate(k["request"].pk, {"days": Decimal(1)}, **w),
    "our no": lambda k, w: scope.decline(k["request"].pk, "Not now.", **w),
    "comment": lambda k, w: comments.add(k["first"].pk, text="Nice.", **w),
    "comment's ask": lambda k, w: comments.queue(k["comment"].pk, **w),
    "notice": lambda k, w: notices.revise(k["notice"].pk, {"title": "Other"}, **w),
    "miss": lambda k, w: misses.revise_plan(k["miss"].pk, plan="Two more people until Friday.", **w),
    "way's end": lambda k, w: recourse.end(k["way"].pk, **w),
    "checklist": lambda k, w: checklists.fill(k["project"], ChecklistKind.ONBOARDING, [], **w),
    "week": lambda k, w: weekly.save_review(k["project"], {}, **w),
    "update": lambda k, w: weekly.draft_update(k["weekly"].pk, title="Week", body="All well.", **w),
    "round": lambda k, w: reviews.prepare(
        k["first"].pk,
        ask=Ask.ACCEPTANCE,
        question="Do you accept it?",
        caveats="none",
        decide_by=FRIDAY,
        **w,
    ),
    "blocker": lambda k, w: open_blocker(k["first"].pk, type=BlockerType.INPUT, title="No text", **w),
    "seen": lambda k, w: acknowledge(k["blocker"].pk, **w),
    "resolved": lambda k, w: resolve(k["blocker"].pk, resolution="It came.", **w),
    "metric": lambda k, w: metrics.add_metric(k["first"].pk, {"name": "Visits"}, **w),
    "tool": lambda k, w: connect(provider="generic", name="Board", milestone=k["first"], **w),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_write_is_refused_until_it_is_taken_up_again(kept, by, write):
    before = Event.objects.count()

    with pytest.raises(Refused) as refused:
        write(kept, {"by": by, "now": LATER})

    assert (refused.value.code, str(refused.value)) == (
        "project_archived",
        "This project is archived. Take it up again first.",
    )
    assert Event.objects.count() == before


def test_a_question_that_was_not_sent_may_still_be_taken_back(studio, by):
    first = factories.milestone_in_qa(by)
    drafted = reviews.prepare(
        first.pk,
        ask=Ask.ACCEPTANCE,
        question="Do you accept it?",
        caveats="none",
        decide_by=FRIDAY,
        by=by,
        now=MONDAY,
    )
    archive(first.project_id, by=by, now=MONDAY)

    with pytest.raises(Refused, match="archived"):
        conclusions.send(drafted.pk, by=by, now=LATER)
    requests.withdraw(drafted.request_id, "It is over.", by=by, now=LATER)

    assert drafted.request.__class__.objects.get(pk=drafted.request_id).ended_at == LATER


def test_nobody_asks_for_a_look_at_what_rests(kept):
    Pulse.objects.filter(milestone=kept["first"]).update(changed_at=LATER)

    pulse = Pulse.objects.get(milestone=kept["first"])
    assert (pulse.needs_score, pulse.needs_check, pulse.needs_label, pulse.needs_outlook) == (False,) * 4


def test_taken_up_again_it_takes_changes_and_is_looked_at(kept, by):
    unarchive(kept["project"].pk, by=by, now=LATER)

    WRITES["record"](kept, {"by": by, "now": LATER})

    pulse = Pulse.objects.get(milestone=kept["first"])
    assert (pulse.rests, pulse.needs_score, pulse.needs_check, pulse.needs_label) == (False, True, True, True)
