"""The order of the tab “Proof”: what waits for somebody comes first and is open, the rest is folded."""

from decimal import Decimal
from types import SimpleNamespace as Row

import pytest
from django.urls import reverse

from milestones.words import Outcome, Stage
from proofs.actions import packets
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.web.conftest import WEDNESDAY
from web.team.proof_order import RULES, parts

DRAFT, PUBLISHED = Row(number=2), Row(number=1)
PARKED, MADE = Row(parked_at=MONDAY), Row(parked_at=None)
OK, CHANGED, UNSEEN = (Row(label=label, word="") for label in ("on_track", "delayed", "none"))
LINK, ENDED = Row(revoked_at=None), Row(revoked_at=MONDAY)


def shown(**changes):
    """A milestone in execution that nothing was prepared for."""
    bare = {
        "milestone": Row(stage=Stage.EXECUTION, outcome=""),
        "packet": None,
        "packet_versions": [],
        "packet_rendering": None,
        "packet_may_begin": False,
        "packet_elsewhere": "",
        "handoff": None,
        "handoff_versions": [],
        "handoff_rendering": None,
        "handoff_may_begin": False,
        "metrics": [{"missing": ""}],
        "metrics_may": True,
        "checked": [],
        "checks_may": True,
        "packet_links": [],
        "after_deliveries": [],
        "after_asked": [],
        "after_confidence": Row(score=None),
        "after_opportunity": None,
    }
    return bare | changes


def lines(found):
    return {part.place: (part.says, part.is_due) for part in found}


def test_nothing_waits_so_the_first_part_is_open():
    found = parts(shown())

    assert [(part.place, part.is_due, part.is_open) for part in found] == [
        ("packet", False, True),
        ("handoff", False, False),
        ("checks", False, False),
        ("metrics", False, False),
    ]


def test_what_waits_comes_first_and_is_open():
    found = parts(
        shown(
            checked=[{"check": CHANGED}],
            handoff=DRAFT,
            handoff_missing=[],
            packet_versions=[PUBLISHED],
            packet_links=[{"link": LINK, "address": "https://…"}],
        )
    )

    assert [(part.place, part.is_open) for part in found] == [
        ("handoff", True),
        ("checks", True),
        ("packet", False),
        ("metrics", False),
        ("packet-links", False),
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, ("Not begun: a draft begins by itself when the client is asked", False)),
        ({"packet_elsewhere": "https://packets.example/1"}, ("Published elsewhere", False)),
        ({"milestone": Row(stage=Stage.CLOSED, outcome="scope")}, ("None was published", False)),
        ({"packet_may_begin": True}, ("A draft begins by itself", True)),
        ({"packet": DRAFT, "packet_missing": []}, ("Version 2, draft: nothing is missing", True)),
        ({"packet": DRAFT, "packet_missing": [1, 2, 3]}, ("Version 2, draft: 3 missing", True)),
        (
            {"packet_versions": [PUBLISHED], "packet_rendering": MADE},
            ("Version 1, published", False),
        ),
        (
            {"packet_versions": [PUBLISHED], "packet_rendering": PARKED},
            ("Version 1, published, its files could not be made", True),
        ),
    ],
)
def test_a_packet_says_how_it_stands(changes, line):
    assert lines(parts(shown(**changes)))["packet"] == line


@pytest.mark.parametrize(
    ("metrics", "may", "versions", "line"),
    [
        ([], True, [], ("Nothing is measured", True)),
        ([], False, [], ("Nothing is measured", False)),
        ([], True, [PUBLISHED], ("Nothing is measured", False)),
        ([""], True, [], ("1 metric", False)),
        (["No baseline yet", ""], True, [], ("2 metrics, 1 without a pair", True)),
        (["No baseline yet"], True, [PUBLISHED], ("1 metric, 1 without a pair", False)),
    ],
)
def test_a_pair_that_misses_a_half_waits_until_the_packet_is_out(metrics, may, versions, line):
    rows = [{"missing": said} for said in metrics]

    found = parts(shown(metrics=rows, metrics_may=may, packet_versions=versions))

    assert lines(found)["metrics"] == line


