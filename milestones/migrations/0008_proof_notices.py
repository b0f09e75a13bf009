from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("milestones", "0007_sweeps_read_artifacts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("date_move", "Date moved"),
                    ("early_warning", "Early warning"),
                    ("late", "Turned red"),
                    ("miss", "Missed date"),
                    ("recovery", "Recovery and revised plan"),
                    ("completion", "Completed"),
                    ("status_update", "Status update"),
                    ("pause", "Pause"),
                    ("outcome", "Outcome"),
                    ("proof_packet", "Proof packet"),
                ],
                max_length=16,
            ),
        ),
    ]
