"""The tab “Proof” and the list of packets: what is missing, published, corrected, made and late."""

import re
from datetime import timedelta

from django.urls import reverse
from django.utils.html import escape

from journal.models import Event
from milestones.actions import decisions
from milestones.models import Decision, Milestone
from proofs.actions import packets
from proofs.models import ArtifactWatch, ProofPacket, Rendering
from proofs.words import Found, PacketState
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.proofs.publishing import TEXTS, look, publish
from tests.web.conftest import WEDNESDAY, page
from tests.web.test_query_counts import statements
from workspaces.models import Membership, Role

TYPED = {**TEXTS, "not_measurable": "nobody counted before"}


@scene
def accepted(studio, by):
    """A milestone that the client accepted two hours ago."""
    with inside(studio):
        milestone = factories.milestone_in_closeout(by, now=WEDNESDAY - timedelta(hours=2))
        look(milestone, now=WEDNESDAY - timedelta(hours=2))
        return milestone


@scene
def draft(studio, accepted):
    with inside(studio):
        return packets.assemble(accepted.pk, now=WEDNESDAY)


def tab(client, milestone) -> str:
    return page(client.get(reverse("milestone_proof", args=["studio", milestone.pk])))


def post(client, name, pk, data=None):
    return client.post(reverse(name, args=["studio", pk]), data or {})


def stored(studio, packet) -> ProofPacket:
    with inside(studio):
        return ProofPacket.objects.get(pk=packet.pk)


def test_the_tab_stands_before_there_is_anything_to_prove(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)

    assert "None yet. A draft begins by itself when the client is asked" in tab(founder, milestone)


def test_a_draft_may_be_begun_before_the_bell(founder, studio, accepted):
    assert "Begin it now" in tab(founder, accepted)

    response = post(founder, "assemble_packet", accepted.pk)

    assert response.status_code == 302
    with inside(studio):
        assert ProofPacket.objects.get().state == PacketState.DRAFT


def test_the_tab_says_what_is_missing_and_how_long_is_left(founder, accepted, draft):
    shown = tab(founder, accepted)

    assert "Proof due today, 23:59 (UTC): 14 h left." in shown
    codes = [
        code
        for code in ("accepted", "recap", "metrics", "artifacts", "risks")
        if f'data-code="{code}"' in shown
    ]
    assert codes == ["recap", "metrics", "risks"]
    assert f"/milestones/{accepted.pk}/proof/#packet-recap" in shown


def test_what_is_typed_is_saved_against_the_version_that_was_shown(founder, studio, draft):
    typed = {**TYPED, "version": draft.version}

    saved = post(founder, "save_packet", draft.pk, typed)
    stale = post(founder, "save_packet", draft.pk, {**typed, "recap": "Mine"})

    assert (saved.status_code, stale.status_code) == (302, 409)
    assert "was changed by someone else meanwhile" in page(stale)
    assert "Mine" in page(stale)
    assert stored(studio, draft).recap == TEXTS["recap"]


def test_what_would_still_be_missing_is_told_while_one_types(founder, studio, draft):
    shown = page(post(founder, "missing_of_packet", draft.pk, {**TYPED, "recap": "", "version": 1}))

    assert 'data-code="recap"' in shown
    assert 'data-code="risks"' not in shown
    assert stored(studio, draft).risks == ""
    whole = page(post(founder, "missing_of_packet", draft.pk, {**TYPED, "version": 1}))
    assert "Nothing is missing." in whole


def test_the_preview_shows_the_packet_as_its_readers_will_see_it(founder, studio, by, draft):
    with inside(studio):
        packets.write(draft.pk, TEXTS, by=by, now=WEDNESDAY)

    response = founder.get(reverse("proof_version", args=["studio", draft.pk]))

    shown = page(response)
    assert "Preview. Version 1 is a draft" in shown
    texts = [TEXTS[name] for name in ("recap", "risks", "recommendation")]
    assert [text for text in texts if escape(text) not in shown] == []
    assert stored(studio, draft).state == PacketState.DRAFT


def test_one_click_saves_and_publishes(founder, studio, accepted, draft):
    assert "Carla Client (carla@client.example) gets it by e-mail." in tab(founder, accepted)

    response = post(founder, "publish_packet", draft.pk, {**TYPED, "version": draft.version})

    assert response.status_code == 302
    packet = stored(studio, draft)
    assert (packet.state, packet.same_day, packet.published_name) == ("published", True, "Ada Agency")
    assert packet.content["risks"] == TEXTS["risks"]
    assert "On the same day" in tab(founder, accepted)


