from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("milestones", "0016_sweeps_read_what_was_taken_back")]

    operations = [
        AddIndexConcurrently(
            model_name="decisionrequest",
            index=models.Index(
                condition=models.Q(("kind", "blocker"), ("state", "countermanded")),
                fields=["ended_at"],
                name="blocker_answer_taken_back",
            ),
        ),
    ]
