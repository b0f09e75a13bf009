"""Whose answer was taken back: a blocker that it ended opens again, and its baseline does not count.

Only the columns that say so: what was decided, and in whose words, is no business of the sweeps.
"""

from django.db import migrations

READ = [
    "GRANT SELECT (workspace_id, id, request_id, countermands_id, at) ON milestones_decision TO cairn_jobs",
    "CREATE POLICY jobs ON milestones_decision TO cairn_jobs USING (true)",
]
READ_NO_MORE = [
    "DROP POLICY jobs ON milestones_decision",
    "REVOKE SELECT (workspace_id, id, request_id, countermands_id, at) ON milestones_decision FROM cairn_jobs",
]


class Migration(migrations.Migration):
    dependencies = [("milestones", "0015_what_is_archived_already_rests")]

    operations = [migrations.RunSQL(READ, READ_NO_MORE)]
