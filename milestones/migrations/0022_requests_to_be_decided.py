from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("milestones", "0021_milestones_to_be_completed")]

    operations = [
        AddIndexConcurrently(
            model_name="changerequest",
            index=models.Index(
                condition=models.Q(("state", "undecided")),
                fields=["workspace", "milestone"],
                name="change_undecided",
            ),
        ),
    ]
