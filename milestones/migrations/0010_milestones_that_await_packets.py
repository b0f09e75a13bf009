from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("milestones", "0009_packet_links_are_kept_as_placeholders")]

    operations = [
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(
                condition=models.Q(("stage__in", ["review", "closeout"])),
                fields=["accepted_at"],
                name="milestone_awaits_packets",
            ),
        ),
    ]
