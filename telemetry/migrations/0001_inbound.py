import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenancy.door
import tenancy.ids
import tenancy.models
import tenancy.text
from tenancy.operations import PartitionByMonth, Protect

# One statement for the hooks. It runs as its caller, so policies and grants bind it; it opens the door of the
# workspace, leaves it as it was, and stores only what was verified against the connection's present version.
STORE = """
CREATE FUNCTION store_delivery(
    of_workspace uuid, of_connection uuid, as_version integer, new_id uuid, at timestamptz, digests bytea[],
    new_delivery_id text, new_headers jsonb, new_body bytea
) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    before text := current_setting('app.workspace_id', true); outcome text := 'changed'; fresh integer;
BEGIN
    PERFORM set_config('app.workspace_id', of_workspace::text, true);
    PERFORM FROM public.telemetry_connection c
    WHERE c.workspace_id = of_workspace AND c.id = of_connection AND c.version = as_version;
    IF FOUND THEN
        INSERT INTO public.telemetry_deliverykey (workspace_id, connection_id, digest, received_at)
        SELECT of_workspace, of_connection, digest, at FROM unnest(digests) AS digest
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS fresh = ROW_COUNT;
        outcome := 'repeated';
    END IF;
    IF fresh = cardinality(digests) THEN
        INSERT INTO public.telemetry_rawdelivery
            (id, workspace_id, connection_id, received_at, delivery_id, headers, body)
        VALUES (new_id, of_workspace, of_connection, at, new_delivery_id, new_headers, new_body);
        outcome := 'stored';
    END IF;
    PERFORM set_config('app.workspace_id', coalesce(before, ''), true);
    RETURN outcome;
END $$;
REVOKE ALL ON FUNCTION store_delivery FROM PUBLIC;
GRANT EXECUTE ON FUNCTION store_delivery TO cairn_app;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("milestones", "0001_engagements"),
        ("tenancy", "0001_workspaces_and_their_door"),
    ]

    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "provider",
                    models.CharField(choices=[("linear", "Linear"), ("generic", "Generic")], max_length=20),
                ),
                ("name", tenancy.text.Line(max_length=80)),
                ("secret", models.TextField(editable=False)),
                ("old_secret", models.TextField(blank=True, default="", editable=False)),
                ("old_secret_until", models.DateTimeField(editable=False, null=True)),
                ("options", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
                ("disabled_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "milestone",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="connections",
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
                "indexes": [models.Index(fields=["workspace", "created_at", "id"], name="connection_oldest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("old_secret", ""), ("old_secret_until", None)),
                            models.Q(
                                models.Q(("old_secret", ""), _negated=True),
                                ("old_secret_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="connection_old_secret_means_dated",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("Connection", app="SELECT, INSERT, UPDATE"),
        migrations.CreateModel(
            name="DeliveryKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "connection_id",
                        "digest",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("connection_id", models.UUIDField()),
                ("digest", models.BinaryField(max_length=32)),
                ("received_at", models.DateTimeField()),
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
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(fields=["received_at"], name="delivery_key_age")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("DeliveryKey", app="SELECT, INSERT", jobs="SELECT, DELETE", referable=False),
        migrations.CreateModel(
            name="RawDelivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("connection_id", models.UUIDField()),
                ("received_at", models.DateTimeField()),
                ("delivery_id", models.TextField()),
                ("headers", models.JSONField()),
                ("body", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("applied", "Applied"),
                            ("ignored", "Ignored"),
                            ("parked", "Parked"),
                        ],
                        db_default="received",
                        default="received",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("fence", models.BigIntegerField(db_default=0, default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True, db_default="", default="")),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "received")),
                        fields=["workspace", "received_at", "id"],
                        name="raw_delivery_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state", "parked")),
                        fields=["workspace", "connection_id", "id"],
                        name="raw_delivery_parked",
                    ),
                    models.Index(
                        fields=["workspace", "connection_id", "id"], name="raw_delivery_of_connection"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "received")),
                            models.Q(
                                models.Q(("state", "received"), _negated=True), ("finished_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="raw_delivery_finished_means_dated",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        PartitionByMonth("RawDelivery", "received_at"),
        Protect("RawDelivery", app="SELECT, INSERT, UPDATE", jobs="SELECT, UPDATE", referable=False),
        migrations.RunSQL("SELECT ensure_partitions(current_date)", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="RefusalCount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("signature", "Wrong signature"),
                            ("stale", "Too old or from the future"),
                            ("malformed", "Not readable"),
                            ("too_large", "Too large"),
                        ],
                        max_length=12,
                    ),
                ),
                ("count", models.PositiveBigIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
                (
                    "connection",
                    tenancy.models.TenantKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refusals",
                        to="telemetry.connection",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "connection", "reason"), name="refusals_are_counted_by_reason"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        Protect("RefusalCount", app="SELECT, INSERT, UPDATE"),
        migrations.RunSQL(STORE, migrations.RunSQL.noop),
    ]
