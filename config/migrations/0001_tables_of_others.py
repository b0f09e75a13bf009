"""What the app role may do with tables that belong to Django and django-allauth, and the table of the sign-in limits."""

from typing import Any

from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON
    django_session, config_cache, account_emailaddress, account_emailconfirmation, mfa_authenticator TO cairn_app;
GRANT SELECT ON django_content_type, auth_permission, auth_group, auth_group_permissions TO cairn_app;
"""


def create_cache_table(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("sessions", "0001_initial"),
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
        ("tenancy", "0001_workspaces_and_their_door"),
    ]

    operations = [
        migrations.RunPython(create_cache_table, migrations.RunPython.noop, elidable=False),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
