"""Importing a table: opened, mapped, tried, and taken in; a row that was taken before is left alone.

Trying is taking in and rolling back, so that a trial says exactly what the import will.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from journal.actions import record
from journal.actors import Actor
from milestones.actions.clients import add_account, add_phase, add_project
from milestones.actions.history import NOON, Past, take_over
from milestones.actions.milestone import add_criterion, add_milestone
from milestones.importing.reading import read
from milestones.importing.recognising import FIELDS, recognise
from milestones.importing.understanding import Row, understand
from milestones.models import Account, ImportRun, Milestone, Phase, Project
from milestones.queries.pages import next_code
from milestones.words import ImportState
from tenancy.numbers import take_turn
from tenancy.refusal import Refused, Unmet
from tenancy.saving import add, change, locked
from workspaces.models import Membership
from workspaces.queries import workers

NEW, KNOWN, LEFT_OUT, FAULTY = "new", "known", "left_out", "faulty"
COMPLETED = "It is completed: only what is still to be delivered is imported, unless you choose history."
HISTORY = "History: closed as accepted; nobody is told."
OWN = ("name", "output", "description", "notes", "kind", "planned_start", "planned_date", "weight")


@dataclass(frozen=True, slots=True)
class Table:
    """What holds for all rows: the mapping, members by address, since when projects with history go on."""

    mapping: Mapping[str, Any]
    owners: Mapping[str, Membership]
    beginnings: Mapping[tuple[str, str], date]

    @property
    def takes_history(self) -> bool:
        return bool(self.mapping.get("history"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became, or would become, of a row. `faults` are by our field; `remarks` did not stop it."""

    number: int
    verdict: str
    project: str
    name: str
    faults: dict[str, str]
    remarks: list[str]
    milestone_id: str = ""

    def told(self) -> dict[str, Any]:
        """As a report keeps it."""
        return asdict(self)


def open_import(name: str, content: bytes, *, by: Actor, now: datetime) -> ImportRun:
    """Keeps a table to be mapped and tried, with a proposed mapping.

    Raises:
        Refused: when the file cannot be read.
    """
    table = read(name, content)
    source, mapping = recognise(table.columns)
    run = add(
        ImportRun(
            name=name[:120],
            source=source.code,
            columns=table.columns,
            rows=table.rows,
            mapping={"fields": mapping, "account": "", "project": "", "history": False},
            created_at=now,
            by_name=by.name,
        )
    )
    record(run, "import.opened", by=by, at=now, data={"source": source.code, "rows": len(table.rows)})
    return run


