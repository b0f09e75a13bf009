from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telemetry", "0002_scores"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="riskaction",
            name="action_to_tell",
        ),
        migrations.RemoveIndex(
            model_name="signal",
            name="signal_to_tell",
        ),
        migrations.AddField(
            model_name="riskaction",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="riskaction",
            name="error",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="riskaction",
            name="parked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="riskaction",
            name="retry_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="signal",
            name="error",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="signal",
            name="parked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="retry_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="riskaction",
            index=models.Index(
                condition=models.Q(
                    ("parked_at", None),
                    models.Q(
                        ("opening_told_at", None),
                        models.Q(("closed_at__isnull", False), ("closing_told_at", None)),
                        _connector="OR",
                    ),
                ),
                fields=["opened_at", "id"],
                name="action_to_tell",
            ),
        ),
        migrations.AddIndex(
            model_name="riskaction",
            index=models.Index(
                condition=models.Q(("parked_at__isnull", False)),
                fields=["workspace", "parked_at"],
                name="action_parked",
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                condition=models.Q(
                    ("parked_at", None),
                    models.Q(
                        ("opening_told_at", None),
                        models.Q(("closed_at__isnull", False), ("closing_told_at", None)),
                        _connector="OR",
                    ),
                ),
                fields=["opened_at", "id"],
                name="signal_to_tell",
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                condition=models.Q(("parked_at__isnull", False)),
                fields=["workspace", "parked_at"],
                name="signal_parked",
            ),
        ),
    ]
