"""What holds for every resource: problem documents, ETags, unknown parameters, read-only fields."""

import pytest
from django.test import Client

from milestones.models import Account, Milestone
from tenancy.door import inside
from tenancy.ids import uuid7
from tests.api.conftest import Caller
from tests.api.everything import kickoff_body

PROBLEM = "application/problem+json"


def _is_problem(response, status):
    body = response.json()
    return (response.status_code, response.headers["Content-Type"], body["type"], body["status"]) == (
        status,
        PROBLEM,
        "about:blank",
        status,
    ) and bool(body["title"] and body["detail"])


def test_a_kickoff_makes_everything_and_a_second_one_finds_it(caller):
    body = kickoff_body(external_ref="deal-7")

    first, second = caller.post("kickoffs", body), caller.post("kickoffs", body)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["milestone"]["id"] == second.json()["milestone"]["id"]
    assert first.json()["project"]["external_ref"] == "deal-7"


def test_a_kickoff_names_each_missing_wrong_and_owned_field(caller):
    record = {**kickoff_body()["record"], "quality_threshold": 101, "delivery_risk_score": 3}
    del record["owner_client"]

    response = caller.post("kickoffs", kickoff_body(record=record))

    assert _is_problem(response, 400)
    assert response.json()["errors"] == {
        "record.owner_client": ["This field is missing."],
        "record.quality_threshold": ["This must be at most 100."],
        "record.delivery_risk_score": ["The system owns this field: leave it out or empty."],
    }


def test_the_record_has_its_twenty_fields_and_four_beside_them(caller, in_execution):
    record = caller.get(f"milestones/{in_execution.pk}/record").json()

    assert len(record) == 24
    assert record["first_milestone_due_at"] == "2026-03-13T23:59:59Z"
    assert record["owner_primary"] == "ada@studio.example"
    assert caller.get("records").json()["results"] == [record]


def test_a_closed_gate_lists_what_is_unmet_and_the_refusal_is_journalled(caller, kickoff):
    address = f"milestones/{kickoff.milestone.pk}"
    caller.patch(address, {"output": "", "invoice_trigger": ""})

    response = caller.post(f"{address}/transitions", {"to": "execution"})

    assert _is_problem(response, 409)
    assert [item["code"] for item in response.json()["unmet"]] == ["output", "invoice_trigger"]
    refusals = caller.get("events", {"kind": "milestone.move_refused"}).json()["results"]
    assert [event["data"]["unmet"] for event in refusals] == [["output", "invoice_trigger"]]


def test_an_open_gate_lets_the_milestone_through(caller, kickoff):
    response = caller.post(f"milestones/{kickoff.milestone.pk}/transitions", {"to": "execution"})

    assert (response.status_code, response.json()["stage"]) == (200, "execution")


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_an_address_that_is_none_is_told_as_a_problem(method):
    browser = Client(enforce_csrf_checks=True)

    assert _is_problem(browser.generic(method, "/api/v1/proof-packets/1/publish"), 404)


def test_read_only_and_unknown_fields_are_named(caller, kickoff):
    body = {
        "stage": "closed",
        "accepted_at": None,
        "colour": "blue",
        "project_id": str(uuid7()),
        "name": "Kept",
    }

    response = caller.patch(f"milestones/{kickoff.milestone.pk}", body)

    assert _is_problem(response, 400)
    assert response.json()["errors"] == {
        "stage": ["This field is read-only."],
        "accepted_at": ["This field is read-only."],
        "colour": ["There is no such field."],
        "project_id": ["This is fixed once it is made."],
    }


def test_what_an_action_says_about_a_key_stands_under_its_name(caller, kickoff):
    pk = str(kickoff.milestone.pk)

    response = caller.post("dependencies", {"milestone_id": pk, "needs_id": pk})

    assert list(response.json()["errors"]) == ["needs_id"]


def test_people_and_phases_of_other_engagements_are_refused_by_name(caller, kickoff):
    other = caller.post("kickoffs", kickoff_body(account={"name": "Elsewhere"})).json()
    stranger = caller.get("contacts", {"account_id": other["account"]["id"]}).json()["results"][0]["id"]
    phase = {"project_id": other["project"]["id"], "name": "Theirs", "position": 1}
    changes = {"approver_id": stranger, "phase_id": caller.post("phases", phase).json()["id"]}

    response = caller.patch(f"milestones/{kickoff.milestone.pk}", changes)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"approver_id", "phase_id"}


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(caller, body):
    response = caller.post("accounts", "null" if body is None else body if isinstance(body, str) else [body])

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("path", "params", "named"),
    [
        ("accounts", {"colour": "blue"}, "colour"),
        ("accounts", {"limit": 0}, "limit"),
        ("accounts", {"limit": 201}, "limit"),
        ("accounts", {"limit": "ten"}, "limit"),
        ("accounts", {"ordering": "workspace__name"}, "ordering"),
        ("accounts", {"cursor": "bm9uZQ"}, "cursor"),
        ("accounts", {"cursor": "é"}, "cursor"),
        ("milestones", {"stage": "nowhere"}, "stage"),
        ("milestones", {"is_first": "perhaps"}, "is_first"),
        ("milestones", {"project_id": "7"}, "project_id"),
        ("milestones", {"workspace_id": "7"}, "workspace_id"),
    ],
)
def test_parameters_that_mean_nothing_are_named(caller, path, params, named):
    response = caller.get(path, params)

    assert _is_problem(response, 400)
    assert list(response.json()["errors"]) == [named]


