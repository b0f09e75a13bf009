"""The page of a milestone's way: back, apart, out of a block, closed."""

import pytest
from django.urls import reverse

from journal.models import Event
from milestones.models import Milestone, Recourse
from tenancy.door import inside
from tests import factories
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY, page


def address(name, row):
    return reverse(name, args=["studio", row.pk])


def stored(studio, row):
    with inside(studio):
        return type(row).objects.get(pk=row.pk)


@scene
def made(studio, by):
    def make(kind):
        with inside(studio):
            return getattr(factories, f"milestone_{kind}")(by, now=WEDNESDAY)

    return make


@pytest.mark.parametrize("kind", ["in_execution", "in_qa", "in_review", "in_closeout"])
def test_the_page_shows_what_may_be_done_in_each_stage(founder, made, kind):
    milestone = made(kind)

    response = founder.get(address("milestone_way", milestone))

    assert response.status_code == 200
    assert ("Return to execution" in page(response)) == (kind in ("in_qa", "in_review"))
    assert ("Split…" in page(response)) == (kind != "in_closeout")


def test_what_the_next_gate_misses_leads_to_where_it_is_mended(founder, made):
    milestone = made("in_execution")

    response = founder.get(address("milestone", milestone))

    assert [item["code"] for item in response.context["unmet"]] == ["output_artifact", "evidence"]
    assert "Before QA, this is still missing" in page(response)
    assert response.context["unmet"][1]["url"].endswith("/record/#criteria")


def test_a_milestone_returns_to_execution_with_a_reason(founder, studio, made):
    milestone = made("in_qa")

    empty = founder.post(address("return_milestone", milestone), {"reason": ""})
    founder.post(address("return_milestone", milestone), {"reason": "The filter is wrong."})

    assert empty.status_code == 422
    assert stored(studio, milestone).stage == "execution"


def test_a_reset_counts(founder, studio, made):
    milestone = made("in_review")

    founder.post(address("reset_milestone", milestone), {"cause": "rework", "reason": "A refactoring."})

    milestone = stored(studio, milestone)
    assert (milestone.stage, milestone.resets) == ("execution", 1)


def test_a_close_that_says_too_little_is_refused_beside_the_fields_and_journalled(founder, studio, made):
    milestone = made("in_execution")

    response = founder.post(address("close_milestone", milestone), {"outcome": "changed_via_scope"})

    assert response.status_code == 409
    assert {"reason", "open_dependencies", "next_move_owner"} < set(response.context["close_form"].errors)
    with inside(studio):
        assert Event.objects.filter(kind="milestone.move_refused").count() == 1


def test_a_milestone_closes_without_acceptance_and_shows_its_outcome(founder, studio, made):
    milestone = made("in_execution")
    said = {"reason": "No feed.", "open_dependencies": "The feed", "next_move_owner": "Carla"}

    founder.post(address("close_milestone", milestone), {"outcome": "blocked_by_dependency", **said})

    assert stored(studio, milestone).stage == "closed"
    assert "Blocked by a dependency: No feed." in page(founder.get(address("milestone", milestone)))


def test_a_pause_is_taken_and_ended(founder, studio, made):
    milestone = made("in_execution")
    typed = {"way": "pause", "reason": "No access.", "until": "2026-03-20"}

    founder.post(address("choose_way", milestone), typed)
    with inside(studio):
        taken = Recourse.objects.get()
    shown = founder.get(address("milestone_way", milestone))
    founder.post(address("end_way", taken), {"note": "Access is there."})

    assert "until 20 Mar 2026" in page(shown)
    assert stored(studio, milestone).paused_at is None
    assert stored(studio, taken).end_note == "Access is there."


def test_an_end_that_somebody_overtook_is_refused(founder, studio, made):
    milestone = made("in_execution")
    founder.post(address("choose_way", milestone), {"way": "rescope", "reason": "No.", "until": "2026-03-20"})
    with inside(studio):
        taken = Recourse.objects.get()
    shown = founder.get(address("milestone_way", milestone)).context["end_form"]

    response = founder.post(address("end_way", taken), {"version": taken.version - 1})

    assert shown.initial == {"version": taken.version}
    assert response.status_code == 409
    assert stored(studio, taken).ended_at is None


def test_an_end_in_the_past_is_refused_beside_its_field(founder, made):
    milestone = made("in_execution")
    typed = {"way": "pause", "reason": "No access.", "until": "2026-03-04"}

    response = founder.post(address("choose_way", milestone), typed)

    assert response.status_code == 422
    assert list(response.context["recourse_form"].errors) == ["until"]


def split_of(studio, milestone, **changes):
    with inside(studio):
        second = milestone.criteria.get(position=2)
    typed = {
        "reason": "billing",
        "first_output": "The dashboard is live.",
        "second_name": "Speed",
        "second_output": "The dashboard loads in two seconds.",
        "criteria": [str(second.pk)],
        "weight": "0.40",
        "invoice_to": "first",
        "next_stage_to": "second",
    }
    return {**typed, **changes}


def test_a_split_is_previewed_before_anything_is_saved(founder, studio, made):
    milestone = made("in_execution")

    response = founder.post(address("split_milestone", milestone), split_of(studio, milestone, preview="1"))

    assert "Nothing is lost" in page(response)
    assert "1.1b" in page(response)
    with inside(studio):
        assert Milestone.objects.count() == 1


def test_a_split_makes_two(founder, studio, made):
    milestone = made("in_execution")

    response = founder.post(address("split_milestone", milestone), split_of(studio, milestone, make="1"))

    assert response.status_code == 302
    with inside(studio):
        assert set(Milestone.objects.values_list("code", flat=True)) == {"1.1a", "1.1b"}


def test_a_cut_that_loses_something_comes_back_with_what_was_typed(founder, studio, made):
    milestone = made("in_execution")

    response = founder.post(
        address("split_milestone", milestone), split_of(studio, milestone, make="1", weight="5")
    )

    assert response.status_code == 422
    assert response.context["form"]["second_name"].value() == "Speed"


def test_clarity_follows_what_is_typed_and_saves_nothing(founder, studio, made):
    milestone = made("in_execution")
    typed = {"output": "Work on the dashboard", "planned_date": "2026-03-13"}

    response = founder.post(address("clarity_of_record", milestone), typed)

    assert "The output names an activity or a status." in page(response)
    assert stored(studio, milestone).version == milestone.version


def test_clarity_of_a_kickoff_reads_its_own_fields(founder, studio):
    typed = {"output": "The dashboard is live.", "criteria": "Loads fast\n", "owner_email": "c@x.example"}

    response = founder.post(reverse("clarity", args=["studio"]), typed)

    assert "Nobody could verify “Loads fast”." in page(response)
    assert "Not named yet: the approver, the approval channel." in page(response)
