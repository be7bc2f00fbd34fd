"""Axes, charts and parts of pages: numbers worked by hand."""

import re

import numpy as np
import pytest
from builders import Page

from lstmcli.reports.html.axes import Axis, count_axis, number_axis, places, time_axis
from lstmcli.reports.html.charts import ChartBand, ChartLine, Mark, chart, spark
from lstmcli.reports.html.learning import LossHistory, learning_section
from lstmcli.reports.html.markup import cards, chooser, html_table, strong
from lstmcli.reports.thinning import DRAWN, thin_band, thin_line
from lstmcli.series.calendar import HOUR, Step, advance

X, Y = Axis(0, 10, ((0, "0"), (10, "10"))), Axis(100, 200, ((100, "100"), (200, "200")))


def labels(axis):
    return [text for _, text in axis.ticks]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([0, 10], ["0", "2", "4", "6", "8", "10"]),
        ([-0.31, 0.52], ["-0.4", "-0.2", "0.0", "0.2", "0.4", "0.6"]),
        ([1234, 9876], ["0", "2,000", "4,000", "6,000", "8,000", "10,000"]),
        ([5, 5], ["4.4", "4.6", "4.8", "5.0", "5.2", "5.4", "5.6"]),
        ([np.nan, 0], ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        ([np.nan], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([1e12, 3e12], ["1e+12", "1.5e+12", "2e+12", "2.5e+12", "3e+12"]),
    ],
)
def test_an_axis_ends_at_round_numbers_that_hold_all_values(values, wanted):
    axis = number_axis(np.array(values, float))
    assert labels(axis) == wanted
    assert axis.low <= np.nanmin([*values, axis.high])
    assert axis.high >= np.nanmax([*values, axis.low])


@pytest.mark.parametrize(
    "values",
    [
        (0, 5e-324, 1e-323),
        (5e-324,),
        (1e-320, 2e-320),
        (-1e-310, 1e-310),
        (3e-290, 9e-290),
        (1e308, 1.7e308),
        (-1.7e308, 1.7e308),
        (1.79e308,),
        (1e-320, 1e308),
        (1e16, 1e16 + 2),
        (0.1, np.nextafter(0.1, 1)),
    ],
)
@pytest.mark.parametrize("with_zero", [False, True])
def test_any_range_has_an_axis(values, with_zero):
    axis = number_axis(np.array(values), with_zero=with_zero)
    assert np.isfinite([axis.low, axis.high]).all() and 2 <= len(axis.ticks) <= 12
    shares = axis.share(np.array(values))
    assert (shares >= -1e-9).all() and (shares <= 1 + 1e-9).all()


def test_an_axis_of_errors_begins_at_zero():
    assert labels(number_axis(np.array([7.0, 9.0]), with_zero=True))[0] == "0"


def test_an_axis_of_steps_keeps_its_ends():
    axis = count_axis(1, 24)
    assert (axis.low, axis.high, labels(axis)) == (1, 24, ["5", "10", "15", "20"])
    assert count_axis(0, 1).ticks == ((0, "0"), (1, "1"))


@pytest.mark.parametrize(
    ("first", "last", "wanted", "name"),
    [
        ("2024-01-01T22:00", "2024-01-02T04:00", ["22:00", "23:00", "2 Jan", "01:00", "02:00"], "2024"),
        ("2024-03-01", "2024-03-05", ["1 Mar", "2 Mar", "3 Mar", "4 Mar", "5 Mar"], "2024"),
        ("2024-03-01", "2024-04-05", ["4 Mar", "11 Mar", "18 Mar", "25 Mar", "1 Apr"], "2024"),
        ("2024-02-10", "2024-07-10", ["Mar", "Apr", "May", "Jun", "Jul"], "2024"),
        ("2022-11-10", "2024-02-10", ["Jan 2023", "Apr 2023", "Jul 2023", "Oct 2023", "Jan 2024"], ""),
        ("1980-01-01", "2003-01-01", ["1980", "1985", "1990", "1995", "2000"], ""),
    ],
)
def test_times_are_labelled_by_whole_units(first, last, wanted, name):
    axis = time_axis(np.array([first, last], "datetime64[us]"))
    assert labels(axis)[:5] == wanted
    assert len(axis.ticks) <= 8
    assert (axis.name if name else "") == name
    assert axis.low == places(np.array([first], "datetime64[us]"))[0]


OFFICE = Step("open", HOUR, slots="9-15 33-39 57-63 81-87 105-111")


@pytest.mark.parametrize(
    ("hours", "wanted"),
    [
        (4, ["26 Jan", "13:00", "14:00", "15:00"]),
        (11, ["26 Jan", "14:00", "29 Jan", "11:00", "13:00", "15:00"]),
        (39, ["26 Jan", "29 Jan", "30 Jan", "31 Jan", "1 Feb", "2 Feb"]),
        (100, ["29 Jan", "5 Feb", "12 Feb"]),
        (1000, ["29 Jan", "25 Mar", "20 May", "15 Jul"]),
    ],
)
def test_closed_times_take_no_room(hours, wanted):
    times = advance(np.datetime64("2024-01-26T12:00", "us"), OFFICE, np.arange(hours))
    axis = time_axis(times, OFFICE)
    assert labels(axis) == wanted
    assert axis.name == "2024"
    assert (np.diff(places(times, OFFICE)) == 1).all()
    assert (axis.low, axis.high) == tuple(places(times[[0, -1]], OFFICE))
    by_label = {label: place for place, label in axis.ticks}
    assert by_label.get("29 Jan", axis.low + 4) == axis.low + 4


