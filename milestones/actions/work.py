"""Writes about work items, made here or mirrored from a tool.

Each one brings the milestone's pulse and its daily tallies up to date in the same transaction, counted anew
from the items: a sum that is recounted cannot drift. The cost grows with the items of the touched milestones.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from journal.actions import record
from journal.actors import Actor
from milestones.actions.engagements import at_work
from milestones.actions.scope import queue_outside
from milestones.models import Milestone, WorkItem
from milestones.words import Stage, WorkState
from milestones.work import Item, Report, merged
from tenancy.door import current_workspace_id
from tenancy.ids import uuid7
from tenancy.models import Workspace
from tenancy.numbers import take_turn
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked

Day = tuple[UUID, date]

DAYS_KEPT = 90  # more than the working days that scoring looks back for can span

PULSE = """
UPDATE milestones_pulse AS p
SET work_total = t.open + t.done, work_open = t.open, work_done = t.done,
    cycle_hours = coalesce(t.cycles, '{}'),
    cycle_median_hours = (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY c) FROM unnest(t.cycles) AS c),
    last_work_at = greatest(p.last_work_at, t.sign), changed_at = %(now)s,
    (done_days, done_sums) = (
        SELECT coalesce(array_agg(day ORDER BY day), '{}'), coalesce(array_agg(sum ORDER BY day), '{}')
        FROM (
            SELECT day, sum(done) OVER (ORDER BY day)::integer AS sum
            FROM (
                SELECT d.day, d.done FROM milestones_daytally AS d
                WHERE d.workspace_id = %(workspace_id)s AND d.milestone_id = p.milestone_id AND d.done > 0
                ORDER BY d.day DESC LIMIT %(days_kept)s
            ) AS newest
        ) AS summed
    )
FROM (
    SELECT m.id, m.sign,
           count(*) FILTER (WHERE i.state IN ('todo', 'in_progress')) AS open,
           count(*) FILTER (WHERE i.state = 'done') AS done,
           (array_agg(extract(epoch FROM i.done_at - i.started_at) / 3600 ORDER BY i.done_at DESC, i.id)
            FILTER (WHERE i.done_at >= i.started_at))[1:25]::float8[] AS cycles
    FROM unnest(%(milestones)s::uuid[], %(signs)s::timestamptz[]) AS m (id, sign)
    LEFT JOIN milestones_workitem AS i
      ON i.workspace_id = %(workspace_id)s AND i.milestone_id = m.id AND i.removed_at IS NULL
    GROUP BY m.id, m.sign
) AS t
WHERE p.workspace_id = %(workspace_id)s AND p.milestone_id = t.id
"""

TALLIES = """
INSERT INTO milestones_daytally (id, workspace_id, milestone_id, day, opened, done)
SELECT uuidv7(), %(workspace_id)s, d.milestone_id, d.day, coalesce(sum(e.opened), 0), coalesce(sum(e.done), 0)
FROM unnest(%(milestones)s::uuid[], %(days)s::date[]) AS d (milestone_id, day)
LEFT JOIN (
    SELECT i.milestone_id, v.day, v.opened, v.done
    FROM milestones_workitem AS i
    CROSS JOIN LATERAL (VALUES ((i.opened_at AT TIME ZONE %(zone)s)::date, 1, 0),
                               ((i.done_at AT TIME ZONE %(zone)s)::date, 0, 1)) AS v (day, opened, done)
    WHERE i.workspace_id = %(workspace_id)s AND i.milestone_id = ANY(%(milestones)s) AND i.removed_at IS NULL
) AS e USING (milestone_id, day)
GROUP BY d.milestone_id, d.day
ON CONFLICT (workspace_id, milestone_id, day) DO UPDATE SET opened = excluded.opened, done = excluded.done
"""

MIRROR = """
INSERT INTO milestones_workitem (id, workspace_id, milestone_id, source, connection_id, external_id,
                                 external_url, title, state, assignee, labels, due_on, opened_at, started_at,
                                 done_at, version_at, removed_at, trail, version)
SELECT r.id, %(workspace_id)s, r.milestone_id, r.source, r.connection_id, r.external_id, r.external_url,
       r.title, r.state, r.assignee, r.labels, r.due_on, r.opened_at, r.started_at, r.done_at, r.version_at,
       r.removed_at, r.trail, 1
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    id uuid, milestone_id uuid, source text, connection_id uuid, external_id text, external_url text,
    title text, state text, assignee text, labels text[], due_on date, opened_at timestamptz,
    started_at timestamptz, done_at timestamptz, version_at timestamptz, removed_at timestamptz, trail jsonb)
