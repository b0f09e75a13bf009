"""Every tenant model leaves with its workspace, or says why not; what opens a door never does."""

import re

from django.apps import apps
from django.db.models import BinaryField

from tenancy.models import WorkspaceModel
from tenancy.portable import staying, tables

SECRET = re.compile(r"secret|token|password|digest|sealed|payload|generation|prefix|headers")
HARMLESS = {"shown_digest": "what an answer is bound to: the hash of a text that leaves as well"}


def _tenant_models():
    return {model for model in apps.get_models() if issubclass(model, WorkspaceModel)}


def test_every_tenant_model_leaves_or_says_why_not():
    leaving = [table.model for table in tables()]

    assert len(leaving) == len(set(leaving))
    assert set(leaving) & staying().keys() == set()
    assert {*leaving, *staying()} == _tenant_models()


def test_every_reason_is_given():
    reasons = [*staying().values(), *(why for table in tables() for why in table.without.values())]

    assert [why for why in reasons if not why.strip()] == []


def test_columns_that_stay_exist():
    unknown = [
        f"{table.name}.{name}"
        for table in tables()
        for name in [*table.without, *table.renamed]
        if name not in {field.attname for field in table.model._meta.concrete_fields}
    ]

    assert unknown == []


def test_no_column_that_opens_a_door_leaves():
    leaving = [
        f"{table.name}.{name}"
        for table in tables()
        for name in table.headings
        if SECRET.search(name) and name not in HARMLESS
    ]

    assert leaving == []


def test_no_bytes_leave():
    binary = [
        f"{table.name}.{field.attname}"
        for table in tables()
        for field in table.model._meta.concrete_fields
        if isinstance(field, BinaryField) and field.attname in table.own
    ]

    assert binary == []


def test_no_heading_stands_twice():
    twice = [table.name for table in tables() if len(set(table.headings)) < len(table.headings)]

    assert twice == []
