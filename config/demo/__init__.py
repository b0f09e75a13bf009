"""The demo workspace: a small agency in the midst of six engagements, told by the product's own actions.

What happens stands in config/demo/engagements/, how a line of it is told in config/demo/steps.py. Every
moment is counted back from `now`, so the story is always about today. The password is made once and kept in
CAIRN_HOME/demo.env, readable only by its owner.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress

from config.demo.engagements import ENGAGEMENTS, SHOWN
from config.demo.people import MARA, PEOPLE
from config.demo.telling import Engagement, Teller, tell_engagement
from config.keys import as_text, write_private
from journal.actors import Actor
from milestones.models import DecisionRequest, Project
from milestones.words import RequestKind, RequestState
from proofs.actions.rollout import set_start
from tenancy.door import inside
from tenancy.models import Workspace
from workspaces.actions.links import address_of
from workspaces.actions.people import accept_invitation, invite
from workspaces.actions.workspaces import create_workspace, set_brand
from workspaces.models import Link, Purpose, Role, User

__all__ = [
    "MARA",
    "PEOPLE",
    "SHOWN",
    "SLUG",
    "decision_address",
    "password",
    "portal_address",
    "tell",
]

SLUG: Final = "lindqvist"
ZONE: Final = "Europe/Stockholm"


def password(home: Path) -> str:
    """The password of the demo people, made when it is first asked for."""
    place = home / "demo.env"
    if not place.exists():
        write_private(place, as_text({"DEMO_PASSWORD": secrets.token_urlsafe(9)}))
    return place.read_text().strip().partition("=")[2]


def tell(*, home: Path, now: datetime, engagements: Sequence[Engagement] = ENGAGEMENTS) -> Workspace:
    """Makes the demo people, their two workspaces and what happened in their engagements."""
    people = {email: _person(email, name, password(home)) for email, name, _ in PEOPLE}
    began, mara = now - timedelta(days=45), people[MARA]
    create_workspace(name="Mara's own desk", slug="mara", time_zone=ZONE, owner=mara, now=began)
    studio = create_workspace(name="Lindqvist & Co", slug=SLUG, time_zone=ZONE, owner=mara, now=began)
    teller = Teller(now, {email: _actor(person) for email, person in people.items()})
    with inside(studio):
        for email, _, role in PEOPLE[1:]:
            _join(studio, people[email], role, by=teller.actors[MARA], now=began)
        set_brand(colour="#0f766e", name="Lindqvist & Co", by=teller.actors[MARA], now=began)
        set_start(studio, began.date(), by=teller.actors[MARA], now=began)
        for engagement in engagements:
            tell_engagement(engagement, teller)
    return studio


def _person(email: str, name: str, secret: str) -> User:
    user = User.objects.create_user(email, secret, name=name, time_zone=ZONE)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _join(studio: Workspace, person: User, role: Role, *, by: Actor, now: datetime) -> None:
    invitation = invite(workspace=studio, email=person.email, role=role, by=by, now=now)
    address = address_of(Link.objects.get(subject_id=invitation.pk))
    accept_invitation(address.rpartition("/")[2], user=person, now=now)


def _actor(user: User) -> Actor:
    return Actor("user", user.pk, str(user))


def portal_address(workspace_id: UUID, *, project: str = SHOWN) -> str:
    """The portal's secret address, for the terminal of whoever started the demo."""
    with inside(workspace_id):
        return _newest(Purpose.PORTAL, subject_id=Project.objects.get(name=project).pk)


def decision_address(workspace_id: UUID) -> str:
    """Where the client of the shown project is asked to accept; empty once it is answered."""
    with inside(workspace_id):
        waiting = DecisionRequest.objects.filter(project__name=SHOWN, state=RequestState.PENDING)
        request = waiting.filter(kind=RequestKind.REVIEW).first()
        return _newest(Purpose.DECISION, subject_id=request.pk) if request else ""


def _newest(purpose: Purpose, *, subject_id: UUID) -> str:
    links = Link.objects.filter(subject_id=subject_id, purpose=purpose, revoked_at=None)
    return address_of(links.latest("created_at"))
