import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0003_calendar_links"),
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
                        ("export", "Take a copy of everything"),
                    ],
                    max_length=30,
                ),
                size=None,
            ),
        ),
    ]
