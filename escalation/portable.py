"""What leaves of blockers."""

from escalation.models import Blocker
from tenancy.portable import Table, register


def register_own() -> None:
    register([Table("blockers", Blocker)])
