"""The trigger of it all: a kickoff becomes account, contacts, project and first milestone, at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

from journal.actions import record as journal
from journal.actors import Actor
from milestones import record as contract
from milestones import signing
from milestones.actions.clarity import assess
from milestones.actions.clients import (
    KICKOFF_AHEAD,
    add_account,
    add_contact,
    change_contact,
    is_ahead,
)
from milestones.editing import WORDING
from milestones.models import Account, Contact, Criterion, Milestone, Project, Pulse
from milestones.owners import ONLY_READS, may_own
from milestones.schedule import OUT_OF_REACH, is_in_reach
from milestones.words import ApprovalChannel
from tenancy.door import current_workspace_id
from tenancy.ids import uuid7
from tenancy.models import Workspace
from tenancy.numbers import take_turn
from tenancy.refusal import Refused
from tenancy.saving import add, check
from workspaces.models import Membership

# What a row calls a field, and where in a kickoff it was sent.
OF_AN_ACCOUNT = {"name": "account.name", "external_ref": "record.account_id"}
OF_A_PROJECT = {"name": "project.name", "kickoff_completed_at": "record.kickoff_completed_at"}
OF_A_MILESTONE = {
    "name": "record.first_milestone_name",
    "planned_date": "record.first_milestone_due_at",
    "quality_threshold": "record.quality_threshold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactInput:
    """A person at the client, as handed over. Who is new and whose zone is not said is in the usual one."""

    name: str
    email: str
    time_zone: str = ""
    usual_zone: str = "UTC"
    authorities: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """A kickoff handed over. `record` is the contract as input (milestones/record.py).

    `definition` holds what the record has no field for: milestone fields by name, such as output.
    """

    account_name: str
    project_name: str
    contacts: Sequence[ContactInput]
    record: Mapping[str, Any]
    external_ref: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kickoff:
    """What a kickoff made. `is_new` is False when the same reference was handed over before.

    `kept` says, in sentences, which news about known contacts was not taken over.
    """

    account: Account
    project: Project
    milestone: Milestone
    is_new: bool
    kept: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """Who hands over and when, and the cause that all events of one kickoff share."""

    by: Actor
    now: datetime
    cause_id: UUID


def start_engagement(handoff: Handoff, *, by: Actor, now: datetime) -> Kickoff:
    """Creates everything a kickoff hands over, or finds what the same reference made before.

    Raises:
        Refused: naming each field that is missing, wrong or owned by the system.
    """
    reference = handoff.external_ref or str(handoff.record.get("project_id") or "")
    if reference:
        take_turn(f"kickoff {reference}")
        if known := _known(reference, place=_place_of_reference(handoff)):
            return known
    people = _people(handoff, now=now)
    told = Telling(by, now, uuid7())
    with _named(OF_AN_ACCOUNT):
        account = _account(handoff, told)
    kept = _news_kept(account, handoff.contacts)
    contacts = _contacts(account, handoff.contacts, told)
    with _named({**OF_A_PROJECT, "external_ref": _place_of_reference(handoff)}):
        project = _project(account, handoff, reference, now=now)
    with _named({**{name: f"definition.{name}" for name in handoff.definition}, **OF_A_MILESTONE}):
        milestone = _first_milestone(project, handoff, people, contacts, now=now)
    _journal(project, milestone, told)
    return Kickoff(account, project, milestone, is_new=True, kept=kept)


def _place_of_reference(handoff: Handoff) -> str:
    """Where the sender gave the reference: beside the record or, left out there, in it."""
    return "external_ref" if handoff.external_ref else "record.project_id"


@contextmanager
def _named(places: Mapping[str, str]) -> Iterator[None]:
    """Names the fields of a refusal as the sender sent them, not as the row calls them."""
    try:
        yield
    except Refused as refusal:
        faults = {places.get(name, name): said for name, said in refusal.fields.items()}
        raise Refused(
            "The kickoff was not taken: some fields need another look.", code=refusal.code, fields=faults
        ) from refusal


def _known(reference: str, *, place: str) -> Kickoff | None:
    project = Project.objects.select_related("account").filter(external_ref=reference).first()
    if project is None:
        return None
    if (first := project.milestones.filter(is_first=True).first()) is None:
        raise Refused(
            "The kickoff was not taken: its reference belongs to a project that no kickoff made.",
            code="invalid",
            fields={place: ["A project without a first milestone has this reference; use another."]},
        )
    return Kickoff(project.account, project, first, is_new=False)


def _people(handoff: Handoff, *, now: datetime) -> dict[str, Membership]:
    """The members a record names, once the whole record is checked: one answer names every fault."""
    faults = {f"record.{name}".rstrip("."): said for name, said in contract.faults(handoff.record).items()}
    members = _members(handoff.record)
    for name in ("owner_primary", "milestone_review_owner"):
        if f"record.{name}" not in faults:
            faults |= _unfit(f"record.{name}", members.get(_address(handoff.record, name)))
    given = {contact.email.strip().lower() for contact in handoff.contacts}
    for name in ("owner_client", "delivery_proof_approver"):
        if f"record.{name}" not in faults and _address(handoff.record, name) not in given:
            faults[f"record.{name}"] = [
                "No contact in this handoff has this address. Add the person to “contacts”."
            ]
    faults |= _impossible_times(handoff.record, faults, now=now)
    if faults:
        raise Refused(
            "The kickoff was not taken: some fields need another look.", code="invalid", fields=faults
        )
    return members


def _unfit(name: str, member: Membership | None) -> dict[str, list[str]]:
    if member is None:
        return {name: ["No member of this workspace has this address. Invite the person first."]}
    return {} if may_own(member) else {name: [ONLY_READS]}


def _address(record: Mapping[str, Any], name: str) -> str:
    return str(record[name]).strip().lower()


def _members(record: Mapping[str, Any]) -> dict[str, Membership]:
    addresses = [
        str(record.get(name, "")).strip().lower() for name in ("owner_primary", "milestone_review_owner")
    ]
    found = Membership.objects.select_related("user").filter(ended_at=None, user__email__in=addresses)
    return {member.user.email: member for member in found}


def _impossible_times(
    record: Mapping[str, Any], faults: Mapping[str, Any], *, now: datetime
) -> dict[str, list[str]]:
    if {"record.kickoff_completed_at", "record.first_milestone_due_at"} & set(faults):
        return {}
    kickoff, due = _time(record, "kickoff_completed_at"), _time(record, "first_milestone_due_at")
    times = {"record.kickoff_completed_at": kickoff, "record.first_milestone_due_at": due}
    if far := [name for name, at in times.items() if not is_in_reach(at)]:
        return {name: [OUT_OF_REACH] for name in far}
    wrong = {}
    if is_ahead(kickoff, now=now):
        wrong["record.kickoff_completed_at"] = [KICKOFF_AHEAD]
    if due <= kickoff:
        wrong["record.first_milestone_due_at"] = ["The milestone must be due after the kickoff."]
    return wrong


def _time(record: Mapping[str, Any], name: str) -> datetime:
    parsed = parse_datetime(str(record[name]))
    if parsed is None or parsed.tzinfo is None:
        raise Refused(
            "The kickoff was not taken: a time cannot be read.",
            code="invalid",
            fields={f"record.{name}": [contract.FORMATS["date-time"]]},
        )
    return parsed


def _account(handoff: Handoff, told: Telling) -> Account:
    reference = str(handoff.record.get("account_id") or "")
    known = Account.objects.filter(external_ref=reference) if reference else None
    if known is None or not known.exists():
        known = Account.objects.filter(name__iexact=handoff.account_name.strip(), external_ref=reference)
    return known.order_by("created_at").first() or add_account(
        name=handoff.account_name.strip(),
        external_ref=reference,
        by=told.by,
        now=told.now,
        cause_id=told.cause_id,
    )


def _news_kept(account: Account, given: Sequence[ContactInput]) -> list[str]:
    """What is not taken over of people who are known: their name stays until somebody changes it here."""
    known = {contact.email: contact for contact in account.contacts.all()}
    return [
        f"{email} is known as {contact.name}, who stays so. If {person.name.strip()} reads this address now, "
        "change the contact."
        for person in given
        if (contact := known.get(email := person.email.strip().lower()))
        and not signing.matches(person.name, contact.name)
    ]


def _contacts(account: Account, given: Sequence[ContactInput], told: Telling) -> dict[str, Contact]:
    known = {contact.email: contact for contact in account.contacts.all()}
    for position, person in enumerate(given):
        email = person.email.strip().lower()
        if contact := known.get(email):
            _update(contact, person, position, told)
        else:
            known[email] = _contact(account, person, position, told)
    return known


def _update(contact: Contact, person: ContactInput, position: int, told: Telling) -> None:
    """A known contact keeps its name, gains authorities that are new, and is where it is said to be now."""
    new = [authority for authority in person.authorities if authority not in contact.authorities]
    changes: dict[str, Any] = {"authorities": [*contact.authorities, *dict.fromkeys(new)]} if new else {}
    if person.time_zone and person.time_zone != contact.time_zone:
        changes["time_zone"] = person.time_zone
    if changes:
        with _named(_of_contact(position)):
            change_contact(contact.pk, changes, by=told.by, now=told.now)


def _contact(account: Account, person: ContactInput, position: int, told: Telling) -> Contact:
    with _named(_of_contact(position)):
        return add_contact(
            account=account,
            name=person.name.strip(),
            email=person.email,
            time_zone=person.time_zone or person.usual_zone,
            authorities=list(dict.fromkeys(person.authorities)),
            by=told.by,
            now=told.now,
            cause_id=told.cause_id,
        )


def _of_contact(position: int) -> dict[str, str]:
    return {name: f"contacts.{position}.{name}" for name in ("name", "email", "time_zone", "authorities")}


def _project(account: Account, handoff: Handoff, reference: str, *, now: datetime) -> Project:
    return add(
        Project(
            account=account,
            name=handoff.project_name.strip(),
            external_ref=reference,
            kickoff_completed_at=_time(handoff.record, "kickoff_completed_at"),
            created_at=now,
        )
    )


def _first_milestone(
    project: Project,
    handoff: Handoff,
    members: Mapping[str, Membership],
    contacts: Mapping[str, Contact],
    *,
    now: datetime,
) -> Milestone:
    record = handoff.record
    zone = ZoneInfo(Workspace.objects.get(pk=current_workspace_id()).time_zone)
    due = _time(record, "first_milestone_due_at").astimezone(zone).date()
    milestone = add(
        Milestone(
            **{
                "approval_channel": ApprovalChannel.LINK,
                **handoff.definition,
                "project": project,
                "code": "1.1",
                "is_first": True,
                "name": record["first_milestone_name"].strip(),
                "planned_start": project.kickoff_completed_at.astimezone(zone).date(),
                "planned_date": due,
                "forecast_date": due,
                "quality_threshold": record["quality_threshold"],
                "owner_primary": members[_address(record, "owner_primary")],
                "review_owner": members[_address(record, "milestone_review_owner")],
                "owner_client": contacts[_address(record, "owner_client")],
                "approver": contacts[_address(record, "delivery_proof_approver")],
                "created_at": now,
            }
        )
    )
    _criteria(milestone, record["acceptance_criteria"])
    Pulse.objects.create(milestone=milestone, changed_at=now)
    assess(milestone)
    return milestone


def _criteria(milestone: Milestone, given: Sequence[str | Mapping[str, str]]) -> None:
    rows = [
        Criterion(milestone=milestone, position=position, **_parts(criterion))
        for position, criterion in enumerate(given, start=1)
    ]
    for position, row in enumerate(rows):
        place = f"record.acceptance_criteria.{position}"
        with _named({name: f"{place}.{name}" for name in WORDING}):
            check(row)
    Criterion.objects.bulk_create(rows)


def _parts(criterion: str | Mapping[str, str]) -> dict[str, str]:
    given = {"statement": criterion} if isinstance(criterion, str) else criterion
    return {name: text.strip() for name, text in given.items()}


def _journal(project: Project, milestone: Milestone, told: Telling) -> None:
    journal(
        project,
        "project.kicked_off",
        by=told.by,
        at=told.now,
        data={
            "name": project.name,
            "account_id": project.account_id,
            "kickoff_completed_at": project.kickoff_completed_at,
        },
        thread_id=project.pk,
        cause_id=told.cause_id,
    )
    journal(
        milestone,
        "milestone.created",
        by=told.by,
        at=told.now,
        data={"code": milestone.code, "name": milestone.name, "planned_date": milestone.planned_date},
        thread_id=milestone.pk,
        cause_id=told.cause_id,
    )
