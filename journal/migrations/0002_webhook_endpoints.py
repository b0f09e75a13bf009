import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.text
from tenancy.operations import Protect

READ_HEADS = [
    "GRANT SELECT ON journal_chainhead TO cairn_jobs",
    "CREATE POLICY jobs ON journal_chainhead TO cairn_jobs USING (true)",
]


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_journal_and_outbox"),
        ("tenancy", "0001_workspaces_and_their_door"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="channel",
            field=models.CharField(choices=[("email", "E-mail"), ("webhook", "Webhook")], max_length=10),
        ),
        migrations.AddField(
            model_name="delivery",
            name="seq",
            field=models.BigIntegerField(null=True),
        ),
        migrations.RemoveIndex(model_name="delivery", name="delivery_due"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["channel", "due_at"], name="delivery_due"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("channel", "webhook"), ("state", "queued")),
                fields=["workspace", "recipient_id", "seq"],
                name="delivery_to_endpoint",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                models.F("workspace"),
                models.F("recipient_id"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("channel", "webhook")),
                name="delivery_log_of_endpoint",
            ),
        ),
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", tenancy.text.Line(max_length=80)),
                ("url", tenancy.text.Line(max_length=500)),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("secret", models.TextField(editable=False)),
                ("old_secret", models.TextField(blank=True, default="", editable=False)),
                ("old_secret_until", models.DateTimeField(editable=False, null=True)),
                ("told_through", models.BigIntegerField(db_default=0, default=0, editable=False)),
                ("due_at", models.DateTimeField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                (
                    "failures",
                    models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
                ),
                ("failing_since", models.DateTimeField(editable=False, null=True)),
                ("rests_until", models.DateTimeField(editable=False, null=True)),
                ("paused_at", models.DateTimeField(editable=False, null=True)),
                ("pause_reason", tenancy.text.Line(blank=True, editable=False, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(editable=False, null=True)),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("paused_at", None), ("removed_at", None)),
                        fields=["workspace", "told_through"],
                        name="endpoint_to_tell",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("due_at__isnull", False), ("paused_at", None), ("removed_at", None)
                        ),
                        fields=["due_at"],
                        name="endpoint_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("pause_reason", ""), ("paused_at", None)),
                            models.Q(
                                ("paused_at__isnull", False), models.Q(("pause_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="endpoint_paused_means_explained",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("old_secret", ""), ("old_secret_until", None)),
                            models.Q(
                                models.Q(("old_secret", ""), _negated=True),
                                ("old_secret_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="endpoint_old_secret_means_dated",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("WebhookEndpoint", app="SELECT, INSERT, UPDATE", jobs="SELECT, UPDATE"),
        migrations.RunSQL(READ_HEADS, migrations.RunSQL.noop),
    ]
