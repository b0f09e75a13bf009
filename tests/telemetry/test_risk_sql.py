"""The SQL of the scores against the numbers, inside a real PostgreSQL."""

import json
from dataclasses import asdict, fields

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemetry.risk import Evidence, scores, sql_groups, sql_risk
from telemetry.risk.formula import RISK
from tests.telemetry.evidence import evidence

TYPES = ", ".join(f"{f.name} {'boolean' if f.type is bool else 'float8'}" for f in fields(Evidence))
GROUPS = sql_groups({f.name: f"e.{f.name}" for f in fields(Evidence)})
SCORES = [*GROUPS, RISK]


def in_the_database(rows: list[Evidence]) -> list[tuple[int | None, ...]]:
    groups = ", ".join(f"{text} AS {name}" for name, text in GROUPS.items())
    query = f"""SELECT g.*, {sql_risk({name: f"g.{name}" for name in GROUPS})}
        FROM (SELECT {groups} FROM ROWS FROM (json_to_recordset(%s::json) AS ({TYPES})) AS e) AS g"""
    with connection.cursor() as cursor:
        cursor.execute(query, [json.dumps([asdict(row) for row in rows])])
        return cursor.fetchall()


def in_numbers(rows: list[Evidence]) -> list[tuple[int | None, ...]]:
    return [tuple(getattr(scores(row), name) for name in SCORES) for row in rows]


@pytest.mark.slow
@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(st.lists(evidence, min_size=20, max_size=60))
def test_the_database_scores_every_milestone_as_the_numbers_do(rows):
    assert in_the_database(rows) == in_numbers(rows)


def test_a_missing_column_is_named():
    with pytest.raises(KeyError, match="in_setup"):
        sql_groups({})
