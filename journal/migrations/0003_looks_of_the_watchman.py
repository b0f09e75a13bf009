from django.db import migrations, models

# What is late is named by ids of all workspaces, so the pages read only what they show.
GRANTS = """
GRANT SELECT (name, looked_at, missing, alarm_since) ON journal_watch TO cairn_app;
GRANT SELECT, INSERT, UPDATE ON journal_watch TO cairn_jobs;
GRANT SELECT ON journal_watch TO cairn_backup;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_webhook_endpoints")]

    operations = [
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("looked_at", models.DateTimeField()),
                ("late", models.JSONField(default=dict)),
                ("missing", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True, default="")),
                ("alarm_since", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
            ],
        ),
        *(
            migrations.AlterField(
                model_name=name,
                name="state",
                field=models.CharField(
                    choices=[
                        ("queued", "Waiting"),
                        ("sent", "Sent"),
                        ("parked", "Parked"),
                        ("withdrawn", "Withdrawn"),
                        ("digested", "In a digest"),
                        ("expired", "Expired"),
                    ],
                    db_default="queued",
                    default="queued",
                    max_length=10,
                ),
            )
            for name in ("accountmail", "delivery")
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
