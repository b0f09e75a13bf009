"""The stamps of jobs, which every workspace of the installation can see."""

from datetime import timedelta

import pytest

from journal.jobs import stamped
from journal.models import JobRun
from tests.factories import MONDAY

pytestmark = pytest.mark.slow
EVERY = timedelta(minutes=1)


def test_a_failed_run_is_stamped_without_the_text_of_its_error(fresh_database):
    with pytest.raises(ValueError, match="Northwind"), stamped("sweep", every=EVERY, now=MONDAY):
        raise ValueError("Failing row contains (Northwind)")

    run = JobRun.objects.get(name="sweep")
    assert (run.error, run.finished_at, run.is_overdue(now=MONDAY)) == ("ValueError", None, True)
