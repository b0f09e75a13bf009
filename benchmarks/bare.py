"""The floor under the API: a Django project with one list of Django REST framework, and nothing else.

No middleware, sign-in, policies or paging: a ModelSerializer over a plain table of the same rows and columns.
"""

import os
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

ROWS = 50
NAME = "bench_list"


def table(columns: list[str]) -> sql.Composed:
    """The statements that make the table from the milestones; run them past the policies."""
    copied = """
    CREATE TABLE {name} AS SELECT {columns} FROM milestones_milestone;
    ALTER TABLE {name} ADD PRIMARY KEY (id);
    CREATE INDEX ON {name} (forecast_date, id);
    GRANT SELECT ON {name} TO cairn_app;
    ANALYZE {name};
    """
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(copied).format(name=sql.Identifier(NAME), columns=named)


def served() -> WSGIHandler:
    settings.configure(
        SECRET_KEY="bare",  # noqa: S106 - it signs nothing
        ALLOWED_HOSTS=["localhost"],
        INSTALLED_APPS=["rest_framework"],
        DATABASES={"default": _database()},
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
        ROOT_URLCONF="benchmarks.bare",
        USE_TZ=True,
    )
    django.setup()
    globals()["urlpatterns"] = _urls()
    return WSGIHandler()


def _database() -> dict[str, Any]:
    """Pooled like the product's."""
    given = conninfo_to_dict(os.environ["APP_DATABASE_URL"])
    place = {name.upper(): given.get(name, "") for name in ("user", "password", "host", "port")}
    pool = {"min_size": 1, "max_size": 8}
    engine = "django.db.backends.postgresql"
    return {**place, "NAME": given["dbname"], "ENGINE": engine, "OPTIONS": {"pool": pool}}


def _urls() -> list[Any]:
    from django.urls import path
    from rest_framework import generics, renderers, serializers

    model = _model()

    class Shape(serializers.ModelSerializer[Any]):
        class Meta:
            fields = "__all__"

    class Rows(generics.ListAPIView[Any]):
        authentication_classes = ()
        permission_classes = ()
        renderer_classes = (renderers.JSONRenderer,)
        serializer_class = Shape
        queryset = model.objects.order_by("forecast_date", "id")

        def filter_queryset(self, queryset: Any) -> Any:
            return queryset[:ROWS]

        def dispatch(self, *args: Any, **kwargs: Any) -> Any:
            response: Any = super().dispatch(*args, **kwargs)
            response.render()
            response["Content-Length"] = str(len(response.content))
            return response

    Shape.Meta.model = model
    return [path("list", Rows.as_view())]


def _model() -> Any:
    """The table as it is found, each column by the field that Django's inspection names."""
    from django.db import connection, models

    fields: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for column in connection.introspection.get_table_description(cursor, NAME):
            found: Any = connection.introspection.get_field_type(column.type_code, column)
            kind, options = found if isinstance(found, tuple) else (found, {})
            size = {"max_digits": 7, "decimal_places": 2} if kind == "DecimalField" else {}
            fields[column.name] = getattr(models, kind)(null=True, **{**options, **size})
    fields["id"] = models.UUIDField(primary_key=True)
    meta = type("Meta", (), {"db_table": NAME, "managed": False, "app_label": "rest_framework"})
    return type("Row", (models.Model,), {**fields, "Meta": meta, "__module__": __name__})
