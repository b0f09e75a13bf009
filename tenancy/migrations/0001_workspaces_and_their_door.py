import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

import tenancy.door
import tenancy.ids
import tenancy.text
from tenancy.operations import Protect

STAYS = """
CREATE FUNCTION workspace_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'A row never changes its workspace (table %).', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

DOOR = """
GRANT CREATE ON SCHEMA public TO cairn_door;
CREATE FUNCTION door(sought_kind text, sought_digest bytea)
RETURNS TABLE (workspace_id uuid, subject_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT k.workspace_id, k.subject_id FROM tenancy_doorkey k
    WHERE k.kind = sought_kind AND k.digest = sought_digest
$$;
REVOKE ALL ON FUNCTION door(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door(text, bytea) TO cairn_app, cairn_jobs;
ALTER FUNCTION door(text, bytea) OWNER TO cairn_door;
REVOKE CREATE ON SCHEMA public FROM cairn_door;
"""

# Rows that came before their month existed wait in the default partition; they move when it is made.
ENSURE = """
CREATE FUNCTION ensure_partitions(today date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    parent text; by_column text; part text; starts timestamptz; ends timestamptz; made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ensure_partitions', 0));
    FOR parent, by_column IN
        SELECT c.relname, a.attname FROM pg_partitioned_table p
        JOIN pg_class c ON c.oid = p.partrelid AND c.relnamespace = 'public'::regnamespace
        JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE p.partstrat = 'r'
    LOOP
        FOR ahead IN 0..2 LOOP
            starts := (date_trunc('month', today::timestamp) + make_interval(months => ahead)) AT TIME ZONE 'UTC';
            ends := (date_trunc('month', today::timestamp) + make_interval(months => ahead + 1)) AT TIME ZONE 'UTC';
            part := parent || to_char(starts AT TIME ZONE 'UTC', '_YYYYMM');
            CONTINUE WHEN to_regclass(format('public.%I', part)) IS NOT NULL;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', part, parent);
            EXECUTE format(
                'WITH moved AS (DELETE FROM public.%1$I WHERE %2$I >= $1 AND %2$I < $2 RETURNING *) '
                'INSERT INTO public.%3$I SELECT * FROM moved', parent || '_rest', by_column, part
            ) USING starts, ends;
            EXECUTE format(
                'ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                parent, part, starts, ends
            );
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION ensure_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partitions(date) TO cairn_jobs;
"""

# A workspace is found from outside, but changed only through its own door. Not forced: keys are checked
# by its owner.
POLICIES = """
ALTER TABLE tenancy_workspace ENABLE ROW LEVEL SECURITY;
CREATE POLICY anyone_may_find ON tenancy_workspace FOR SELECT USING (true);
CREATE POLICY anyone_may_begin ON tenancy_workspace FOR INSERT WITH CHECK (true);
CREATE POLICY this_workspace ON tenancy_workspace FOR UPDATE
    USING (id = (SELECT current_setting('app.workspace_id')::uuid));
"""

GRANTS = """
GRANT USAGE ON SCHEMA public TO cairn_app, cairn_jobs, cairn_backup, cairn_door;
GRANT SELECT, INSERT, UPDATE ON tenancy_workspace TO cairn_app;
GRANT SELECT ON tenancy_workspace TO cairn_jobs, cairn_backup, cairn_door;
GRANT SELECT ON django_migrations TO cairn_app, cairn_jobs, cairn_backup;
"""

SLUG = r"^[a-z0-9](-?[a-z0-9])*$"


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.RunSQL(STAYS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                SLUG, "Use small letters, digits and single hyphens."
                            )
                        ],
                    ),
                ),
                ("name", tenancy.text.Line(max_length=80)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", SLUG)), name="workspace_slug_is_an_address"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DoorKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("digest", models.BinaryField(max_length=32)),
                ("subject_id", models.UUIDField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
                "indexes": [models.Index(fields=["workspace", "subject_id"], name="door_key_of_subject")],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "digest"), name="door_key_opens_one_thing")
                ],
            },
            managers=[
                ("objects", models.Manager()),
                ("everywhere", models.Manager()),
            ],
        ),
        Protect("DoorKey", door=True),
        migrations.RunSQL(DOOR, migrations.RunSQL.noop),
        migrations.RunSQL(ENSURE, migrations.RunSQL.noop),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
