from django.db import migrations, models

# Whoever says that something changed asks for a new on-time probability, too.
LOOK = """
CREATE OR REPLACE FUNCTION ask_for_a_look() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.needs_score := true;
    NEW.needs_check := true;
    NEW.needs_label := true;
    NEW.needs_outlook := true;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("milestones", "0010_milestones_that_await_packets")]

    operations = [
        migrations.AddField(
            model_name="pulse",
            name="needs_outlook",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AddField(
            model_name="pulse",
            name="outlook_due_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunSQL(LOOK, migrations.RunSQL.noop),
    ]