def test_what_another_look_found_is_to_be_agreed_to_anew(founder, studio, accepted, draft):
    with inside(studio):
        ArtifactWatch.objects.update(found=Found.CHANGED)
    agreed = {**TYPED, "as_found": "on", "version": draft.version}
    post(founder, "save_packet", draft.pk, agreed)
    ticked = re.compile(r'name="as_found"[^>]* checked')
    missed = 'data-code="artifacts_found"'
    before = tab(founder, accepted)
    with inside(studio):
        ArtifactWatch.objects.update(found=Found.UNREACHABLE)

    after = tab(founder, accepted)

    assert (missed in before, bool(ticked.search(before))) == (False, True)
    assert (missed in after, bool(ticked.search(after))) == (True, False)
    whole = page(post(founder, "missing_of_packet", draft.pk, agreed))
    assert "Nothing is missing." in whole


def test_publishing_what_is_not_whole_is_refused_and_journalled(founder, studio, draft):
    typed = {**TYPED, "recap": "", "version": draft.version}

    response = post(founder, "publish_packet", draft.pk, typed)

    assert response.status_code == 409
    assert "Version 1 is not complete: 1 item is still missing." in page(response)
    assert 'data-code="recap"' in page(response)
    assert 'data-code="risks"' not in page(response)
    assert TEXTS["risks"] in page(response)
    with inside(studio):
        assert Event.objects.filter(kind="proof_packet.refused").count() == 1
        assert ProofPacket.objects.get().state == PacketState.DRAFT
        assert ProofPacket.objects.get().risks == ""


def test_publishing_what_somebody_changed_meanwhile_is_refused(founder, studio, by, draft):
    with inside(studio):
        packets.write(draft.pk, TEXTS, by=by, now=WEDNESDAY)

    response = post(founder, "publish_packet", draft.pk, {**TYPED, "version": draft.version})

    assert response.status_code == 409
    assert stored(studio, draft).state == PacketState.DRAFT


def test_a_form_that_cannot_be_read_publishes_nothing(founder, studio, draft):
    too_long = {**TYPED, "recap": "x" * 4001, "version": draft.version}

    assert post(founder, "publish_packet", draft.pk, too_long).status_code == 422
    assert stored(studio, draft).state == PacketState.DRAFT


def test_a_published_packet_is_corrected_by_the_next_version(founder, studio, by, accepted):
    with inside(studio):
        first = publish(accepted, by, now=WEDNESDAY)

    empty = post(founder, "correct_packet", accepted.pk, {"correction": ""})
    response = post(founder, "correct_packet", accepted.pk, {"correction": "A figure was wrong."})

    assert (empty.status_code, response.status_code) == (422, 302)
    shown = tab(founder, accepted)
    assert "A figure was wrong." in shown
    assert "Version 2, draft" in shown
    assert "Proof due today" not in shown
    assert f"/proof-packets/{first.pk}/" in shown


def test_a_correction_is_dropped_only_as_it_was_seen(founder, studio, by, accepted):
    with inside(studio):
        publish(accepted, by, now=WEDNESDAY)
        draft = packets.correct(accepted.pk, correction="A figure was wrong.", by=by, now=WEDNESDAY)
        packets.write(draft.pk, {"risks": "More."}, by=by, now=WEDNESDAY)

    stale = post(founder, "drop_packet", draft.pk, {"version": draft.version})
    dropped = post(founder, "drop_packet", draft.pk, {"version": draft.version + 1})

    assert (stale.status_code, dropped.status_code) == (409, 302)
    assert "Version 1, published" in tab(founder, accepted)


def test_a_taken_back_acceptance_is_said_beside_what_was_published(founder, studio, by, accepted):
    with inside(studio):
        publish(accepted, by, now=WEDNESDAY)
        decisions.countermand(Decision.objects.get().pk, reason="A mistake.", by=by, now=WEDNESDAY)

    assert "The acceptance was taken back." in tab(founder, accepted)


def test_publishing_by_itself_is_allowed_before_the_acceptance_only(founder, studio, by, draft):
    with inside(studio):
        asked = factories.milestone_in_review(by, account_name="Two", project_name="Two", now=WEDNESDAY)
        waiting = packets.assemble(asked.pk, now=WEDNESDAY)
    typed = {**TYPED, "publishes_itself": "on"}

    for each in (draft, waiting):
        post(founder, "save_packet", each.pk, {**typed, "version": each.version})

    assert stored(studio, draft).publishes_itself is False
    assert stored(studio, waiting).allowed_name == "Ada Agency"
    assert "It publishes itself once it is accepted and complete, as Ada Agency allowed." in tab(
        founder, asked
    )


