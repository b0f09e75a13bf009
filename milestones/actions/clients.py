"""Writes about the client's side and the frame of an engagement: accounts, contacts, projects, phases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones.models import Account, Contact, Phase, Project
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from workspaces.actions.workspaces import check_zone


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


def add_project(
    *,
    account: Account,
    name: str,
    kickoff_completed_at: datetime,
    external_ref: str = "",
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
    project = add(
        Project(
            account=account,
            name=name,
            external_ref=external_ref,
            kickoff_completed_at=kickoff_completed_at,
            created_at=now,
        )
    )
    record(project, "project.created", by=by, at=now, data={"name": name}, thread_id=project.pk)
    return project


def change_project(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Project:
    project = locked(Project, pk, expected=expected)
    if moved := change(project, changes):
        record(project, "project.changed", by=by, at=now, data={"fields": moved}, thread_id=project.pk)
    return project


def add_phase(*, project: Project, name: str, position: int, by: Actor, now: datetime) -> Phase:
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
    phase = locked(Phase, pk, expected=expected)
    if moved := change(phase, changes):
        record(phase, "phase.changed", by=by, at=now, data={"fields": moved}, thread_id=phase.project_id)
    return phase
