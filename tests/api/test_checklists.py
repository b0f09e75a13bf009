"""Checklists, settings and the archive of a project by machine."""

from tenancy.door import inside
from tests.milestones.asking import asked
from tests.plugins.scenes import scene


@scene
def place(in_execution):
    return f"projects/{in_execution.project_id}"


def test_a_checklist_is_filled_and_listed(caller, place):
    body = {"kind": "onboarding", "answers": [{"code": "portal", "ok": True, "note": "Opened today."}]}

    filled = caller.post(f"{place}/checklists", body)
    listed = caller.get(f"{place}/checklists").json()["results"]

    assert filled.status_code == 200
    assert filled.json()["answers"]["portal"] == {"ok": True, "note": "Opened today."}
    assert [row["id"] for row in listed] == [filled.json()["id"]]


def test_what_is_missing_is_sent_back_or_refused(caller, place):
    body = {"kind": "start_readiness", "answers": [{"code": "scope", "ok": False}]}

    refused = caller.post(f"{place}/checklists", body)
    sent = caller.post(f"{place}/checklists", body | {"sent_back": "To sales: the signed scope."})

    assert refused.status_code == 400
    assert "say to whom it goes back" in refused.content.decode()
    assert sent.json()["sent_back"] == "To sales: the signed scope."


def test_settings_of_a_project_are_changed(caller, place):
    changed = caller.patch(place, {"currency": "CHF", "shares_figures": True, "feedback_route": "Carla."})

    served = changed.json()
    assert (served["currency"], served["shares_figures"], served["feedback_route"]) == ("CHF", True, "Carla.")


def test_a_project_is_archived_and_taken_up_again(caller, place):
    archived = caller.post(f"{place}/archive")
    again = caller.post(f"{place}/archive")
    taken_up = caller.post(f"{place}/unarchive")

    assert [archived.status_code, again.status_code, taken_up.status_code] == [200, 409, 200]
    assert archived.json()["archived_at"] is not None
    assert taken_up.json()["archived_at"] is None


def test_it_is_not_archived_while_the_client_is_asked(caller, studio, by, in_execution, place):
    with inside(studio):
        question = asked(in_execution, by)

    refused = caller.post(f"{place}/archive")

    assert refused.status_code == 409
    assert question.question in refused.content.decode()
