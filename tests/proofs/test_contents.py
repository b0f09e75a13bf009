"""What a packet says: from the record, in words its client may read, and never more than fits."""

from datetime import timedelta

import pytest

from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal.actors import Actor
from journal.canonical import canonical
from journal.chain import follow
from journal.kinds import KINDS
from journal.models import Event
from milestones.actions import artifacts, decisions, requests
from milestones.actions.comments import add as add_comment
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from milestones.models import Contact, Criterion, Decision, DecisionRequest, Milestone, QaRun
from proofs import trail
from proofs.actions import packets
from proofs.actions.metrics import add_metric, take_snapshot
from proofs.content import MOST, ProofContent
from proofs.models import ProofPacket
from proofs.queries.contents import content_of
from proofs.words import Role
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import away
from tests.proofs.publishing import TEXTS, publish

LATER = MONDAY + timedelta(hours=1)
INTERNAL = "Nobody but us may read this"


def content(milestone: Milestone) -> ProofContent:
    return content_of(packets.assemble(milestone.pk, now=LATER))


def test_everything_of_the_contract_is_there(studio, by):
    said = content(factories.milestone_in_closeout(by))

    assert set(said) == set(ProofContent.__annotations__)
    assert said["schema"] == "cairn.proof_packet.v1"
    assert said["project"]["client"] == "Northwind"
    assert (said["milestone"]["approver"], said["milestone"]["owner"]) == ("Dan Decider", "Ada Agency")
    assert said["left_out"] == {}


def test_who_accepted_is_named_although_somebody_else_was_to(studio, by):
    milestone = factories.milestone_in_review(by)
    carla = Contact.objects.get(email="carla@client.example")
    away(by)
    request = requests.delegate(DecisionRequest.objects.get().pk, to=carla, by=by, now=MONDAY)
    before = content(milestone)["milestone"]["approver"]
    decisions.decide(
        request.pk,
        option="approved",
        name="Carla Client",
        digest=request.shown_digest,
        contact=carla,
        by=Actor("contact", carla.pk, carla.name),
        now=LATER,
    )

    after = content(Milestone.objects.get())["milestone"]["approver"]

    assert (before, after) == ("Dan Decider", "Carla Client")


def test_criteria_stand_with_their_evidence(studio, by):
    [first, second] = content(factories.milestone_in_closeout(by))["criteria"]

    assert first["statement"] == "The client's team signs in and sees last week's figures"
    assert (second["measure"], second["target"]) == ("seconds", "2")
    assert {first["is_met"], second["is_met"]} == {True}
    assert first["evidence"] == "https://evidence.example/"


def test_a_decision_stands_with_its_entry_of_the_journal(studio, by):
    [decision] = content(factories.milestone_in_closeout(by))["decisions"]

    entry = Event.objects.get(kind="decision.made")
    assert (decision["seq"], decision["hash"]) == (entry.seq, bytes(entry.hash).hex())
    assert (decision["name"], decision["option"]) == ("Dan Decider", "approved")
    assert decision["at"] == "2026-03-02T09:00:00.000000Z"


def test_a_decision_that_was_taken_back_stands_as_such(studio, by):
    milestone = factories.milestone_in_closeout(by)
    decisions.countermand(Decision.objects.get().pk, reason="A mistake.", by=by, now=LATER)

    answers = [each["answer"] for each in content(milestone)["decisions"]]

    assert answers[1] == f"Taken back: {answers[0]}"


def test_a_check_that_is_void_is_no_evidence(studio, by):
    milestone = factories.milestone_in_closeout(by)
    void = factories.checklist_run(milestone, score=40)
    QaRun.objects.filter(pk=void.pk).update(voided_at=MONDAY, void_reason="The output changed.")

    assert [check["score"] for check in content(milestone)["quality"]] == [100]


