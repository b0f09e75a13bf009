from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proofs", "0003_history_has_no_packets")]

    operations = [
        *(
            migrations.AddField(
                model_name="artifactwatch",
                name=name,
                field=models.DateTimeField(editable=False, null=True),
            )
            for name in ("asked_at", "answered_at")
        ),
        AddConstraintNotValid(
            model_name="artifactwatch",
            constraint=models.CheckConstraint(
                name="watch_answered_means_asked",
                condition=models.Q(("answered_at", None), ("asked_at__isnull", False), _connector="OR"),
            ),
        ),
    ]
