"""Where lines, bars and words of a project's figures stand."""

from datetime import date, timedelta
from uuid import UUID

from milestones.charts import APART, LEFT, RIGHT, Work, levels, s_curve, timeline

TODAY = date(2026, 3, 4)


def after(days):
    return TODAY + timedelta(days=days)


def work(number=0, **known):
    fields = {
        "planned_start": after(-5),
        "planned": after(5),
        "forecast": after(8),
        "begun": None,
        "until": None,
    }
    return Work(id=UUID(int=number), code=f"1.{number}", name="Dashboard", **{**fields, **known})


def test_a_plan_without_dates_has_no_timeline():
    nothing = work(planned_start=None, planned=None, forecast=None)

    assert timeline([nothing], today=TODAY) is None


def test_planned_actual_and_forecast_stand_apart():
    found = timeline([work(begun=after(-2))], today=TODAY)

    lane = found.lanes[0]
    assert lane.planned.x < lane.actual.x < lane.forecast.x <= lane.actual.end
    assert (lane.note, lane.forecast.end > lane.planned.end) == ("12 Mar", True)


def test_what_is_completed_has_no_forecast_any_more():
    lane = timeline([work(begun=after(-4), until=after(-1))], today=TODAY).lanes[0]

    assert (lane.forecast, lane.note) == (None, "3 Mar")


def test_a_line_leads_from_each_milestone_to_those_that_wait_for_it():
    first, second = work(1), work(2, planned_start=after(9), planned=after(12), needs=[UUID(int=1)])

    assert len(timeline([first, second], today=TODAY).ties) == 1


def test_the_curve_stays_in_its_frame_and_its_words_apart():
    planned = [(after(-10), 0.0), (after(0), 0.5), (after(10), 1.0)]
    earned = [(after(-10), 0.0), (after(0), 0.4)]
    ahead = [(after(0), 0.4), (after(10), 1.0)]

    found = s_curve(planned, earned, ahead, today=TODAY)

    places = [point.split(",") for line in found.lines for point in line.points.split()]
    assert all(LEFT <= float(x) <= RIGHT for x, _ in places)
    ends = sorted(line.y for line in found.lines if line.code != "earned")
    assert ends[1] - ends[0] >= APART


def test_the_table_behind_the_curve_says_where_each_line_stands():
    planned = [(after(-10), 0.0), (after(0), 0.5), (after(10), 1.0)]
    ahead = [(after(0), 0.4), (after(12), 1.0)]

    rows = levels(planned, [(after(-10), 0.0), (after(0), 0.4)], ahead)

    assert [(row.planned, row.earned, row.forecast) for row in rows] == [
        (0.0, 0.0, None),
        (0.5, 0.4, 0.4),
        (1.0, None, 0.4),
        (1.0, None, 1.0),
    ]
