import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0004_export_scope"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apitoken",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("read", "Read everything"),
                        ("kickoffs:write", "Start engagements"),
                        ("projects:write", "Change projects, milestones and contacts"),
                        ("delivery:write", "Record progress, QA, blockers and requests"),
                        ("decisions:write", "Ask for and record decisions"),
                        ("proofs:write", "Measure, publish packets, follow opportunities"),
                        ("connections:write", "Manage connections, webhooks and deliveries"),
                        ("export", "Take a copy of everything"),
                    ],
                    max_length=30,
                ),
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="link",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("invitation", "Invitation"),
                    ("portal", "Client portal"),
                    ("decision", "Decision"),
                    ("review", "Review"),
                    ("calendar", "Calendar feed"),
                    ("proof", "Proof packet"),
                    ("handoff", "Handoff packet"),
                    ("confidence", "Client confidence"),
                ],
                max_length=20,
            ),
        ),
    ]
