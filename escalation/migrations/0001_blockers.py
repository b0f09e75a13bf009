import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.models
import tenancy.text
from tenancy.operations import Protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("milestones", "0001_engagements"),
        ("tenancy", "0001_workspaces_and_their_door"),
        ("workspaces", "0001_people_and_doors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Blocker",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("technical", "Technical"),
                            ("approval", "Approval"),
                            ("input", "Input"),
                            ("capacity", "Capacity"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("normal", "Normal"), ("critical", "Critical")],
                        default="normal",
                        max_length=10,
                    ),
                ),
                ("title", tenancy.text.Line(max_length=200)),
                ("detail", tenancy.text.Text(blank=True, max_length=5000)),
                ("evidence", tenancy.text.Text(blank=True, max_length=20000)),
                ("stops_path", models.BooleanField(default=True)),
                ("opened_at", models.DateTimeField()),
                ("response_due_at", models.DateTimeField()),
                ("aging_at", models.DateTimeField()),
                ("critical_at", models.DateTimeField()),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("responded_at", models.DateTimeField(null=True)),
                ("response", tenancy.text.Text(blank=True, max_length=5000)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolution", tenancy.text.Text(blank=True, max_length=5000)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blockers",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "response_contact",
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
                    "response_member",
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [
                    models.Index(
                        condition=models.Q(("resolved_at", None)),
                        fields=["workspace", "milestone", "opened_at"],
                        name="blocker_open",
                    ),
                    models.Index(
                        condition=models.Q(("resolved_at", None)), fields=["aging_at"], name="blocker_ages"
                    ),
                    models.Index(
                        models.F("workspace"),
                        models.OrderBy(models.F("opened_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="blocker_newest",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "number"), name="blockers_are_numbered"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("response_contact", None), ("response_member", None), _connector="OR"
                        ),
                        name="blocker_has_one_response_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("type", "technical"), _negated=True),
                            models.Q(("evidence", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="technical_blocker_carries_its_evidence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolution", ""), ("resolved_at", None)),
                            models.Q(
                                ("resolved_at__isnull", False), models.Q(("resolution", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="blocker_resolved_means_explained",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("resolved_at", None),
                            ("resolved_at__gte", models.F("opened_at")),
                            _connector="OR",
                        ),
                        name="blocker_resolved_after_it_opened",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("Blocker", app="SELECT, INSERT, UPDATE", jobs="SELECT, UPDATE"),
    ]
