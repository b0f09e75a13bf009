"""`manage.py watch`: the watchman, until it is stopped; `--once` looks once and says what it saw."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import Error, connections
from django.utils import timezone

from config import watchman

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Looks every minute whether everything happened that ought to happen by itself; alarms if not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--touch", type=Path, help="a file to touch after each look, for health checks")
        parser.add_argument("--once", action="store_true", help="look once, print the alarms that stand")

    def handle(self, *args: Any, once: bool, touch: Path | None, **options: Any) -> None:
        if once:
            for alarm in watchman.watch(now=timezone.now()):
                self.stdout.write(watchman.told(alarm))
            return
        while True:
            started = time.monotonic()
            look(touch)
            time.sleep(max(watchman.EVERY.total_seconds() - (time.monotonic() - started), 1))


def look(touch: Path | None) -> None:
    """A database that is away is no reason to go: with it gone, nobody else would say so either."""
    try:
        watchman.watch(now=timezone.now())
    except Error:
        log.exception("watch.failed")
    else:
        if touch:
            touch.touch()
    connections.close_all()
