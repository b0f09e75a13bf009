from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("journal", "0003_looks_of_the_watchman")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("kind__in", ("blocker_aging",)), ("state", "queued")),
                fields=["due_at"],
                name="delivery_urgent",
            ),
        ),
    ]
