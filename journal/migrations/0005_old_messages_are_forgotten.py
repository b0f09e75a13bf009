from django.db import migrations

GRANTS = """
GRANT DELETE ON journal_delivery TO cairn_jobs;
GRANT SELECT, DELETE ON journal_deliveryattempt TO cairn_jobs;
CREATE POLICY jobs ON journal_deliveryattempt TO cairn_jobs USING (true);
GRANT DELETE ON journal_accountmail TO cairn_jobs;
"""
TAKEN_BACK = """
REVOKE DELETE ON journal_accountmail FROM cairn_jobs;
DROP POLICY jobs ON journal_deliveryattempt;
REVOKE SELECT, DELETE ON journal_deliveryattempt FROM cairn_jobs;
REVOKE DELETE ON journal_delivery FROM cairn_jobs;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0004_urgent_messages_leave_first")]

    operations = [migrations.RunSQL(GRANTS, TAKEN_BACK)]
