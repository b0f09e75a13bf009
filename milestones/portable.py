"""What leaves of clients, plans and milestones."""

from collections.abc import Iterator

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, Value

from milestones import models
from milestones.files import clean_name, place_of
from milestones.queries.packets import served
from tenancy.portable import Kept, Table, register

COUNTED = "counted from the other tables"
# Headings that an import knows (milestones/importing/recognising.py), so that a copy can be read again.
AS_IMPORTED = {
    "account": F("project__account__name"),
    "project": F("project__name"),
    "phase": F("phase__name"),
    "owner_primary": F("owner_primary__user__email"),
    "criteria": StringAgg("criteria__statement", Value("\n"), order_by="criteria__position"),
}
TABLES = [
    Table("accounts", models.Account),
    Table("contacts", models.Contact),
    Table("projects", models.Project),
    Table("phases", models.Phase),
    Table(
        "milestones",
        models.Milestone,
        renamed={"external_ref": "reference"},
        beside=AS_IMPORTED,
        told=("proof_packet_url", "handoff_packet_link"),
        tell=served,
    ),
    Table("criteria", models.Criterion),
    Table("dependencies", models.Dependency),
    Table("date_moves", models.DateMove),
    Table("misses", models.Miss),
    Table("label_changes", models.LabelChange),
    Table("artifacts", models.Artifact),
    Table("artifact_versions", models.ArtifactVersion),
    Table("qa_runs", models.QaRun),
    Table("decision_requests", models.DecisionRequest),
    Table("decisions", models.Decision),
    Table("reviews", models.Review),
    Table("reviewers", models.Reviewer),
    Table("comments", models.Comment),
    Table("change_requests", models.ChangeRequest),
    Table("recourses", models.Recourse),
    Table("work_items", models.WorkItem),
    Table("progress_updates", models.ProgressUpdate),
    Table("notices", models.Notice),
    Table("checklists", models.Checklist),
    Table("weekly_reviews", models.WeeklyReview),
    Table("plan_templates", models.PlanTemplate),
    Table("imports", models.ImportRun),
]


def uploaded() -> Iterator[Kept]:
    """Every uploaded file of the workspace that was entered."""
    versions = models.ArtifactVersion.objects.exclude(file_name="").order_by("pk")
    for sha256, name in versions.values_list("sha256", "file_name"):
        yield Kept(sha256, clean_name(name), place_of(sha256))


def register_own() -> None:
    staying = dict.fromkeys([models.Pulse, models.DayTally], COUNTED)
    register(TABLES, staying=staying, files=uploaded)
