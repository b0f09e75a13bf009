import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenancy.door
import tenancy.ids
from tenancy.operations import Protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_workspaces_and_their_door"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdempotentAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("actor_id", models.UUIDField()),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField()),
                ("headers", models.JSONField()),
                ("body", models.TextField()),
                ("created_at", models.DateTimeField()),
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
                "indexes": [models.Index(fields=["created_at"], name="idempotent_answer_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "actor_id", "key"), name="a_key_has_one_answer"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("IdempotentAnswer", jobs="SELECT, DELETE"),
    ]
