import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.manager
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.models
import tenancy.text
from tenancy.operations import Protect

# Whoever says that something changed asks both sweeps for a look; nobody has to think of it.
LOOK = """
CREATE FUNCTION ask_for_a_look() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.needs_score := true;
    NEW.needs_check := true;
    RETURN NEW;
END $$;
CREATE TRIGGER a_change_asks_for_a_look BEFORE UPDATE OF changed_at ON milestones_pulse
FOR EACH ROW EXECUTE FUNCTION ask_for_a_look();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_workspaces_and_their_door"),
        ("workspaces", "0001_people_and_doors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", tenancy.text.Line(max_length=120)),
                ("external_ref", tenancy.text.Line(blank=True, max_length=120)),
                ("created_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [models.Index(fields=["workspace", "name", "id"], name="account_name")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("external_ref", ""), _negated=True),
                        fields=("workspace", "external_ref"),
                        name="account_reference_is_its_own",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="Account",
            app="SELECT, INSERT, UPDATE",
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", tenancy.text.Line(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                (
                    "authorities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("decision_maker", "Decision maker"),
                                ("credential_owner", "Credential owner"),
                                ("input_provider", "Input provider"),
                                ("stakeholder", "Stakeholder"),
                                ("billing", "Billing"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="milestones.account",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [models.Index(fields=["workspace", "name", "id"], name="contact_name")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "account", "email"),
                        name="a_contact_has_one_address_at_an_account",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="Contact",
            app="SELECT, INSERT, UPDATE",
            jobs="SELECT",
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", tenancy.text.Line(max_length=120)),
                ("external_ref", tenancy.text.Line(blank=True, max_length=120)),
                ("kickoff_completed_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("archived_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="milestones.account",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(
                        models.F("workspace"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="project_newest",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("external_ref", ""), _negated=True),
                        fields=("workspace", "external_ref"),
                        name="project_reference_is_its_own",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="Project",
            app="SELECT, INSERT, UPDATE",
            jobs="SELECT",
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", tenancy.text.Line(max_length=80)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "project",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phases",
                        to="milestones.project",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "project", "position"), name="phases_are_in_order"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="Phase",
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", tenancy.text.Line(max_length=12)),
                ("is_first", models.BooleanField(default=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("general", "General"),
                            ("data", "Data"),
                            ("model", "Model"),
                            ("integration", "Integration"),
                            ("approval", "Approval"),
                            ("documentation", "Documentation"),
                        ],
                        default="general",
                        max_length=20,
                    ),
                ),
                ("name", tenancy.text.Line(max_length=80)),
                ("output", tenancy.text.Line(blank=True, max_length=200)),
                ("description", tenancy.text.Text(blank=True, max_length=2000)),
                ("notes", tenancy.text.Text(blank=True, max_length=5000)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("setup", "Setup"),
                            ("execution", "Execution"),
                            ("qa", "QA"),
                            ("review", "Review"),
                            ("closeout", "Closeout"),
                            ("closed", "Closed"),
                        ],
                        db_default="setup",
                        default="setup",
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("approved", "Approved"),
                            ("needs_revisions", "Needs revisions"),
                            ("blocked_by_dependency", "Blocked by a dependency"),
                            ("changed_via_scope", "Changed via scope"),
                        ],
                        default="",
                        max_length=24,
                    ),
                ),
                ("planned_start", models.DateField(blank=True, null=True)),
                ("planned_date", models.DateField(blank=True, null=True)),
                ("forecast_date", models.DateField(blank=True, null=True)),
                ("execution_started_at", models.DateTimeField(editable=False, null=True)),
                ("completed_at", models.DateTimeField(editable=False, null=True)),
                ("accepted_at", models.DateTimeField(editable=False, null=True)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                ("paused_at", models.DateTimeField(editable=False, null=True)),
                ("weight", models.DecimalField(decimal_places=2, default=1, max_digits=7)),
                (
                    "quality_threshold",
                    models.PositiveSmallIntegerField(
                        default=80,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "approval_channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("link", "Decision link"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("document", "Signed document"),
                        ],
                        max_length=10,
                    ),
                ),
                ("dependency_risks", tenancy.text.Text(blank=True, max_length=1000)),
                ("invoice_trigger", tenancy.text.Line(blank=True, max_length=200)),
                ("next_stage_trigger", tenancy.text.Line(blank=True, max_length=200)),
                ("is_aggressive", models.BooleanField(default=False)),
                ("blocked_since", models.DateTimeField(editable=False, null=True)),
                ("critical_at", models.DateTimeField(editable=False, null=True)),
                ("stopped_since", models.DateTimeField(editable=False, null=True)),
                (
                    "blocker_status",
                    models.CharField(
                        choices=[("none", "None"), ("open", "Open"), ("critical", "Critical")],
                        db_default="none",
                        default="none",
                        max_length=10,
                    ),
                ),
                ("blocker_age_hours", models.FloatField(editable=False, null=True)),
                ("execution_velocity_score", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("dependency_health_score", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("quality_confidence_score", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("scope_stability_score", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("delivery_risk_score", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("on_time_probability", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("clarity_score", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("proof_packet_url", models.URLField(blank=True, default="", editable=False)),
                ("handoff_packet_link", models.URLField(blank=True, default="", editable=False)),
                ("last_progress_at", models.DateTimeField(editable=False, null=True)),
                ("reported_percent", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("decide_by", models.DateTimeField(editable=False, null=True)),
                ("resets", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("is_frozen", models.BooleanField(default=False, editable=False)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "approver",
                    tenancy.models.TenantKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.contact",
                    ),
                ),
                (
                    "owner_client",
                    tenancy.models.TenantKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.contact",
                    ),
                ),
                (
                    "owner_primary",
                    tenancy.models.TenantKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workspaces.membership",
                    ),
                ),
                (
                    "review_owner",
                    tenancy.models.TenantKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workspaces.membership",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "phase",
                    tenancy.models.TenantKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="milestones.phase",
                    ),
                ),
                (
                    "project",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="milestones.project",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(fields=["workspace", "forecast_date", "id"], name="milestone_forecast"),
                    models.Index(
                        condition=models.Q(("blocked_since__isnull", False)),
                        fields=["blocked_since"],
                        name="milestone_blocked",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("critical_at__isnull", False),
                            models.Q(("blocker_status", "critical"), _negated=True),
                        ),
                        fields=["critical_at"],
                        name="milestone_turns_critical",
                    ),
                    models.Index(
                        condition=models.Q(("stage", "closed")),
                        fields=["workspace", "kind"],
                        name="milestone_closed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "project", "code"), name="milestone_codes_differ"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_first", True)),
                        fields=("workspace", "project"),
                        name="a_project_has_one_first_milestone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weight__gt", 0)), name="milestone_weight_is_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quality_threshold__gte", 0), ("quality_threshold__lte", 100)),
                        name="milestone_quality_threshold_is_a_percentage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("planned_start", None),
                            ("planned_date", None),
                            ("planned_date__gte", models.F("planned_start")),
                            _connector="OR",
                        ),
                        name="milestone_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stage", "setup"),
                            models.Q(
                                models.Q(("output", ""), _negated=True),
                                models.Q(("approval_channel", ""), _negated=True),
                                ("approver__isnull", False),
                                ("execution_started_at__isnull", False),
                                ("forecast_date__isnull", False),
                                ("owner_client__isnull", False),
                                ("owner_primary__isnull", False),
                                ("planned_date__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="milestone_leaves_setup_defined",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                ("closed_at__isnull", False),
                                ("stage", "closed"),
                            ),
                            models.Q(
                                models.Q(("stage", "closed"), _negated=True),
                                ("closed_at", None),
                                ("outcome", ""),
                            ),
                            _connector="OR",
                        ),
                        name="milestone_closed_means_dated_with_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at", None), ("completed_at__isnull", False), _connector="OR"
                        ),
                        name="milestone_accepted_means_completed",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="Milestone",
            app="SELECT, INSERT, UPDATE",
            jobs="SELECT, UPDATE",
        ),
        migrations.CreateModel(
            name="Criterion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("statement", tenancy.text.Line(max_length=300)),
                ("verification", tenancy.text.Line(blank=True, max_length=300)),
                ("measure", tenancy.text.Line(blank=True, max_length=80)),
                ("target", tenancy.text.Line(blank=True, max_length=80)),
                ("is_met", models.BooleanField(null=True)),
                ("evidence", tenancy.text.Text(blank=True, max_length=2000)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="criteria",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "milestone", "position"), name="criteria_are_in_order"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="Criterion",
        ),
        migrations.CreateModel(
            name="Dependency",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("lag_days", models.PositiveSmallIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="predecessors",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "needs",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dependents",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "milestone", "needs"), name="a_dependency_is_stated_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("milestone", models.F("needs")), _negated=True),
                        name="a_milestone_does_not_need_itself",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="Dependency",
            jobs="SELECT",
        ),
        migrations.CreateModel(
            name="WorkItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("source", models.CharField(default="cairn", max_length=20)),
                ("connection_id", models.UUIDField(editable=False, null=True)),
                ("external_id", tenancy.text.Line(blank=True, max_length=200)),
                ("external_url", models.URLField(blank=True, max_length=500)),
                ("title", tenancy.text.Line(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("todo", "To do"),
                            ("in_progress", "In progress"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="todo",
                        max_length=12,
                    ),
                ),
                ("assignee", tenancy.text.Line(blank=True, max_length=254)),
                (
                    "labels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), blank=True, default=list, size=None
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True)),
                ("opened_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "trail",
                    models.JSONField(
                        db_default=models.Value([], models.JSONField()), default=list, editable=False
                    ),
                ),
                ("version_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(
                        models.F("workspace"),
                        models.F("milestone"),
                        models.OrderBy(models.F("version_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="item_newest",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("connection_id__isnull", False)),
                        fields=("workspace", "connection_id", "external_id"),
                        name="an_item_is_mirrored_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("done_at", None)),
                            _connector="OR",
                        ),
                        name="work_item_done_means_dated",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="WorkItem",
            app="SELECT, INSERT, UPDATE",
            jobs="SELECT",
        ),
        migrations.CreateModel(
            name="ProgressUpdate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("author_kind", models.CharField(max_length=20)),
                ("author_id", models.UUIDField(null=True)),
                ("author_name", models.CharField(max_length=200)),
                ("done", tenancy.text.Text(blank=True, max_length=2000)),
                ("next", tenancy.text.Text(blank=True, max_length=2000)),
                ("blocked", tenancy.text.Text(blank=True, max_length=2000)),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "confidence",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="progress_updates",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(
                        models.F("workspace"),
                        models.F("milestone"),
                        models.OrderBy(models.F("at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="progress_newest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent", None),
                            models.Q(("percent__gte", 0), ("percent__lte", 100)),
                            _connector="OR",
                        ),
                        name="progress_percent_is_a_percentage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("blocked", ""), ("done", ""), ("next", ""), ("percent", None), _negated=True
                        ),
                        name="progress_says_something",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="ProgressUpdate",
            app="SELECT, INSERT",
            jobs="SELECT",
        ),
        migrations.CreateModel(
            name="QaRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by_kind", models.CharField(max_length=20)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                ("check_name", tenancy.text.Line(max_length=120)),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ]
                    ),
                ),
                (
                    "threshold",
                    models.PositiveSmallIntegerField(
                        editable=False,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                ("notes", tenancy.text.Text(blank=True, max_length=5000)),
                (
                    "passed",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(score__gte=models.F("threshold"), then=models.Value(True)),
                            default=models.Value(False),
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="qa_runs",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(
                        models.F("workspace"),
                        models.F("milestone"),
                        models.OrderBy(models.F("at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="qa_newest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("score__gte", 0), ("score__lte", 100)),
                        name="qa_score_is_a_percentage",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="QaRun",
            app="SELECT, INSERT",
            jobs="SELECT",
        ),
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", tenancy.text.Line(max_length=200)),
                ("detail", tenancy.text.Text(blank=True, max_length=5000)),
                ("asked_by", tenancy.text.Line(blank=True, max_length=200)),
                ("source", models.CharField(default="cairn", max_length=20)),
                ("asked_at", models.DateTimeField()),
                ("days", models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                ("price", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("undecided", "Undecided"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                        ],
                        default="undecided",
                        max_length=12,
                    ),
                ),
                ("decided_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_requests",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(
                        models.F("workspace"),
                        models.F("milestone"),
                        models.OrderBy(models.F("asked_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="change_newest",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "number"), name="change_requests_are_numbered"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "undecided")),
                            models.Q(
                                models.Q(("state", "undecided"), _negated=True), ("decided_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="change_request_decided_means_dated",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="ChangeRequest",
            app="SELECT, INSERT, UPDATE",
            jobs="SELECT",
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("work_total", models.PositiveIntegerField(default=0)),
                ("work_open", models.PositiveIntegerField(default=0)),
                ("work_done", models.PositiveIntegerField(default=0)),
                (
                    "cycle_hours",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(), default=list, size=None
                    ),
                ),
                ("cycle_median_hours", models.FloatField(null=True)),
                ("last_work_at", models.DateTimeField(null=True)),
                (
                    "qa_slots",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BooleanField(), default=list, size=None
                    ),
                ),
                ("qa_runs", models.PositiveIntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
                ("needs_score", models.BooleanField(db_default=True, default=True, editable=False)),
                ("needs_check", models.BooleanField(db_default=True, default=True, editable=False)),
                ("score_due_at", models.DateTimeField(editable=False, null=True)),
                ("check_due_at", models.DateTimeField(editable=False, null=True)),
                ("age_due_at", models.DateTimeField(editable=False, null=True)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pulse",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(
                        condition=models.Q(("needs_score", True)),
                        fields=["workspace", "milestone"],
                        name="pulse_to_score",
                    ),
                    models.Index(
                        condition=models.Q(("needs_check", True)),
                        fields=["workspace", "milestone"],
                        name="pulse_to_check",
                    ),
                    models.Index(
                        condition=models.Q(("score_due_at__isnull", False)),
                        fields=["score_due_at"],
                        name="pulse_score_due_at",
                    ),
                    models.Index(
                        condition=models.Q(("check_due_at__isnull", False)),
                        fields=["check_due_at"],
                        name="pulse_check_due_at",
                    ),
                    models.Index(
                        condition=models.Q(("age_due_at__isnull", False)),
                        fields=["age_due_at"],
                        name="pulse_age_due_at",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "milestone"), name="a_milestone_has_one_pulse"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="Pulse",
            app="SELECT, INSERT, UPDATE",
            jobs="SELECT, UPDATE",
        ),
        migrations.CreateModel(
            name="DayTally",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("opened", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tallies",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "milestone", "day"),
                        include=("done",),
                        name="a_day_is_tallied_once",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect(
            model_name="DayTally",
            jobs="SELECT",
        ),
        migrations.RunSQL(LOOK, migrations.RunSQL.noop),
        # Sweeps rewrite these rows often; room on the page keeps the new version beside the old one (HOT).
        migrations.RunSQL(
            [
                "ALTER TABLE milestones_milestone SET (fillfactor = 85)",
                "ALTER TABLE milestones_pulse SET (fillfactor = 85)",
            ],
            migrations.RunSQL.noop,
        ),
    ]