def test_a_packet_that_was_imported_is_shown_where_it_is(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        Milestone.objects.filter(pk=milestone.pk).update(proof_packet_url="https://proof.example/1")

    assert 'href="https://proof.example/1"' in tab(founder, milestone)


def test_a_viewer_reads_and_cannot_publish(client, studio, by, accepted, draft, wednesday):
    vera = factories.person("vera@studio.example", "Vera")
    with inside(studio):
        Membership.objects.create(user=vera, role=Role.VIEWER, joined_at=MONDAY)
    client.force_login(vera)

    assert "Publish…" not in tab(client, accepted)
    assert post(client, "publish_packet", draft.pk).status_code == 403


def test_today_says_that_proof_is_due_and_then_that_it_is_late(founder, studio, accepted, draft):
    shown = page(founder.get(reverse("today", args=["studio"])))
    assert "Proof due today, 23:59 (UTC): 14 h left." in shown

    with inside(studio):
        ProofPacket.objects.update(
            clock_started_at=WEDNESDAY - timedelta(days=1), clock_ends_at=WEDNESDAY - timedelta(hours=10)
        )

    late = page(founder.get(reverse("today", args=["studio"])))
    assert "Proof was due on 3 March, 23:59 (UTC): 10 h over." in late


def test_the_list_says_that_nothing_is_there_yet(founder):
    assert "No packet yet" in page(founder.get(reverse("proof", args=["studio"])))


def test_the_list_shows_what_to_finish_what_is_made_and_what_is_out(founder, studio, by, draft):
    with inside(studio):
        other = factories.milestone_in_closeout(by, account_name="Two", project_name="Two", now=WEDNESDAY)
        publish(other, by, now=WEDNESDAY)

    shown = page(founder.get(reverse("proof", args=["studio"])))

    assert "Due today" in shown
    assert "0 of 3 texts written" in shown
    assert "Files being made" in shown
    assert "on its way" in shown


def test_the_list_goes_on_where_a_page_ends(founder, studio, by, monkeypatch):
    monkeypatch.setattr("web.team.packets.LIMIT", 2)
    with inside(studio):
        for number in range(3):
            milestone = factories.milestone_in_closeout(
                by, account_name=f"Client {number}", project_name=f"Project {number}"
            )
            publish(milestone, by, now=MONDAY + timedelta(minutes=number))

    first = page(founder.get(reverse("proof", args=["studio"])))
    after = first.partition("?after=")[2].partition('"')[0]
    second = page(founder.get(reverse("proof", args=["studio"]) + f"?after={after}"))

    assert [
        name for name in ("Client 0", "Client 1", "Client 2") if f'<td data-name="Client">{name}' in first
    ] == [
        "Client 1",
        "Client 2",
    ]
    assert "Client 0" in second
    assert "Client 1" not in second


def test_files_that_could_not_be_made_are_made_again(founder, studio, by, accepted):
    with inside(studio):
        publish(accepted, by, now=WEDNESDAY)
        Rendering.objects.update(due_at=None, parked_at=WEDNESDAY, last_error="It took too much memory.")
        parked = Rendering.objects.get()
    assert "It took too much memory." in page(founder.get(reverse("proof", args=["studio"])))
    assert "It took too much memory." in tab(founder, accepted)

    again, twice = (post(founder, "make_again", parked.pk) for _ in range(2))

    assert (again.status_code, twice.status_code) == (302, 409)
    with inside(studio):
        assert Rendering.objects.get().parked_at is None


def test_the_gate_to_the_close_leads_to_the_packet(founder, accepted):
    shown = page(founder.get(reverse("milestone", args=["studio", accepted.pk])))

    assert f'/milestones/{accepted.pk}/proof/#packet">Publish the proof packet.' in shown


def test_the_list_costs_as_much_for_three_as_for_one(founder, studio, by):
    def add(number: int) -> None:
        with inside(studio):
            names = {"account_name": f"Client {number}", "project_name": f"Project {number}"}
            publish(factories.milestone_in_closeout(by, **names), by)
            names = {"account_name": f"Other {number}", "project_name": f"Other {number}"}
            packets.assemble(factories.milestone_in_closeout(by, **names).pk, now=MONDAY)

    address = reverse("proof", args=["studio"])
    add(1)
    one = statements(founder, address)
    add(2)
    add(3)

    assert statements(founder, address) == one <= 7


def test_the_tab_costs_as_much_for_three_versions_as_for_one(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        publish(milestone, by)
        packets.correct(milestone.pk, correction="A figure was wrong.", by=by, now=MONDAY)
    address = reverse("milestone_proof", args=["studio", milestone.pk])
    one = statements(founder, address)
    with inside(studio):
        for _ in range(2):
            draft = ProofPacket.objects.get(state=PacketState.DRAFT)
            packets.publish(draft.pk, by=by, now=MONDAY)
            packets.correct(milestone.pk, correction="Another one.", by=by, now=MONDAY)

    assert statements(founder, address) == one <= 40
