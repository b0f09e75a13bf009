import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.models
import tenancy.text
from tenancy.operations import ALL, Protect, Refer

WRITTEN_ONCE = "SELECT, INSERT"
KEPT = "SELECT, INSERT, UPDATE"

# Whoever says that something changed asks for a new label, too.
LOOK = """
CREATE OR REPLACE FUNCTION ask_for_a_look() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.needs_score := true;
    NEW.needs_check := true;
    NEW.needs_label := true;
    RETURN NEW;
END $$;
"""

# No label goes from green to red at once, nor from yellow to red before a warning is on its way.
YELLOW = """
CREATE FUNCTION yellow_before_red() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.colour IN ('delayed', 'blocked') THEN
        IF OLD.colour = 'on_track' THEN
            RAISE EXCEPTION 'A label goes from green to red only by way of yellow.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'yellow_comes_before_red';
        ELSIF OLD.colour = 'at_risk' AND NEW.warned_at IS NULL THEN
            RAISE EXCEPTION 'A label turns red only after a warning is on its way.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_warning_comes_before_red';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER yellow_before_red BEFORE UPDATE OF colour ON milestones_milestone
FOR EACH ROW EXECUTE FUNCTION yellow_before_red();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0001_engagements"),
        ("tenancy", "0001_workspaces_and_their_door"),
        ("workspaces", "0001_people_and_doors"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="progressupdate",
            name="progress_says_something",
        ),
        migrations.RemoveField(
            model_name="milestone",
            name="updated_at",
        ),
        migrations.AddField(
            model_name="changerequest",
            name="adds_criterion",
            field=tenancy.text.Line(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="source_id",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="absent_from",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="absent_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="accepting_round",
            field=models.PositiveSmallIntegerField(
                default=1, validators=[django.core.validators.MinValueValidator(1)]
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="colour",
            field=models.CharField(
                blank=True,
                choices=[
                    ("on_track", "On track"),
                    ("at_risk", "At risk"),
                    ("delayed", "Delayed"),
                    ("blocked", "Blocked"),
                ],
                default="",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="colour_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="external_ref",
            field=tenancy.text.Line(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="milestone",
            name="figures_days",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="milestone",
            name="figures_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="figures_warn",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="milestone",
            name="forecast_confirmed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="green_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="measure_baseline",
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="measure_name",
            field=tenancy.text.Line(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="milestone",
            name="measure_target",
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="measured",
            field=models.DecimalField(decimal_places=4, editable=False, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="next_move_owner",
            field=tenancy.text.Line(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="milestone",
            name="open_dependencies",
            field=tenancy.text.Text(blank=True, editable=False, max_length=2000),
        ),
        migrations.AddField(
            model_name="milestone",
            name="open_rules",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=30), default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="outcome_reason",
            field=tenancy.text.Text(blank=True, editable=False, max_length=2000),
        ),
        migrations.AddField(
            model_name="milestone",
            name="output_changed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="pause_reason",
            field=tenancy.text.Text(blank=True, editable=False, max_length=500),
        ),
        migrations.AddField(
            model_name="milestone",
            name="paused_until",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="qa_passed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="milestone",
            name="turning_red",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="milestone",
            name="warned_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="progressupdate",
            name="measured",
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="project",
            name="currency",
            field=models.CharField(
                default="EUR",
                max_length=3,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Z]{3}$", "Give the currency by its three letters, such as EUR."
                    )
                ],
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="feedback_route",
            field=tenancy.text.Text(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="project",
            name="shares_figures",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="pulse",
            name="label_due_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="pulse",
            name="needs_label",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AddField(
            model_name="qarun",
            name="items",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="qarun",
            name="kind",
            field=models.CharField(
                choices=[("checklist", "Checklist"), ("automated", "Automated check")],
                default="automated",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="qarun",
            name="versions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="qarun",
            name="void_reason",
            field=tenancy.text.Line(blank=True, editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name="qarun",
            name="voided_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name="Artifact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(choices=[("link", "Link"), ("file", "File")], max_length=4)),
                ("title", tenancy.text.Line(max_length=200)),
                ("is_output", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="artifacts",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ArtifactVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("url", models.URLField(blank=True, max_length=1000)),
                ("file_name", tenancy.text.Line(blank=True, max_length=200)),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("size", models.BigIntegerField(blank=True, null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("note", tenancy.text.Line(blank=True, max_length=300)),
                ("added_at", models.DateTimeField()),
                ("by_kind", models.CharField(max_length=20)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "artifact",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="milestones.artifact",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Checklist",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("onboarding", "Client onboarding"),
                            ("start_readiness", "Start readiness"),
                            ("evidence_review", "Evidence review"),
                            ("handoff_boundary", "Handoff boundary"),
                            ("offboarding", "Client offboarding"),
                        ],
                        max_length=20,
                    ),
                ),
                ("due_on", models.DateField(null=True)),
                ("answers", models.JSONField(default=dict)),
                ("sent_back", tenancy.text.Text(blank=True, max_length=1000)),
                ("created_at", models.DateTimeField()),
                ("filled_at", models.DateTimeField(null=True)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "project",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checklists",
                        to="milestones.project",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DecisionRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("review", "Review"),
                            ("blocker", "Blocker"),
                            ("change", "Change request"),
                            ("rebaseline", "New baseline"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "ask",
                    models.CharField(
                        choices=[
                            ("acceptance", "Acceptance"),
                            ("revision_notes", "Revision notes"),
                            ("dependency_decision", "Dependency decision"),
                            ("choice", "Choice"),
                        ],
                        max_length=20,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("question", tenancy.text.Line(max_length=300)),
                ("context", tenancy.text.Text(blank=True, max_length=5000)),
                ("caveats", tenancy.text.Text(blank=True, max_length=2000)),
                ("options", models.JSONField()),
                ("recommended", models.CharField(blank=True, max_length=40)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("link", "Decision link"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("document", "Signed document"),
                        ],
                        max_length=10,
                    ),
                ),
                ("decide_by", models.DateTimeField()),
                ("shown", models.JSONField(default=dict)),
                ("shown_digest", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("pending", "Waiting for a decision"),
                            ("decided", "Decided"),
                            ("withdrawn", "Withdrawn"),
                            ("replaced", "Replaced"),
                            ("countermanded", "Countermanded"),
                        ],
                        default="draft",
                        max_length=13,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", tenancy.text.Line(blank=True, max_length=300)),
                ("link_id", models.UUIDField(null=True)),
                ("remind_at", models.DateTimeField(null=True)),
                ("reminders", models.PositiveSmallIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "approver",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.contact",
                    ),
                ),
                (
                    "delegate",
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
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision_requests",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "project",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision_requests",
                        to="milestones.project",
                    ),
                ),
                (
                    "replaced_by",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.decisionrequest",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("by_kind", models.CharField(max_length=20)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                ("text", tenancy.text.Text(max_length=5000)),
                ("at", models.DateTimeField()),
                ("change_request_id", models.UUIDField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "contact",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.contact",
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "request",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="milestones.decisionrequest",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("option", models.CharField(max_length=40)),
                ("name", tenancy.text.Line(max_length=120)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("link", "Decision link"),
                            ("email", "E-mail"),
                            ("meeting", "Meeting"),
                            ("document", "Signed document"),
                        ],
                        max_length=10,
                    ),
                ),
                ("evidence", tenancy.text.Text(blank=True, max_length=5000)),
                ("comment", tenancy.text.Text(blank=True, max_length=5000)),
                ("shown_digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("by_kind", models.CharField(max_length=20)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "contact",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.contact",
                    ),
                ),
                (
                    "countermands",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.decision",
                    ),
                ),
                (
                    "request",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="milestones.decisionrequest",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DateMove",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("forecast", "Forecast"), ("baseline", "Baseline")], max_length=8
                    ),
                ),
                ("from_date", models.DateField(null=True)),
                ("to_date", models.DateField()),
                (
                    "days",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("to_date"),
                            models.F("from_date"),
                            arg_joiner=" - ",
                            template="(%(expressions)s)",
                        ),
                        output_field=models.IntegerField(null=True),
                    ),
                ),
                (
                    "reason_code",
                    models.CharField(
                        choices=[
                            ("estimate", "The work was larger than estimated"),
                            ("rework", "Rework after checks or review"),
                            ("capacity", "Our people were not available"),
                            ("client_input", "Waiting for the client's input or access"),
                            ("client_decision", "Waiting for the client's decision"),
                            ("third_party", "Waiting for a third party"),
                            ("scope_change", "Agreed change of scope"),
                            ("ahead", "Ahead of plan"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", tenancy.text.Line(max_length=500)),
                (
                    "attributed_to",
                    models.CharField(
                        choices=[
                            ("ours", "Ours"),
                            ("client", "Client"),
                            ("third_party", "Third party"),
                            ("scope", "Scope"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by_kind", models.CharField(max_length=20)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="date_moves",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "root",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dragged",
                        to="milestones.datemove",
                    ),
                ),
                (
                    "decision",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.decision",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", tenancy.text.Line(max_length=120)),
                ("source", models.CharField(max_length=20)),
                ("columns", models.JSONField()),
                ("rows", models.JSONField()),
                ("mapping", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Being prepared"), ("done", "Imported")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("report", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("by_name", models.CharField(max_length=200)),
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="LabelChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("on_track", "On track"),
                            ("at_risk", "At risk"),
                            ("delayed", "Delayed"),
                            ("blocked", "Blocked"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("on_track", "On track"),
                            ("at_risk", "At risk"),
                            ("delayed", "Delayed"),
                            ("blocked", "Blocked"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", tenancy.text.Line(max_length=300)),
                ("warning_skipped", models.BooleanField(default=False)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="label_changes",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Miss",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("planned_date", models.DateField()),
                ("opened_at", models.DateTimeField()),
                ("root_cause", tenancy.text.Text(blank=True, max_length=2000)),
                (
                    "recovery",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("resources", "More people"),
                            ("scope", "Less scope"),
                            ("overtime", "Overtime, with consent"),
                            ("extension", "A later date"),
                        ],
                        max_length=10,
                    ),
                ),
                ("plan", tenancy.text.Text(blank=True, max_length=2000)),
                ("consent", tenancy.text.Text(blank=True, max_length=500)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="misses",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("date_move", "Date moved"),
                            ("early_warning", "Early warning"),
                            ("late", "Turned red"),
                            ("miss", "Missed date"),
                            ("recovery", "Recovery and revised plan"),
                            ("completion", "Completed"),
                            ("status_update", "Status update"),
                            ("pause", "Pause"),
                            ("outcome", "Outcome"),
                        ],
                        max_length=16,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("occurrence", models.CharField(blank=True, max_length=80)),
                ("title", tenancy.text.Line(max_length=200)),
                ("body", tenancy.text.Text(max_length=20000)),
                ("data", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("sent", "Sent"),
                            ("delivered", "Delivered"),
                            ("bounced", "Client not informed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("delivery_id", models.UUIDField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("bounced_at", models.DateTimeField(null=True)),
                ("problem", tenancy.text.Line(blank=True, max_length=300)),
                ("told_otherwise_at", models.DateTimeField(null=True)),
                ("told_otherwise", tenancy.text.Line(blank=True, max_length=300)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "project",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="milestones.project",
                    ),
                ),
                (
                    "recipient",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.contact",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="PlanTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", tenancy.text.Line(max_length=80)),
                ("description", tenancy.text.Line(blank=True, max_length=300)),
                ("document", models.JSONField()),
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Recourse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("pause", "Pause"),
                            ("rescope", "Re-scope"),
                            ("conditional", "Proceed conditionally"),
                            ("closeout", "Close out"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", tenancy.text.Text(max_length=500)),
                ("condition", tenancy.text.Text(blank=True, max_length=1000)),
                ("until", models.DateField()),
                ("chosen_at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_note", tenancy.text.Text(blank=True, max_length=500)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recourses",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("counts", models.BooleanField()),
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
                ("note", tenancy.text.Text(blank=True, max_length=2000)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "request",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.decisionrequest",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Reviewer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("link_id", models.UUIDField(null=True)),
                ("invited_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "contact",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.contact",
                    ),
                ),
                (
                    "review",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviewers",
                        to="milestones.review",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="WeeklyReview",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("week", models.DateField()),
                ("answers", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=200)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "notice",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.notice",
                    ),
                ),
                (
                    "project",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="weekly_reviews",
                        to="milestones.project",
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="contact",
            name="delegate",
            field=tenancy.models.TenantKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="milestones.contact",
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="split_from",
            field=tenancy.models.TenantKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="milestones.milestone",
            ),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("needs_label", True)),
                fields=["workspace", "milestone"],
                name="pulse_to_label",
            ),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("label_due_at__isnull", False)),
                fields=["label_due_at"],
                name="pulse_label_due_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("absent_from", None), ("absent_until", None)),
                    models.Q(("absent_from__isnull", False), ("absent_until__gte", models.F("absent_from"))),
                    _connector="OR",
                ),
                name="contact_absence_has_a_first_and_a_last_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delegate", None), models.Q(("delegate", models.F("id")), _negated=True), _connector="OR"
                ),
                name="contact_is_not_their_own_delegate",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_ref", ""), _negated=True),
                fields=("workspace", "project", "external_ref"),
                name="milestone_reference_is_its_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "approved"), _negated=True),
                    models.Q(
                        models.Q(("proof_packet_url", ""), _negated=True),
                        models.Q(("handoff_packet_link", ""), _negated=True),
                        ("accepted_at__isnull", False),
                        ("approver__isnull", False),
                        ("review_owner__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="milestone_closed_as_approved_holds_all_four",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("completed_at__isnull", False), ("stage__in", ["review", "closeout"])),
                    models.Q(("completed_at", None), ("stage__in", ["setup", "execution", "qa"])),
                    ("stage", "closed"),
                    _connector="OR",
                ),
                name="milestone_in_review_is_completed",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", False), ("stage", "closeout")),
                    ("stage", "closed"),
                    models.Q(
                        models.Q(("stage__in", ["closeout", "closed"]), _negated=True), ("accepted_at", None)
                    ),
                    _connector="OR",
                ),
                name="milestone_in_closeout_is_accepted",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pause_reason", ""), ("paused_at", None), ("paused_until", None)),
                    models.Q(
                        ("paused_at__isnull", False),
                        ("paused_until__isnull", False),
                        models.Q(("pause_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="milestone_paused_means_explained_with_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("colour", ""), ("colour_since", None)),
                    models.Q(models.Q(("colour", ""), _negated=True), ("colour_since__isnull", False)),
                    _connector="OR",
                ),
                name="milestone_colour_has_a_beginning",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepting_round__gte", 1)),
                name="milestone_accepting_round_counts_from_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="progressupdate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("blocked", ""),
                    ("done", ""),
                    ("measured", None),
                    ("next", ""),
                    ("percent", None),
                    _negated=True,
                ),
                name="progress_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="project_currency_is_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="qarun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("void_reason", ""), ("voided_at", None)),
                    models.Q(("voided_at__isnull", False), models.Q(("void_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="qa_run_void_means_explained",
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="decision",
            field=tenancy.models.TenantKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="milestones.decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_id__isnull", False)),
                fields=("workspace", "source_id"),
                name="an_ask_is_queued_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True),
                    ("decision__isnull", False),
                    _connector="OR",
                ),
                name="change_request_accepted_means_decided_by_the_client",
            ),
        ),
        migrations.AddIndex(
            model_name="artifact",
            index=models.Index(fields=["workspace", "milestone", "created_at", "id"], name="artifact_oldest"),
        ),
        migrations.AddConstraint(
            model_name="artifactversion",
            constraint=models.UniqueConstraint(
                fields=("workspace", "artifact", "number"), name="artifact_versions_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="artifactversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("url", ""), _negated=True), ("file_name", ""), ("size", None)),
                    models.Q(
                        ("size__isnull", False),
                        ("url", ""),
                        models.Q(("file_name", ""), _negated=True),
                        models.Q(("sha256", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="artifact_version_is_an_address_or_a_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklist",
            constraint=models.UniqueConstraint(
                fields=("workspace", "project", "kind", "due_on"),
                name="a_checklist_stands_once_for_its_day",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="datemove",
            index=models.Index(
                models.F("workspace"),
                models.F("milestone"),
                models.OrderBy(models.F("at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="date_move_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="datemove",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_date_moves_with_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="datemove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_date", None),
                    models.Q(("to_date", models.F("from_date")), _negated=True),
                    _connector="OR",
                ),
                name="a_date_move_goes_somewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="datemove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "baseline"), _negated=True),
                    ("decision__isnull", False),
                    _connector="OR",
                ),
                name="a_baseline_moves_by_decision",
            ),
        ),
        migrations.AddIndex(
            model_name="decisionrequest",
            index=models.Index(
                condition=models.Q(("remind_at__isnull", False)),
                fields=["remind_at"],
                name="request_reminder",
            ),
        ),
        migrations.AddIndex(
            model_name="decisionrequest",
            index=models.Index(fields=["workspace", "state", "decide_by", "id"], name="request_due"),
        ),
        migrations.AddIndex(
            model_name="decisionrequest",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="decision_request_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrequest",
            constraint=models.UniqueConstraint(
                fields=("workspace", "number"), name="decision_requests_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "pending"])),
                fields=("workspace", "subject_id"),
                name="one_open_request_per_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("sent_at", None), ("state", "draft")),
                    models.Q(
                        ("ended_at", None),
                        ("sent_at__isnull", False),
                        ("state", "pending"),
                        models.Q(("shown_digest", ""), _negated=True),
                    ),
                    models.Q(("ended_at__isnull", False), ("sent_at__isnull", False), ("state", "decided")),
                    models.Q(
                        ("ended_at__isnull", False), ("state__in", ["withdrawn", "replaced", "countermanded"])
                    ),
                    _connector="OR",
                ),
                name="decision_request_state_has_its_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("remind_at", None), ("state", "pending"), _connector="OR"),
                name="only_a_pending_request_is_reminded_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("countermands", None)),
                fields=("workspace", "request"),
                name="a_request_is_decided_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("workspace", "countermands"), name="a_decision_is_countermanded_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel", "link"), models.Q(("evidence", ""), _negated=True), _connector="OR"
                ),
                name="another_channel_than_the_link_needs_evidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="a_decision_is_signed_with_a_name"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                models.F("workspace"),
                models.F("milestone"),
                models.OrderBy(models.F("at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="comment_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="a_comment_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("state", "open")),
                    models.Q(("done_at__isnull", False), ("state", "done")),
                    _connector="OR",
                ),
                name="import_done_means_dated",
            ),
        ),
        migrations.AddIndex(
            model_name="labelchange",
            index=models.Index(
                models.F("workspace"),
                models.F("milestone"),
                models.OrderBy(models.F("at"), descending=True),
                name="label_change_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("after__in", ["delayed", "blocked"]), ("before", "on_track"), _negated=True
                ),
                name="yellow_comes_before_red",
            ),
        ),
        migrations.AddConstraint(
            model_name="miss",
            constraint=models.UniqueConstraint(
                fields=("workspace", "milestone", "planned_date"), name="a_planned_date_is_missed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="miss",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acknowledged_at", None),
                    models.Q(
                        models.Q(("root_cause", ""), _negated=True),
                        models.Q(("plan", ""), _negated=True),
                        models.Q(("recovery", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_miss_is_acknowledged_with_cause_and_plan",
            ),
        ),
        migrations.AddConstraint(
            model_name="miss",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acknowledged_at", None),
                    models.Q(("recovery", "overtime"), _negated=True),
                    models.Q(("consent", ""), _negated=True),
                    _connector="OR",
                ),
                name="overtime_needs_consent",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("state", "sent")),
                fields=["workspace", "delivery_id"],
                name="notice_on_its_way",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("workspace"),
                models.F("project"),
                models.OrderBy(models.F("created_at"), descending=True),
                name="notice_of_project",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="notice_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("workspace", "number"), name="notices_are_numbered"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("workspace", "kind", "subject_id", "occurrence"), name="a_notice_is_owed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at", None), ("state", "draft")),
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(("delivered_at__isnull", False), ("state", "delivered")),
                    models.Q(
                        ("bounced_at__isnull", False),
                        ("state", "bounced"),
                        models.Q(("problem", ""), _negated=True),
                    ),
                    ("state", "withdrawn"),
                    _connector="OR",
                ),
                name="notice_state_has_its_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("told_otherwise", ""), ("told_otherwise_at", None)),
                    models.Q(
                        ("told_otherwise_at__isnull", False), models.Q(("told_otherwise", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="told_otherwise_means_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="plantemplate",
            constraint=models.UniqueConstraint(
                fields=("workspace", "name"), name="plan_template_has_its_own_name"
            ),
        ),
        migrations.AddIndex(
            model_name="recourse",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["until"], name="recourse_ends"
            ),
        ),
        migrations.AddConstraint(
            model_name="recourse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("workspace", "milestone"),
                name="a_milestone_takes_one_way_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="recourse",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="recourse_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="recourse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("way", "conditional"), _negated=True),
                    models.Q(("condition", ""), _negated=True),
                    _connector="OR",
                ),
                name="proceeding_conditionally_names_the_condition",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                fields=("workspace", "milestone", "number"), name="review_rounds_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("workspace", "milestone"),
                name="a_milestone_has_one_open_round",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("outcome", "")),
                    models.Q(models.Q(("outcome", ""), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="review_ended_means_one_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewer",
            constraint=models.UniqueConstraint(
                fields=("workspace", "review", "contact"), name="a_reviewer_is_asked_once_a_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyreview",
            constraint=models.UniqueConstraint(
                fields=("workspace", "project", "week"), name="a_week_is_reviewed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("week__iso_week_day", 1)), name="a_week_begins_on_monday"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="decision_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b08d15d8e80446c1609483229dae0170d3474312",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_decision_never_changes_41b45",
                    table="milestones_decision",
                    when="BEFORE",
                ),
            ),
        ),
        *(
            Protect(model_name=name, app=app, jobs=jobs)
            for name, app, jobs in (
                ("Artifact", KEPT, ""),
                ("ArtifactVersion", KEPT, ""),
                ("Checklist", KEPT, ""),
                ("DecisionRequest", KEPT, "SELECT"),
                ("Decision", WRITTEN_ONCE, ""),
                ("Comment", KEPT, ""),
                ("DateMove", WRITTEN_ONCE, ""),
                ("ImportRun", KEPT, ""),
                ("LabelChange", WRITTEN_ONCE, ""),
                ("Miss", KEPT, "SELECT"),
                ("Notice", KEPT, "SELECT"),
                ("PlanTemplate", ALL, ""),
                ("Recourse", KEPT, "SELECT"),
                ("Review", KEPT, ""),
                ("Reviewer", ALL, ""),
                ("WeeklyReview", KEPT, ""),
            )
        ),
        Refer("Contact", "delegate"),
        Refer("Milestone", "split_from"),
        Refer("ChangeRequest", "decision"),
        migrations.RunSQL([LOOK, YELLOW], migrations.RunSQL.noop),
    ]
