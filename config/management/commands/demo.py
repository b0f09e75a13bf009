"""`manage.py demo` makes the demo workspace in an empty installation; `--show` says how to enter it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from config import demo
from config.settings import ENV
from telemetry.sweeps.replay import replay
from tenancy.models import Workspace


class Command(BaseCommand):
    help = "Makes the demo workspace when there is no workspace yet, and says how to enter it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--show", action="store_true", help="only say how to enter")

    def handle(self, *args: Any, show: bool, **options: Any) -> None:
        if not show and not Workspace.objects.exists():
            now = timezone.localtime(timezone.now())
            demo.tell(home=ENV.home, now=now)
            replay(now=now)  # the days that the story took
        if workspace := Workspace.objects.filter(slug=demo.SLUG).first():
            self._say(workspace)

    def _say(self, workspace: Workspace) -> None:
        secret = demo.password(ENV.home)
        for email, name, role in demo.PEOPLE:
            self.stdout.write(f"  {role.label:<7} {email:<26} {secret}   ({name})")
        self.stdout.write(f"  Portal  {demo.portal_address(workspace.pk)}")
        if decision := demo.decision_address(workspace.pk):
            self.stdout.write(f"  Decide  {decision}")
        self.stdout.write(f"  Mails   {settings.PUBLIC_URL}/dev/mailbox")
