import django.core.validators
import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.models
import tenancy.text
from tenancy.operations import ALL, Protect

KEPT = "SELECT, INSERT, UPDATE"
WRITTEN_ONCE = "SELECT, INSERT"
GRANTS = [
    "GRANT UPDATE (retracted_at, retract_reason) ON proofs_snapshot TO cairn_app",
    "GRANT SELECT, INSERT ON proofs_sealcertificate TO cairn_app",
    "GRANT SELECT ON proofs_sealcertificate TO cairn_backup",
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("milestones", "0006_ends_say_what_is_open"),
        ("tenancy", "0001_workspaces_and_their_door"),
        ("workspaces", "0005_proof_links_and_scope"),
    ]

    operations = [
        migrations.CreateModel(
            name="SealCertificate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("certificate", models.TextField()),
                ("private_key", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ArtifactWatch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("fence", models.BigIntegerField(db_default=0, default=0, editable=False)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("is_living", models.BooleanField(default=False)),
                (
                    "found",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ok", "Reachable and unchanged"),
                            ("changed", "Changed since it was added"),
                            ("unreachable", "Not reachable"),
                            ("refused", "Not looked at"),
                            ("missing", "File missing or damaged"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("checked_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "is_unsound",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                found__in=("changed", "unreachable", "missing"), then=models.Value(True)
                            ),
                            default=models.Value(False),
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "artifact_version",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watches",
                        to="milestones.artifactversion",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ArtifactCheck",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "found",
                    models.CharField(
                        choices=[
                            ("ok", "Reachable and unchanged"),
                            ("changed", "Changed since it was added"),
                            ("unreachable", "Not reachable"),
                            ("refused", "Not looked at"),
                            ("missing", "File missing or damaged"),
                        ],
                        max_length=12,
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size", models.BigIntegerField(null=True)),
                ("detail", tenancy.text.Line(blank=True, max_length=300)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "watch",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="proofs.artifactwatch",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Confidence",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[("decision", "A decision"), ("packet", "A proof packet")], max_length=10
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("link_id", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("sentence", tenancy.text.Line(blank=True, max_length=300)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "contact",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="milestones.contact",
                    ),
                ),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confidences",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="DeliveryTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", tenancy.text.Line(max_length=200)),
                ("body", tenancy.text.Text(max_length=5000)),
                ("changed_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="HandoffPacket",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("correction", tenancy.text.Line(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(editable=False, null=True)),
                ("published_kind", models.CharField(blank=True, editable=False, max_length=20)),
                ("published_by", models.UUIDField(editable=False, null=True)),
                ("published_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("content", models.JSONField(editable=False, null=True)),
                ("content_sha256", models.CharField(blank=True, editable=False, max_length=64)),
                ("journal_seq", models.BigIntegerField(editable=False, null=True)),
                ("journal_hash", models.CharField(blank=True, editable=False, max_length=64)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("approved", "Approved"),
                            ("needs_revisions", "Needs revisions"),
                            ("blocked_by_dependency", "Blocked by a dependency"),
                            ("changed_via_scope", "Changed via scope"),
                        ],
                        max_length=24,
                    ),
                ),
                ("approval_state", tenancy.text.Line(blank=True, max_length=300)),
                ("open_dependencies", tenancy.text.Text(blank=True, max_length=2000)),
                ("next_stage_trigger", tenancy.text.Line(blank=True, max_length=200)),
                ("next_move_owner", tenancy.text.Line(blank=True, max_length=200)),
                ("recommendation", tenancy.text.Text(blank=True, max_length=4000)),
                ("reason", tenancy.text.Line(blank=True, max_length=300)),
                ("planned_through", models.BigIntegerField(editable=False, null=True)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handoff_packets",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="KpiPoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kpi",
                    models.CharField(
                        choices=[
                            ("clarity", "Milestone clarity score"),
                            ("on_time", "On-time milestone probability"),
                            ("resolution", "Mean blocker resolution time"),
                            ("confidence", "Client confidence score"),
                            ("conversation", "Upsell conversation rate"),
                        ],
                        max_length=14,
                    ),
                ),
                ("day", models.DateField()),
                ("value", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                ("n", models.PositiveIntegerField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Metric",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", tenancy.text.Line(max_length=80)),
                ("unit", tenancy.text.Line(blank=True, max_length=20)),
                (
                    "direction",
                    models.CharField(
                        choices=[("up", "Higher is better"), ("down", "Lower is better")],
                        default="up",
                        max_length=4,
                    ),
                ),
                ("target", models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True)),
                ("source", tenancy.text.Line(blank=True, max_length=200)),
                ("feed_key", tenancy.text.Line(blank=True, max_length=120)),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="metrics",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ProofPacket",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("correction", tenancy.text.Line(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(editable=False, null=True)),
                ("published_kind", models.CharField(blank=True, editable=False, max_length=20)),
                ("published_by", models.UUIDField(editable=False, null=True)),
                ("published_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("content", models.JSONField(editable=False, null=True)),
                ("content_sha256", models.CharField(blank=True, editable=False, max_length=64)),
                ("journal_seq", models.BigIntegerField(editable=False, null=True)),
                ("journal_hash", models.CharField(blank=True, editable=False, max_length=64)),
                ("version", models.PositiveIntegerField(default=1)),
                ("recap", tenancy.text.Text(blank=True, max_length=4000)),
                ("not_measurable", tenancy.text.Text(blank=True, max_length=1000)),
                ("risks", tenancy.text.Text(blank=True, max_length=4000)),
                ("recommendation", tenancy.text.Text(blank=True, max_length=4000)),
                ("as_found", models.BooleanField(default=False)),
                ("as_found_of", models.JSONField(default=list, editable=False)),
                ("publishes_itself", models.BooleanField(default=False)),
                ("allowed_by", models.UUIDField(editable=False, null=True)),
                ("allowed_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("tried_at", models.DateTimeField(editable=False, null=True)),
                ("clock_started_at", models.DateTimeField(editable=False, null=True)),
                ("clock_ends_at", models.DateTimeField(editable=False, null=True)),
                ("clock_zone", models.CharField(blank=True, editable=False, max_length=64)),
                ("clock_reminded_at", models.DateTimeField(editable=False, null=True)),
                ("same_day", models.BooleanField(editable=False, null=True)),
                ("delivered_at", models.DateTimeField(editable=False, null=True)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proof_packets",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="PacketFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf_a4", "PDF, A4"),
                            ("pdf_letter", "PDF, US Letter"),
                            ("data", "Data file"),
                            ("zip", "Archive with verifier"),
                        ],
                        max_length=10,
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("rendered_sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("pages", models.PositiveSmallIntegerField(null=True)),
                ("made_at", models.DateTimeField()),
                ("certificate", models.CharField(blank=True, max_length=64)),
                (
                    "handoff",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="proofs.handoffpacket",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "proof",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="proofs.proofpacket",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Opportunity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", tenancy.text.Line(max_length=200)),
                ("notes", tenancy.text.Text(blank=True, max_length=4000)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("identified", "Identified"),
                            ("conversation", "Conversation"),
                            ("proposal", "Proposal"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                        ],
                        default="identified",
                        max_length=12,
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}$", "Give the currency by its three letters, such as EUR."
                            )
                        ],
                    ),
                ),
                ("next_step", tenancy.text.Line(blank=True, max_length=300)),
                ("next_step_on", models.DateField(blank=True, null=True)),
                ("reminded_on", models.DateField(editable=False, null=True)),
                ("created_at", models.DateTimeField()),
                ("conversation_at", models.DateTimeField(editable=False, null=True)),
                ("proposal_at", models.DateTimeField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                ("end_reason", tenancy.text.Line(blank=True, editable=False, max_length=300)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="milestones.account",
                    ),
                ),
                (
                    "owner",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workspaces.membership",
                    ),
                ),
                (
                    "project",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="milestones.project",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
                (
                    "packet",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="proofs.proofpacket",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Rendering",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("fence", models.BigIntegerField(db_default=0, default=0)),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("parked_at", models.DateTimeField(null=True)),
                ("last_error", tenancy.text.Line(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "handoff",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renderings",
                        to="proofs.handoffpacket",
                    ),
                ),
                (
                    "proof",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renderings",
                        to="proofs.proofpacket",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Rollout",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("started_on", models.DateField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("baseline", "Baseline"), ("current", "Current value")], max_length=8
                    ),
                ),
                ("value", models.DecimalField(decimal_places=4, max_digits=18)),
                ("measured_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("hand", "Entered by hand"),
                            ("api", "By API"),
                            ("connection", "From a connection"),
                            ("measure", "The milestone's measured progress"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", tenancy.text.Line(blank=True, max_length=200)),
                ("reading_id", models.UUIDField(editable=False, null=True)),
                ("by_kind", models.CharField(max_length=20)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                ("retracted_at", models.DateTimeField(editable=False, null=True)),
                ("retract_reason", tenancy.text.Line(blank=True, editable=False, max_length=300)),
                (
                    "metric",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snapshots",
                        to="proofs.metric",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=tenancy.door.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "everywhere",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="artifactwatch",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="watch_due"
            ),
        ),
        migrations.AddIndex(
            model_name="artifactwatch",
            index=models.Index(
                condition=models.Q(("is_unsound", True)),
                fields=["workspace", "checked_at"],
                name="watch_unsound",
            ),
        ),
        migrations.AddConstraint(
            model_name="artifactwatch",
            constraint=models.UniqueConstraint(
                fields=("workspace", "artifact_version"), name="an_artifact_version_is_watched_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="artifactwatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked_at", None), ("found", "")),
                    models.Q(models.Q(("found", ""), _negated=True), ("checked_at__isnull", False)),
                    _connector="OR",
                ),
                name="watch_found_means_checked",
            ),
        ),
        migrations.AddIndex(
            model_name="artifactcheck",
            index=models.Index(
                models.F("workspace"),
                models.F("watch"),
                models.OrderBy(models.F("at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="check_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="confidence",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)),
                fields=["workspace", "answered_at"],
                name="confidence_given",
            ),
        ),
        migrations.AddIndex(
            model_name="confidence",
            index=models.Index(fields=["workspace", "subject_id"], name="confidence_subject"),
        ),
        migrations.AddConstraint(
            model_name="confidence",
            constraint=models.UniqueConstraint(
                fields=("workspace", "contact", "subject_id"), name="confidence_is_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="confidence",
            constraint=models.CheckConstraint(
                condition=models.Q(("score", None), ("score__range", (1, 5)), _connector="OR"),
                name="confidence_is_one_to_five",
            ),
        ),
        migrations.AddConstraint(
            model_name="confidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("score", None), ("sentence", "")),
                    models.Q(("answered_at__isnull", False), ("score__isnull", False)),
                    _connector="OR",
                ),
                name="confidence_given_means_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliverytemplate",
            constraint=models.UniqueConstraint(
                fields=("workspace",), name="a_workspace_has_one_delivery_template"
            ),
        ),
        migrations.AddIndex(
            model_name="handoffpacket",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="handoff_packet_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffpacket",
            constraint=models.UniqueConstraint(
                fields=("workspace", "milestone", "number"), name="handoff_packets_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffpacket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("workspace", "milestone"),
                name="a_milestone_has_one_handoff_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffpacket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("content__isnull", False),
                        ("journal_seq__isnull", False),
                        ("published_at__isnull", False),
                        ("state", "published"),
                        models.Q(("content_sha256", ""), _negated=True),
                    ),
                    models.Q(
                        ("content", None),
                        ("content_sha256", ""),
                        ("journal_seq", None),
                        ("published_at", None),
                        ("state", "draft"),
                    ),
                    _connector="OR",
                ),
                name="handoff_packet_published_means_frozen",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handoffpacket",
            trigger=pgtrigger.compiler.Trigger(
                name="handoff_packet_stays_as_published",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.state = 'published' AND (OLD.number IS DISTINCT FROM NEW.number OR OLD.state IS DISTINCT FROM NEW.state OR OLD.correction IS DISTINCT FROM NEW.correction OR OLD.outcome IS DISTINCT FROM NEW.outcome OR OLD.approval_state IS DISTINCT FROM NEW.approval_state OR OLD.open_dependencies IS DISTINCT FROM NEW.open_dependencies OR OLD.next_stage_trigger IS DISTINCT FROM NEW.next_stage_trigger OR OLD.next_move_owner IS DISTINCT FROM NEW.next_move_owner OR OLD.recommendation IS DISTINCT FROM NEW.recommendation OR OLD.reason IS DISTINCT FROM NEW.reason OR OLD.published_at IS DISTINCT FROM NEW.published_at OR OLD.published_kind IS DISTINCT FROM NEW.published_kind OR OLD.published_by IS DISTINCT FROM NEW.published_by OR OLD.published_name IS DISTINCT FROM NEW.published_name OR OLD.content IS DISTINCT FROM NEW.content OR OLD.content_sha256 IS DISTINCT FROM NEW.content_sha256 OR OLD.journal_seq IS DISTINCT FROM NEW.journal_seq OR OLD.journal_hash IS DISTINCT FROM NEW.journal_hash OR OLD.milestone_id IS DISTINCT FROM NEW.milestone_id))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="66dde8f74ed9e49c39fcc016ef446bb3894cf64c",
                    operation="UPDATE",
                    pgid="pgtrigger_handoff_packet_stays_as_published_a350f",
                    table="proofs_handoffpacket",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="kpipoint",
            constraint=models.UniqueConstraint(
                fields=("workspace", "kpi", "day"), name="a_kpi_has_one_point_a_day"
            ),
        ),
        migrations.AddIndex(
            model_name="metric",
            index=models.Index(fields=["workspace", "milestone", "position", "id"], name="metric_in_order"),
        ),
        migrations.AddIndex(
            model_name="metric",
            index=models.Index(
                condition=models.Q(models.Q(("feed_key", ""), _negated=True), ("removed_at", None)),
                fields=["workspace", "feed_key"],
                name="metric_fed",
            ),
        ),
        migrations.AddConstraint(
            model_name="metric",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("workspace", "milestone", "name"),
                name="metrics_of_a_milestone_differ",
            ),
        ),
        migrations.AddConstraint(
            model_name="metric",
            constraint=models.CheckConstraint(
                condition=models.Q(("direction__in", ["up", "down"])), name="metric_direction_is_known"
            ),
        ),
        migrations.AddIndex(
            model_name="proofpacket",
            index=models.Index(
                condition=models.Q(("clock_ends_at__isnull", False), ("state", "draft")),
                fields=["clock_ends_at"],
                name="proof_packet_clock",
            ),
        ),
        migrations.AddIndex(
            model_name="proofpacket",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="proof_packet_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="proofpacket",
            index=models.Index(
                condition=models.Q(("delivered_at", None), ("state", "published")),
                fields=["published_at"],
                name="proof_packet_undelivered",
            ),
        ),
        migrations.AddConstraint(
            model_name="proofpacket",
            constraint=models.UniqueConstraint(
                fields=("workspace", "milestone", "number"), name="proof_packets_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="proofpacket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("workspace", "milestone"),
                name="a_milestone_has_one_proof_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="proofpacket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("content__isnull", False),
                        ("journal_seq__isnull", False),
                        ("published_at__isnull", False),
                        ("state", "published"),
                        models.Q(("content_sha256", ""), _negated=True),
                    ),
                    models.Q(
                        ("content", None),
                        ("content_sha256", ""),
                        ("journal_seq", None),
                        ("published_at", None),
                        ("state", "draft"),
                    ),
                    _connector="OR",
                ),
                name="proof_packet_published_means_frozen",
            ),
        ),
        migrations.AddConstraint(
            model_name="proofpacket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("clock_ends_at", None), ("clock_started_at", None)),
                    models.Q(
                        ("clock_ends_at__gt", models.F("clock_started_at")),
                        ("clock_started_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="proof_packet_clock_has_both_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="proofpacket",
            constraint=models.CheckConstraint(
                condition=models.Q(("delivered_at", None), ("published_at__isnull", False), _connector="OR"),
                name="proof_packet_is_delivered_after_publishing",
            ),
        ),
        migrations.AddConstraint(
            model_name="proofpacket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("publishes_itself", False),
                    models.Q(("allowed_name", ""), _negated=True),
                    _connector="OR",
                ),
                name="proof_packet_publishes_itself_as_somebody_said",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proofpacket",
            trigger=pgtrigger.compiler.Trigger(
                name="proof_packet_stays_as_published",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.state = 'published' AND (OLD.number IS DISTINCT FROM NEW.number OR OLD.state IS DISTINCT FROM NEW.state OR OLD.correction IS DISTINCT FROM NEW.correction OR OLD.recap IS DISTINCT FROM NEW.recap OR OLD.not_measurable IS DISTINCT FROM NEW.not_measurable OR OLD.risks IS DISTINCT FROM NEW.risks OR OLD.recommendation IS DISTINCT FROM NEW.recommendation OR OLD.as_found IS DISTINCT FROM NEW.as_found OR OLD.as_found_of IS DISTINCT FROM NEW.as_found_of OR OLD.publishes_itself IS DISTINCT FROM NEW.publishes_itself OR OLD.allowed_by IS DISTINCT FROM NEW.allowed_by OR OLD.allowed_name IS DISTINCT FROM NEW.allowed_name OR OLD.published_at IS DISTINCT FROM NEW.published_at OR OLD.published_kind IS DISTINCT FROM NEW.published_kind OR OLD.published_by IS DISTINCT FROM NEW.published_by OR OLD.published_name IS DISTINCT FROM NEW.published_name OR OLD.same_day IS DISTINCT FROM NEW.same_day OR OLD.content IS DISTINCT FROM NEW.content OR OLD.content_sha256 IS DISTINCT FROM NEW.content_sha256 OR OLD.journal_seq IS DISTINCT FROM NEW.journal_seq OR OLD.journal_hash IS DISTINCT FROM NEW.journal_hash OR OLD.milestone_id IS DISTINCT FROM NEW.milestone_id))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="85c046d7c573ecf7734a2cf2619727b524a863f1",
                    operation="UPDATE",
                    pgid="pgtrigger_proof_packet_stays_as_published_ec984",
                    table="proofs_proofpacket",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="packetfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("proof__isnull", False)),
                fields=("workspace", "proof", "kind"),
                name="a_proof_file_is_made_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="packetfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("handoff__isnull", False)),
                fields=("workspace", "handoff", "kind"),
                name="a_handoff_file_is_made_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="packetfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handoff", None), ("proof__isnull", False)),
                    models.Q(("handoff__isnull", False), ("proof", None)),
                    _connector="OR",
                ),
                name="packet_file_is_of_one_packet",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="opportunity_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("next_step_on__isnull", False)),
                fields=["next_step_on"],
                name="opportunity_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.UniqueConstraint(
                fields=("workspace", "number"), name="opportunities_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("packet__isnull", False)),
                fields=("workspace", "packet"),
                name="a_packet_starts_one_opportunity",
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", None), ("value__gte", 0), _connector="OR"),
                name="opportunity_value_is_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="opportunity_currency_is_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("stage__in", ["won", "lost"])),
                    models.Q(models.Q(("stage__in", ["won", "lost"]), _negated=True), ("ended_at", None)),
                    _connector="OR",
                ),
                name="opportunity_ended_means_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "lost"), _negated=True),
                    models.Q(("end_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="opportunity_lost_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage", "identified"),
                    ("stage", "lost"),
                    ("conversation_at__isnull", False),
                    _connector="OR",
                ),
                name="opportunity_has_spoken_before_it_proposes",
            ),
        ),
        migrations.AddIndex(
            model_name="rendering",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="rendering_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="rendering",
            constraint=models.UniqueConstraint(
                condition=models.Q(("proof__isnull", False)),
                fields=("workspace", "proof"),
                name="a_proof_packet_is_rendered_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rendering",
            constraint=models.UniqueConstraint(
                condition=models.Q(("handoff__isnull", False)),
                fields=("workspace", "handoff"),
                name="a_handoff_packet_is_rendered_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rendering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handoff", None), ("proof__isnull", False)),
                    models.Q(("handoff__isnull", False), ("proof", None)),
                    _connector="OR",
                ),
                name="rendering_is_of_one_packet",
            ),
        ),
        migrations.AddConstraint(
            model_name="rendering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("due_at__isnull", False), ("parked_at", None)),
                    models.Q(("done_at__isnull", False), ("due_at", None), ("parked_at", None)),
                    models.Q(
                        ("done_at", None),
                        ("due_at", None),
                        ("parked_at__isnull", False),
                        models.Q(("last_error", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rendering_waits_or_has_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="rollout",
            constraint=models.UniqueConstraint(fields=("workspace",), name="a_workspace_is_rolled_out_once"),
        ),
        migrations.AddIndex(
            model_name="snapshot",
            index=models.Index(
                models.F("workspace"),
                models.F("metric"),
                models.OrderBy(models.F("measured_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="snapshot_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retracted_at", None), ("role", "baseline")),
                fields=("workspace", "metric"),
                name="a_metric_has_one_standing_baseline",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reading_id__isnull", False)),
                fields=("workspace", "metric", "reading_id"),
                name="a_reading_is_taken_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("measured_at__lte", models.F("recorded_at"))),
                name="snapshot_was_measured_before_it_was_recorded",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retract_reason", ""), ("retracted_at", None)),
                    models.Q(
                        ("retracted_at__isnull", False), models.Q(("retract_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="snapshot_retracted_means_explained",
            ),
        ),
        migrations.AddIndex(
            model_name="handoffpacket",
            index=models.Index(
                condition=models.Q(("planned_through__isnull", False)),
                fields=["workspace", "milestone"],
                name="handoff_packet_follows",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handoffpacket",
            trigger=pgtrigger.compiler.Trigger(
                name="published_handoff_packet_is_not_removed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.state = 'published')",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="c0081b89393d0fe6eee1a7ba92f6099c8fd3477b",
                    operation="DELETE",
                    pgid="pgtrigger_published_handoff_packet_is_not_removed_a6659",
                    table="proofs_handoffpacket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proofpacket",
            trigger=pgtrigger.compiler.Trigger(
                name="published_proof_packet_is_not_removed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.state = 'published')",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="4fa4e45d43328d41e2b20e43feeda297f142f66d",
                    operation="DELETE",
                    pgid="pgtrigger_published_proof_packet_is_not_removed_39324",
                    table="proofs_proofpacket",
                    when="BEFORE",
                ),
            ),
        ),
        *(
            Protect(model_name=name, app=app, jobs=jobs)
            for name, app, jobs in (
                ("Metric", KEPT, "SELECT"),
                ("Snapshot", WRITTEN_ONCE, ""),
                ("ArtifactWatch", KEPT, "SELECT, INSERT, UPDATE"),
                ("ArtifactCheck", WRITTEN_ONCE, ""),
                ("ProofPacket", ALL, "SELECT"),
                ("HandoffPacket", ALL, "SELECT"),
                ("PacketFile", WRITTEN_ONCE, ""),
                ("Rendering", KEPT, "SELECT, UPDATE"),
                ("Confidence", KEPT, "SELECT"),
                ("Opportunity", KEPT, "SELECT"),
                ("DeliveryTemplate", ALL, ""),
                ("KpiPoint", KEPT, "SELECT, INSERT, UPDATE"),
                ("Rollout", KEPT, ""),
            )
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
