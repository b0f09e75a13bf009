import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

DEFINED = Q(
    ("approver__isnull", False),
    ("execution_started_at__isnull", False),
    ("forecast_date__isnull", False),
    ("owner_client__isnull", False),
    ("owner_primary__isnull", False),
    ("planned_date__isnull", False),
)
ACCEPTED = Q(
    ("accepted_at__isnull", False),
    ("outcome", "approved"),
    ("planned_date__isnull", False),
    ("stage", "closed"),
)
PEOPLE = Q(("accepted_at__isnull", False), ("approver__isnull", False), ("review_owner__isnull", False))
HISTORY = Q(imported_at__isnull=False)
HOLDS = {
    "milestone_leaves_setup_defined": Q(stage="setup")
    | Q(Q(("output", ""), _negated=True), Q(("approval_channel", ""), _negated=True), *DEFINED.children)
    | HISTORY,
    "milestone_closed_as_approved_holds_all_four": Q(("outcome", "approved"), _negated=True)
    | Q(
        Q(("proof_packet_url", ""), _negated=True),
        Q(("handoff_packet_link", ""), _negated=True),
        *PEOPLE.children,
    )
    | HISTORY,
    "milestone_of_history_was_accepted": Q(imported_at=None) | Q(*ACCEPTED.children),
}

# Put back below in the same transaction, with history as the one exception.
WIDENED = """
-- squawk-ignore ban-drop-constraint
ALTER TABLE milestones_milestone DROP CONSTRAINT {name};
"""


class Migration(migrations.Migration):
    dependencies = [("milestones", "0017_answers_that_were_taken_back")]

    operations = [
        migrations.AddField(
            model_name="milestone",
            name="imported_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        *(
            migrations.SeparateDatabaseAndState(
                [migrations.RunSQL(WIDENED.format(name=name), migrations.RunSQL.noop)],
                [migrations.RemoveConstraint(model_name="milestone", name=name)],
            )
            for name in ("milestone_leaves_setup_defined", "milestone_closed_as_approved_holds_all_four")
        ),
        *(
            AddConstraintNotValid(
                model_name="milestone", constraint=models.CheckConstraint(name=name, condition=condition)
            )
            for name, condition in HOLDS.items()
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="milestone",
            trigger=pgtrigger.compiler.Trigger(
                name="milestone_becomes_no_history",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."imported_at" IS DISTINCT FROM (NEW."imported_at"))',
                    func="RAISE EXCEPTION 'History is taken over as it is; nothing becomes or ceases to be it.';",
                    hash="5b6ff5ed4b2436c30abfacd63caddf89910662f9",
                    operation='UPDATE OF "imported_at"',
                    pgid="pgtrigger_milestone_becomes_no_history_cb491",
                    table="milestones_milestone",
                    when="BEFORE",
                ),
            ),
        ),
    ]
