from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("milestones", "0018_history_is_taken_over")]

    operations = [
        ValidateConstraint(model_name="milestone", name=name)
        for name in (
            "milestone_leaves_setup_defined",
            "milestone_closed_as_approved_holds_all_four",
            "milestone_of_history_was_accepted",
        )
    ]
