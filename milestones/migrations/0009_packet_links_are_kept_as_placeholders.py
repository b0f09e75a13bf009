from django.db import migrations

import tenancy.text


class Migration(migrations.Migration):
    dependencies = [("milestones", "0008_proof_notices")]

    operations = [
        migrations.AlterField(
            model_name="milestone",
            name=name,
            field=tenancy.text.Line(blank=True, default="", editable=False, max_length=200),
        )
        for name in ("proof_packet_url", "handoff_packet_link")
    ]
