"""Notices and labels for machines: the draft changed and sent, the client's word beside the true one."""

from escalation.actions import open_blocker
from escalation.models import BlockerType
from milestones.actions import labels, notices
from milestones.models import Contact, Notice
from milestones.words import NoticeKind
from tenancy.door import inside
from tests.factories import MONDAY
from tests.plugins.scenes import scene


@scene
def draft(studio, in_execution, by):
    with inside(studio):
        said = {"project": in_execution.project, "milestone": in_execution, "subject": in_execution}
        return notices.draft(NoticeKind.MISS, **said, title="Missed", body="Sorry.", by=by, now=MONDAY)


def test_a_draft_is_changed_and_sent(caller, draft):
    changed = caller.patch(f"notices/{draft.pk}", {"title": "We missed it"})
    sent = caller.post(f"notices/{draft.pk}/send")

    assert (changed.json()["title"], changed.json()["state"]) == ("We missed it", "draft")
    assert (sent.status_code, sent.json()["state"]) == (200, "sent")


def test_what_was_sent_is_not_changed(caller, draft):
    caller.post(f"notices/{draft.pk}/send")

    refused = caller.patch(f"notices/{draft.pk}", {"title": "Other"})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_draft")


def test_a_draft_goes_to_people_of_its_account_only(caller, draft, studio, by):
    with inside(studio):
        ours = draft.project.account
        other = type(ours).objects.create(name="Other", created_at=MONDAY)
        stranger = Contact.objects.create(
            account=other, name="Sam", email="sam@other.example", created_at=MONDAY
        )

    refused = caller.patch(f"notices/{draft.pk}", {"recipient_id": str(stranger.pk)})

    assert refused.status_code == 400
    assert "another account" in refused.content.decode()


def test_who_is_not_informed_is_found_and_told_otherwise(caller, draft, studio, by):
    with inside(studio):
        Contact.objects.filter(pk=draft.recipient_id).update(email="")
    caller.post(f"notices/{draft.pk}/send")

    found = caller.get("notices", {"is_uninformed": "true"}).json()["results"]
    told = caller.post(f"notices/{draft.pk}/told-otherwise", {"how": "By phone"})

    assert [row["problem"] for row in found] == [notices.NOBODY]
    assert (told.status_code, told.json()["told_otherwise"]) == (200, "By phone")
    assert caller.get("notices", {"is_uninformed": "true"}).json()["results"] == []


def test_a_milestone_tells_the_true_label_and_the_clients(caller, studio, in_execution, by):
    with inside(studio):
        labels.evaluate(in_execution.pk, now=MONDAY)
        open_blocker(in_execution.pk, type=BlockerType.INPUT, title="x", stops_path=True, by=by, now=MONDAY)
        labels.evaluate(in_execution.pk, now=MONDAY)
        assert Notice.objects.filter(kind=NoticeKind.EARLY_WARNING).count() == 1

    served = caller.get(f"milestones/{in_execution.pk}").json()
    listed = caller.get("milestones").json()["results"][0]

    for row in (served, listed):
        assert (row["label"], row["client_label"], row["turning_red"]) == ("blocked", "at_risk", True)
        assert row["label_reason"] == "An open blocker stops the milestone."
