"""Which tool a table came from, and what its columns mean: a proposal that the person may change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FIELDS: Mapping[str, str] = {
    "reference": "Reference (its id elsewhere)",
    "account": "Client",
    "project": "Project",
    "phase": "Phase",
    "code": "Code",
    "name": "Name of the milestone",
    "output": "Output in one sentence",
    "description": "Description for the client",
    "notes": "Notes",
    "kind": "Kind",
    "planned_start": "Planned start",
    "planned_date": "Planned date",
    "weight": "Weight",
    "owner_primary": "Owner (e-mail of a member)",
    "criteria": "Acceptance criteria, one a line",
    "done": "Completed (such rows are left out, or come as history)",
    "started": "Work began (history)",
    "accepted": "Accepted on (history)",
    "proof_packet_url": "Address of the proof (history)",
    "handoff_packet_link": "Address of the handoff (history)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A tool by the columns that only its exports have; `mapping` is field: column."""

    code: str
    name: str
    marks: frozenset[str]
    mapping: Mapping[str, str] = field(default_factory=dict)


LINEAR = Source(
    code="linear",
    name="Linear",
    marks=frozenset({"ID", "Team", "Title", "Status", "Project ID"}),
    mapping={
        "reference": "ID",
        "project": "Project",
        "phase": "Project Milestone",
        "name": "Title",
        "notes": "Description",
        "planned_start": "Started",
        "planned_date": "Due Date",
        "owner_primary": "Assignee",
        "done": "Completed",
    },
)
CLICKUP = Source(
    code="clickup",
    name="ClickUp",
    marks=frozenset({"Task ID", "Task Name", "List Name"}),
    mapping={
        "reference": "Task ID",
        "project": "List Name",
        "account": "Folder Name",
        "name": "Task Name",
        "notes": "Task Content",
        "planned_start": "Start Date",
        "planned_date": "Due Date",
        "owner_primary": "Assignees",
        "done": "Date Closed",
    },
)
ASANA = Source(
    code="asana",
    name="Asana",
    marks=frozenset({"Task ID", "Created At", "Completed At", "Section/Column"}),
    mapping={
        "reference": "Task ID",
        "project": "Projects",
        "phase": "Section/Column",
        "name": "Name",
        "notes": "Notes",
        "planned_start": "Start Date",
        "planned_date": "Due Date",
        "owner_primary": "Assignee Email",
        "done": "Completed At",
    },
)
NOTION = Source(
    code="notion",
    name="Notion",
    marks=frozenset({"Name", "Status"}),
    mapping={
        "name": "Name",
        "project": "Project",
        "account": "Client",
        "planned_date": "Due",
        "owner_primary": "Assign",
        "description": "Summary",
    },
)
SOURCES = (LINEAR, CLICKUP, ASANA, NOTION)
OTHER = Source(code="table", name="Table", marks=frozenset())
SOURCE_NAMES: Mapping[str, str] = {source.code: source.name for source in (*SOURCES, OTHER)}

# Other words that people write above such a column, in small letters.
ALSO = {
    "reference": ("id", "external_ref", "external id", "key"),
    "account": ("client", "customer", "company"),
    "name": ("title", "milestone", "task", "first_milestone_name"),
    "output": ("outcome", "deliverable"),
    "notes": ("note", "comment"),
    "planned_start": ("start", "start date", "started"),
    "planned_date": ("due", "due date", "date", "deadline", "planned", "due on"),
    "owner_primary": ("owner", "assignee", "assign", "responsible"),
    "criteria": ("acceptance_criteria", "acceptance criteria"),
    "done": ("completed", "completed at", "done"),
    "started": ("execution_started_at", "actual start"),
    "accepted": ("accepted_at", "approved at"),
    "phase": ("stage", "section", "group"),
}


def recognise(columns: Iterable[str]) -> tuple[Source, dict[str, str]]:
    """The tool, and the proposed mapping of our fields to columns that are there."""
    names = list(columns)
    source = next((source for source in SOURCES if source.marks <= set(names)), OTHER)
    mapping = {name: column for name, column in source.mapping.items() if column in names}
    taken = set(mapping.values())
    by_word = {name.lower().replace("_", " "): name for name in names if name not in taken}
    for each in FIELDS:
        if each not in mapping and (column := _alike(each, by_word)):
            mapping[each] = column
            by_word = {word: name for word, name in by_word.items() if name != column}
    return source, mapping


def _alike(name: str, by_word: Mapping[str, str]) -> str | None:
    words = (name, *ALSO.get(name, ()))
    return next((by_word[word] for each in words if (word := each.replace("_", " ")) in by_word), None)