def test_filters_filter(caller, in_execution):
    found = caller.get("milestones", {"stage": "execution", "is_first": "true"}).json()["results"]

    assert [row["id"] for row in found] == [str(in_execution.pk)]
    assert caller.get("milestones", {"is_first": "false"}).json()["results"] == []
    assert caller.get("milestones", {"stage": "setup"}).json()["results"] == []


def test_the_version_shown_must_be_the_version_stored(caller, kickoff):
    address = f"accounts/{kickoff.account.pk}"
    shown = caller.get(address).headers["ETag"]

    first = caller.patch(address, {"name": "Northwind AG"}, If_Match=shown)
    second = caller.patch(address, {"name": "Northwind SE"}, If_Match=shown)

    assert first.status_code == 200
    assert first.headers["ETag"] == caller.get(address).headers["ETag"] != shown
    assert _is_problem(second, 412)
    assert caller.get(address).json()["name"] == "Northwind AG"


@pytest.mark.parametrize(
    ("given", "status"),
    [("*", 200), ('"1"', 200), ('"2"', 412), ('W/"1"', 412), ("1", 412), ('"1", "2"', 400)],
)
def test_if_match_takes_one_strong_tag_or_any(caller, kickoff, given, status):
    response = caller.patch(f"accounts/{kickoff.account.pk}", {"name": "New"}, If_Match=given)

    assert response.status_code == status


def test_a_reader_who_has_it_already_gets_304_until_a_figure_changes(caller, studio, kickoff):
    address = f"milestones/{kickoff.milestone.pk}"
    known = caller.get(address).headers["ETag"]

    again = caller.get(address, If_None_Match=known)
    with inside(studio):
        Milestone.objects.update(delivery_risk_score=61)

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", known)
    assert caller.get(address, If_None_Match=known).json()["delivery_risk_score"] == 61


def test_a_refused_request_leaves_nothing_behind(caller, studio, kickoff):
    record = {**kickoff_body()["record"], "acceptance_criteria": ["Fine", "Bad \u202e"]}

    response = caller.post("kickoffs", kickoff_body(account={"name": "Half"}, record=record))

    assert response.status_code == 400
    with inside(studio):
        assert not Account.objects.filter(name="Half").exists()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/v1/accounts", 401),
        ("get", "/api/v1/nowhere", 404),
        ("get", "/api/", 404),
        ("post", "/api/v2/accounts", 404),
    ],
)
def test_errors_outside_any_workspace_are_problems_too(db, method, path, status):
    assert _is_problem(getattr(Caller(), method)(path), status)


def test_methods_types_and_sizes_that_do_not_fit_are_problems(caller):
    send = caller.client.generic
    headers = {"Authorization": f"Bearer {caller.token}"}
    address = "/api/v1/accounts"

    assert _is_problem(send("DELETE", address, headers=headers), 405)
    assert _is_problem(
        send("POST", address, "name=x", "application/x-www-form-urlencoded", headers=headers), 415
    )
    assert _is_problem(caller.get("accounts", Accept="text/csv"), 406)
    assert _is_problem(caller.post("accounts", b" " * (1024 * 1024 + 1)), 413)


def test_a_host_that_is_not_ours_gets_a_problem(db, client):
    assert _is_problem(client.get("/api/v1/accounts", headers={"Host": "evil.example"}), 400)


def test_a_fault_of_ours_shows_nothing_of_itself(caller, kickoff, monkeypatch):
    caller.client.raise_request_exception = False
    monkeypatch.setattr("api.resources.clients.lists.accounts", lambda: 1 / 0)

    response = caller.get("accounts")

    assert _is_problem(response, 500)
    assert b"ZeroDivision" not in response.content


def test_the_page_for_people_keeps_its_own_errors(db, client):
    assert client.get("/nowhere").headers["Content-Type"].startswith("text/html")


def test_options_is_no_method_of_the_api(caller):
    response = caller._send("OPTIONS", "milestones", None, {})

    assert _is_problem(response, 405)
