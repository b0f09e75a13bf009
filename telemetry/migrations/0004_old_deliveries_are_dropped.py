from django.db import migrations

# A month goes when all of it is older and nothing of it still waits; what never got its month goes by rows.
# A hook in hand is not kept waiting: after half a second the next run tries again.
DROP = """
CREATE FUNCTION drop_old_deliveries(kept_since timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '500ms' SET timezone = 'UTC' AS $$
DECLARE
    part text; waits boolean; dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ensure_partitions', 0));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'public.telemetry_rawdelivery'::regclass AND c.relname ~ '_[0-9]{6}$'
          AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= kept_since
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE state = ''received'')', part) INTO waits;
        CONTINUE WHEN waits;
        EXECUTE format('DROP TABLE public.%I', part);
        dropped := dropped + 1;
    END LOOP;
    DELETE FROM public.telemetry_rawdelivery_rest WHERE received_at < kept_since AND state <> 'received';
    RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION drop_old_deliveries(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_old_deliveries(timestamptz) TO cairn_jobs;
"""


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0003_findings_are_parked")]

    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
