"""On-time probabilities of days that passed before Cairn kept them."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from telemetry.sweeps.replay import replay


class Command(BaseCommand):
    help = "Fills past days without an on-time probability, from what was known then. May be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{replay(now=timezone.now())} days filled.")
