from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("milestones", "0012_outlooks_that_are_asked_for")]

    operations = [
        AddIndexConcurrently(
            model_name="pulse",
            index=models.Index(
                condition=models.Q(("outlook_due_at__isnull", False)),
                fields=["outlook_due_at"],
                name="pulse_outlook_due_at",
            ),
        ),
    ]