@pytest.mark.parametrize(
    ("checks", "may", "line"),
    [
        ([OK], True, ("1 artifact", False)),
        ([OK, UNSEEN], True, ("2 artifacts", False)),
        ([OK, CHANGED], True, ("2 artifacts, 1 not as delivered", True)),
        ([OK, CHANGED], False, ("2 artifacts, 1 not as delivered", False)),
    ],
)
def test_an_artifact_that_changed_waits_while_it_is_watched(checks, may, line):
    found = parts(shown(checked=[{"check": check} for check in checks], checks_may=may))

    assert lines(found)["checks"] == line


@pytest.mark.parametrize(
    ("notice", "line"),
    [
        (None, ("No answer yet", False)),
        ({"is_uninformed": False}, ("No answer yet", False)),
        ({"is_uninformed": True}, ("The client is not informed", True)),
    ],
)
def test_a_client_who_is_not_informed_waits(notice, line):
    assert lines(parts(shown(after_deliveries=[{"notice": notice}])))["after"] == line


@pytest.mark.parametrize(
    ("score", "stage", "said"),
    [
        (Decimal(80), None, "Confidence 80 of 100"),
        (None, "Proposed", "Opportunity proposed"),
        (Decimal(100), "Won", "Confidence 100 of 100, opportunity won"),
    ],
)
def test_what_came_of_it_is_said_in_one_line(score, stage, said):
    opportunity = Row(get_stage_display=lambda: stage) if stage else None
    came = {"after_asked": [1], "after_confidence": Row(score=score), "after_opportunity": opportunity}

    assert lines(parts(shown(**came)))["after"] == (said, False)


@pytest.mark.parametrize(
    ("links", "line"),
    [
        ([(LINK, "https://…")], ("1 address", False)),
        ([(LINK, "https://…"), (ENDED, "")], ("2 addresses, 1 revoked", False)),
        ([(LINK, "")], ("1 address", True)),
    ],
)
def test_an_address_whose_key_is_gone_waits(links, line):
    rows = [{"link": link, "address": address} for link, address in links]

    assert lines(parts(shown(packet_links=rows)))["packet-links"] == line


def test_the_close_waits_in_closeout_and_says_how_far_it_is():
    four = [{"is_met": met} for met in (True, True, False, True)]

    assert lines(parts(shown(close_four=four)))["close"] == ("3 of 4 stand in the record", True)


@pytest.mark.parametrize(
    ("following", "line"),
    [
        (None, ("Nothing of the plan waits", False)),
        (Row(code="1.2", name="Alerts"), ("1.2 Alerts may begin", True)),
    ],
)
def test_an_approved_milestone_offers_the_next(following, line):
    closed = Row(stage=Stage.CLOSED, outcome=Outcome.APPROVED)

    assert lines(parts(shown(milestone=closed, next_milestone=following)))["next"] == line


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ("correction", "packet"),
        ("handoff_correction", "handoff"),
        ("metric", "metrics"),
        *((f"{word}7", "metrics") for word in ("take", "change", "remove", "retract")),
    ],
)
def test_a_refused_form_opens_its_part(form, place):
    found = parts(shown(checked=[{"check": CHANGED}]), refused=[form])

    assert {part.place for part in found if part.is_open} == {"checks", place}


def test_a_form_that_belongs_to_no_part_is_a_mistake():
    with pytest.raises(KeyError, match="unheard_of"):
        parts(shown(), refused=["unheard_of"])


def test_each_part_has_a_place_of_its_own():
    places = [place for place, *_ in RULES]

    assert sorted(set(places)) == sorted(places)


def test_the_page_shows_the_draft_first_and_leads_to_every_part(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by, now=MONDAY)
        packets.assemble(milestone.pk, now=WEDNESDAY)

    response = founder.get(reverse("milestone_proof", args=["studio", milestone.pk]))

    shown = response.content.decode()
    assert [part.place for part in response.context["parts"] if part.is_due] == [
        *("packet", "handoff", "close", "metrics")
    ]
    for part in response.context["parts"]:
        assert (shown.count(f'href="#{part.place}"'), shown.count(f'id="{part.place}"')) == (1, 1)
