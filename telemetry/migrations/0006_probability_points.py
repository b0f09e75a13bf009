import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.models
from tenancy.operations import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0013_outlooks_that_are_due"),
        ("telemetry", "0005_readings"),
        ("tenancy", "0001_workspaces_and_their_door"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProbabilityPoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("planned_date", models.DateField()),
                ("percent", models.PositiveSmallIntegerField()),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("own", "Own completions"),
                            ("kind", "Closed milestones of the kind"),
                            ("default", "Default"),
                        ],
                        max_length=8,
                    ),
                ),
                ("inputs", models.JSONField()),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "milestone", "day"), name="a_day_has_one_probability"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 0), ("percent__lte", 100)),
                        name="probability_is_a_percentage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("planned_date__gte", models.F("day"))),
                        name="probability_is_of_a_date_to_come",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("ProbabilityPoint", app="SELECT, INSERT", jobs="SELECT, INSERT, UPDATE"),
    ]
