"""Secret addresses for people without a login: of a project's portal and calendar, and of its packets."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.plans import find
from api.resources.reports import NothingInput
from api.shapes import Filters, Input, Key, Out
from api.views import READ, Readable, WorkspaceView
from milestones.actions import addresses
from milestones.models import Project
from milestones.queries import lists
from proofs.actions.links import reissue, renew_address
from proofs.queries.links import PURPOSES as OF_PACKETS
from workspaces.actions.links import address_of, revoke_link
from workspaces.models import Link, Purpose, Scope


def _choices(*purposes: Purpose) -> list[tuple[str, str]]:
    return [(purpose.value, str(purpose.label)) for purpose in purposes]


class LinkOut(Out):
    """`subject_id` is the project, of a packet's link the milestone; `recipient_id` the contact, if any."""

    purpose = serializers.ChoiceField(_choices(*addresses.PURPOSES, *OF_PACKETS))

    class Meta:
        model = Link
        fields = [
            "id",
            "purpose",
            "subject_id",
            "recipient_id",
            "recipient_name",
            "generation",
            "created_at",
            "revoked_at",
            "last_seen_at",
        ]


class LinkWithAddressOut(LinkOut):
    """The only answers that show an address: the one that made it, and the one that changed it."""

    address = serializers.URLField(read_only=True)

    class Meta(LinkOut.Meta):
        fields = [*LinkOut.Meta.fields, "address"]


class LinkInput(Input):
    """For one contact of the client, or without one for the client as a whole."""

    served = LinkWithAddressOut
    purpose = serializers.ChoiceField(_choices(*addresses.PURPOSES))
    contact_id = Key(lists.contacts, required=False, allow_null=True)


class LinkFilters(Filters):
    subject_id = UUIDFilter()
    purpose = ChoiceFilter(choices=_choices(*addresses.PURPOSES))


class PacketLinkFilters(LinkFilters):
    purpose = ChoiceFilter(choices=_choices(*OF_PACKETS))


class Links(Readable):
    """Links to portals and calendars. Their addresses are shown once; who lost one makes a new one."""

    model = Link
    scopes = {"list": READ, "retrieve": READ}
    out = LinkOut
    filterset_class = LinkFilters
    purposes: ClassVar = addresses.PURPOSES

    def get_queryset(self) -> QuerySet[Link]:
        return Link.objects.filter(purpose__in=self.purposes)


class PacketLinks(Links):
    """Links to packets, the present one of each and those before. A packet's `url` says its address."""

    filterset_class = PacketLinkFilters
    purposes: ClassVar = OF_PACKETS


class LinksOfProject(WorkspaceView):
    """A new address of the portal or the calendar. It is shown in this answer and never again."""

    model = Project
    scopes = {"create": Scope.PROJECTS}
    inputs = {"create": LinkInput}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return LinkWithAddressOut

    def create(self, request: Request, pk: UUID) -> Response:
        project, data = find(pk), {"contact": None, **self.data}
        link = addresses.make_address(**data, project=project, by=self.actor, now=self.now)
        return _shown_once(link, status=201)


def _shown_once(link: Link, *, status: int = 200) -> Response:
    return Response({**LinkOut.of(link), "address": address_of(link)}, status=status)


class LinkSteps(WorkspaceView):
    """A new address, by which the one before ends at once; or the end of the link for good."""

    model = Link
    scopes = dict.fromkeys(("rotate", "revoke"), Scope.PROJECTS)
    out = LinkOut
    inputs = dict.fromkeys(("rotate", "revoke", "reissue"), NothingInput)
    statuses = {"reissue": (201,)}
    purposes: ClassVar = addresses.PURPOSES
    renew: ClassVar[Callable[..., Link]] = staticmethod(addresses.renew_address)

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return LinkOut if action == "revoke" else LinkWithAddressOut

    def get_queryset(self) -> QuerySet[Link]:
        return Link.objects.filter(purpose__in=self.purposes)

    def rotate(self, request: Request, pk: UUID) -> Response:
        return _shown_once(self._take(self.renew, pk))

    def revoke(self, request: Request, pk: UUID) -> Response:
        return self.served(self._take(revoke_link, pk))

    def _take(self, act: Callable[..., Link], pk: UUID) -> Link:
        self.check_body()
        return act(get_object_or_404(self.get_queryset(), pk=pk), by=self.actor, now=self.now)


class PacketLinkSteps(LinkSteps):
    """The same of a packet's link. `reissue` makes one in place of one that was revoked."""

    scopes = dict.fromkeys(("rotate", "revoke", "reissue"), Scope.PROOFS)
    purposes: ClassVar = OF_PACKETS
    renew: ClassVar[Callable[..., Link]] = staticmethod(renew_address)

    def reissue(self, request: Request, pk: UUID) -> Response:
        return _shown_once(self._take(reissue, pk), status=201)
