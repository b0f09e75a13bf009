from django.db import migrations

GRANT = "GRANT UPDATE (voided_at, void_reason) ON milestones_qarun TO cairn_app"


class Migration(migrations.Migration):
    """A run stays as it was written; only that it no longer counts, and why, is added later."""

    dependencies = [("milestones", "0002_milestone_control")]

    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]
