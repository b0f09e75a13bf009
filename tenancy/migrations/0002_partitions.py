from django.db import migrations

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


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_workspaces_and_their_door")]

    operations = [migrations.RunSQL(ENSURE, migrations.RunSQL.noop)]
