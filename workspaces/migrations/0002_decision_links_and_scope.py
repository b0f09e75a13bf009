"""Links to decide and to comment by; a scope of its own for asking for decisions."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0001_people_and_doors"),
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
                        ("connections:write", "Manage connections and deliveries"),
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
                ],
                max_length=20,
            ),
        ),
    ]