ON CONFLICT (workspace_id, connection_id, external_id) WHERE connection_id IS NOT NULL DO UPDATE
SET external_url = excluded.external_url, title = excluded.title, state = excluded.state,
    assignee = excluded.assignee, labels = excluded.labels, due_on = excluded.due_on,
    opened_at = excluded.opened_at, started_at = excluded.started_at, done_at = excluded.done_at,
    version_at = excluded.version_at, removed_at = excluded.removed_at, trail = excluded.trail,
    version = milestones_workitem.version + 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a connection said about one of its items. `milestone_id` is where the item goes when it is new.

    Without reports it was only a sign of life, such as a comment; `last_sign_at` is the latest of either.
    """

    connection_id: UUID
    source: str
    external_id: str
    milestone_id: UUID
    reports: Sequence[Report]
    last_sign_at: datetime


def add_work_item(
    milestone_id: UUID,
    *,
    title: str,
    state: WorkState = WorkState.TODO,
    assignee: str = "",
    labels: Sequence[str] = (),
    due_on: date | None = None,
    external_url: str = "",
    by: Actor,
    now: datetime,
) -> WorkItem:
    """Adds a task that is kept here.

    Raises:
        Refused: when the milestone is closed, or takes no additions while its quality is being mended.
    """
    milestone = at_work(milestone_id)
    _check_takes_items(milestone)
    item = WorkItem(
        milestone=milestone,
        title=title,
        assignee=assignee,
        labels=list(labels),
        due_on=due_on,
        external_url=external_url,
        **_moved(None, state, now=now),
    )
    add(item)
    refresh({milestone.pk: now}, _days_of(milestone.pk, [item], _zone()), now=now)
    told = {"title": item.title, "state": item.state}
    record(item, "work_item.added", by=by, at=now, data=told, thread_id=milestone.pk)
    return item


def _check_takes_items(milestone: Milestone) -> None:
    if milestone.stage == Stage.CLOSED:
        raise Refused("A closed milestone takes no more work items.", code="closed")
    if milestone.is_frozen:
        raise Refused(
            "Additions are frozen: the last QA runs failed. A passing run opens the milestone again.",
            code="frozen",
        )


def change_work_item(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> WorkItem:
    """Changes a task that is kept here.

    Raises:
        Refused: when it is mirrored, since its source would undo the change.
        Stale: when somebody saved since version `expected`.
    """
    milestone = at_work(WorkItem.objects.values_list("milestone_id", flat=True).get(pk=pk))
    item = locked(WorkItem, pk, expected=expected)
    _check_is_ours(item)
    days = _days_of(milestone.pk, [item], zone := _zone())
    if "state" in changes and changes["state"] != item.state:
        changes = {**changes, **_moved(item, WorkState(changes["state"]), now=now)}
    if moved := change(item, changes):
        refresh({milestone.pk: now}, days | _days_of(milestone.pk, [item], zone), now=now)
        told = {name: values for name, values in moved.items() if name in changes and name != "trail"}
        record(item, "work_item.changed", by=by, at=now, data={"fields": told}, thread_id=milestone.pk)
    return item


def _check_is_ours(item: WorkItem) -> None:
    if item.connection_id:
        raise Refused(
            f"This item is mirrored from {item.source.title()}. Change it there; it follows within seconds.",
            code="mirrored",
        )


def _moved(item: WorkItem | None, state: WorkState, *, now: datetime) -> dict[str, Any]:
    """The columns that follow from a state that was set here at this moment."""
    after = merged(None if item is None else _read(item), [Report(at=now, state=WorkState(state))])
    assert after is not None
    dates = ("state", "opened_at", "started_at", "done_at", "version_at")
    return {**{name: getattr(after, name) for name in dates}, "trail": _written_trail(after)}


def mirror(heard: Iterable[Heard], *, now: datetime) -> int:
    """Brings mirrored items up to what their sources said, set-wise. Returns how many items changed.

    Not journalled: raw telemetry is not what a person did. An item of an archived project stays as it is,
    even where its connection serves another project by now.
    """
    take_turn("mirrored work items")
    by_item = {(one.connection_id, one.external_id): one for one in heard}
    known = _known(by_item)
    homes = {
        key: known[key].milestone_id if key in known else one.milestone_id for key, one in by_item.items()
    }
    at_work = _at_work(set(homes.values()))
    by_item = {key: one for key, one in by_item.items() if homes[key] in at_work}

    rows, days, zone = [], set(), _zone()
    for key, one in by_item.items():
        before = known.get(key)
        old = None if before is None else _read(before)
        new = merged(old, one.reports)
        if new is not None and new != old:
            rows.append(_row(before, one, new, homes[key]))
            days |= _days_of(homes[key], [item for item in (old, new) if item], zone)
    _write(rows)
    queue_outside((row for row in rows if row["labels"] and not row["removed_at"]), now=now)
    refresh(_latest((homes[key], one.last_sign_at) for key, one in by_item.items()), days, now=now)
    return len(rows)


def _known(keys: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], WorkItem]:
    found = WorkItem.objects.filter(
        connection_id__in={connection_id for connection_id, _ in keys},
        external_id__in={external_id for _, external_id in keys},
    )
    return {(item.connection_id, item.external_id): item for item in found if item.connection_id}


def _at_work(milestones: Collection[UUID]) -> set[UUID]:
    """Those whose project is not archived, all of them locked.

    Whoever writes about a milestone locks it first, so that nobody waits in a circle.
    """
    rows = Milestone.objects.select_for_update(of=("self",)).filter(pk__in=milestones).order_by("pk")
    return {pk for pk, archived_at in rows.values_list("pk", "project__archived_at") if archived_at is None}


def _latest(signs: Iterable[tuple[UUID, datetime]]) -> dict[UUID, datetime]:
    latest: dict[UUID, datetime] = {}
    for milestone_id, at in signs:
        latest[milestone_id] = max(at, latest.get(milestone_id, at))
    return latest


def _read(row: WorkItem) -> Item:
    return Item(
        title=row.title,
        state=WorkState(row.state),
        assignee=row.assignee,
        labels=tuple(row.labels),
        due_on=row.due_on,
        url=row.external_url,
        opened_at=row.opened_at,
        started_at=row.started_at,
        done_at=row.done_at,
        version_at=row.version_at,
        removed_at=row.removed_at,
        trail=tuple((datetime.fromisoformat(at), WorkState(state)) for at, state in row.trail),
    )


def _written_trail(item: Item) -> list[list[str]]:
    return [[at.isoformat(), state.value] for at, state in item.trail]


def _row(before: WorkItem | None, heard: Heard, item: Item, milestone_id: UUID) -> dict[str, Any]:
    return {
        "id": before.pk if before else uuid7(),
        "milestone_id": milestone_id,
        "source": heard.source,
        "connection_id": heard.connection_id,
        "external_id": heard.external_id,
        "external_url": item.url,
        "title": item.title or heard.external_id,
        "state": item.state,
        "assignee": item.assignee,
        "labels": item.labels,
        "due_on": item.due_on,
        "opened_at": item.opened_at,
        "started_at": item.started_at,
        "done_at": item.done_at,
        "version_at": item.version_at,
        "removed_at": item.removed_at,
        "trail": _written_trail(item),
    }


def _write(rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        _run(MIRROR, {"rows": json.dumps(rows, default=str)})


def refresh(signs: Mapping[UUID, datetime], days: Collection[Day], *, now: datetime) -> None:
    """Counts the pulse of locked milestones anew, and their tallies of these days.

    `signs` maps each milestone to its latest sign of life.
    """
    if days:
        tallied = {"milestones": [of for of, _ in days], "days": [day for _, day in days]}
        _run(TALLIES, {**tallied, "zone": str(_zone())})
    if signs:
        seen = {"milestones": list(signs), "signs": list(signs.values())}
        _run(PULSE, {**seen, "now": now, "days_kept": DAYS_KEPT})


def _run(statement: str, values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"workspace_id": current_workspace_id(), **values})


def _zone() -> ZoneInfo:
    return ZoneInfo(Workspace.objects.values_list("time_zone", flat=True).get(pk=current_workspace_id()))


def _days_of(milestone_id: UUID, items: Iterable[Item | WorkItem], zone: ZoneInfo) -> set[Day]:
    moments = (at for item in items for at in (item.opened_at, item.done_at) if at)
    return {(milestone_id, at.astimezone(zone).date()) for at in moments}
