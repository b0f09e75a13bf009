from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0003_due_times"),
        ("tenancy", "0002_partitions"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="daytally",
            name="a_day_is_tallied_once",
        ),
        migrations.AddConstraint(
            model_name="daytally",
            constraint=models.UniqueConstraint(
                fields=("workspace", "milestone", "day"), include=("done",), name="a_day_is_tallied_once"
            ),
        ),
    ]
