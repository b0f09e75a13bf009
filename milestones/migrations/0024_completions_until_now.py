from django.db import migrations

# Row-level security holds for the owner, too: each workspace is entered in its turn, in a transaction of its
# own, so that no rows stay locked while the others are done. What was done before it broke is done again.
KEEP = """
DO $$
DECLARE home uuid;
BEGIN
    FOR home IN SELECT id FROM tenancy_workspace LOOP
        PERFORM set_config('app.workspace_id', home::text, true);
        UPDATE milestones_pulse p SET done_days = t.days, done_sums = t.sums
        FROM (
            SELECT milestone_id, array_agg(day ORDER BY day) AS days, array_agg(sum ORDER BY day) AS sums
            FROM (
                SELECT milestone_id, day,
                       sum(done) OVER (PARTITION BY milestone_id ORDER BY day)::integer AS sum
                FROM (
                    SELECT milestone_id, day, done,
                           row_number() OVER (PARTITION BY milestone_id ORDER BY day DESC) AS place
                    FROM milestones_daytally WHERE done > 0
                ) placed
                WHERE place <= 90
            ) summed
            GROUP BY milestone_id
        ) t
        WHERE p.milestone_id = t.milestone_id;
        COMMIT;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("milestones", "0023_completions_in_the_pulse")]

    operations = [migrations.RunSQL(KEEP, migrations.RunSQL.noop)]
