"""Fixtures of the database: each process has a clone, a test with committed rows one of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.plugins import cluster


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """The database of one test; `environment` is for processes that the test starts."""

    name: str
    environment: dict[str, str]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The clone that settings name already; takes the place of pytest-django's own test databases."""
    cluster.migrate_template()
    with cluster.clone(settings.DATABASES["default"]["NAME"]):
        yield
        with django_db_blocker.unblock():
            connections.close_all()


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[FreshDatabase]:
    """All aliases on a new clone, without a transaction around the test: others see what it commits."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        pytest.fail("fresh_database takes the place of db: a test has one or the other.")
    with cluster.clone() as name, django_db_blocker.unblock(), _pointed_at(name):
        yield FreshDatabase(name, cluster.environment(name))


@contextmanager
def _pointed_at(name: str) -> Iterator[None]:
    former = settings.DATABASES["default"]["NAME"]
    _point_at(name)
    try:
        yield
    finally:
        _point_at(former)


def _point_at(name: str) -> None:
    """In place, because connections of other threads are made from the same settings."""
    connections.close_all()
    for alias in connections.settings:
        connections.settings[alias]["NAME"] = name
