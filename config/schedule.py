"""Celery's settings and the static beat schedule. Two beats change nothing: due times are rows."""

from kombu import Queue

from config import env as environment

ENV = environment.read()

broker_url = ENV.redis_url
broker_transport_options = {"global_keyprefix": f"{ENV.redis_prefix}:", "visibility_timeout": 300}
broker_connection_retry_on_startup = True
broker_connection_max_retries = None  # a worker that gave up would need somebody to start it again
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
task_time_limit = 120
task_default_queue = "work"
task_queues = [Queue("work"), Queue("mail"), Queue("sweep"), Queue("render"), Queue("webhooks")]
worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 1000
worker_hijack_root_logger = False
timezone = "UTC"

# (name, task, every so many seconds, queue)
RUNG = (
    ("outbox", "journal.tasks.send_due", 5.0, "mail"),
    ("webhooks", "journal.tasks.tell_endpoints", 5.0, "webhooks"),
    ("old messages", "journal.tasks.forget_messages", 3600.0, "work"),
    ("deliveries", "telemetry.tasks.apply_received", 5.0, "work"),
    ("tidying", "telemetry.tasks.tidy_inbound", 3600.0, "work"),
    ("heartbeat", "telemetry.tasks.heartbeat", 60.0, "sweep"),
    ("blocker age", "escalation.tasks.blocker_age", 60.0, "sweep"),
    ("blocker answers", "escalation.tasks.blocker_answers", 5.0, "work"),
    ("risk score", "telemetry.tasks.risk_score", 30.0, "sweep"),
    ("on-time probability", "telemetry.tasks.on_time_probability", 30.0, "sweep"),
    ("labels", "milestones.tasks.labels", 30.0, "sweep"),
    ("notices", "milestones.tasks.notices", 30.0, "work"),
    ("misses", "milestones.tasks.misses", 3600.0, "work"),
    ("reminders", "milestones.tasks.reminders", 60.0, "work"),
    ("figures", "milestones.tasks.figures", 3600.0, "sweep"),
    ("proof packets", "proofs.tasks.proof_packets", 5.0, "work"),
    ("handoff packets", "proofs.tasks.handoff_packets", 15.0, "work"),
    ("readings", "proofs.tasks.readings", 15.0, "work"),
    ("kpis", "proofs.tasks.kpis", 3600.0, "work"),
    ("artifact checks", "proofs.tasks.artifact_checks", 30.0, "webhooks"),
    ("artifact watches", "proofs.tasks.artifact_watches", 3600.0, "sweep"),
    ("packet deliveries", "proofs.tasks.packet_deliveries", 30.0, "work"),
    ("renderings", "proofs.tasks.render", 5.0, "render"),
    ("next steps", "proofs.tasks.next_steps", 300.0, "work"),
    ("waiting", "config.tasks.count_waiting", 15.0, "sweep"),
    ("calendars", "workspaces.tasks.extend_calendars", 3600.0, "work"),
    ("attempts", "workspaces.tasks.forget_attempts", 3600.0, "work"),
    ("idempotent answers", "api.tasks.forget_answers", 3600.0, "work"),
)
# A task that beat does not ring, because something else does, is routed here as well.
task_routes = {task: {"queue": queue} for _, task, _, queue in RUNG}

# `expires`: a bell that nobody heard in time is not rung again; the next one comes anyway.
beat_schedule = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds, _ in RUNG
}
