"""Hypothesis strategies: evidence of every kind, the odd corners included."""

from hypothesis import strategies as st

from telemetry.risk import Evidence

counts = st.integers(0, 12)
hours = st.one_of(st.just(0.0), st.sampled_from([8.0, 8.5, 48.5]), st.floats(0.001, 500))
maybe_hours = st.none() | hours
slots = st.none() | st.integers(0, 1)


@st.composite
def pieces(draw: st.DrawFn) -> Evidence:
    work_open, done = draw(counts), draw(counts)
    critical = draw(st.integers(0, 4))
    return Evidence(
        in_setup=draw(st.sampled_from([False, False, False, True])),
        review_or_later=draw(st.sampled_from([False, False, False, True])),
        full_days_in_execution=draw(counts),
        work_total=work_open + done,
        work_open=work_open,
        done_total=done,
        done_recent=draw(st.integers(0, done)),
        working_days_left=draw(st.integers(-5, 30)),
        cycle_hours_here=draw(maybe_hours),
        cycle_hours_usual=draw(maybe_hours),
        reported_percent=draw(st.none() | st.integers(0, 100)),
        elapsed_share=draw(st.none() | st.floats(0.001, 2)),
        blockers_open=critical + draw(st.integers(0, 4)),
        blockers_critical=critical,
        longest_unanswered_hours=draw(hours),
        review_overdue_hours=draw(hours),
        overdue_predecessors=draw(st.integers(0, 5)),
        **{f"qa_{n}": draw(slots) for n in range(1, 6)},
        resets=draw(st.integers(0, 6)),
        unplanned_14d=draw(counts),
        undecided=draw(counts),
        growth_percent=draw(
            st.one_of(st.just(0.0), st.just(7.25), st.floats(-20, -0.001), st.floats(0.001, 80))
        ),
    )


evidence = pieces()
