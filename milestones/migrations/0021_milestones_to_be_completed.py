from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("milestones", "0020_milestones_at_work")]

    operations = [
        AddIndexConcurrently(
            model_name="milestone",
            index=models.Index(
                condition=models.Q(("completed_at", None), models.Q(("stage", "closed"), _negated=True)),
                fields=["planned_date"],
                name="milestone_to_be_completed",
            ),
        ),
    ]
