"""Writes about the client's side and the frame of an engagement: accounts, contacts, projects, phases."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones.actions import phases
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Account, Contact, Phase, Project
from milestones.schedule import OUT_OF_REACH, is_in_reach
from tenancy.refusal import Refused, Stale
from tenancy.saving import add, change, locked
from workspaces.actions.workspaces import check_zone

CLOCK_SKEW = timedelta(minutes=5)
KICKOFF_AHEAD = "The kickoff lies in the future; hand it over once it is completed."


def is_ahead(kickoff: datetime, *, now: datetime) -> bool:
    """Whether a kickoff is said to be completed that is still to come; clocks may differ a little."""
    return kickoff > now + CLOCK_SKEW


def add_account(
    *, name: str, external_ref: str = "", by: Actor, now: datetime, cause_id: UUID | None = None
) -> Account:
    if external_ref and Account.objects.filter(external_ref=external_ref).exists():
        raise Refused(
            "Another account has this reference.",
            code="invalid",
            fields={
                "external_ref": ["Another account has this reference; use that one or another reference."]
            },
        )
    account = add(Account(name=name, external_ref=external_ref, created_at=now))
    record(account, "account.created", by=by, at=now, data={"name": name}, cause_id=cause_id)
    return account


def change_account(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Account:
    account = locked(Account, pk, expected=expected)
    if moved := change(account, changes):
        record(account, "account.changed", by=by, at=now, data={"fields": moved})
    return account


def add_contact(
    *,
    account: Account,
    name: str,
    email: str,
    time_zone: str = "UTC",
    authorities: list[str] | None = None,
    by: Actor,
    now: datetime,
    cause_id: UUID | None = None,
) -> Contact:
    address = email.strip().lower()
    if account.contacts.filter(email=address).exists():
        raise Refused(
            "This account already has a contact with this address.",
            code="invalid",
            fields={"email": ["A contact of this account has this address already; change that one."]},
        )
    check_zone(time_zone)
    contact = add(
        Contact(
            account=account,
            name=name,
            email=address,
            time_zone=time_zone,
            authorities=authorities or [],
            created_at=now,
        )
    )
    record(
        contact,
        "contact.created",
        by=by,
        at=now,
        data={"account_id": account.pk, "authorities": contact.authorities},
        personal={"name": name, "email": address},
        cause_id=cause_id,
    )
    return contact


def change_contact(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Contact:
    if "time_zone" in changes:
        check_zone(changes["time_zone"])
    contact = locked(Contact, pk, expected=expected)
    if moved := change(contact, changes):
        personal = {name: pair for name, pair in moved.items() if name in ("name", "email")}
        data = {name: pair for name, pair in moved.items() if name not in personal}
        record(contact, "contact.changed", by=by, at=now, data={"fields": data}, personal=personal)
    return contact


def set_absence(
    pk: UUID,
    *,
    absent_from: date | None,
    absent_until: date | None,
    delegate: Contact | None,
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> Contact:
    """Notes from when until when a contact is away, and who decides meanwhile; without days it ends."""
    contact = locked(Contact, pk, expected=expected)
    _check_absence(absent_from, absent_until)
    if delegate and (delegate.pk == contact.pk or delegate.account_id != contact.account_id):
        said = "Name another contact of the same account."
        raise Refused(said, code="invalid", fields={"delegate": [said]})
    days = {"absent_from": absent_from, "absent_until": absent_until}
    if moved := change(contact, {**days, "delegate": delegate}):
        record(contact, "contact.absence_set", by=by, at=now, data={"fields": moved})
    return contact


def _check_absence(first: date | None, last: date | None) -> None:
    days = {"absent_from": first, "absent_until": last}
    wrong = {name: [OUT_OF_REACH] for name, day in days.items() if day and not is_in_reach(day)}
    if (first is None) != (last is None):
        wrong = {"absent_until": ["Give the first and the last day of the absence, or neither."]}
    elif first and last and last < first and not wrong:
        wrong = {"absent_until": ["The last day lies before the first."]}
    if wrong:
        raise Refused("These are not the days of an absence.", code="invalid", fields=wrong)


def add_project(
    *,
    account: Account,
    name: str,
    kickoff_completed_at: datetime,
    external_ref: str = "",
    currency: str = "EUR",
    feedback_route: str = "",
    shares_figures: bool = False,
    by: Actor,
    now: datetime,
) -> Project:
    if external_ref and Project.objects.filter(external_ref=external_ref).exists():
        raise Refused(
            "Another project has this reference.",
            code="invalid",
            fields={
                "external_ref": ["Another project has this reference; use that one or another reference."]
            },
        )
    if is_ahead(kickoff_completed_at, now=now):
        raise Refused(KICKOFF_AHEAD, code="invalid", fields={"kickoff_completed_at": [KICKOFF_AHEAD]})
    project = add(
        Project(
            account=account,
            name=name,
            external_ref=external_ref,
            kickoff_completed_at=kickoff_completed_at,
            currency=currency,
            feedback_route=feedback_route,
            shares_figures=shares_figures,
            created_at=now,
        )
    )
    record(project, "project.created", by=by, at=now, data={"name": name}, thread_id=project.pk)
    return project


def change_project(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Project:
    project = locked(Project, pk, expected=expected)
    check_is_not_archived(project)
    if moved := change(project, changes):
        record(project, "project.changed", by=by, at=now, data={"fields": moved}, thread_id=project.pk)
    return project


def add_phase(*, project: Project, name: str, position: int, by: Actor, now: datetime) -> Phase:
    check_is_not_archived(project)
    phases.check_place(position)
    if project.phases.filter(position=position).exists():
        raise Refused(
            "Another phase stands at this position.",
            code="invalid",
            fields={"position": ["Another phase of this project stands here; choose a free position."]},
        )
    phase = add(Phase(project=project, name=name, position=position))
    record(
        phase,
        "phase.created",
        by=by,
        at=now,
        data={"name": name, "position": position},
        thread_id=project.pk,
    )
    return phase


def change_phase(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Phase:
    """Renames a phase, or moves it to another place among those of its project, which make room."""
    rows = phases.in_turn(Phase.objects.values_list("project_id", flat=True).get(pk=pk))
    own = next(row for row in rows if row.pk == pk)
    if expected is not None and own.version != expected:
        raise Stale("This phase")
    check_is_not_archived(own.project)
    named = [(own, change(own, {name: value for name, value in changes.items() if name != "position"}))]
    place = changes.get("position", own.position)
    placed = phases.arrange(rows, phases.moved_to(rows, pk, place)) if place != own.position else []
    for phase, moved in phases.together(named, placed).items():
        record(phase, "phase.changed", by=by, at=now, data={"fields": moved}, thread_id=phase.project_id)
    return own
