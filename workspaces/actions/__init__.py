"""Every write about a workspace, its people and their ways in, by subject."""

from workspaces.actions.calendars import lay_out_calendar, set_calendar
from workspaces.actions.links import (
    address_of,
    addresses_of,
    make_link,
    open_link,
    revoke_link,
    rotate_link,
)
from workspaces.actions.people import (
    accept_invitation,
    change_role,
    end_membership,
    invite,
    revoke_invitation,
)
from workspaces.actions.tokens import actor_of_token, issue_token, open_token, revoke_token, touch_token
from workspaces.actions.workspaces import create_workspace, set_brand, set_thresholds, update_workspace

__all__ = [
    "accept_invitation",
    "actor_of_token",
    "address_of",
    "addresses_of",
    "change_role",
    "create_workspace",
    "end_membership",
    "invite",
    "issue_token",
    "lay_out_calendar",
    "make_link",
    "open_link",
    "open_token",
    "revoke_invitation",
    "revoke_link",
    "revoke_token",
    "rotate_link",
    "set_brand",
    "set_calendar",
    "set_thresholds",
    "touch_token",
    "update_workspace",
]
