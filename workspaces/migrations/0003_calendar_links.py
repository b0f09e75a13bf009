from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0002_decision_links_and_scope"),
    ]

    operations = [
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
                ],
                max_length=20,
            ),
        ),
    ]
