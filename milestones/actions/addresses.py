"""Addresses that open a project without a login: its portal and its calendar."""

from datetime import datetime
from typing import Final

from journal.actors import Actor, Recipient
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Contact, Project
from tenancy.refusal import Refused
from workspaces.actions.links import make_link, rotate_link
from workspaces.models import Link, Purpose

PURPOSES: Final = (Purpose.PORTAL, Purpose.CALENDAR)


def make_address(
    purpose: Purpose, *, project: Project, contact: Contact | None, by: Actor, now: datetime
) -> Link:
    """A new address of the project for one contact, or for the client as a whole.

    Raises:
        Refused: for somebody of another client, and where the project is archived.
    """
    check_is_not_archived(project)
    if contact and contact.account_id != project.account_id:
        said = f"{contact.name} is not of this project's client."
        raise Refused(said, code="foreign_contact", fields={"contact": [said]})
    to = _recipient(project, contact)
    return make_link(purpose, subject=project, to=to, by=by, now=now, thread_id=project.pk)


def renew_address(link: Link, *, by: Actor, now: datetime) -> Link:
    """A new address for a link, by which the one before ends.

    Raises:
        Refused: when it was revoked, or the project is archived.
    """
    check_is_not_archived(Project.objects.get(pk=link.subject_id))
    return rotate_link(link, by=by, now=now)


def _recipient(project: Project, contact: Contact | None) -> Recipient:
    if contact is None:
        return Recipient("contact", None, project.account.name, "")
    return Recipient("contact", contact.pk, contact.name, contact.email)