def test_a_reason_for_no_metric_is_told_only_without_one(studio, by):
    milestone = factories.milestone_in_review(by)
    draft = packets.assemble(milestone.pk, now=MONDAY)
    packets.write(draft.pk, TEXTS, by=by, now=MONDAY)
    assert content(milestone)["not_measurable"] == TEXTS["not_measurable"]

    metric = add_metric(milestone.pk, {"name": "Hours", "unit": "h"}, by=by, now=MONDAY)
    for role, value in ((Role.BASELINE, 14), (Role.CURRENT, 3)):
        take_snapshot(metric.pk, role=role, value=value, by=by, now=MONDAY)

    said = content(milestone)
    assert (said["not_measurable"], [pair["change"] for pair in said["metrics"]]) == ("", ["-11"])


def test_the_trail_follows_the_journal_and_each_entry_can_be_found_there(studio, by):
    said = content(factories.milestone_in_closeout(by))["trail"]

    assert [entry["seq"] for entry in said] == sorted(entry["seq"] for entry in said)
    for entry in said:
        event = Event.objects.get(seq=entry["seq"])
        assert follow(bytes(event.previous), event.seq, event.body).hex() == entry["hash"]
    assert said[-1]["text"] == "Question 1 answered: approved."
    assert said[-1]["actor"] == "Dan Decider"


def test_what_is_internal_reaches_no_client(studio, by):
    milestone = factories.milestone_in_execution(by)
    record_progress(milestone.pk, done=INTERNAL, percent=20, by=by, now=MONDAY)
    open_blocker(milestone.pk, type=BlockerType.TECHNICAL, title=INTERNAL, evidence="x", by=by, now=MONDAY)
    queue_request(milestone.pk, title=INTERNAL, by=by, now=MONDAY)
    add_comment(milestone.pk, text=INTERNAL, by=by, now=MONDAY)
    aside = {"title": INTERNAL, "url": "https://notes.example/", "is_output": False}
    made = artifacts.add_link(milestone.pk, **aside, by=by, now=MONDAY)
    artifacts.remove(made.artifact_id, reason=INTERNAL, by=by, now=MONDAY)
    Milestone.objects.filter(pk=milestone.pk).update(notes=INTERNAL)
    draft = ProofPacket.objects.create(milestone=milestone, number=1, created_at=MONDAY)

    assert INTERNAL not in canonical(content_of(draft))


def test_only_known_kinds_of_events_are_told():
    assert set(trail.TOLD) <= set(KINDS)


def test_what_is_too_long_keeps_its_beginning_or_its_newest_and_says_how_much_is_left_out(studio, by):
    milestone = factories.milestone_in_closeout(by)
    most = MOST["criteria"]
    Criterion.objects.bulk_create(
        Criterion(milestone=milestone, position=number, statement=f"Criterion {number}")
        for number in range(3, most + 6)
    )
    for number in range(MOST["quality"] + 2):
        factories.checklist_run(milestone, now=MONDAY + timedelta(minutes=number + 1))

    said = content(milestone)

    assert said["left_out"] == {"criteria": 5, "quality": 3}
    assert (len(said["criteria"]), said["criteria"][-1]["statement"]) == (most, f"Criterion {most}")
    assert said["quality"][-1]["at"] == "2026-03-02T09:52:00.000000Z"


def test_the_content_of_a_published_packet_is_what_was_hashed(studio, by):
    milestone = factories.milestone_in_closeout(by)
    packet = publish(milestone, by)

    assert content_of(ProofPacket.objects.get(pk=packet.pk)) == packet.content


def test_days_are_those_of_the_reader_whether_or_not_a_clock_runs(studio, by):
    milestone = factories.milestone_in_closeout(by)
    Contact.objects.filter(pk=milestone.approver_id).update(time_zone="Pacific/Kiritimati")
    publish(milestone, by)

    packets.correct(milestone.pk, correction="A figure was wrong.", by=by, now=MONDAY)

    assert content(milestone)["packet"]["clock_zone"] == "Pacific/Kiritimati"


@pytest.mark.parametrize("kind", ["progress.recorded", "blocker.opened", "signal.opened", "comment.added"])
def test_no_line_is_written_for_what_is_internal(kind):
    assert trail.told(kind, {}) == ""
