"""Importing tables: recognised, mapped, tried without a trace, taken in once however often it is run."""

from collections import Counter
from datetime import UTC, date
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from journal.models import Delivery, Event
from milestones.actions.imports import map_columns, open_import, take_in, try_import
from milestones.importing.reading import read
from milestones.importing.understanding import Unclear, day
from milestones.models import Milestone, Notice, Project
from milestones.queries.learning import learned
from milestones.queries.portfolio import portfolio
from milestones.queries.trust import clock_of, with_progress
from milestones.words import ImportState, Outcome, Stage
from tenancy.refusal import Refused
from tests.factories import MONDAY

TABLES = Path(__file__).parent / "tables"


def opened(name, by, *, account="Northwind"):
    run = open_import(name, (TABLES / name).read_bytes(), by=by, now=MONDAY)
    return map_columns(run.pk, run.mapping["fields"], account=account, by=by, now=MONDAY)


def typed(text, by, *, account="Northwind", project="Onboarding"):
    run = open_import("plan.csv", text.encode(), by=by, now=MONDAY)
    return map_columns(run.pk, run.mapping["fields"], account=account, project=project, by=by, now=MONDAY)


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("linear.csv", date(2026, 3, 20)),
        ("clickup.csv", date(2026, 3, 27)),
        ("asana.csv", date(2026, 3, 20)),
        ("notion.csv", date(2026, 3, 20)),
    ],
)
def test_each_tools_export_is_recognised_and_taken_in(studio, by, name, due):
    run = opened(name, by)

    take_in(run.pk, by=by, now=MONDAY)

    first = Milestone.objects.select_related("project__account", "owner_primary__user").order_by("code")[0]
    assert run.source == name.removesuffix(".csv")
    assert (first.project.name, first.project.account.name) == ("Onboarding", "Northwind")
    assert (first.planned_date, first.owner_primary.user.email) == (due, "ada@studio.example")


def test_completed_rows_are_left_out_and_strangers_own_nothing(studio, by):
    run = take_in(opened("linear.csv", by).pk, by=by, now=MONDAY)

    rows = run.report["rows"]
    assert run.report["counts"] == {"new": 2, "known": 0, "left_out": 1, "faulty": 0}
    assert rows[1]["remarks"] == ["No member has the address bob@elsewhere.example; the owner stays open."]
    assert [phase.name for phase in Project.objects.get().phases.order_by("position")] == [
        "Discovery",
        "Preparation",
    ]


HISTORY = """\
reference,name,kind,planned_start,planned_date,started,done,accepted,criteria,proof_packet_url
H-1,Data access,data,2025-01-06,2025-01-17,2025-01-07,2025-01-24,2025-01-27,All sources answer; Read-only,
H-2,Dashboard,data,2025-01-20,2025-01-31,,2025-01-30,,,https://old.example/proof
P-1,Alerts,data,2026-03-09,2026-03-20,,,,,
"""


def of_history(text, by, *, project="Onboarding"):
    run = open_import("plan.csv", text.encode(), by=by, now=MONDAY)
    fields = run.mapping["fields"]
    return map_columns(run.pk, fields, account="Northwind", project=project, history=True, by=by, now=MONDAY)


def test_completed_rows_come_as_history_where_that_is_chosen(studio, by):
    run = take_in(of_history(HISTORY, by).pk, by=by, now=MONDAY)

    first, second, planned = Milestone.objects.order_by("planned_date")
    assert run.report["counts"] == {"new": 3, "known": 0, "left_out": 0, "faulty": 0}
    assert run.report["rows"][0]["remarks"] == ["History: closed as accepted; nobody is told."]
    assert (first.stage, first.outcome, first.imported_at) == (Stage.CLOSED, Outcome.APPROVED, MONDAY)
    days = (first.execution_started_at, first.completed_at, first.accepted_at, first.closed_at)
    assert [at.date().isoformat() for at in days] == ["2025-01-07", "2025-01-24", "2025-01-27", "2025-01-27"]
    assert list(first.criteria.order_by("position").values_list("statement", "is_met")) == [
        ("All sources answer", True),
        ("Read-only", True),
    ]
    assert (second.accepted_at, second.proof_packet_url) == (second.completed_at, "https://old.example/proof")
    assert (planned.stage, planned.imported_at) == (Stage.SETUP, None)


def test_history_is_told_to_nobody_and_stands_in_the_journal(studio, by):
    take_in(of_history(HISTORY, by).pk, by=by, now=MONDAY)

    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert (kinds["milestone.taken_over"], kinds["milestone.created"], kinds["milestone.closed"]) == (2, 1, 0)
    assert not Delivery.objects.exists()
    assert not Notice.objects.exists()


def test_history_counts_in_earned_value_and_in_what_the_past_teaches(studio, by):
    take_in(of_history(HISTORY, by).pk, by=by, now=MONDAY)

    project = Project.objects.get()
    figures = portfolio(project, now=MONDAY).value
    (lesson,) = learned(studio)
    assert project.kickoff_completed_at.date() == date(2025, 1, 6)
    assert [figures.planned, figures.earned, figures.spi] == pytest.approx([2 / 3, 2 / 3, 1.0])
    assert (lesson.kind, lesson.n) == ("data", 2)
    assert clock_of(with_progress(Project.objects.all()).get(), zone=UTC, now=MONDAY).accepted_on is None


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("A,2025-01-17,,yes,", {"done": "Say on which day it was completed or accepted."}),
        (
            "A,,,2025-01-24,",
            {"planned_date": "History needs the date that was planned."},
        ),
        ("A,2025-01-17,,2025-01-24,2025-01-23", {"accepted": "It was completed later, on 24 Jan 2025."}),
        ("A,2025-01-17,,2026-03-03,", {"accepted": "This day has not come yet."}),
        ("A,2025-01-17,2025-02-01,2025-01-24,", {"started": "It was completed earlier, on 24 Jan 2025."}),
    ],
)
def test_what_cannot_have_been_is_no_history(studio, by, cells, fault):
    run = of_history(f"name,planned_date,actual start,done,accepted\n{cells}\n", by)

    (verdict,) = try_import(run, by=by, now=MONDAY)

    assert (verdict.verdict, verdict.faults) == ("faulty", fault)


