"""The order of a project's phases by API."""

import pytest


def test_a_phase_is_moved_by_its_position(caller, kickoff):
    named = {"project_id": str(kickoff.project.pk)}
    made = [
        caller.post("phases", {**named, "name": name, "position": position}).json()
        for position, name in enumerate(("Set up", "Build", "Run"), start=1)
    ]

    moved = caller.patch(f"phases/{made[2]['id']}", {"position": 1})

    assert (moved.status_code, moved.json()["position"]) == (200, 1)
    listed = caller.get("phases", {**named, "ordering": "position"}).json()["results"]
    assert [(phase["name"], phase["position"]) for phase in listed] == [
        ("Run", 1),
        ("Set up", 2),
        ("Build", 3),
    ]


@pytest.mark.parametrize(("position", "status"), [(999, 201), (1000, 400), (32767, 400)])
def test_a_phase_stands_where_the_others_can_step_behind_it(caller, kickoff, position, status):
    named = {"project_id": str(kickoff.project.pk)}
    caller.post("phases", {**named, "name": "Set up", "position": 1})

    made = caller.post("phases", {**named, "name": "Build", "position": position})

    assert made.status_code == status
    if status == 201:
        moved = caller.patch(f"phases/{made.json()['id']}", {"position": 1})
        assert (moved.status_code, moved.json()["position"]) == (200, 1)
