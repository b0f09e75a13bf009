"""The order of a project's phases by API."""


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
