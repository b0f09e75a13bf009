from django.db import migrations

# Links say where the packets are; these are the packets themselves. Published rows stay as they are, so what
# held when the milestone was closed goes on holding.
FOUR = """
CREATE FUNCTION closed_as_approved_has_published_packets() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.proofs_proofpacket p
        WHERE p.workspace_id = NEW.workspace_id AND p.milestone_id = NEW.id AND p.state = 'published'
          AND (p.content #>> '{milestone,accepted_at}')::timestamptz = NEW.accepted_at
    ) THEN
        RAISE EXCEPTION 'A milestone closes as approved only with the published proof of its acceptance.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_as_approved_has_its_proof';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.proofs_handoffpacket p
        WHERE p.workspace_id = NEW.workspace_id AND p.milestone_id = NEW.id AND p.state = 'published'
          AND (p.content #>> '{milestone,accepted_at}')::timestamptz = NEW.accepted_at
    ) THEN
        RAISE EXCEPTION 'A milestone closes as approved only with the published handoff of its acceptance.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_as_approved_has_its_handoff';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER closed_as_approved_has_published_packets
AFTER INSERT OR UPDATE OF outcome, accepted_at ON milestones_milestone
FOR EACH ROW WHEN (NEW.outcome = 'approved') EXECUTE FUNCTION closed_as_approved_has_published_packets();
"""
LINKS_ALONE = """
DROP TRIGGER closed_as_approved_has_published_packets ON milestones_milestone;
DROP FUNCTION closed_as_approved_has_published_packets();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0010_milestones_that_await_packets"),
        ("proofs", "0001_proof_and_expansion"),
    ]

    operations = [migrations.RunSQL(FOUR, LINKS_ALONE)]