def test_plain_steps_and_a_single_time_have_an_axis():
    assert labels(time_axis(np.array([0, 50]))) == ["0", "10", "20", "30", "40", "50"]
    one = time_axis(np.array(["2024-03-01"], "datetime64[us]"))
    assert one.high > one.low


def paths(text, look):
    return re.findall(f'class="{look}" d="([^"]*)"', text)


def test_a_line_is_drawn_where_its_values_are_and_broken_where_one_is_missing():
    x, y = np.array([0.0, 5.0, 10.0, 10.0]), np.array([100.0, 200.0, np.nan, 150.0])
    drawn = chart("t", [ChartLine(x, y, "history", "known", dots=True)], X, Y)
    assert paths(drawn, "history") == ["M0 1000L500 0M1000 500h0"]
    assert paths(drawn, "history dots") == ["M0 1000h0M500 0h0M1000 500h0"]


def test_a_band_goes_up_one_line_and_back_the_other():
    x = np.array([0.0, 10.0])
    drawn = chart(
        "t", [ChartBand(x, np.array([100.0, 110.0]), np.array([190.0, 200.0]), "band1", "95%"), Mark(5)], X, Y
    )
    assert paths(drawn, "band1") == ["M0 100L1000 0L1000 900L0 1000Z"]
    assert paths(drawn, "mark") == ["M500 0V1000"]


def test_a_chart_can_be_read_without_being_seen():
    curves = [ChartLine(np.array([0.0]), np.array([100.0]), "simple", "<b>")] * 2
    page = Page(chart('a "b" <i>', curves, X, Y, "what it shows"))
    (told,) = [a["aria-label"] for tag, a in page.tags if tag == "svg"]
    assert told == 'a "b" <i>. what it shows. Axes: 0 to 10, 100 to 200'
    assert page.all_text().count("<b>") == 1  # the legend names a look once


def test_thinning_keeps_the_highest_and_the_lowest():
    y = np.sin(np.arange(10_000.0))
    y[[1234, 4321]] = 9.0, -9.0
    y[5000:6000] = np.nan
    x, kept = thin_line(np.arange(10_000.0), y, 50)
    assert len(x) <= 100
    assert (np.diff(x) > 0).all()
    assert x[np.nanargmax(kept)] == 1234
    assert x[np.nanargmin(kept)] == 4321
    assert np.isnan(kept).any()
    assert thin_line(x, kept, 100)[0] is x
    assert "<path" in spark(np.array([np.nan, 1.0]), "short")


def test_a_thin_band_holds_the_whole_band():
    rng = np.random.default_rng(0)
    x, low = np.arange(10_007.0), rng.normal(size=10_007)
    high = low + rng.random(10_007)
    places, below, above = thin_band(x, low, high, 50)
    assert len(places) == 100 and (places[0], places[-1]) == (0, 10_006)
    assert (np.interp(x, places, below) <= low).mean() > 0.99  # but between two stretches
    assert (np.interp(x, places, above) >= high).mean() > 0.99
    assert (below.min(), above.max()) == (low.min(), high.max())
    assert thin_band(x[:100], low[:100], high[:100], 50)[0].tolist() == x[:100].tolist()


def test_a_chart_of_a_long_horizon_is_small_and_says_so():
    x = np.arange(300_000.0)
    y = np.sin(x)
    across, up = Axis(0, 300_000, ()), Axis(-2, 2, ())
    parts = [ChartBand(x, y - 1, y + 1, "band2", "band"), ChartLine(x, y, "forecast", "line")]
    drawn = chart("long", parts, across, up)
    assert len(drawn) < 6 * DRAWN * 20
    assert (
        "Of 300,000 points the lowest and the highest of each of 1,000 stretches are drawn."
        in Page(drawn).all_text()
    )
    few = [ChartLine(x[: 2 * DRAWN], y[: 2 * DRAWN], "forecast", "line")]
    assert "stretches" not in chart("short", few, across, up)


def test_cells_are_escaped_unless_they_are_markup():
    drawn = html_table(("a", "b"), [("<i>", strong("x"))])
    assert "&lt;i&gt;" in drawn
    assert "<td><strong>x</strong></td>" in drawn
    assert '<th scope="row" class="text">' in drawn


def test_one_choice_needs_no_list():
    assert chooser("Series", [("a", "<p>x</p>")]) == "<p>x</p>"
    two = Page(chooser("Series", [("a", "x"), ("<b>", "y")]))
    assert [tag for tag, _ in two.tags].count("option") == 2
    assert "<b>" in two.all_text()
    assert cards([]) == ""


class Step:
    def __init__(self, member, step, loss, checked=None, stage="training"):
        self.stage, self.member, self.step, self.loss, self.validation_loss = (
            stage,
            member,
            step,
            loss,
            checked,
        )


def test_the_course_keeps_losses_by_member_and_passes_them_on():
    course, seen = LossHistory(), []
    report = course.then(seen.append)
    steps = [Step(0, 1, 3.0), Step(1, 1, 4.0), Step(0, 2, 2.0, 2.5), Step(0, 1, 9.0, stage="refit")]
    for step in steps:
        report(step)
    assert seen == steps
    assert course.losses == {0: [(1, 3.0), (2, 2.0)], 1: [(1, 4.0)]}
    assert course.checks == {0: [(2, 2.5)]}
    member = {"steps": 2, "best_step": 2, "loss": 2.0, "validation_loss": 2.5}
    drawn = learning_section(course, [member] * 3)
    assert "1 of 3 members are not shown" in drawn
    assert drawn.count("<figure") == 2
    assert learning_section(LossHistory(), [member]) == ""
