"""The one arrow: each app may use what stands below it, nothing above."""

import pytest
from django.apps import apps
from django.db.models import ForeignObject

from tests.guards.source import RANK, files, imported, place

HTTP_FREE = {"tenancy", "journal", "milestones", "escalation", "telemetry", "proofs"}
HTTP = ("django.http", "django.shortcuts", "django.views", "rest_framework")


@pytest.mark.parametrize("app", RANK)
def test_imports_only_point_down(app):
    wrong = [
        f"{place(path, node)} imports {name}"
        for path in files(app)
        for node, name in imported(path)
        if _points_up(app, name)
    ]

    assert wrong == []


@pytest.mark.parametrize("app", sorted(HTTP_FREE))
def test_the_domain_holds_no_http(app):
    wrong = [
        f"{place(path, node)} imports {name}"
        for path in files(app)
        for node, name in imported(path)
        if name.startswith(HTTP)
    ]

    assert wrong == []


def test_relations_only_point_down():
    wrong = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignObject)
        and _points_up(model._meta.app_label, field.related_model._meta.app_label)
    ]

    assert wrong == []


def test_nothing_of_ours_imports_the_tests():
    wrong = [
        place(path, node)
        for app in RANK
        for path in files(app)
        for node, name in imported(path)
        if name.partition(".")[0] in {"tests", "benchmarks"}
    ]

    assert wrong == []


def _points_up(app: str, name: str) -> bool:
    top = name.partition(".")[0]
    return top != app and app in RANK and RANK.get(top, -1) >= RANK[app]
