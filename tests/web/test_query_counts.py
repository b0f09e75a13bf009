"""What a page costs does not grow with what it shows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.actions import open_blocker, resolve
from escalation.models import BlockerType
from journal.actors import Recipient
from milestones.actions.comments import add as add_comment
from milestones.actions.quality import record_qa_run
from milestones.actions.reports import record_progress
from milestones.actions.reviews import prepare
from milestones.actions.scope import queue_request
from milestones.actions.stages import move
from milestones.models import Milestone, Pulse
from milestones.words import Ask, Stage
from telemetry.actions.connections import connect
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import FRIDAY, asked, pending
from tests.telemetry.inbound.senders import Generic
from workspaces.actions import address_of, make_link
from workspaces.models import Link, Purpose

TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT set_config")


def statements(client, address) -> int:
    """How many statements one page takes, beside transaction control."""
    with CaptureQueriesContext(
        connection,
    ) as caught:
        response = client.get(address)
    assert response.status_code == 200
    return sum(not query["sql"].startswith(TRANSACTION) for query in caught.captured_queries)


def busy_milestone(by, number):
    """A milestone in execution with one of everything, at a client of its own."""
    milestone = factories.milestone_in_execution(
        by, account_name=f"Client {number}", project_name=f"Project {number}"
    )
    for _ in range(number):
        _fill(milestone, by)
    return milestone


def _fill(milestone, by):
    record_progress(milestone.pk, done="Schema agreed", percent=20, by=by, now=MONDAY)
    record_qa_run(milestone.pk, check_name="Reconciliation", score=70, by=by, now=MONDAY)
    queue_request(milestone.pk, title="Export to PDF", by=by, now=MONDAY)
    open_blocker(milestone.pk, type=BlockerType.INPUT, title="List of offices", by=by, now=MONDAY)
    ended = open_blocker(milestone.pk, type=BlockerType.APPROVAL, title="Template?", by=by, now=MONDAY)
    resolve(ended.pk, resolution="Chosen", by=by, now=MONDAY)
    add_comment(milestone.pk, text="Looks great!", by=by, now=MONDAY)
    asked(milestone, by)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("today", 6),
        ("projects", 6),
        ("blockers", 6),
        ("changes", 6),
        ("decisions", 6),
        ("settings_inbound", 6),
    ],
)
def test_a_list_takes_as_many_statements_for_three_rows_as_for_one(founder, studio, by, name, most):
    address = reverse(name, args=["studio"])
    with inside(studio):
        busy_milestone(by, 1)
    one = statements(founder, address)
    with inside(studio):
        busy_milestone(by, 2)
        busy_milestone(by, 3)

    three = statements(founder, address)

    assert three == one <= most


def test_the_milestone_page_takes_twelve_statements_at_most(founder, studio, by):
    with inside(studio):
        quiet, busy = busy_milestone(by, 1), busy_milestone(by, 3)

    one = statements(founder, reverse("milestone", args=["studio", quiet.pk]))
    three = statements(founder, reverse("milestone", args=["studio", busy.pk]))

    assert three == one <= 12


@pytest.mark.parametrize(
    "name",
    ["milestone_record", "milestone_review", "milestone_scope", "milestone_work", "milestone_journal"],
)
def test_each_part_of_a_milestone_takes_twelve_statements_at_most(founder, studio, by, name):
    with inside(studio):
        quiet, busy = busy_milestone(by, 1), busy_milestone(by, 3)

    one = statements(founder, reverse(name, args=["studio", quiet.pk]))
    three = statements(founder, reverse(name, args=["studio", busy.pk]))

    assert three == one <= 12


def test_the_portal_takes_six_statements_at_most(client, studio, by, wednesday):
    addresses = []
    with inside(studio):
        for number in (1, 3):
            project = busy_milestone(by, number).project
            to = Recipient("contact", None, "Northwind", "")
            link = make_link(Purpose.PORTAL, subject=project, to=to, by=by, now=MONDAY)
            addresses.append(address_of(link).removeprefix("http://localhost:8000"))

    one, three = (statements(client, address) for address in addresses)

    assert three == one <= 6


def test_a_question_takes_as_many_statements_for_three_artifacts_as_for_one(client, studio, by, wednesday):
    one, three = (statements(client, question_with(studio, by, number)) for number in (1, 3))

    assert three == one <= 14


def question_with(studio, by, number):
    """The address of a review with so many artifacts and comments."""
    with inside(studio):
        name = f"Client {number}"
        milestone = factories.milestone_in_execution(by, account_name=name, project_name=name)
        for _ in range(number):
            factories.artifact(milestone)
            add_comment(milestone.pk, text="Nice", contact=milestone.approver, by=by, now=MONDAY)
        milestone.criteria.update(is_met=True, evidence="https://evidence.example/")
        move(milestone.pk, Stage.QA, by=by, now=MONDAY)
        factories.checklist_run(milestone)
        content = {"ask": Ask.ACCEPTANCE, "question": "Do you accept it?", "caveats": "none"}
        prepare(milestone.pk, **content, decide_by=FRIDAY, by=by, now=MONDAY)
        move(milestone.pk, Stage.REVIEW, by=by, now=MONDAY)
        link = Link.objects.get(subject_id=pending(milestone).pk)
        return address_of(link).removeprefix("http://localhost:8000")


def test_a_project_takes_twelve_statements_for_two_hundred_milestones_as_for_one(founder, studio, by):
    with inside(studio):
        project = busy_milestone(by, 1).project
    address = reverse("project", args=["studio", project.pk])
    one = statements(founder, address)
    with inside(studio):
        days = {"planned_date": MONDAY.date(), "forecast_date": MONDAY.date(), "created_at": MONDAY}
        rows = [Milestone(project=project, code=f"1.{n}", name="Next", **days) for n in range(2, 201)]
        Milestone.objects.bulk_create(rows)
        Pulse.objects.bulk_create([Pulse(milestone=row, changed_at=MONDAY) for row in rows])

    all_of_them = statements(founder, address)

    assert all_of_them == one <= 12


def test_a_hook_takes_one_statement_on_the_wire(client, studio, by, wednesday, tmp_path):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        sender, secret = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)
    sends(client, sender, Generic(secret).says(wednesday))
    wire = connection.connection.pgconn

    with (tmp_path / "wire").open("wb") as told:
        wire.trace(told.fileno())
        sends(client, sender, Generic(secret).says(wednesday, title="Second"))
        wire.untrace()

    spoken = (tmp_path / "wire").read_text().splitlines()
    assert sum("\tExecute\t" in line or "\tQuery\t" in line for line in spoken) == 1


def sends(client, sender, posted) -> None:
    address = f"/hooks/generic/{sender.pk}"
    headers = {**posted.headers, "content-type": "application/json"}
    response = client.generic("POST", address, posted.body, "application/json", headers=headers)
    assert response.status_code == 200
