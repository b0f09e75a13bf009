"""Notices on pages: read over and sent, told another way, found by what became of them."""

import pytest
from django.urls import reverse

from journal.models import Delivery
from milestones.actions import notices
from milestones.models import Contact, Notice
from milestones.words import NoticeKind, NoticeState
from proofs.actions import deliveries
from tenancy.door import inside
from tests.factories import MONDAY, milestone_in_closeout, milestone_in_execution
from tests.plugins.scenes import scene
from tests.proofs.delivering import published
from tests.web.conftest import page


@scene
def milestone(studio, by):
    with inside(studio):
        return milestone_in_execution(by)


@scene
def draft(studio, milestone, by):
    with inside(studio):
        said = {"project": milestone.project, "milestone": milestone, "subject": milestone}
        return notices.draft(
            NoticeKind.MISS, **said, title="We missed the date", body="Sorry.", by=by, now=MONDAY
        )


@scene
def bounced(studio, milestone, by):
    with inside(studio):
        Contact.objects.filter(pk=milestone.owner_client_id).update(email="")
        milestone.refresh_from_db()
        said = {"project": milestone.project, "milestone": milestone, "subject": milestone}
        return notices.owe(NoticeKind.LATE, **said, title="1.1 is late", body="Why.", by=by, now=MONDAY)


def _url(name, notice=None):
    return reverse(name, args=["studio", notice.pk] if notice else ["studio"])


def _now(studio, notice):
    with inside(studio):
        return Notice.objects.get(pk=notice.pk)


def test_a_draft_is_saved_and_waits(founder, studio, draft):
    answer = founder.post(
        _url("save_notice", draft), {"version": 1, "title": "Missed", "body": "Very sorry."}
    )

    saved = _now(studio, draft)
    assert answer.status_code == 302
    assert (saved.title, saved.body, saved.state) == ("Missed", "Very sorry.", NoticeState.DRAFT)


def test_a_draft_is_sent_with_the_words_that_were_typed(founder, studio, draft):
    typed = {"version": 1, "title": "Missed", "body": "Very sorry.", "send": "now"}

    founder.post(_url("save_notice", draft), typed)

    with inside(studio):
        assert Delivery.objects.get(subject_id=draft.pk).payload["subject"] == "Missed"
    assert _now(studio, draft).state == NoticeState.SENT


def test_what_somebody_else_changed_is_not_sent_over_their_head(founder, studio, draft, by):
    with inside(studio):
        notices.revise(draft.pk, {"title": "Theirs"}, by=by, now=MONDAY)

    answer = founder.post(
        _url("save_notice", draft), {"version": 1, "title": "Mine", "body": "x", "send": "now"}
    )

    assert answer.status_code == 409
    assert b"changed by someone else" in answer.content
    assert _now(studio, draft).title == "Theirs"


def test_an_empty_draft_is_refused_beside_its_field(founder, studio, draft):
    answer = founder.post(_url("save_notice", draft), {"version": 1, "title": "", "body": "x"})

    assert answer.status_code == 422
    assert b"This field is required" in answer.content


def test_a_bounce_says_that_the_client_is_not_informed_and_asks_how_else(founder, bounced):
    page = founder.get(_url("notice", bounced)).content.decode()

    assert "The client is not informed" in page
    assert "There is nobody to write to" in page
    assert "How was the client told?" in page


def test_how_the_client_was_told_is_noted(founder, studio, bounced):
    founder.post(_url("tell_otherwise", bounced), {"how": "By phone, Carla, at 10:30"})

    assert _now(studio, bounced).told_otherwise == "By phone, Carla, at 10:30"


def test_a_mended_address_gets_it_after_all(founder, studio, bounced):
    with inside(studio):
        Contact.objects.filter(pk=bounced.recipient_id).update(email="carla@new.example")

    founder.post(_url("send_notice", bounced))

    assert _now(studio, bounced).state == NoticeState.SENT


def test_what_was_sent_is_not_sent_again_from_an_old_page(founder, draft):
    founder.post(_url("send_notice", draft))

    answer = founder.post(_url("send_notice", draft))

    assert answer.status_code == 409
    assert b"not sent twice" in answer.content


@pytest.mark.parametrize(
    ("show", "titles"),
    [
        ("", {"We missed the date", "1.1 is late"}),
        ("draft", {"We missed the date"}),
        ("bounced", {"1.1 is late"}),
        ("delivered", set()),
    ],
)
def test_notices_are_found_by_what_became_of_them(founder, draft, bounced, show, titles):
    page = founder.get(_url("notices"), {"show": show} if show else {}).content.decode()

    assert {title for title in ("We missed the date", "1.1 is late") if f"{title}</a>" in page} == titles


def test_a_packets_mail_names_its_addresses_and_holds_none(founder, studio, by):
    with inside(studio):
        notice = deliveries.deliver(published(milestone_in_closeout(by), by), by=by, now=MONDAY)

    said = page(founder.get(_url("notice", notice)))

    assert "One tap is enough: {confidence}" in said
    assert "{packet} and {confidence}: places of secret addresses" in said
    assert "{link:" not in said
