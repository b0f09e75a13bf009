"""The journal told in sentences: all of it to the team, and the few things that a client may read."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date

from journal.pages import Entry
from milestones.words import Colour, Outcome, RequestKind, Stage, WorkState
from proofs.measuring import digits

Teller = Callable[[Mapping[str, Any], Mapping[str, Any]], str]

FIELDS = {
    "planned_date": "planned date",
    "planned_start": "planned start",
    "forecast_date": "forecast",
    "owner_primary": "primary owner",
    "owner_client": "client's owner",
    "review_owner": "review owner",
    "is_met": "result",
}
ASKED_AFTER = {"decision": "their decision", "packet": "the proof packet"}
ALARMS = {
    "milestone.move_refused",
    "packet_files.failed",
    "blocker.opened",
    "signal.opened",
    "notice.bounced",
    "decision.countermanded",
    "artifact.changed_at_source",
    "artifact.unreachable",
    "artifact.missing",
}
KEYS = {
    *("milestone.moved", "milestone.created", "project.kicked_off", "blocker.resolved", "decision.made"),
    *("milestone.invoice_trigger_reached", "milestone.next_stage_trigger_reached"),
}

TEAM: dict[str, Teller] = {
    "project.kicked_off": lambda d, _: f"started the engagement {d['name']}",
    "project.created": lambda d, _: f"added the project {d['name']}",
    "project.changed": lambda d, _: f"changed the project: {_fields(d)}",
    "project.archived": lambda *_: "archived the project",
    "project.unarchived": lambda *_: "took the archived project up again",
    "checklist.filled": lambda d, _: f"filled the checklist {_words(d['kind'])}: {d['state']}",
    "phase.created": lambda d, _: f"added the phase {d['name']}",
    "phase.changed": lambda d, _: f"changed a phase: {_fields(d)}",
    "account.created": lambda d, _: f"added the client {d['name']}",
    "account.changed": lambda d, _: f"changed the client: {_fields(d)}",
    "contact.created": lambda _, p: f"added the contact {p.get('name', '(erased)')}",
    "contact.absence_set": lambda *_: "noted an absence and who decides meanwhile",
    "contact.changed": lambda d, _: f"changed a contact: {_fields(d) or 'name or address'}",
    "milestone.created": lambda d, _: f"added {d['code']} {d['name']}, planned for {_day(d['planned_date'])}",
    "milestone.taken_over": lambda d, _: (
        f"took over {d['code']} {d['name']} as history, accepted on {_day(d['accepted_on'])}"
    ),
    "milestone.changed": lambda d, _: f"changed the record: {_fields(d)}",
    "milestone.moved": lambda d, _: f"moved the milestone from {_stage(d['from'])} to {_stage(d['to'])}",
    "milestone.returned": lambda d, _: f"returned the milestone from {_stage(d['from'])} to execution",
    "milestone.reset": lambda d, _: f"reset the milestone: {_words(d['cause'])}",
    "milestone.accepted": lambda *_: "took the milestone into closeout: the client accepted it",
    "milestone.reopened": lambda *_: "took the milestone back into review: the decision was countermanded",
    "milestone.packets_linked": lambda *_: "linked the proof and handoff packets",
    "milestone.closed": lambda d, _: f"closed the milestone: {_words(d['outcome'])}",
    "milestone.invoice_trigger_reached": lambda d, _: f"reached the invoice trigger “{d['trigger']}”",
    "milestone.next_stage_trigger_reached": lambda d, _: f"reached the next-stage trigger “{d['trigger']}”",
    "milestone.split": lambda d, _: f"split {d['code']} into {' and '.join(d['codes'])}",
    "recourse.chosen": lambda d, _: (
        f"chose a way out of the block: {_words(d['way'])}, until {_day(d['until'])}"
    ),
    "recourse.ended": lambda d, _: f"ended the {_words(d['way'])}",
    "milestone.move_refused": lambda d, _: f"was refused the step to {_stage(d['to'])}",
    "milestone.forecast_moved": lambda d, _: (
        f"moved the forecast from {_day(d['from'])} to {_day(d['to'])}{_dragged(d)}"
    ),
    "milestone.forecast_confirmed": lambda d, _: f"confirmed the forecast, {_day(d['forecast_date'])}",
    "milestone.rebaselined": lambda d, _: (
        f"moved the planned date from {_day(d['from'])} to {_day(d['to'])}: {d['reason']}"
    ),
    "milestone.blocker_status_changed": lambda d, _: (
        f"turned the blocker status from {_words(d['from'])} to {_words(d['to'])}"
    ),
    "miss.opened": lambda d, _: f"noticed that the planned date {_day(d['planned_date'])} was missed",
    "miss.acknowledged": lambda d, _: (
        f"acknowledged the missed date {_day(d['planned_date'])}"
        + ("" if d["same_day"] else ", not on the same day")
    ),
    "miss.plan_revised": lambda d, _: f"revised the plan after the missed date {_day(d['planned_date'])}",
    "miss.settled": lambda d, _: f"settled the missed date {_day(d['planned_date'])}",
    "criterion.added": lambda d, _: f"added the criterion “{d['statement']}”",
    "criterion.changed": lambda d, _: f"changed a criterion: {_fields(d)}",
    "criterion.removed": lambda d, _: f"removed the criterion “{d['statement']}”",
    "dependency.added": lambda *_: "added a dependency",
    "dependency.changed": lambda *_: "changed a dependency",
    "dependency.removed": lambda *_: "removed a dependency",
    "work_item.added": lambda d, _: f"added the work item “{d['title']}”",
    "work_item.changed": lambda d, _: _work_item(d),
    "progress.recorded": lambda d, _: "recorded progress" + _percent(d),
    "qa_run.recorded": lambda d, _: (
        f"ran {d['check']}: {d['score']}, {'passed' if d['passed'] else 'failed'}"
    ),
    "artifact.added": lambda d, _: f"added the {d['kind']} “{d['title']}”",
    "artifact.version_added": lambda d, _: f"added version {d['number']} of “{d['title']}”",
    "artifact.removed": lambda d, _: f"removed “{d['title']}” from the artifacts",
    "artifact.check_asked": lambda d, _: f"asked for a look at “{d['title']}”",
    "artifact.changed_at_source": lambda d, _: (
        f"found “{d['title']}” changed at its source"
        + (", so its check is void" if d["voided"] else "")
        + ("; asked whether it is meant to change" if d.get("asked") else "")
    ),
    "artifact.unreachable": lambda d, _: f"could not reach “{d['title']}” three times",
    "artifact.missing": lambda d, _: f"found the file of “{d['title']}” missing or damaged",
    "artifact.found_again": lambda d, _: f"found “{d['title']}” as it should be again",
    "artifact.marked_living": lambda d, _: f"said that “{d['title']}” is meant to change",
    "artifact.marked_still": lambda d, _: f"said that “{d['title']}” is not meant to change",
    "artifact.upload_refused": lambda d, _: f"was refused an upload: {_words(d['reason'])}",
    "change_request.queued": lambda d, _: f"queued the request #{d['number']} “{d['title']}”",
    "change_request.estimated": lambda d, _: f"estimated a change: {_fields(d)}",
    "change_request.accepted": lambda d, _: f"took the request #{d['number']} into the agreed scope",
    "change_request.reopened": lambda d, _: (
        f"took the client's answer to the request #{d['number']} back: {d['reason']}"
    ),
    "change_request.declined": lambda d, _: (
        f"declined the request #{d['number']}" + (" by the client's decision" if d["by"] == "client" else "")
    ),
    "review.prepared": lambda d, _: f"prepared round {d['round']} of the review",
    "review.sent": lambda d, _: f"sent round {d['round']} of the review",
    "review.ended": lambda d, _: f"ended round {d['round']} of the review: {_outcome(d['outcome'])}",
    "decision_request.drafted": lambda d, _: f"wrote the question #{d['number']} “{d['question']}”",
    "decision_request.changed": lambda d, _: f"rewrote the question #{d['number']} “{d['question']}”",
    "decision_request.sent": lambda d, p: f"asked {_name(p)} the question #{d['number']} “{d['question']}”",
    "decision_request.replaced": lambda d, _: f"replaced the question #{d['number']} by a newer one",
    "decision_request.delegated": lambda d, p: f"handed the question #{d['number']} to {_name(p)}",
    "decision_request.reminded": lambda d, _: f"reminded of the question #{d['number']}",
    "decision_request.withdrawn": lambda d, _: f"withdrew the question #{d['number']}: {d['reason']}",
    "decision.made": lambda d, p: f"answered the question #{d['number']}: {_words(d['option'])}" + _for(p),
    "decision.countermanded": lambda d, _: (
        f"took back the answer {_words(d['option'])} to the question #{d['number']}"
    ),
    "decision.refused": lambda d, _: f"could not answer the question #{d['number']}",
    "decision.wrong_person": lambda d, _: f"is not the one to answer the question #{d['number']}",
    "comment.added": lambda *_: "commented",
    "comment.queued": lambda d, _: f"queued a comment as the request #{d['number']}",
    "blocker.opened": lambda d, _: f"opened the {d['type']} blocker #{d['number']} “{d['title']}”",
    "blocker.asked": lambda d, _: f"asked the client to decide about blocker #{d['number']}",
    "blocker.acknowledged": lambda d, _: f"acknowledged blocker #{d['number']}",
    "blocker.responded": lambda d, _: f"noted the answer to blocker #{d['number']}",
    "blocker.resolved": lambda d, _: f"resolved blocker #{d['number']}",
    "blocker.reopened": lambda d, _: f"opened blocker #{d['number']} again: its answer was taken back",
    "plan.started": lambda d, _: f"started the plan “{d['template']}” with {d['milestones']} milestones",
    "import.opened": lambda d, _: f"opened a table of {d['rows']} rows to import",
    "import.mapped": lambda *_: "said which columns of a table mean what",
    "import.done": lambda d, _: f"imported a table: {d['new']} new, {d['known']} known milestones",
    "workspace.exported": lambda d, _: f"took a copy of everything ({d['rows']} rows)",
    "template.kept": lambda d, _: f"kept the plan as the template “{d['name']}”",
    "template.dropped": lambda d, _: f"dropped the template “{d['name']}”",
    "weekly_review.saved": lambda d, _: f"saved the weekly review of {_day(d['week'])}",
    "label.changed": lambda d, _: f"turned the label from {_label(d['from'])} to {_label(d['to'])}",
    "notice.drafted": lambda d, _: f"drafted the notice #{d['number']} “{d['title']}”",
    "notice.revised": lambda d, _: f"changed the draft of notice #{d['number']}",
    "notice.sent": lambda d, p: f"told {p.get('to', '(erased)')}: “{d['title']}”",
    "notice.delivered": lambda d, _: f"delivered notice #{d['number']} “{d['title']}”",
    "notice.bounced": lambda d, _: f"could not tell the client: “{d['title']}”",
    "notice.told_otherwise": lambda d, _: f"told the client another way of “{d['title']}”",
    "notice.withdrawn": lambda d, _: f"withdrew notice #{d['number']} “{d['title']}”",
    "rollout.changed": lambda d, _: (
        f"set the first day of the rollout to {_day(d['fields']['started_on'][1])}"
    ),
    "metric.added": lambda d, _: f"added the metric “{d['name']}”",
    "metric.changed": lambda d, _: f"changed the metric “{d['name']}”: {_fields(d)}",
    "metric.removed": lambda d, _: f"removed the metric “{d['name']}”",
    "metric.fed": lambda d, _: f"took {_count(d['count'], 'reading')} into “{d['name']}”, now {_measured(d)}",
    "snapshot.taken": lambda d, _: (
        f"took the {'baseline' if d['role'] == 'baseline' else 'value'} of “{d['name']}”: {_measured(d)}"
    ),
    "snapshot.retracted": lambda d, _: f"retracted the value {_measured(d)} of “{d['name']}”",
    "proof_packet.drafted": lambda d, _: f"began version {d['number']} of the proof packet",
    "proof_packet.written": lambda d, _: f"wrote the proof packet: {_fields(d)}",
    "proof_packet.clock_started": lambda d, _: f"started the clock of proof packet {d['number']}",
    "proof_packet.clock_stopped": lambda d, _: (
        f"stopped the clock of proof packet {d['number']}: the acceptance was taken back"
    ),
    "proof_packet.reminded": lambda d, _: f"reminded that proof packet {d['number']} is due today",
    "proof_packet.refused": lambda d, _: f"could not publish proof packet {d['number']}",
    "proof_packet.dropped": lambda d, _: f"took back the draft of proof packet {d['number']}",
    "proof_packet.published": lambda d, p: (
        f"published version {d['number']} of the proof packet"
        + (f", as {p['allowed_by']} allowed" if p.get("allowed_by") else "")
    ),
    "handoff_packet.drafted": lambda d, _: f"began version {d['number']} of the handoff packet",
    "handoff_packet.refreshed": lambda d, _: f"looked at version {d['number']} of the handoff packet again",
    "handoff_packet.written": lambda d, _: f"wrote the handoff packet: {_fields(d)}",
    "handoff_packet.refused": lambda d, _: f"could not publish handoff packet {d['number']}",
    "handoff_packet.dropped": lambda d, _: f"took back the draft of handoff packet {d['number']}",
    "handoff_packet.published": lambda d, _: f"published version {d['number']} of the handoff packet",
    "packet_files.made": lambda d, _: f"made the files of {d['packet']} packet {d['number']}",
    "packet_files.failed": lambda d, _: (
        f"could not make the files of {d['packet']} packet {d['number']}: {d['reason']}"
    ),
    "packet_files.asked_again": lambda d, _: (
        f"asked again for the files of {d['packet']} packet {d['number']}"
    ),
    "proof_packet.delivered": lambda d, _: f"delivered version {d['number']} of the proof packet",
    "delivery_template.set": lambda *_: "worded the e-mail that brings a packet",
    "delivery_template.reset": lambda *_: "went back to the shipped words of the e-mail that brings a packet",
    "confidence.asked": lambda d, p: (
        f"asked {p.get('contact', '(erased)')} how confident they are, after {ASKED_AFTER[d['about']]}"
    ),
    "confidence.given": lambda d, _: f"gave a confidence of {d['score']} of 5",
    "confidence.changed": lambda d, _: _confidence(d),
    "opportunity.started": lambda d, _: f"started the opportunity #{d['number']} “{d['title']}”",
    "opportunity.noted": lambda d, _: f"noted the opportunity #{d['number']} “{d['title']}”",
    "opportunity.changed": lambda d, _: f"changed the opportunity #{d['number']}: {_fields(d)}",
    "opportunity.advanced": lambda d, _: f"took the opportunity #{d['number']} to {_words(d['to'])}",
    "opportunity.taken_back": lambda d, _: f"took the opportunity #{d['number']} back to {_words(d['to'])}",
    "opportunity.reminded": lambda d, _: f"reminded of the opportunity #{d['number']}: {d['next_step']}",
    "link.made": lambda d, p: f"made a {_link(d)} for {p.get('recipient', '(erased)')}",
    "link.rotated": lambda d, _: f"gave the {_link(d)} a new address",
    "link.revoked": lambda d, _: f"revoked a {_link(d)}",
    "workspace.created": lambda d, _: f"created the workspace {d['name']}",
    "workspace.updated": lambda *_: "changed the workspace",
    "settings.brand_set": lambda d, _: f"set the portal's name and colour ({d['colour']})",
    "settings.thresholds_set": lambda d, _: f"set thresholds: {', '.join(d)}",
    "calendar.set": lambda *_: "set the working calendar",
    "invitation.sent": lambda d, p: f"invited {p.get('email', '(erased)')} as {d['role']}",
    "invitation.revoked": lambda *_: "took an invitation back",
    "invitation.accepted": lambda *_: "accepted an invitation",
    "membership.joined": lambda d, _: f"joined as {d['role']}",
    "membership.role_changed": lambda d, _: f"changed a role from {d['role'][0]} to {d['role'][1]}",
    "membership.ended": lambda *_: "ended a membership",
    "signal.opened": lambda d, _: f"raised the signal {_words(d['rule'])}",
    "signal.closed": lambda d, _: f"closed the signal {_words(d['rule'])}",
    "risk_action.opened": lambda d, _: f"opened the action {_words(d.get('code', ''))}",
    "risk_action.closed": lambda d, _: f"closed the action {_words(d.get('code', ''))}",
    "finding.replayed": lambda *_: "had a parked signal or action told again",
    "connection.made": lambda d, _: f"connected {d['name']} ({d['provider']})",
    "connection.changed": lambda *_: "changed a connection",
    "connection.secret_set": lambda *_: "set the secret of a connection",
    "connection.secret_rotated": lambda *_: "gave a connection a new secret",
    "connection.disconnected": lambda *_: "switched a connection off",
    "webhook_endpoint.made": lambda d, _: f"added the webhook {d['name']}",
    "webhook_endpoint.changed": lambda d, _: f"changed a webhook: {', '.join(d['fields'])}",
    "webhook_endpoint.secret_rotated": lambda *_: "gave a webhook a new secret",
    "webhook_endpoint.paused": lambda *_: "paused a webhook",
    "webhook_endpoint.resumed": lambda *_: "resumed a webhook",
    "webhook_endpoint.removed": lambda d, _: f"removed the webhook {d['name']}",
    "webhook_endpoint.tested": lambda d, _: f"tested the webhook {d['name']}",
    "delivery.replayed": lambda *_: "put a delivery back in the queue",
    "message.replayed": lambda *_: "put a message back in line",
    "message.withdrawn": lambda *_: "withdrew a message",
    "token.issued": lambda d, _: f"issued the API token {d['name']}",
    "token.revoked": lambda d, _: f"revoked the API token {d['name']}",
}
DETAILS = (
    "comment",
    "text",
    "blocked",
    "done",
    "next",
    "response",
    "resolution",
    "said",
    "how",
    "problem",
    "reason",
)

STAGE_NEWS = {
    Stage.EXECUTION: "Work has begun.",
    Stage.QA: "Built; quality checks are running.",
    Stage.REVIEW: "Ready for your review.",
    Stage.CLOSEOUT: "Accepted; being closed.",
    Stage.CLOSED: "Closed.",
}

# Nothing reaches the client that is not written here.
CLIENT: dict[str, Teller] = {
    "project.kicked_off": lambda *_: "Kickoff completed.",
    "milestone.created": lambda d, _: f"Planned for {_day(d['planned_date'])}.",
    "decision.made": lambda d, _: _decided(d),
    "decision.countermanded": lambda *_: "A decision was taken back; you are asked anew.",
    "milestone.moved": lambda d, _: STAGE_NEWS.get(Stage(d["to"]), ""),
    "milestone.changed": lambda d, _: _dates_moved(d),
    "milestone.returned": lambda *_: "Work goes on.",
    "milestone.reset": lambda *_: "Work goes on; you will be asked again once it is checked.",
    "milestone.accepted": lambda *_: STAGE_NEWS[Stage.CLOSEOUT],
    "milestone.reopened": lambda *_: "The decision was taken back; your review is open again.",
    "milestone.closed": lambda d, _: f"Closed: {Outcome(d['outcome']).label.lower()}.",
    "proof_packet.published": lambda d, _: f"The proof is published, version {d['number']}.",
    "handoff_packet.published": lambda d, _: f"What happens next is written down, version {d['number']}.",
    "milestone.split": lambda d, _: f"{d['code']} is now {' and '.join(d['codes'])}.",
    "milestone.forecast_moved": lambda d, _: (
        f"New date: {_day(d['to'])}, before: {_day(d['from'])}. Reason: {d['reason']}"
    ),
    "milestone.rebaselined": lambda d, _: (
        f"New planned date: {_day(d['to'])}, before: {_day(d['from'])}. Reason: {d['reason']}"
    ),
    "miss.acknowledged": lambda d, _: (
        f"The planned date {_day(d['planned_date'])} was missed. Why: {d['root_cause']}"
    ),
    "label.changed": lambda d, _: f"{Colour(d['to']).label}: {d['reason']}",
}


def told(entry: Entry, *, named: bool = False) -> dict[str, Any]:
    """The entry for the timeline component; `named` says which milestone it is about."""
    teller = TEAM.get(entry.kind)
    who = entry.personal.get("actor") or ("Cairn" if entry.actor_kind == "system" else "Someone")
    what = teller(entry.data, entry.personal) if teller else entry.kind.replace(".", " ").replace("_", " ")
    texts = {**entry.data, **entry.personal}
    detail = next((str(texts[name]) for name in DETAILS if texts.get(name)), "")
    story = f" · {entry.about}" if named and entry.about else ""
    return {
        "at": entry.at,
        "text": f"{who} {what}{story}",
        "detail": detail,
        "weight": weight(entry),
        "seq": entry.seq,
    }


def weight(entry: Entry) -> str:
    return "alarm" if entry.kind in ALARMS else "key" if entry.kind in KEYS else ""


def told_to_client(entry: Entry) -> str:
    """What the client may read of an entry; empty when it is none of their business."""
    teller = CLIENT.get(entry.kind)
    return teller(entry.data, {}) if teller else ""


def _decided(data: Mapping[str, Any]) -> str:
    is_review = data["kind"] == RequestKind.REVIEW
    return f"You decided: {_outcome(data['option'])}." if is_review else "You answered a question."


def _fields(data: Mapping[str, Any]) -> str:
    names = [name.removesuffix("_id") for name in data.get("fields", {})]
    return ", ".join(FIELDS.get(name, name.replace("_", " ")) for name in names)


def _dates_moved(data: Mapping[str, Any]) -> str:
    pair = data["fields"].get("planned_date")
    return f"Planned date set to {_day(pair[1])}, before: {_day(pair[0])}." if pair else ""


def _dragged(data: Mapping[str, Any]) -> str:
    return f", as it waits for {data['because_of']}" if data.get("because_of") else ""


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _measured(data: Mapping[str, Any]) -> str:
    """A value with its unit; figures travel as text."""
    return f"{digits(Decimal(data['value']))} {data['unit']}".strip()


def _link(data: Mapping[str, Any]) -> str:
    """What an address opens, in words."""
    return f"{data['purpose']} link"


def _words(code: str) -> str:
    return f"“{code.replace('_', ' ')}”"


def _confidence(data: Mapping[str, Any]) -> str:
    """A changed answer: the number, else only the words beside it."""
    if data["score"] == data["before"]:
        return f"added words to their confidence of {data['score']} of 5"
    return f"changed their confidence from {data['before']} to {data['score']} of 5"


def _work_item(data: Mapping[str, Any]) -> str:
    """Moving is the news; the moments and versions that come with it are not."""
    if states := data.get("fields", {}).get("state"):
        return f"moved a work item to {WorkState(states[1]).label.lower()}"
    return f"changed a work item: {_fields(data)}"


def _name(personal: Mapping[str, Any]) -> str:
    return str(personal.get("recipient", "(erased)"))


def _for(personal: Mapping[str, Any]) -> str:
    """Who decided, where somebody else noted it down."""
    name, actor = personal.get("name"), personal.get("actor")
    return f", as {name} decided" if name and name != actor else ""


def _outcome(code: str) -> str:
    return Outcome(code).label.lower()


def _percent(data: Mapping[str, Any]) -> str:
    return f": {data['percent']}%" if data.get("percent") is not None else ""


def _label(code: str) -> str:
    return Colour(code).label.lower()


def _stage(code: str) -> str:
    return Stage(code).label.lower()


def _day(text: str | None) -> str:
    day = parse_date(text) if text else None
    return f"{day.day} {day:%B %Y}" if day else "no date"
