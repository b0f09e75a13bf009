"""What the operator's metrics say. How two web workers add up is in test_start."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families as families

from config import waiting
from journal.letters import Letter
from journal.models import AccountMail, JobRun
from journal.outbox import enqueue_account_mail

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Figures = dict[tuple[str, ...], float]


@pytest.fixture
def scrape(client: Client, settings: LazySettings):
    """Reads the metrics: {(name, labels…): value}."""
    settings.METRICS_TOKEN = "a token"

    def read() -> Figures:
        answer = client.get("/metrics", headers={"Authorization": "Bearer a token"})
        assert answer.status_code == 200
        samples = (sample for family in families(answer.text) for sample in family.samples)
        return {(sample.name, *sample.labels.values()): sample.value for sample in samples}

    return read


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_metrics_need_the_token(client: Client, settings: LazySettings, headers):
    settings.METRICS_TOKEN = "a token"

    assert client.get("/metrics", headers=headers).status_code == 403


def test_without_a_token_nobody_gets_in(client: Client, settings: LazySettings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


@pytest.mark.django_db
def test_requests_are_counted_by_view_and_never_by_address(client: Client, scrape):
    counted = ("cairn_request_seconds_count", "GET", "404", "portal")
    before = scrape().get(counted, 0)

    client.get("/p/a-secret-that-nobody-should-see-here")
    client.generic("INVENTED", "/healthz")
    after = scrape()

    assert after[counted] == before + 1
    assert after["cairn_request_seconds_count", "other", "405", "healthz"] >= 1
    assert not [key for key in after if "secret" in str(key)]


@pytest.mark.usefixtures("fresh_database")
def test_each_job_has_an_age_and_says_whether_it_is_overdue(scrape):
    long_ago = NOON - timedelta(days=1)
    JobRun.objects.using("jobs").create(
        name="outbox", every=timedelta(seconds=5), started_at=long_ago, finished_at=long_ago
    )

    figures = scrape()

    assert figures["cairn_job_age_seconds", "outbox"] > timedelta(days=1).total_seconds()
    assert figures["cairn_job_overdue", "outbox"] == 1


@pytest.mark.slow
@pytest.mark.usefixtures("fresh_database")
def test_what_waits_is_counted_by_the_worker_and_shown_by_web(scrape):
    for number in range(3):
        enqueue_account_mail(
            Letter("Hello", "text", "html"), kind="test", address=f"{number}@here.example", due_at=NOON
        )
    AccountMail.objects.filter(address="0@here.example").update(state="parked", finished_at=NOON)

    waiting.keep(waiting.count())
    figures = scrape()

    assert figures["cairn_waiting", "sign-in mail", "queued"] == 2
    assert figures["cairn_waiting", "sign-in mail", "parked"] == 1
    assert figures["cairn_waiting", "hook delivery", "received"] == 0
    assert figures["cairn_waiting", "packet", "queued"] == 0
    assert figures["cairn_waiting_seconds", "sign-in mail"] > timedelta(days=1).total_seconds()
    assert figures["cairn_bells", "mail"] == 0


@pytest.mark.django_db
def test_figures_that_nobody_renews_are_not_shown(scrape):
    caches["fast"].delete(waiting.KEY)

    assert not [key for key in scrape() if key[0] == "cairn_waiting"]


@pytest.mark.slow
@pytest.mark.usefixtures("fresh_database")
def test_an_absent_database_leaves_the_other_figures(scrape):
    connection.close()
    known = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "gone"
    try:
        figures = scrape()
    finally:
        connection.settings_dict["NAME"] = known

    assert (figures["cairn_up", "database"], figures["cairn_up", "redis"]) == (0, 1)