def map_columns(
    pk: UUID,
    fields: Mapping[str, str],
    *,
    account: str = "",
    project: str = "",
    history: bool = False,
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> ImportRun:
    """Says which column means what; `account` and `project` stand where a row names none.

    With `history` completed rows are taken over as accepted before Cairn; otherwise they are left out.

    Raises:
        Refused: for a field or column that does not exist, or once it has been taken in.
    """
    run = _open_run(pk, expected=expected)
    chosen = {name: column for name, column in fields.items() if column}
    wrong = {
        name: ["There is no such column in the file, or no such field."]
        for name, column in chosen.items()
        if name not in FIELDS or column not in run.columns
    }
    if wrong:
        raise Refused("The mapping does not fit the file.", code="invalid", fields=wrong)
    mapping = {
        "fields": chosen,
        "account": account.strip(),
        "project": project.strip(),
        "history": history,
    }
    if change(run, {"mapping": mapping}):
        record(run, "import.mapped", by=by, at=now, data={"fields": chosen, "history": history})
    return run


def try_import(run: ImportRun, *, by: Actor, now: datetime) -> list[Verdict]:
    """What would become of each row; nothing is kept."""
    with transaction.atomic():
        verdicts = _taken_in(run, by=by, now=now)
        transaction.set_rollback(True)
    return verdicts


def take_in(
    pk: UUID, *, leave_out_faulty: bool = False, by: Actor, now: datetime, expected: int | None = None
) -> ImportRun:
    """Adds what is new. Run again, it finds what it added and leaves it alone.

    Raises:
        Refused: while rows are faulty, unless they are to be left out.
    """
    run = _open_run(pk, expected=expected)
    take_turn("import")
    with transaction.atomic():
        verdicts = _taken_in(run, by=by, now=now)
        faulty = [verdict for verdict in verdicts if verdict.verdict == FAULTY]
        if faulty and not leave_out_faulty:
            rows = "1 row needs" if len(faulty) == 1 else f"{len(faulty)} rows need"
            raise Refused(
                f"Nothing was imported: {rows} another look. Mend them, or leave them out.",
                code="faulty_rows",
                unmet=[_fault_of(verdict) for verdict in faulty],
            )
    report = report_of(verdicts)
    change(run, {"state": ImportState.DONE, "done_at": now, "report": report, "rows": []})
    record(run, "import.done", by=by, at=now, data=report["counts"])
    return run


def report_of(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Each verdict, and how many there are of each kind."""
    counts = {word: sum(each.verdict == word for each in verdicts) for word in (NEW, KNOWN, LEFT_OUT, FAULTY)}
    return {"counts": counts, "rows": [verdict.told() for verdict in verdicts]}


def _fault_of(verdict: Verdict) -> Unmet:
    said = "; ".join(f"{field}: {fault}" for field, fault in verdict.faults.items())
    return Unmet(code=f"row_{verdict.number}", message=f"Row {verdict.number}, {said}")


def _open_run(pk: UUID, *, expected: int | None) -> ImportRun:
    run = locked(ImportRun, pk, expected=expected)
    if run.state != ImportState.OPEN:
        raise Refused("This table has been imported. Open the file again to repeat it.", code="imported")
    return run


def _taken_in(run: ImportRun, *, by: Actor, now: datetime) -> list[Verdict]:
    rows = [understand(n, cells, run.mapping["fields"]) for n, cells in enumerate(run.rows, start=2)]
    owners = {member.user.email: member for member in workers()}
    table = Table(run.mapping, owners, _beginnings(run.mapping, rows) if run.mapping.get("history") else {})
    return [_verdict(row, table, by=by, now=now) for row in rows]


def _beginnings(mapping: Mapping[str, str], rows: Iterable[Row]) -> dict[tuple[str, str], date]:
    """Since when each project has been going on, by the earliest day of its history."""
    found: dict[tuple[str, str], date] = {}
    for row in rows:
        days = [row.values.get(name) for name in ("started", "planned_start")] + [row.completed_on]
        if row.is_done and (known := [day for day in days if day]):
            place = _place(row, mapping)
            found[place] = min(*known, found.get(place, date.max))
    return found


def _place(row: Row, mapping: Mapping[str, str]) -> tuple[str, str]:
    """Client and project of a row, as they are compared."""
    named = (row.values.get(name) or mapping[name] for name in ("account", "project"))
    account, project = (name.casefold() for name in named)
    return account, project


def _verdict(row: Row, table: Table, *, by: Actor, now: datetime) -> Verdict:
    def say(verdict: str, *, remarks: list[str] | None = None, milestone: Milestone | None = None) -> Verdict:
        made = str(milestone.pk) if milestone else ""
        return Verdict(row.number, verdict, project, name, row.faults, remarks or [], made)

    account = row.values.get("account") or table.mapping["account"]
    project = row.values.get("project") or table.mapping["project"]
    name = row.values.get("name", "")
    for field, value in (("account", account), ("project", project)):
        if not value:
            row.faults.setdefault(field, f"Name the {FIELDS[field].lower()}, here or for all rows.")
    if row.faults:
        return say(FAULTY)
    if known := _known(row, account, project):
        archived = ["Its project is archived."] if known.project.archived_at else []
        return say(KNOWN, remarks=archived, milestone=known)
    is_history = row.is_done and table.takes_history
    if row.is_done and not is_history:
        return say(LEFT_OUT, remarks=[COMPLETED])
    try:
        with transaction.atomic():
            made, remarks = _added(row, account, project, table, by=by, now=now)
    except Refused as refusal:
        row.faults.update(
            {field: said[0] for field, said in refusal.fields.items()} or {"name": str(refusal)}
        )
        return say(FAULTY)
    return say(NEW, remarks=remarks, milestone=made)


def _known(row: Row, account: str, project: str) -> Milestone | None:
    there = (
        Milestone.objects.filter(project__name__iexact=project, project__account__name__iexact=account)
        .select_related("project")
        .order_by(F("project__archived_at").asc(nulls_first=True), "created_at")
    )
    if reference := row.values.get("reference"):
        return there.filter(external_ref=reference).first()
    return there.filter(name__iexact=row.values["name"]).first()


def _added(
    row: Row, account: str, project_name: str, table: Table, *, by: Actor, now: datetime
) -> tuple[Milestone, list[str]]:
    began = table.beginnings.get(_place(row, table.mapping))
    project = _project(account, project_name, began=began, by=by, now=now)
    fields: dict[str, Any] = {name: row.values[name] for name in OWN if name in row.values}
    fields |= {
        "code": row.values.get("code") or next_code(project.pk),
        "external_ref": row.values.get("reference", ""),
        "phase": _phase(project, row.values.get("phase", ""), by=by, now=now),
    }
    address = row.values.get("owner_primary", "")
    if address in table.owners:
        fields["owner_primary"] = table.owners[address]
    unknown = address and address not in table.owners
    remarks = [f"No member has the address {address}; the owner stays open."] if unknown else []
    if row.is_done:
        return _of_history(project, fields, row, by=by, now=now), [*remarks, HISTORY]
    return _to_be_delivered(project, fields, row, by=by, now=now), remarks


def _to_be_delivered(
    project: Project, fields: Mapping[str, Any], row: Row, *, by: Actor, now: datetime
) -> Milestone:
    milestone = add_milestone(project, fields, by=by, now=now)
    for statement in row.values.get("criteria", []):
        add_criterion(milestone.pk, {"statement": statement}, by=by, now=now)
    return milestone


def _of_history(
    project: Project, fields: Mapping[str, Any], row: Row, *, by: Actor, now: datetime
) -> Milestone:
    if (completed_on := row.completed_on) is None:
        said = "Say on which day it was completed or accepted."
        raise Refused(said, code="invalid", fields={"done": [said]})
    past = Past(
        started_on=row.values.get("started"),
        completed_on=completed_on,
        accepted_on=row.values.get("accepted") or completed_on,
        proof_packet_url=row.values.get("proof_packet_url", ""),
        handoff_packet_link=row.values.get("handoff_packet_link", ""),
    )
    return take_over(project, fields, past, criteria=row.values.get("criteria", []), by=by, now=now)


def _project(account_name: str, name: str, *, began: date | None, by: Actor, now: datetime) -> Project:
    account = Account.objects.filter(name__iexact=account_name).order_by("created_at").first() or add_account(
        name=account_name, by=by, now=now
    )
    known = Project.objects.filter(account=account, name__iexact=name, archived_at=None)
    kickoff = datetime.combine(began, NOON, UTC) if began else now
    return known.order_by("created_at").first() or add_project(
        account=account, name=name, kickoff_completed_at=min(kickoff, now), by=by, now=now
    )


def _phase(project: Project, name: str, *, by: Actor, now: datetime) -> Phase | None:
    if not name:
        return None
    phases = list(project.phases.order_by("position"))
    known = next((phase for phase in phases if phase.name.lower() == name.lower()), None)
    position = phases[-1].position + 1 if phases else 1
    return known or add_phase(project=project, name=name, position=position, by=by, now=now)