def test_a_second_run_of_history_adds_nothing(studio, by):
    for _ in range(2):
        run = take_in(of_history(HISTORY, by).pk, by=by, now=MONDAY)

    assert run.report["counts"]["known"] == Milestone.objects.count() == 3


def test_nothing_becomes_history_and_history_stays_it(studio, by):
    take_in(of_history(HISTORY, by).pk, by=by, now=MONDAY)
    planned = Milestone.objects.filter(imported_at=None)
    past = Milestone.objects.exclude(imported_at=None)

    for rows, changes in ((planned, {"imported_at": MONDAY}), (past, {"imported_at": None})):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**changes)


def test_a_second_run_of_the_same_file_adds_nothing(studio, by):
    take_in(opened("linear.csv", by).pk, by=by, now=MONDAY)

    again = take_in(opened("linear.csv", by).pk, by=by, now=MONDAY)

    assert again.report["counts"] == {"new": 0, "known": 2, "left_out": 1, "faulty": 0}
    assert Milestone.objects.count() == 2


def test_a_trial_says_what_the_import_will_and_keeps_nothing(studio, by):
    run = opened("linear.csv", by)
    events = Event.objects.count()

    tried = try_import(run, by=by, now=MONDAY)

    assert [verdict.verdict for verdict in tried] == ["new", "new", "left_out"]
    assert (Milestone.objects.count(), Project.objects.count(), Event.objects.count()) == (0, 0, events)


def test_each_fault_is_said_at_its_cell_and_nothing_is_imported(studio, by):
    run = typed("Name,Due,Weight\nGood,2026-03-20,1\n,someday,-2\n", by)

    faults = try_import(run, by=by, now=MONDAY)[1].faults
    with pytest.raises(Refused, match="1 row needs another look"):
        take_in(run.pk, by=by, now=MONDAY)

    assert faults == {
        "planned_date": "“someday” is no day we can read. Write it as 2026-03-31.",
        "weight": "Give a weight above zero.",
        "name": "A milestone needs a name.",
    }
    assert not Milestone.objects.exists()


def test_faulty_rows_can_be_left_out(studio, by):
    run = typed("Name,Due\nGood,2026-03-20\nBad,someday\n", by)

    done = take_in(run.pk, leave_out_faulty=True, by=by, now=MONDAY)

    assert (done.state, done.report["counts"]["faulty"]) == (ImportState.DONE, 1)
    assert [milestone.name for milestone in Milestone.objects.all()] == ["Good"]


def test_the_rules_of_the_product_are_said_at_the_row_too(studio, by):
    run = typed("Name,Start,Due\nBackwards,2026-03-20,2026-03-10\n", by)

    (verdict,) = try_import(run, by=by, now=MONDAY)

    assert verdict.faults == {"planned_date": "This lies before the planned start, 20 Mar 2026."}


def test_a_table_is_taken_in_once(studio, by):
    run = typed("Name\nGood\n", by)
    take_in(run.pk, by=by, now=MONDAY)

    with pytest.raises(Refused, match="has been imported"):
        take_in(run.pk, by=by, now=MONDAY)


def test_a_row_without_client_or_project_is_asked_for_them(studio, by):
    run = typed("Name\nGood\n", by, account="", project="")

    (verdict,) = try_import(run, by=by, now=MONDAY)

    assert set(verdict.faults) == {"account", "project"}


def test_json_with_criteria_is_read(studio, by):
    text = '{"milestones": [{"name": "Good", "due": "2026-03-20", "criteria": ["One", "Two"]}]}'
    run = open_import("plan.json", text.encode(), by=by, now=MONDAY)
    map_columns(run.pk, run.mapping["fields"], account="N", project="P", by=by, now=MONDAY)

    take_in(run.pk, by=by, now=MONDAY)

    assert [each.statement for each in Milestone.objects.get().criteria.order_by("position")] == [
        "One",
        "Two",
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"\xff\xfe\x00bad", "UTF-8"),
        ("a.csv", b"Name\n", "no row"),
        ("a.json", b"{", "JSON"),
        ("a.json", b"[1, 2]", "list of objects"),
        ("a.json", b"[" * 100_000, "JSON"),
        ("a.csv", b"Name\n" + b"x\n" * 501, "more than 500 rows"),
        ("a.csv", b"x" * 5_000_001, "larger than 5 MB"),
        ("a.csv", b"Name\n" + b"y" * 20_001, "A cell holds"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_words(name, content, said):
    with pytest.raises(Refused, match=said):
        read(name, content)


def test_a_mapping_to_a_column_that_is_not_there_is_refused(studio, by):
    run = typed("Name\nGood\n", by)

    with pytest.raises(Refused) as refusal:
        map_columns(run.pk, {"name": "Nom"}, by=by, now=MONDAY)

    assert set(refusal.value.fields) == {"name"}


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_unclear(text):
    try:
        found = day(text)
    except Unclear as unclear:
        assert str(unclear)  # noqa: PT017 - either is an answer
    else:
        assert 2000 <= found.year < 2200
