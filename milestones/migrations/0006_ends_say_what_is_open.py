"""Every end says which dependencies are open and who moves next; older ends say that nobody stated it."""

from django.db import migrations, models
from django.db.models import Q

# The owner of the table is no tenant: its rows are opened to it for this one statement.
OPEN = "ALTER TABLE milestones_milestone NO FORCE ROW LEVEL SECURITY"
STATE = """
UPDATE milestones_milestone
SET open_dependencies = COALESCE(NULLIF(open_dependencies, ''), 'Not stated'),
    next_move_owner = COALESCE(NULLIF(next_move_owner, ''), 'Not stated')
WHERE outcome <> '' AND (open_dependencies = '' OR next_move_owner = '')
"""
SHUT = "ALTER TABLE milestones_milestone FORCE ROW LEVEL SECURITY"


class Migration(migrations.Migration):
    dependencies = [("milestones", "0005_empty_documents")]

    operations = [
        migrations.RunSQL([OPEN, STATE, SHUT], migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                name="milestone_closed_says_what_is_open_and_who_moves_next",
                condition=Q(outcome="") | (~Q(open_dependencies="") & ~Q(next_move_owner="")),
            ),
        ),
    ]
