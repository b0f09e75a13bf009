import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.models
from tenancy.operations import PartitionByMonth, Protect


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0001_engagements"),
        ("telemetry", "0001_inbound"),
        ("tenancy", "0001_workspaces_and_their_door"),
        ("workspaces", "0001_people_and_doors"),
    ]

    operations = [
        migrations.CreateModel(
            name="RiskScore",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "milestone_id",
                        "scored_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("milestone_id", models.UUIDField()),
                ("scored_at", models.DateTimeField()),
                ("cycle_hours_here", models.FloatField(null=True)),
                ("cycle_hours_usual", models.FloatField(null=True)),
                ("reported_percent", models.FloatField(null=True)),
                ("elapsed_share", models.FloatField(null=True)),
                ("longest_unanswered_hours", models.FloatField()),
                ("review_overdue_hours", models.FloatField()),
                ("growth_percent", models.FloatField()),
                ("full_days_in_execution", models.IntegerField()),
                ("work_total", models.IntegerField()),
                ("work_open", models.IntegerField()),
                ("done_total", models.IntegerField()),
                ("done_recent", models.IntegerField()),
                ("working_days_left", models.IntegerField()),
                ("unplanned_14d", models.IntegerField()),
                ("undecided", models.IntegerField()),
                ("blockers_open", models.SmallIntegerField()),
                ("blockers_critical", models.SmallIntegerField()),
                ("overdue_predecessors", models.SmallIntegerField()),
                ("resets", models.SmallIntegerField()),
                ("qa_1", models.SmallIntegerField(null=True)),
                ("qa_2", models.SmallIntegerField(null=True)),
                ("qa_3", models.SmallIntegerField(null=True)),
                ("qa_4", models.SmallIntegerField(null=True)),
                ("qa_5", models.SmallIntegerField(null=True)),
                ("execution_velocity_score", models.SmallIntegerField(null=True)),
                ("dependency_health_score", models.SmallIntegerField(null=True)),
                ("quality_confidence_score", models.SmallIntegerField(null=True)),
                ("scope_stability_score", models.SmallIntegerField(null=True)),
                ("delivery_risk_score", models.SmallIntegerField(null=True)),
                ("in_setup", models.BooleanField()),
                ("review_or_later", models.BooleanField()),
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
        PartitionByMonth("RiskScore", "scored_at"),
        Protect("RiskScore", app="SELECT", jobs="SELECT, INSERT", referable=False),
        migrations.RunSQL("SELECT ensure_partitions(current_date)", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="RiskAction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("opening_told_at", models.DateTimeField(null=True)),
                ("closing_told_at", models.DateTimeField(null=True)),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("work_slice_reduction", "Work-slice reduction"),
                            ("escalation_packet", "Escalation packet"),
                            ("quality_recovery_sprint", "Quality recovery sprint"),
                            ("strict_change_queue", "Strict change queue"),
                        ],
                        max_length=40,
                    ),
                ),
                ("score", models.PositiveSmallIntegerField()),
                ("below", models.PositiveSmallIntegerField()),
                (
                    "checklist",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), size=None
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "owner",
                    tenancy.models.TenantKey(
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("opening_told_at", None),
                            models.Q(("closed_at__isnull", False), ("closing_told_at", None)),
                            _connector="OR",
                        ),
                        fields=["opened_at", "id"],
                        name="action_to_tell",
                    ),
                    models.Index(fields=["workspace", "milestone", "opened_at"], name="action_story"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("workspace", "milestone", "code"),
                        name="one_open_action_per_milestone_and_code",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("RiskAction", app="SELECT, UPDATE", jobs="SELECT, INSERT, UPDATE"),
        migrations.CreateModel(
            name="ScoringDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
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
                "indexes": [models.Index(fields=["due_at"], name="scoring_day_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace",), name="a_workspace_has_one_scoring_day")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("ScoringDay", app="SELECT", jobs="SELECT, INSERT, UPDATE"),
        migrations.CreateModel(
            name="Signal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("opening_told_at", models.DateTimeField(null=True)),
                ("closing_told_at", models.DateTimeField(null=True)),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("no_progress", "No progress"),
                            ("blocker_aging", "Blocker aging"),
                            ("quality_failing", "Quality failing"),
                            ("scope_addition", "Scope addition"),
                        ],
                        max_length=20,
                    ),
                ),
                ("threshold", models.FloatField()),
                ("since", models.DateTimeField(null=True)),
                ("count", models.PositiveIntegerField(null=True)),
                ("sentence", models.CharField(blank=True, max_length=200)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
                        condition=models.Q(
                            ("opening_told_at", None),
                            models.Q(("closed_at__isnull", False), ("closing_told_at", None)),
                            _connector="OR",
                        ),
                        fields=["opened_at", "id"],
                        name="signal_to_tell",
                    ),
                    models.Index(fields=["workspace", "milestone", "opened_at"], name="signal_story"),
                    models.Index(fields=["workspace", "opened_at", "id"], name="signal_list"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("workspace", "milestone", "rule"),
                        name="one_open_signal_per_milestone_and_rule",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("Signal", app="SELECT, UPDATE", jobs="SELECT, INSERT, UPDATE"),
        migrations.CreateModel(
            name="UsualPace",
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
                            ("general", "General"),
                            ("data", "Data"),
                            ("model", "Model"),
                            ("integration", "Integration"),
                            ("approval", "Approval"),
                            ("documentation", "Documentation"),
                        ],
                        max_length=20,
                    ),
                ),
                ("cycle_hours", models.FloatField()),
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
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "kind"), name="a_kind_has_one_usual_pace")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("UsualPace", app="SELECT", jobs="SELECT, INSERT, UPDATE"),
    ]
