"""What leaves of a workspace's people, links and settings."""

from django.db.models import F

from tenancy.portable import Table, register
from workspaces.models import (
    ApiToken,
    Invitation,
    Link,
    Membership,
    WorkDay,
    WorkingCalendar,
    WorkPeriod,
    WorkspaceSettings,
)

LAID_OUT = "laid out from the working calendar"
TABLES = [
    Table("members", Membership, beside={"email": F("user__email"), "name": F("user__name")}),
    Table("invitations", Invitation),
    Table("api_tokens", ApiToken, without={"prefix": "the beginning of a secret"}),
    Table("links", Link, without={"generation": "an address is made from it"}),
    Table("working_calendars", WorkingCalendar),
    Table("settings", WorkspaceSettings),
]


def register_own() -> None:
    register(TABLES, staying=dict.fromkeys([WorkDay, WorkPeriod], LAID_OUT))
