"""What of a record may still change: all of it in setup, less and less on the way to its close."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from journal.models import Event
from milestones.actions.dates import move_forecast
from milestones.actions.milestone import (
    add_criterion,
    add_dependency,
    add_milestone,
    change_criterion,
    change_dependency,
    change_milestone,
    remove_criterion,
    remove_dependency,
)
from milestones.actions.replanning import ask_for_rebaseline
from milestones.models import Contact, Criterion, Dependency, Milestone, QaRun
from milestones.words import ApprovalChannel, MoveReason, Outcome, Stage
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene

LATER = MONDAY + timedelta(hours=1)


def closed(milestone):
    """As it stands once it is over, without the packets that a full close asks for."""
    Milestone.objects.filter(pk=milestone.pk).update(
        stage=Stage.CLOSED,
        outcome=Outcome.SCOPE,
        closed_at=MONDAY,
        open_dependencies="none",
        next_move_owner="Dan",
    )
    return Milestone.objects.get(pk=milestone.pk)


@scene
def accepted(studio, by):
    return factories.milestone_in_closeout(by)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Another"},
        {"output": "Something else is live."},
        {"weight": Decimal("2.00")},
        {"quality_threshold": 10},
        {"approval_channel": ApprovalChannel.MEETING},
        {"owner_client_id": None},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_was_accepted_stays(accepted, by, changes):
    with pytest.raises(Refused) as refused:
        change_milestone(accepted.pk, changes, by=by, now=LATER)

    assert list(refused.value.fields) == [name.removesuffix("_id") for name in changes]
    assert "closeout stays as it was accepted" in next(iter(refused.value.fields.values()))[0]


def test_after_acceptance_nobody_else_becomes_the_approver(accepted, by):
    other = Contact.objects.filter(account=accepted.project.account).exclude(pk=accepted.approver_id)[0]

    with pytest.raises(Refused) as refused:
        change_milestone(accepted.pk, {"approver_id": other.pk}, by=by, now=LATER)

    assert list(refused.value.fields) == ["approver"]


def test_what_comes_next_is_still_open_in_closeout(accepted, by):
    changes = {"next_move_owner": "Ada", "next_stage_trigger": "Alerting begins", "notes": "Well done"}

    changed = change_milestone(accepted.pk, {**changes, "name": accepted.name}, by=by, now=LATER)

    assert {name: getattr(changed, name) for name in changes} == changes


def test_of_a_closed_record_only_the_notes_are_open(accepted, by):
    milestone = closed(accepted)

    changed = change_milestone(milestone.pk, {"notes": "Ask again in May"}, by=by, now=LATER)
    with pytest.raises(Refused) as refused:
        change_milestone(milestone.pk, {"next_move_owner": "Ada"}, by=by, now=LATER)

    assert changed.notes == "Ask again in May"
    assert list(refused.value.fields) == ["next_move_owner"]


def test_criteria_and_their_evidence_stay_as_accepted(accepted, by):
    criterion = Criterion.objects.get(position=1)

    with pytest.raises(Refused, match="keeps its criteria"):
        add_criterion(accepted.pk, {"statement": "It is documented"}, by=by, now=LATER)
    with pytest.raises(Refused) as refused:
        change_criterion(criterion.pk, {"evidence": "Another one"}, by=by, now=LATER)

    assert list(refused.value.fields) == ["evidence"]


def test_while_the_client_is_asked_the_wording_stays_but_evidence_may_come(studio, by):
    factories.milestone_in_review(by)
    criterion = Criterion.objects.get(position=1)

    with pytest.raises(Refused) as refused:
        change_criterion(criterion.pk, {"statement": "It is fast"}, by=by, now=LATER)
    kept = change_criterion(criterion.pk, {"evidence": "Seen in the demo"}, by=by, now=LATER)

    assert list(refused.value.fields) == ["statement"]
    assert kept.evidence == "Seen in the demo"


def test_the_approver_stays_while_the_question_waits(studio, by):
    milestone = factories.milestone_in_review(by)
    other = Contact.objects.filter(account=milestone.project.account).exclude(pk=milestone.approver_id)[0]

    with pytest.raises(Refused, match="Withdraw the question first") as refused:
        change_milestone(milestone.pk, {"approver_id": other.pk}, by=by, now=LATER)

    assert refused.value.code == "request_pending"
    assert list(refused.value.fields) == ["approver"]


def next_one(milestone, by, code="1.2", *, starts=date(2026, 3, 16), ends=date(2026, 3, 18)):
    fields = {"code": code, "name": f"Step {code}", "planned_start": starts, "planned_date": ends}
    return add_milestone(milestone.project, fields, by=by, now=MONDAY)


def test_a_planned_date_with_a_history_does_not_overwrite_the_forecast(studio, by):
    first = factories.milestone_in_execution(by)
    second = next_one(first, by)
    reason = "The CRM vendor's sandbox has been down since Monday."
    move_forecast(second.pk, date(2026, 3, 20), code=MoveReason.THIRD_PARTY, reason=reason, by=by, now=MONDAY)

    with pytest.raises(Refused) as refused:
        change_milestone(second.pk, {"planned_date": date(2026, 3, 30)}, by=by, now=LATER)
    change_milestone(second.pk, {"planned_date": date(2026, 3, 18), "name": "Alerts"}, by=by, now=LATER)

    second.refresh_from_db()
    assert "Move the forecast, or ask for a new baseline" in refused.value.fields["planned_date"][0]
    assert (second.planned_date, second.forecast_date) == (date(2026, 3, 18), date(2026, 3, 20))


def test_saving_the_record_leaves_a_moved_forecast_alone(studio, by):
    milestone = factories.milestone_in_execution(by)
    reason = "The CRM vendor's sandbox has been down since Monday."
    move_forecast(
        milestone.pk, date(2026, 3, 20), code=MoveReason.THIRD_PARTY, reason=reason, by=by, now=MONDAY
    )

    same = {"planned_date": milestone.planned_date, "name": "Dashboard live"}
    changed = change_milestone(milestone.pk, same, by=by, now=LATER)

    assert (changed.name, changed.forecast_date) == ("Dashboard live", date(2026, 3, 20))


def test_the_second_half_of_a_split_keeps_the_date_of_the_whole(studio, by):
    first = factories.milestone_in_execution(by)
    second = next_one(first, by)
    Milestone.objects.filter(pk=second.pk).update(split_from=first)

    with pytest.raises(Refused) as refused:
        change_milestone(second.pk, {"planned_date": date(2026, 3, 30)}, by=by, now=LATER)

    assert list(refused.value.fields) == ["planned_date"]


def test_the_client_can_be_asked_for_another_plan_of_it(studio, by):
    first = factories.milestone_in_execution(by)
    people = {"owner_client": first.owner_client, "approver": first.approver, "approval_channel": "link"}
    second = add_milestone(
        first.project,
        {"code": "1.2", "name": "Alerts", "planned_date": date(2026, 3, 18), **people},
        by=by,
        now=MONDAY,
    )
    Milestone.objects.filter(pk=second.pk).update(split_from=first)

    asked = ask_for_rebaseline(
        {second.pk: date(2026, 3, 30)},
        project_id=first.project_id,
        reason="The second half waits for the first.",
        decide_by=MONDAY + timedelta(days=3),
        by=by,
        now=LATER,
    )

    assert asked.milestone_id == second.pk


@pytest.mark.parametrize("name", ["owner_client", "approver"])
def test_a_contact_of_another_account_is_refused_by_its_key_too(studio, by, name):
    milestone = factories.engagement(by).milestone
    other = Contact.objects.create(
        account=factories.engagement(by, account_name="Southwind", project_name="Other").account,
        name="Eve",
        email="eve@south.example",
        created_at=MONDAY,
    )

    with pytest.raises(Refused) as refused:
        change_milestone(milestone.pk, {f"{name}_id": other.pk}, by=by, now=LATER)

    assert list(refused.value.fields) == [name]


@pytest.mark.parametrize(
    "write",
    [
        lambda m, by: change_milestone(m.pk, {"output": "Another dashboard is live."}, by=by, now=LATER),
        lambda m, by: change_criterion(m.criteria.first().pk, {"target": "1 s"}, by=by, now=LATER),
        lambda m, by: add_criterion(m.pk, {"statement": "It is documented"}, by=by, now=LATER),
        lambda m, by: remove_criterion(m.criteria.first().pk, by=by, now=LATER),
    ],
    ids=["output", "wording", "added", "removed"],
)
def test_what_was_checked_was_another_definition(studio, by, write):
    milestone = factories.milestone_cleared(by)

    write(milestone, by)

    milestone.refresh_from_db()
    assert (milestone.stage, milestone.qa_passed_at) == (Stage.EXECUTION, None)
    assert not QaRun.objects.filter(voided_at=None).exists()


def test_evidence_voids_no_check(studio, by):
    milestone = factories.milestone_cleared(by)

    change_criterion(milestone.criteria.first().pk, {"evidence": "Seen again"}, by=by, now=LATER)

    milestone.refresh_from_db()
    assert (milestone.stage, milestone.qa_passed_at) == (Stage.QA, MONDAY)


def test_a_criterion_is_taken_out_and_the_journal_keeps_it(studio, by):
    milestone = factories.milestone_in_execution(by)
    first, last = milestone.criteria.order_by("position")

    remove_criterion(first.pk, by=by, now=LATER)
    with pytest.raises(Refused, match="only criterion"):
        remove_criterion(last.pk, by=by, now=LATER)

    assert list(milestone.criteria.all()) == [last]
    assert first.statement in Event.objects.get(kind="criterion.removed").body


def test_nothing_is_taken_out_while_the_client_is_asked(studio, by):
    milestone = factories.milestone_in_review(by)

    with pytest.raises(Refused, match="stays whole"):
        remove_criterion(milestone.criteria.first().pk, by=by, now=LATER)

    assert milestone.criteria.count() == 2


def test_a_dependency_is_taken_back(studio, by):
    first = factories.milestone_in_execution(by)
    dependency = add_dependency(next_one(first, by), first, by=by, now=MONDAY)

    remove_dependency(dependency.pk, by=by, now=LATER)

    assert not Dependency.objects.exists()
    assert Event.objects.filter(kind="dependency.removed", subject_id=dependency.pk).count() == 1


def test_in_work_a_dependency_may_not_push_the_forecast_silently(studio, by):
    first = factories.milestone_in_execution(by)
    before = next_one(first, by)

    with pytest.raises(Refused, match=r"Move its forecast to that day first") as refused:
        add_dependency(first, before, by=by, now=LATER)

    first.refresh_from_db()
    assert list(refused.value.fields) == ["needs"]
    assert first.forecast_date == date(2026, 3, 13)
    assert not Dependency.objects.exists()


def test_a_longer_lag_may_not_push_the_forecast_either(studio, by):
    first = factories.milestone_in_execution(by)
    before = next_one(first, by, starts=date(2026, 2, 23), ends=date(2026, 2, 27))
    dependency = add_dependency(first, before, by=by, now=MONDAY)

    with pytest.raises(Refused, match="Move its forecast"):
        change_dependency(dependency.pk, {"lag_days": 30}, by=by, now=LATER)

    dependency.refresh_from_db()
    assert dependency.lag_days == 0
