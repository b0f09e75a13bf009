from django.db import migrations

READ = [
    statement
    for table in ("artifact", "artifactversion")
    for statement in (
        f"GRANT SELECT ON milestones_{table} TO cairn_jobs",
        f"CREATE POLICY jobs ON milestones_{table} TO cairn_jobs USING (true)",
    )
]


class Migration(migrations.Migration):
    dependencies = [("milestones", "0006_ends_say_what_is_open")]

    operations = [migrations.RunSQL(READ, migrations.RunSQL.noop)]
