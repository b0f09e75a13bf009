"""Scope growth is reckoned since the last baseline: the sweeps read where planned dates have moved."""

from django.db import migrations

READ = [
    "GRANT SELECT ON milestones_datemove TO cairn_jobs",
    "CREATE POLICY jobs ON milestones_datemove TO cairn_jobs USING (true)",
]


class Migration(migrations.Migration):
    dependencies = [("milestones", "0003_qa_runs_may_be_voided")]

    operations = [migrations.RunSQL(READ, migrations.RunSQL.noop)]
