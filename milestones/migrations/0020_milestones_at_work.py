from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("milestones", "0019_history_holds")]

    operations = [
        AddIndexConcurrently(
            model_name="milestone",
            index=models.Index(
                condition=models.Q(("paused_at", None), ("stage__in", ["execution", "qa"])),
                fields=["workspace", "id"],
                name="milestone_at_work",
            ),
        ),
    ]
