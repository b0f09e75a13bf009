from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("milestones", "0011_outlooks_are_asked_for")]

    operations = [
        AddIndexConcurrently(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("needs_outlook", True)),
                fields=["workspace", "milestone"],
                name="pulse_to_foresee",
            ),
        ),
    ]
