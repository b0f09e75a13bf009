"""What is archived refuses every change by API, too, and says how to go on."""

import pytest


@pytest.fixture
def archived(caller, kickoff):
    assert caller.post(f"projects/{kickoff.project.pk}/archive", {}).status_code == 200
    return kickoff


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("patch", "milestones/{milestone}", {"notes": "More."}),
        ("post", "milestones/{milestone}/blockers", {"type": "input", "title": "No logo"}),
        ("post", "milestones/{milestone}/change-requests", {"title": "Dark mode"}),
        ("post", "milestones/{milestone}/transitions", {"to": "execution"}),
        ("patch", "projects/{project}", {"name": "Other"}),
        ("post", "phases", {"project_id": "{project}", "name": "Build", "position": 1}),
    ],
)
def test_a_change_is_refused_with_the_way_on(caller, archived, verb, path, body):
    ids = {"milestone": archived.milestone.pk, "project": archived.project.pk}
    filled = {name: value.format(**ids) if name == "project_id" else value for name, value in body.items()}

    response = getattr(caller, verb)(path.format(**ids), filled)

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert response.json()["detail"] == "This project is archived. Take it up again first."
