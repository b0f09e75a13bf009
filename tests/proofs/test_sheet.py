"""What a packet's page and paper say, from its content alone."""

import pytest

from proofs.content import MOST
from proofs.rendering.sheet import handoff_sheet, proof_sheet
from tests.proofs import contents


def test_the_cover_says_who_accepted_what_and_when_in_the_clients_zone():
    sheet = proof_sheet(contents.proof(), sha256=contents.HASH)

    assert (sheet.kind, sheet.version, sheet.brand, sheet.ink) == (
        *("Proof packet", "Version 1", "Northlight Studio"),
        "#1d4f91",
    )
    assert {fact.name: fact.text for fact in sheet.facts} == {
        "Accepted by": "Ingrid Halvorsen",
        "Accepted on": "21 May 2026, 13:05",
        "Completed on": "19 May 2026, 17:20",
        "Planned for": "22 May 2026",
        "Responsible": "Mara Lindqvist",
        "Reviewed by": "Jonas Weber",
        "Milestone": "M-04, Model",
        "Published": "21 May 2026, 15:40, on the day of acceptance",
    }


def test_the_key_figures_are_the_metrics_first_then_the_criteria_then_what_was_delivered():
    strip = proof_sheet(contents.proof()).strip

    assert [(key.name, key.value, key.note, key.tone) for key in strip] == [
        ("Median time to first reply", "41\u00a0min", "was 148\u00a0min · −72.3%", "better"),
        ("Tickets closed per agent and day", "52", "was 31 · +67.7%", "better"),
        ("Customer satisfaction", "86.9%", "was 87.5% · −0.6\u00a0points", "worse"),
        ("Acceptance criteria met", "4 of 4", "4 with evidence", ""),
    ]


def test_without_metrics_the_strip_says_what_is_known():
    sheet = proof_sheet(contents.proof(metrics=[], not_measurable="nobody counted before"))

    assert [(key.name, key.value) for key in sheet.strip] == [
        ("Acceptance criteria met", "4 of 4"),
        ("Delivered", "5 artifacts"),
    ]
    assert sheet.not_measurable == "nobody counted before"


def test_a_metric_shows_its_pair_its_target_and_when_the_baseline_came_late():
    late = proof_sheet(contents.proof()).metrics[1]

    assert [(row.name, row.value, row.notes) for row in late.rows] == [
        ("Before", "31", ["14 Mar 2026, 09:00", "Entered by hand", "Team leads’ count"]),
        ("After", "52", ["20 May 2026, 10:00", "From a connection"]),
        ("Target", "45", ["met"]),
    ]
    assert late.caveat == "Baseline measured 12 days after kickoff."
    assert late.summary == "Tickets closed per agent and day went from 31 to 52, which is better."


def test_an_unchanged_metric_is_neither_better_nor_worse():
    same = contents.metric(
        change="0", percent="0", is_better=None, current=contents.value("148", "2026-05-20")
    )

    sheet = proof_sheet(contents.proof(metrics=[same]))

    assert sheet.strip[0].note == "was 148\u00a0min, unchanged"
    assert (sheet.metrics[0].tone, sheet.metrics[0].summary) == (
        "",
        "Median time to first reply is 148\u00a0min, as before.",
    )


def test_a_baseline_of_nought_shows_the_change_itself():
    from_nought = contents.metric(
        baseline=contents.value("0", "2026-03-01T08:00:00Z"), change="41", percent=None, is_better=False
    )

    assert proof_sheet(contents.proof(metrics=[from_nought])).metrics[0].change == "+41\u00a0min"


@pytest.mark.parametrize("name", ["criteria", "artifacts", "decisions", "quality", "dates", "trail"])
def test_no_list_is_longer_than_it_may_be_and_what_is_left_out_is_counted(name):
    content = contents.proof()
    many = [content[name][0]] * 5000  # type: ignore[literal-required]

    sheet = proof_sheet(contents.proof(**{name: many}, left_out={name: 7}))

    assert len(getattr(sheet, name)) == MOST[name]
    assert sheet.more[name].startswith(f"{5007 - MOST[name]:,} ")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "javascript:alert(1)", "//evil.example", "http://[broken", "data:text/html,x", ""],
)
def test_only_a_web_address_can_be_opened(url):
    odd = contents.artifact("Odd", kind="link", url=url)

    assert proof_sheet(contents.proof(artifacts=[odd])).artifacts[0].url == ""


@pytest.mark.parametrize(
    ("found", "word", "tone"),
    [
        ("ok", "Checked", "good"),
        ("changed", "Changed", "bad"),
        ("unreachable", "Not reachable", "bad"),
        ("refused", "Not looked at", "open"),
        ("missing", "Missing or damaged", "bad"),
        ("", "Not looked at yet", "open"),
    ],
)
def test_what_a_look_found_is_said_in_words(found, word, tone):
    looked_at = contents.artifact("Report", found=found)

    delivered = proof_sheet(contents.proof(artifacts=[looked_at])).artifacts[0]

    assert (delivered.word, delivered.tone) == (word, tone)


def test_a_zone_that_nobody_knows_falls_back_to_the_workspaces():
    packet = {**contents.PACKET, "clock_zone": "Mars/Olympus"}

    assert proof_sheet(contents.proof(packet=packet)).zone == "Europe/Vienna"


def test_a_draft_says_that_it_is_one():
    packet = {**contents.PACKET, "published_at": "", "same_day": None}

    facts = {fact.name: fact.text for fact in proof_sheet(contents.proof(packet=packet)).facts}

    assert facts["Published"] == "Not yet: this is a draft"


def test_a_handoff_says_what_is_open_and_who_moves():
    sheet = handoff_sheet(contents.handoff(open_dependencies="One\nTwo"))

    assert sheet.open_dependencies == ["One", "Two"]
    assert sheet.next_move_owner == "Mara Lindqvist"
    assert [(item.title, item.word) for item in sheet.next_milestones] == [
        ("M-05\u2002Drafts for returns", "At risk")
    ]


@pytest.mark.parametrize(
    ("option", "tone"), [("approved", "good"), ("needs_revisions", "open"), ("", "open")]
)
def test_only_an_answer_that_accepts_stands_out(option, tone):
    answered = {**contents.proof()["decisions"][0], "option": option}

    decision = proof_sheet(contents.proof(decisions=[answered])).decisions[0]

    assert (decision.tone, [fact.name for fact in decision.facts]) == (tone, ["By", "On", "Entry"])


@pytest.mark.parametrize(
    ("typed", "told"), [("none", ""), ("None. ", ""), ("none of them late", "none of them late")]
)
def test_none_as_an_answer_leaves_the_sentence_to_the_packet(typed, told):
    sheet = proof_sheet(contents.proof(risks=typed, recommendation=typed))

    assert (sheet.risks, sheet.recommendation) == (told, told)


def test_a_key_figure_counts_no_looks_where_none_was_taken():
    unseen = contents.artifact("Report", found="")

    strip = proof_sheet(contents.proof(metrics=[], artifacts=[unseen])).strip

    assert [(key.name, key.value, key.note) for key in strip][-1] == ("Delivered", "1 artifact", "")


def test_what_is_said_of_a_metric_ends_as_a_sentence():
    told = contents.metric(source="Nightly check", caveat="Baseline recorded after kickoff")

    metric = proof_sheet(contents.proof(metrics=[told])).metrics[0]

    assert (metric.about, metric.caveat) == (
        *("Lower is better. Nightly check.", "Baseline recorded after kickoff."),
    )
