"""KPIs and the rollout by API: definitions, n, and a first day that only its version's reader may set."""

import json

import pytest
from django.test import Client

from proofs.words import Kpi
from tenancy.door import inside
from workspaces.models import Membership, Role


def test_the_kpis_are_served_with_their_meaning_and_n(caller, in_execution):
    told = caller.get("kpis").json()

    assert [(each["code"], each["layer"]) for each in told["kpis"]] == [
        ("clarity", "Milestone definition"),
        ("on_time", "Execution telemetry"),
        ("resolution", "Escalation"),
        ("confidence", "Proof packaging"),
        ("conversation", "Expansion"),
    ]
    assert [each["code"] for each in told["kpis"]] == list(Kpi)
    clarity, *others = told["kpis"]
    assert (clarity["n"], clarity["value"] is None, bool(clarity["means"])) == (1, False, True)
    assert [(each["value"], each["n"], each["trend"]) for each in others] == [(None, 0, None)] * 4
    assert [each["code"] for each in told["further"]] == [
        "resolution_wall",
        "first_response",
        "first_response_wall",
        "same_day_share",
        "early_warning_misses",
    ]


def test_the_rollout_is_served_with_its_four_phases(caller, studio):
    told = caller.get("rollout").json()

    assert told["started_on"] == studio.created_at.date().isoformat()
    assert [(each["number"], each["weeks"]) for each in told["phases"]] == [
        (1, "1–2"),
        (2, "3–5"),
        (3, "6–9"),
        (4, "10–13"),
    ]
    assert {each["result"]["state"] for each in told["phases"]} == {"no_data"}


def test_the_first_day_is_set_against_its_version(caller):
    tag = caller.get("rollout")["ETag"]

    changed = caller.patch("rollout", {"started_on": "2026-03-02"}, If_Match=tag)
    stale = caller.patch("rollout", {"started_on": "2026-03-09"}, If_Match=tag)

    assert (changed.status_code, changed.json()["started_on"]) == (200, "2026-03-02")
    assert stale.status_code == 412
    assert caller.get("rollout").json()["started_on"] == "2026-03-02"


@pytest.mark.parametrize("day", ["1999-12-31", "soon", None, "2200-01-01"])
def test_a_day_that_cannot_be_is_a_400(caller, day):
    refused = caller.patch("rollout", {"started_on": day})

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["started_on"])


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 200), (Role.MEMBER, 403), (Role.VIEWER, 403)])
def test_of_people_only_an_owner_sets_the_first_day(studio, by, ada, role, status):
    with inside(studio):
        Membership.objects.filter(user=ada).update(role=role)
    client = Client()
    client.force_login(ada)

    answered = client.generic(
        "PATCH", "/api/v1/rollout", json.dumps({"started_on": "2026-03-02"}), "application/json"
    )

    assert answered.status_code == status
