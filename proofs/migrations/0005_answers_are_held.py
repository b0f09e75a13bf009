from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("proofs", "0004_owners_are_asked_about_changes")]

    operations = [ValidateConstraint(model_name="artifactwatch", name="watch_answered_means_asked")]
