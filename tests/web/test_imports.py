"""Importing on pages: a file is looked at, mapped, tried and taken in, and what is known is said."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from journal.actors import Recipient
from milestones.actions.imports import map_columns, open_import, take_in
from milestones.models import ImportRun, Milestone, Project
from tenancy.door import inside
from tests.factories import MONDAY
from tests.web.conftest import page
from workspaces.actions import address_of, make_link
from workspaces.models import Purpose

PLAN = (
    b"Name,Client,Project,Due\nData access,Northwind,Onboarding,2026-03-20\nPipeline,Northwind,Onboarding,\n"
)
PAST = b"Code,Name,Planned date,Completed at\n1,Data access,2025-01-17,2025-01-24\n"
FAULTY = b"Name,Client,Project,Due\nGood,Northwind,Onboarding,2026-03-20\nBad,Northwind,Onboarding,someday\n"


def _url(name, *args):
    return reverse(name, args=["studio", *args])


def _uploaded(founder, content=PLAN, name="plan.csv"):
    return founder.post(_url("imports"), {"file": SimpleUploadedFile(name, content)})


def _the_run(studio):
    with inside(studio):
        return ImportRun.objects.order_by("-created_at", "-id")[0]


def test_a_file_is_looked_at_before_anything_is_imported(founder, studio):
    response = _uploaded(founder)

    shown = page(founder.get(response["Location"]))
    assert "Nothing has been imported yet" in shown
    assert "As in “Data access”, “Pipeline”" in shown
    assert "2 new, 0 known, 0 left out, 0 faulty" in shown
    with inside(studio):
        assert not Milestone.objects.exists()


def test_the_tool_is_named_where_its_columns_are_known(founder, studio):
    header = b"Task ID,Task Name,List Name,Folder Name,Due Date\n1,Access,Onboarding,Northwind,2026-03-20\n"

    response = _uploaded(founder, header)

    assert "Recognised as an export of ClickUp" in page(founder.get(response["Location"]))


def test_new_rows_become_milestones_with_links_to_them(founder, studio):
    at = _uploaded(founder)["Location"]

    founder.post(_url("take_in", _the_run(studio).pk), {"version": 1})

    with inside(studio):
        first = Milestone.objects.order_by("code")[0]
    shown = page(founder.get(at))
    assert f'href="{_url("milestone", first.pk)}"' in shown
    assert "Imported 2 milestones." in shown
    assert "What happened" in shown


def test_the_same_file_again_says_that_all_is_known(founder, studio):
    _uploaded(founder)
    founder.post(_url("take_in", _the_run(studio).pk))

    again = page(founder.get(_uploaded(founder)["Location"]))

    assert "0 new, 2 known" in again
    assert "There is nothing new in this table." in again


def test_faults_stand_at_the_column_and_the_rest_can_go_in_without_them(founder, studio):
    at = _uploaded(founder, FAULTY)["Location"]
    run = _the_run(studio)

    shown = page(founder.get(at))
    refused = founder.post(_url("take_in", run.pk))
    founder.post(_url("take_in", run.pk), {"leave_out": "faulty"})

    assert "<strong>Due:</strong> “someday” is no day we can read" in shown
    assert (refused.status_code, "1 row needs another look" in page(refused)) == (409, True)
    with inside(studio):
        assert [milestone.name for milestone in Milestone.objects.all()] == ["Good"]


def test_another_column_and_a_client_for_all_rows_are_kept(founder, studio):
    at = _uploaded(founder, b"What,Until\nGood,2026-03-20\n")["Location"]
    run = _the_run(studio)
    words = {"column_name": "What", "column_planned_date": "Until", "account": "Northwind", "project": "P"}

    saved = founder.post(_url("map_import", run.pk), {**words, "version": run.version})

    assert saved.status_code == 302
    assert "1 new" in page(founder.get(at))
    assert _the_run(studio).mapping == {
        "fields": {"name": "What", "planned_date": "Until"},
        "account": "Northwind",
        "project": "P",
        "history": False,
    }


def test_completed_rows_come_as_history_where_the_box_is_ticked(founder, studio):
    _uploaded(founder, b"Name,Due,Completed at\nData access,2025-01-17,2025-01-24\n")
    run = _the_run(studio)
    words = {"column_name": "Name", "column_planned_date": "Due", "column_done": "Completed at"}
    words |= {"account": "Northwind", "project": "P", "version": run.version}

    founder.post(_url("map_import", run.pk), words)
    assert "1 left out" in page(founder.get(_url("import", run.pk)))
    founder.post(_url("map_import", run.pk), {**words, "version": run.version + 1, "history": "on"})
    founder.post(_url("take_in", run.pk), {"version": run.version + 2})

    with inside(studio):
        taken = Milestone.objects.get()
    assert (taken.stage, taken.accepted_at.date()) == ("closed", date(2025, 1, 24))
    shown = page(founder.get(reverse("milestone", args=["studio", taken.pk])))
    assert "Accepted before Cairn, taken over as history on 04 Mar 2026." in shown


def test_a_column_that_is_not_there_is_refused_in_place(founder, studio):
    _uploaded(founder)
    run = _the_run(studio)

    response = founder.post(_url("map_import", run.pk), {"column_name": "Nom", "version": run.version})

    assert response.status_code == 422
    assert "Nom is not one of the available choices" in page(response)


def test_a_mapping_that_somebody_else_saved_meanwhile_is_not_imported(founder, studio):
    _uploaded(founder)
    run = _the_run(studio)
    founder.post(_url("map_import", run.pk), {"column_name": "Name", "version": run.version})

    response = founder.post(_url("take_in", run.pk), {"version": run.version})

    assert (response.status_code, "changed by someone else" in page(response)) == (409, True)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"Name\n", "plan.csv", "There is no row below the headings."),
        (b"\xff\xfe\x00", "plan.csv", "not written in UTF-8"),
        (b"x" * 5_000_001, "plan.csv", "larger than 5 MB"),
        (b"{", "plan.json", "cannot be read as JSON"),
    ],
)
def test_a_file_that_cannot_be_taken_is_said_at_its_field(founder, studio, content, name, said):
    response = _uploaded(founder, content, name)

    assert (response.status_code, said in page(response)) == (422, True)
    with inside(studio):
        assert not ImportRun.objects.exists()


def test_the_example_can_be_imported_as_it_is(founder, studio):
    example = founder.get(_url("import_example"))

    _uploaded(founder, example.content, "milestones.csv")
    founder.post(_url("take_in", _the_run(studio).pk))

    assert example["Content-Disposition"] == 'attachment; filename="milestones.csv"'
    with inside(studio):
        assert Milestone.objects.count() == 2
        assert Project.objects.get().phases.count() == 2


def test_the_way_in_stands_where_a_plan_is_missing(founder, studio):
    for name in ("projects", "kickoff"):
        assert f'href="{_url("imports")}"' in page(founder.get(_url(name)))


TABS = ("", "_record", "_quality", "_dates", "_work", "_journal", "_way", "_review", "_scope", "_proof")


def test_history_is_shown_on_every_page_of_its_milestone_and_to_the_client(founder, studio, by, client):
    with inside(studio):
        run = open_import("past.csv", PAST, by=by, now=MONDAY)
        words = {"account": "Northwind", "project": "P", "history": True}
        map_columns(run.pk, run.mapping["fields"], **words, by=by, now=MONDAY)
        take_in(run.pk, by=by, now=MONDAY)
        taken = Milestone.objects.select_related("project").get()
        to = Recipient("contact", None, "Northwind", "")
        portal = address_of(make_link(Purpose.PORTAL, subject=taken.project, to=to, by=by, now=MONDAY))

    answers = [founder.get(_url(f"milestone{tab}", taken.pk)).status_code for tab in TABS]
    project = founder.get(_url("project", taken.project_id))
    seen = client.get(urlsplit(portal).path)

    assert answers == [200] * len(TABS)
    assert "Data access" in page(project)
    assert "took over 1 Data access as history, accepted on 24 January 2025" in page(
        founder.get(_url("milestone_journal", taken.pk))
    )
    assert (seen.status_code, "Data access" in page(seen)) == (200, True)
