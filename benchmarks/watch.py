"""What one look of the watchman costs over many milestones, all of them as the sweeps leave them."""

from functools import partial

from benchmarks.common import Report, size, timed
from benchmarks.sweeps import MILESTONES_A_WORKSPACE, NOW, population, vacuum


def run(report: Report) -> None:
    from config.watched import WATCHED
    from config.watchman import LONGEST_LOOK, MOST
    from milestones.sweeps.labels import follow_labels
    from telemetry.sweeps.heartbeat import check_due
    from tenancy.sweep import rows, sweep

    def look(late: str) -> None:
        with sweep():
            rows(LONGEST_LOOK)
            rows(late, {"now": NOW, "most": MOST})

    milestones = size(200_000)
    report.title(f"One look of the watchman over {milestones:,} milestones")
    with population(milestones, max(1, milestones // MILESTONES_A_WORKSPACE)) as connection:
        for settle in (check_due, follow_labels):
            settle(now=NOW)
        vacuum(connection)
        spent = 0.0
        for thing in WATCHED:
            took = timed(partial(look, thing.late))
            report.note(thing.name, f"{took * 1000:.1f} ms")
            spent += took
        report.note("all of it", f"{spent * 1000:.0f} ms, once a minute")
