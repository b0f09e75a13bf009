"""The doors for machines. Every address carries its guard."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, path

from api import documents, problems
from api.hooks import hook
from api.resources import (
    artifacts,
    blockers,
    calibration,
    checklists,
    checks,
    clients,
    dates,
    decisions,
    delivery,
    expansion,
    exports,
    handoffs,
    imports,
    journal,
    kickoffs,
    kpis,
    links,
    metrics,
    milestones,
    notices,
    plans,
    proofs,
    qa,
    reports,
    scope,
    telemetry,
    transitions,
    webhooks,
)
from api.views import WorkspaceView

LIST = {"get": "list", "post": "create"}
ONE = {"get": "retrieve", "patch": "partial_update"}
PREFIX = "api/v1/"


def door(address: str, view: type[WorkspaceView], actions: Mapping[str, str]) -> URLPattern:
    """One address, with the actions that the view has of those asked for."""
    present: Any = {method: action for method, action in actions.items() if hasattr(view, action)}
    callback = view.as_view(present)
    callback.guard = "token"  # type: ignore[attr-defined]
    return path(PREFIX + address, callback)


def resource(name: str, view: type[WorkspaceView]) -> Iterator[URLPattern]:
    """The list and the single rows of a resource."""
    yield door(name, view, LIST)
    yield door(f"{name}/<uuid:pk>", view, ONE)


def of_milestone(name: str, view: type[WorkspaceView], actions: Mapping[str, str] = LIST) -> URLPattern:
    return door(f"milestones/<uuid:milestone_id>/{name}", view, actions)


def step(name: str, view: type[WorkspaceView], action: str) -> URLPattern:
    """A POST that does something to one row."""
    return door(f"{name}/<uuid:pk>/{action}", view, {"post": action.replace("-", "_")})


def steps(name: str, view: type[WorkspaceView]) -> Iterator[URLPattern]:
    """Every step that a view is open for."""
    return (step(name, view, action.replace("_", "-")) for action in view.scopes)


urlpatterns = [
    path("hooks/<str:provider>/<uuid:connection_id>", hook, name="hook"),
    path(f"{PREFIX}openapi.json", documents.openapi, name="openapi"),
    path(f"{PREFIX}docs", documents.docs, name="api_docs"),
    path(f"{PREFIX}schemas/<str:name>.json", documents.schema, name="api_schema"),
    *resource("imports", imports.Imports),
    door("exports", exports.Exports, {"post": "create"}),
    door("kickoffs", kickoffs.Kickoffs, {"post": "create"}),
    *resource("accounts", clients.Accounts),
    *resource("contacts", clients.Contacts),
    step("contacts", clients.Contacts, "absence"),
    *resource("members", clients.Members),
    *resource("projects", clients.Projects),
    step("projects", dates.Rebaselines, "rebaseline"),
    *steps("projects", checklists.ProjectSteps),
    door("projects/<uuid:pk>/checklists", checklists.ChecklistsOfProject, LIST),
    door("projects/<uuid:pk>/plan", plans.Plans, {"post": "create"}),
    door("projects/<uuid:pk>/portfolio", plans.Portfolios, {"get": "retrieve"}),
    door("projects/<uuid:pk>/weekly-reviews", plans.WeeklyReviews, LIST),
    door("projects/<uuid:pk>/status-updates", notices.StatusUpdates, {"post": "create"}),
    door("projects/<uuid:pk>/links", links.LinksOfProject, {"post": "create"}),
    *resource("links", links.Links),
    *steps("links", links.LinkSteps),
    *resource("packet-links", links.PacketLinks),
    *steps("packet-links", links.PacketLinkSteps),
    door("delivery-template", delivery.DeliveryTemplates, ONE),
    door("delivery-template/reset", delivery.DeliveryTemplates, {"post": "reset"}),
    door("reports/planned-vs-actual", plans.PlannedActual, {"get": "retrieve"}),
    door("plan-templates/shipped", plans.ShippedTemplates, {"get": "retrieve"}),
    *resource("plan-templates", plans.Templates),
    step("plan-templates", plans.DropTemplate, "drop"),
    *resource("phases", clients.Phases),
    *resource("milestones", milestones.Milestones),
    of_milestone("record", milestones.Record, {"get": "retrieve"}),
    of_milestone("clarity", transitions.Clarity, {"get": "retrieve"}),
    of_milestone("transitions", transitions.Transitions, {"post": "create"}),
    of_milestone("reset", transitions.Resets, {"post": "create"}),
    of_milestone("split", transitions.Splits, {"post": "create"}),
    of_milestone("close", transitions.Closings, {"post": "create"}),
    of_milestone("recourses", transitions.RecoursesOfMilestone),
    of_milestone("forecast", dates.Forecast, {"post": "create"}),
    of_milestone("confirm-forecast", dates.ConfirmedForecast, {"post": "create"}),
    of_milestone("date-moves", dates.DateMoves, {"get": "list"}),
    of_milestone("progress-updates", reports.ProgressUpdates),
    of_milestone("qa-runs", qa.QaRuns),
    of_milestone("qa-runs/checklist", qa.ChecklistRuns, {"post": "create"}),
    of_milestone("artifacts", artifacts.ArtifactsOfMilestone),
    door("artifacts/<uuid:pk>", artifacts.Artifacts, {"get": "retrieve"}),
    step("artifacts", artifacts.Artifacts, "remove"),
    *steps("artifacts", checks.ArtifactLooks),
    of_milestone("artifact-checks", checks.ArtifactChecks, {"get": "list"}),
    door("artifacts/<uuid:artifact_id>/versions", artifacts.Versions, LIST),
    door("artifacts/<uuid:pk>/versions/<int:number>/content", artifacts.Contents, {"get": "content"}),
    of_milestone("handoff-packets", handoffs.HandoffsOfMilestone),
    of_milestone("blockers", blockers.BlockersOfMilestone),
    of_milestone("change-requests", scope.ChangeRequestsOfMilestone),
    of_milestone("work-items", reports.WorkItemsOfMilestone),
    of_milestone("reviews", decisions.ReviewsOfMilestone),
    of_milestone("comments", decisions.CommentsOfMilestone),
    of_milestone("scores", telemetry.Scores),
    of_milestone("probabilities", calibration.Probabilities, {"get": "list"}),
    of_milestone("scores/what-if", telemetry.WhatIf, {"post": "create"}),
    of_milestone("proof-packets", proofs.ProofPacketsOfMilestone),
    of_milestone("metrics", metrics.MetricsOfMilestone),
    door("metrics/<uuid:pk>", metrics.Metrics, ONE),
    step("metrics", metrics.Metrics, "remove"),
    door("metrics/<uuid:metric_id>/snapshots", metrics.SnapshotsOfMetric, LIST),
    step("snapshots", metrics.SnapshotSteps, "retract"),
    door("calibration", calibration.Calibration, {"get": "retrieve"}),
    door("kpis", kpis.Kpis, {"get": "retrieve"}),
    door("rollout", kpis.Rollouts, ONE),
    door("records", milestones.Records, {"get": "list"}),
    door("clarity", transitions.ClarityOfDraft, {"post": "create"}),
    *resource("recourses", transitions.Recourses),
    step("recourses", transitions.RecourseSteps, "end"),
    *resource("criteria", milestones.Criteria),
    *steps("criteria", milestones.CriterionSteps),
    *resource("dependencies", milestones.Dependencies),
    *steps("dependencies", milestones.DependencySteps),
    *resource("blockers", blockers.Blockers),
    *steps("blockers", blockers.BlockerSteps),
    *resource("change-requests", scope.ChangeRequests),
    *steps("change-requests", scope.ChangeRequestSteps),
    *resource("work-items", reports.WorkItems),
    *resource("misses", dates.Misses),
    step("misses", dates.MissSteps, "acknowledge"),
    step("misses", dates.MissSteps, "revise-plan"),
    *resource("reviews", decisions.Reviews),
    *steps("reviews", decisions.ReviewSteps),
    *resource("decision-requests", decisions.DecisionRequests),
    *steps("decision-requests", decisions.DecisionRequestSteps),
    *resource("decisions", decisions.Decisions),
    *steps("decisions", decisions.DecisionSteps),
    *steps("comments", scope.CommentSteps),
    *resource("handoff-packets", handoffs.HandoffPackets),
    *steps("handoff-packets", handoffs.HandoffSteps),
    *resource("signals", telemetry.Signals),
    *resource("connections", telemetry.Connections),
    step("connections", telemetry.Connections, "rotate-secret"),
    step("connections", telemetry.Connections, "disconnect"),
    *resource("inbound-deliveries", telemetry.InboundDeliveries),
    step("inbound-deliveries", telemetry.InboundDeliveries, "replay"),
    *resource("notices", notices.Notices),
    step("notices", notices.NoticeSteps, "send"),
    step("notices", notices.NoticeSteps, "told-otherwise"),
    *resource("proof-packets", proofs.ProofPackets),
    *steps("proof-packets", proofs.ProofPacketSteps),
    *resource("confidences", expansion.Confidences),
    *resource("opportunities", expansion.Opportunities),
    *steps("opportunities", expansion.OpportunitySteps),
    *resource("events", journal.Events),
    *resource("deliveries", journal.Deliveries),
    step("deliveries", journal.Deliveries, "replay"),
    *resource("webhook-endpoints", webhooks.WebhookEndpoints),
    *steps("webhook-endpoints", webhooks.WebhookEndpointSteps),
    path("api/<path:rest>", problems.unknown, name="api_unknown"),
]
