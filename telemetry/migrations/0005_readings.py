import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.models
import tenancy.text
from tenancy.operations import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("telemetry", "0004_old_deliveries_are_dropped"),
        ("tenancy", "0001_workspaces_and_their_door"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", tenancy.text.Line(max_length=120)),
                ("value", models.DecimalField(decimal_places=4, max_digits=18)),
                ("unit", tenancy.text.Line(blank=True, max_length=20)),
                ("measured_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("delivery_id", models.TextField()),
                ("is_new", models.BooleanField(db_default=True, default=True)),
                (
                    "connection",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="telemetry.connection",
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
                        condition=models.Q(("is_new", True)),
                        fields=["workspace", "key", "id"],
                        name="reading_new",
                    ),
                    models.Index(
                        models.F("workspace"),
                        models.F("key"),
                        models.OrderBy(models.F("received_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="reading_newest",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(fields=["received_at"], name="reading_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "connection", "delivery_id", "key"),
                        name="a_reading_is_kept_once",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("Reading", app="SELECT, INSERT, UPDATE", jobs="SELECT, UPDATE, DELETE"),
    ]
