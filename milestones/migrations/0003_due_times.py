from django.db import migrations, models

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
    dependencies = [
        ("milestones", "0002_work_item_trail"),
        ("tenancy", "0002_partitions"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="pulse",
            name="pulse_changed",
        ),
        migrations.AddField(
            model_name="pulse",
            name="age_due_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="pulse",
            name="check_due_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="pulse",
            name="needs_check",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AddField(
            model_name="pulse",
            name="needs_score",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AddField(
            model_name="pulse",
            name="score_due_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("needs_score", True)),
                fields=["workspace", "milestone"],
                name="pulse_to_score",
            ),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("needs_check", True)),
                fields=["workspace", "milestone"],
                name="pulse_to_check",
            ),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("score_due_at__isnull", False)),
                fields=["score_due_at"],
                name="pulse_score_due_at",
            ),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("check_due_at__isnull", False)),
                fields=["check_due_at"],
                name="pulse_check_due_at",
            ),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("age_due_at__isnull", False)),
                fields=["age_due_at"],
                name="pulse_age_due_at",
            ),
        ),
        migrations.RunSQL(LOOK, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(
                condition=models.Q(("stage", "closed")), fields=["workspace", "kind"], name="milestone_closed"
            ),
        ),
        # Sweeps rewrite these rows often; room on the page keeps the new version beside the old one (HOT).
        migrations.RunSQL(
            [
                "ALTER TABLE milestones_milestone SET (fillfactor = 85)",
                "ALTER TABLE milestones_pulse SET (fillfactor = 85)",
            ],
            migrations.RunSQL.noop,
        ),
    ]
