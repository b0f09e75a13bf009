"""An approval blocker carries the question whose answer ends it."""

import django.db.models.deletion
from django.db import migrations, models

import tenancy.models
from tenancy.operations import Refer


class Migration(migrations.Migration):
    dependencies = [
        ("escalation", "0001_blockers"),
        ("milestones", "0002_milestone_control"),
    ]

    operations = [
        migrations.AddField(
            model_name="blocker",
            name="decision_request",
            field=tenancy.models.TenantKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="milestones.decisionrequest",
            ),
        ),
        migrations.AddIndex(
            model_name="blocker",
            index=models.Index(
                condition=models.Q(("decision_request__isnull", False), ("resolved_at", None)),
                fields=["workspace", "decision_request"],
                name="blocker_asks",
            ),
        ),
        migrations.AddConstraint(
            model_name="blocker",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision_request", None), ("type", "approval"), _connector="OR"),
                name="only_an_approval_blocker_asks_for_a_decision",
            ),
        ),
        Refer("Blocker", "decision_request"),
    ]
