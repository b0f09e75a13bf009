from django.db import migrations

# What was accepted before Cairn has no packets here; nothing becomes history later (milestones 0018).
EXCEPT_HISTORY = """
DROP TRIGGER closed_as_approved_has_published_packets ON milestones_milestone;
CREATE TRIGGER closed_as_approved_has_published_packets
AFTER INSERT OR UPDATE OF outcome, accepted_at ON milestones_milestone
FOR EACH ROW WHEN (NEW.outcome = 'approved' AND NEW.imported_at IS NULL)
EXECUTE FUNCTION closed_as_approved_has_published_packets();
"""
WITHOUT_EXCEPTION = """
DROP TRIGGER closed_as_approved_has_published_packets ON milestones_milestone;
CREATE TRIGGER closed_as_approved_has_published_packets
AFTER INSERT OR UPDATE OF outcome, accepted_at ON milestones_milestone
FOR EACH ROW WHEN (NEW.outcome = 'approved') EXECUTE FUNCTION closed_as_approved_has_published_packets();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0018_history_is_taken_over"),
        ("proofs", "0002_closing_needs_published_packets"),
    ]

    operations = [migrations.RunSQL(EXCEPT_HISTORY, WITHOUT_EXCEPTION)]
