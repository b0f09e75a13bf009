from django.db import migrations

# Row-level security holds for the owner, too: each workspace is entered in its turn, in a transaction of its
# own, so that no rows stay locked while the others are done. What was done before it broke is done again.
REST = """
DO $$
DECLARE home uuid;
BEGIN
    FOR home IN SELECT id FROM tenancy_workspace LOOP
        PERFORM set_config('app.workspace_id', home::text, true);
        UPDATE milestones_pulse p
        SET rests = true, needs_score = false, needs_check = false, needs_label = false,
            needs_outlook = false, score_due_at = NULL, check_due_at = NULL, age_due_at = NULL,
            label_due_at = NULL, outlook_due_at = NULL
        FROM milestones_milestone m
        JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
        WHERE m.workspace_id = p.workspace_id AND m.id = p.milestone_id AND j.archived_at IS NOT NULL;
        COMMIT;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("milestones", "0014_archived_projects_rest")]

    operations = [migrations.RunSQL(REST, migrations.RunSQL.noop)]
