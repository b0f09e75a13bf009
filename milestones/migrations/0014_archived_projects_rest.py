"""What is archived asks for no look, whoever says that it changed."""

from django.db import migrations, models

LOOK = """
CREATE OR REPLACE FUNCTION ask_for_a_look() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.rests THEN
        RETURN NEW;
    END IF;
    NEW.needs_score := true;
    NEW.needs_check := true;
    NEW.needs_label := true;
    NEW.needs_outlook := true;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("milestones", "0013_outlooks_that_are_due")]

    operations = [
        migrations.AddField(
            model_name="pulse",
            name="rests",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunSQL(LOOK, migrations.RunSQL.noop),
    ]
