"""A milestone with artifacts at a real receiver, looks at them, and what followed."""

from journal.models import Delivery, Event
from milestones.actions.artifacts import add_link
from proofs.checking import DAILY
from proofs.models import ArtifactWatch
from proofs.sweeps.checks import look_due, watch_all
from tests.factories import MONDAY

TUESDAY = MONDAY + DAILY


def linked(milestone, by, url: str, **words):
    return add_link(milestone.pk, title="Dashboard", url=url, by=by, now=MONDAY, **words)


def looked(*, now=MONDAY) -> int:
    watch_all(now=now)
    return look_due(now=now)


def only_watch() -> ArtifactWatch:
    return ArtifactWatch.objects.get()


def kinds(prefix: str = "artifact.") -> list[str]:
    return list(Event.objects.filter(kind__startswith=prefix).order_by("seq").values_list("kind", flat=True))


def mails() -> list[tuple[str, str, str]]:
    rows = Delivery.objects.filter(kind__startswith="artifact_").order_by("created_at", "id")
    return [(row.kind, row.address, row.state) for row in rows]
