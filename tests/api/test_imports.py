"""Tables by API: tried without a trace, taken in once, refused row by row."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from milestones.models import ImportRun, Milestone
from tenancy.door import inside
from tests.plugins.scenes import scene

ROWS = [
    {"name": "Data access", "planned_date": "2026-03-20", "criteria": ["All sources answer"]},
    {"name": "Pipeline"},
]
BODY = {"rows": ROWS, "account": "Northwind", "project": "Onboarding"}
CSV = b"What,Client,Project,Due\nData access,Northwind,Onboarding,2026-03-20\n"


@scene
def milestones(studio):
    def count():
        with inside(studio):
            return Milestone.objects.count()

    return count


def _sent(caller, content=CSV, name="plan.csv", at="imports", **fields):
    form = {"file": SimpleUploadedFile(name, content), **fields}
    return caller.client.post(f"/api/v1/{at}", form, headers=caller._headers({}))


def test_rows_become_milestones(caller, milestones):
    response = caller.post("imports", BODY)

    made = response.json()
    assert (response.status_code, made["state"], milestones()) == (201, "done", 2)
    assert made["report"]["counts"] == {"new": 2, "known": 0, "left_out": 0, "faulty": 0}
    first = caller.get(f"milestones/{made['report']['rows'][0]['milestone_id']}").json()
    assert (first["name"], first["planned_date"]) == ("Data access", "2026-03-20")
    assert caller.get(f"imports/{made['id']}").json() == made


def test_the_same_rows_again_are_known(caller, milestones):
    caller.post("imports", BODY)

    again = caller.post("imports", BODY).json()

    assert (again["report"]["counts"]["known"], milestones()) == (2, 2)


def test_a_dry_run_answers_what_would_happen_and_keeps_nothing(caller, studio, milestones):
    response = caller.post("imports?dry_run=true", BODY)

    said = response.json()
    assert (response.status_code, said["id"], said["state"]) == (200, None, "open")
    assert [row["verdict"] for row in said["report"]["rows"]] == ["new", "new"]
    assert milestones() == 0
    with inside(studio):
        assert not ImportRun.objects.exists()


def test_faulty_rows_are_refused_one_by_one(caller, milestones):
    body = {**BODY, "rows": [*ROWS, {"name": "Bad", "planned_date": "someday"}]}

    refused = caller.post("imports", body)
    tried = caller.post("imports?dry_run=true", body).json()

    assert (refused.status_code, refused.json()["code"], milestones()) == (409, "faulty_rows", 0)
    assert [each["code"] for each in refused.json()["unmet"]] == ["row_4"]
    assert list(tried["report"]["rows"][2]["faults"]) == ["planned_date"]


def test_faulty_rows_can_be_left_out(caller, milestones):
    body = {**BODY, "rows": [*ROWS, {"name": "Bad", "planned_date": "someday"}], "leave_out_faulty": True}

    response = caller.post("imports", body)

    assert (response.status_code, response.json()["report"]["counts"]["faulty"], milestones()) == (201, 1, 2)


def test_a_file_with_a_mapping_is_taken(caller, milestones):
    response = _sent(caller, mapping=json.dumps({"name": "What"}))

    assert (response.status_code, milestones()) == (201, 1)
    assert response.json()["mapping"]["fields"]["name"] == "What"


def test_a_file_can_be_tried(caller, milestones):
    response = _sent(caller, mapping=json.dumps({"name": "What"}), at="imports?dry_run=true")

    assert (response.status_code, milestones()) == (200, 0)


@pytest.mark.parametrize(
    ("content", "name", "status", "field"),
    [
        (b"Name\n", "plan.csv", 400, "file"),
        (b"{", "plan.json", 400, "file"),
        (b"x" * 5_000_001, "plan.csv", 413, "file"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(caller, content, name, status, field):
    response = _sent(caller, content, name)

    assert (response.status_code, list(response.json()["errors"])) == (status, [field])


@pytest.mark.parametrize(
    "change",
    [
        {"rows": []},
        {"rows": [{}] * 501},
        {"rows": "x"},
        {"mapping": {"name": "Nom"}},
        {"mapping": {"colour": "name"}},
        {"wish": 1},
    ],
)
def test_a_body_that_does_not_fit_is_400(caller, change):
    assert caller.post("imports", {**BODY, **change}).status_code == 400


def test_a_dry_run_is_true_or_false(caller):
    assert caller.post("imports?dry_run=maybe", BODY).status_code == 400


@pytest.mark.parametrize(("history", "verdict", "count"), [(True, "new", 1), (False, "left_out", 0)])
def test_completed_rows_come_as_history_only_where_that_is_asked_for(
    caller, milestones, history, verdict, count
):
    past = [{"name": "Data access", "planned_date": "2025-01-17", "completed": "2025-01-24"}]

    report = caller.post("imports", {**BODY, "rows": past, "history": history}).json()["report"]

    assert (report["rows"][0]["verdict"], milestones()) == (verdict, count)
    if history:
        taken = caller.get(f"milestones/{report['rows'][0]['milestone_id']}").json()
        assert (taken["stage"], taken["accepted_at"][:10]) == ("closed", "2025-01-24")
        assert taken["imported_at"] is not None
