"""Pictures: what they show is what was measured, and nothing in them overlaps."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from builders import ARCH, network_of, panel_of
from matplotlib.figure import Figure
from matplotlib.text import Text

from lstmcli.gates.inspection import inspect_member
from lstmcli.gates.timeline import timeline
from lstmcli.gates.trace import trace_windows
from lstmcli.network.cells import MEMORY_GATE
from lstmcli.reports.pictures import gates as pictures
from lstmcli.reports.pictures.inside import half_life_by_unit, recurrent_weights
from lstmcli.reports.pictures.lags import LagCurve, by_lag, content, error_by_steps, factors, gradient_curves
from lstmcli.reports.pictures.over_time import plot_memory_gates
from lstmcli.reports.pictures.style import plot_style, step_axis
from lstmcli.reports.pictures.units import closed_open, plot_half_lives
from lstmcli.series.calendar import DAY, HOUR, Step

WAVE = 50 + np.sin(np.arange(400) * np.pi / 12) + 0.1 * np.random.default_rng(0).normal(size=400)
HOURLY = Step("fixed", HOUR)
CELLS = ["lstm", "gru", "rnn"]
ALL = ["memory_gates_over_time", "half_lives", "gradient_by_lag", "closed_open", "error_by_steps"]
ALL += ["states_over_time", "recurrent_weights", "half_life_by_unit"]
NAMES = {
    "lstm": {*ALL, "content_by_age", "gates_over_time"},
    "gru": {*ALL, "content_by_age", "gates_over_time"},
    "rnn": {*ALL, "factors_by_lag"} - {"half_lives", "half_life_by_unit"},
}


def looked(cell="lstm", layers=1, values=WAVE, at=None, panel=None, **others):
    """An inspection of a network with random weights, and the end of its series."""
    network = network_of(replace(ARCH, cell=cell, layers=layers, **others))
    panel = panel or panel_of(values)
    return inspect_member(network, panel, 30, at=at), timeline(network, panel)


@pytest.fixture
def axes():
    with plot_style():
        yield Figure().subplots()


@pytest.fixture
def figures(monkeypatch):
    """Figures instead of PNG bytes, laid out as they are drawn."""

    def laid_out(figure):
        figure.draw_without_rendering()
        return figure

    monkeypatch.setattr(pictures, "picture_bytes", lambda figure, form: laid_out(figure))


def lines(axes):
    return {line.get_label(): line.get_ydata() for line in axes.lines}


def texts(axes):
    return [text.get_text() for text in axes.findobj(Text)]


# All together


@pytest.mark.parametrize(("cell", "layers"), [("lstm", 1), ("gru", 2), ("rnn", 2)])
def test_every_picture_is_made_and_nothing_overlaps(figures, cell, layers):
    told, seen = looked(cell, layers, at=(0, 300))
    made = pictures.pictures(told, seen, "load")
    assert {p.name for p in made} == NAMES[cell] | {"window"}
    for figure in [*(p.content for p in made), pictures.overview(told, seen, "load")]:
        inside = figure.bbox.padded(1)
        boxes = [axes.get_tightbbox() for axes in figure.axes]
        for box in boxes:
            assert inside.x0 <= box.x0 and box.x1 <= inside.x1
            assert inside.y0 <= box.y0 and box.y1 <= inside.y1
        for one, other in combinations(boxes, 2):
            width = min(one.x1, other.x1) - max(one.x0, other.x0)
            height = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(width, height) <= 1, [axes.get_title(loc="left") for axes in figure.axes]


def test_the_same_look_gives_the_same_bytes():
    told, seen = looked()
    first, second = (pictures.overview(told, seen, "load") for _ in range(2))
    assert first == second
    assert first.startswith(b"\x89PNG")


@pytest.mark.parametrize("cell", CELLS)
def test_a_context_of_one_step_and_missing_values_can_be_drawn(figures, cell):
    values = WAVE.copy()
    values[100:110] = np.nan
    told, seen = looked(cell, values=values, at=(0, 105), segment=12)
    assert told.report.arch.steps == 1
    assert len(pictures.pictures(told, seen, "load")) >= 4


@pytest.mark.parametrize("step", [Step("plain", 5), Step("month", 1, 1), Step("business day", 1)])
def test_every_kind_of_step_can_be_drawn(figures, step):
    start = np.array([7]) if step.kind == "plain" else np.array(["2024-01-01"], "datetime64[us]")
    panel = replace(panel_of(WAVE), step=step, starts=start)
    told, seen = looked(panel=panel, at=(0, 300))
    assert len(pictures.pictures(told, seen, "load")) == 11


def test_a_name_with_dollar_signs_stands_as_it_is_written(figures):
    told, seen = looked(at=(0, 300))
    told = replace(told, name="")
    made = {picture.name: picture.content for picture in pictures.pictures(told, seen, "$_$ sold")}
    for name in ("window", "memory_gates_over_time", "gates_over_time", "states_over_time"):
        assert made[name].axes[0].get_ylabel() == r"\$_\$ sold"


def test_without_known_values_there_is_no_picture_of_use(figures):
    told, seen = looked(values=WAVE[:10])
    assert "error_by_steps" not in {p.name for p in pictures.pictures(told, seen, "load")}


# Units


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_point_stands_at_the_share_closed_and_open(axes, cell):
    units = looked(cell, 2)[0].report.units
    closed_open(axes, units, cell)
    gates = [gate for gate in units[0].closed if gate != "candidate"]
    assert len(axes.collections) == len(gates)
    for points, gate in zip(axes.collections, gates, strict=True):
        expected = [(100 * u.closed[gate][k], 100 * u.open[gate][k]) for u in units for k in range(6)]
        assert np.asarray(points.get_offsets()) == pytest.approx(np.array(expected))
    colours = {tuple(points.get_facecolor()[0]) for points in axes.collections}
    assert len(colours) == len(gates)


def test_every_unit_is_in_the_histogram_of_half_lives(axes):
    report = looked("lstm", 2)[0].report
    endless = replace(report.memory[0], half_lives=np.array([1e-9, 0.3, 5, 40, 1e6, 7e11]))
    plot_half_lives(axes, [endless, report.memory[1]], report)
    # Bars of a stack are as high as their own layer's count.
    assert sum(bar.get_height() for bar in axes.patches) == 12
    marked = {text for text in texts(axes) if text in {"daily", "context"}}
    assert marked == {"daily", "context"}
    assert report.arch.steps in [line.get_xdata()[0] for line in axes.lines]


def test_half_lives_are_read_in_plain_numbers(axes):
    half_life_by_unit(axes, looked("lstm", 2)[0].report)
    axes.figure.canvas.draw()
    labels = [label.get_text() for label in axes.get_yticklabels(which="both")]
    assert "1" in labels
    assert not any("10^" in label for label in labels)


# By lag


def test_curves_are_relative_to_lag_0_and_end_at_a_floor(axes):
    curve = LagCurve("cell", np.array([4.0, 2.0, 0.0]), np.array([2.0, 1, 0]), np.array([8.0, 4, 0]))
    by_lag(axes, [curve, LagCurve("other", np.zeros(3))], HOURLY, 1, ())
    assert lines(axes)["cell"] == pytest.approx([1, 0.5, 1e-9])
    assert lines(axes)["other"] == pytest.approx([1e-9] * 3)
    (band,) = axes.collections
    assert band.get_paths()[0].vertices[:, 1].max() == 2
    assert axes.get_yscale() == "log"
    assert axes.get_xlabel() == "lag in steps (1 step is 1 hour)"


def test_the_name_of_the_line_of_a_thousandth_stands_beside_the_frame(axes):
    by_lag(axes, [LagCurve("cell", np.geomspace(1, 1.3e-3, 30))], HOURLY, 1, ())
    axes.figure.draw_without_rendering()
    (name,) = [text for text in axes.texts if text.get_text() == "1/1000"]
    box, frame = name.get_window_extent(), axes.get_window_extent()
    assert box.x0 > frame.x1
    line = axes.transData.transform((0, 1e-3))[1]
    assert box.y0 < line < box.y1


@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_of_every_layer_has_a_curve(cell):
    report = looked(cell, 2)[0].report
    curves = gradient_curves(report.gradient, cell)
    assert len(curves) == 2 * {"lstm": 3, "gru": 2, "rnn": 1}[cell]
    assert [c.low is not None for c in curves] == [True] + [False] * (len(curves) - 1)
    assert curves[0].values is report.gradient[0].carrier
    assert len({(c.colour, c.line) for c in curves}) == len(curves)


def test_the_factors_of_the_plain_rnn_are_drawn_apart_and_together(axes):
    report = looked("rnn")[0].report
    factors(axes, report)
    shown, reach = lines(axes), report.gradient[0]
    assert shown["both"] == pytest.approx(reach.tanh * reach.matrix)
    assert shown["tanh'"] == pytest.approx(reach.tanh)


def test_bars_of_the_content_add_up_to_the_state(axes):
    report = looked("gru", 2)[0].report
    content(axes, report.contributions, report)
    heights = np.array([bar.get_height() for bar in axes.patches]).reshape(2, -1)
    assert heights.sum(axis=1) == pytest.approx([1, 1])
    assert heights[1] == pytest.approx(report.contributions[1].share)


def test_the_horizon_of_use_is_circled(axes):
    report = looked()[0].report
    error_by_steps(axes, report)
    curve, circle = axes.lines[:2]
    assert curve.get_ydata() == pytest.approx(report.use.errors)
    assert (circle.get_xdata()[0], circle.get_ydata()[0]) == (
        report.use.horizon,
        report.use.errors[list(report.use.steps).index(report.use.horizon)],
    )


@pytest.mark.parametrize(
    ("step", "segment", "steps", "unit", "ratio"),
    [
        (HOURLY, 1, 72, "days", 24),
        (HOURLY, 6, 12, "days", 4),
        (HOURLY, 24, 28, "weeks", 7),
        (Step("fixed", DAY), 1, 365, "weeks", 7),
        (Step("month", 1, 1), 1, 36, "years", 12),
        (Step("plain", 1), 1, 36, None, None),
        (HOURLY, 24, 7, None, None),  # the axis below is in days already
    ],
)
def test_real_time_stands_above_the_steps(axes, step, segment, steps, unit, ratio):
    axes.set_xlim(0, steps)
    step_axis(axes, "lag", step, segment)
    shown = [(a.get_xlabel(), steps / a.get_xlim()[1]) for a in axes.child_axes]
    axes.figure.draw_without_rendering()
    shown = [(a.get_xlabel(), pytest.approx(steps / a.get_xlim()[1])) for a in axes.child_axes]
    assert shown == ([] if unit is None else [(unit, ratio)])


# Over time


@pytest.mark.parametrize("cell", CELLS)
def test_a_row_of_the_heat_map_is_a_unit_and_the_longest_memory_is_at_the_top(cell):
    network, panel = network_of(replace(ARCH, cell=cell)), panel_of(WAVE)
    told, seen = inspect_member(network, panel, 30), timeline(network, panel)
    report = told.report
    with plot_style():
        rows = Figure().subplots(2, 1)
        plot_memory_gates(rows, seen, report, "load")
    drawn = rows[1].collections[0].get_array()  # (units, steps)
    lives = report.memory[0].half_lives
    top = len(drawn) - 1 if lives is None else int(np.argmax(lives))
    last = trace_windows(network, panel, np.array([0]), np.array([400])).layers[0]
    gate = last.gates[MEMORY_GATE[cell] or "candidate"][0, -1]
    assert drawn[-1, -1] == pytest.approx(gate[top])
    assert rows[0].lines[0].get_ydata() == pytest.approx(WAVE[400 - len(seen.values) :])


def test_columns_end_where_the_series_ends():
    _, seen = looked()
    assert len(seen.edges) == 61
    assert len(seen.values) == len(seen.times) == 240
    # Hour 400 is the first after the series; a step has four hours.
    start = np.datetime64("2024-01-01", "us")
    assert (seen.edges[[-2, -1]] - start).astype("timedelta64[h]").astype(int).tolist() == [396, 400]
    assert seen.times[0] == seen.edges[0]


def test_a_series_shorter_than_a_step_is_drawn_whole(figures):
    told, seen = looked(values=WAVE[:3])
    assert (len(seen.values), len(seen.edges)) == (3, 2)
    assert len(pictures.pictures(told, seen, "load")) >= 4


def test_the_recurrent_weights_are_drawn_in_the_order_of_the_half_lives():
    told, _ = looked("gru")
    report = told.report
    order = np.argsort(report.memory[0].half_lives, kind="stable")
    figure = recurrent_weights(report)
    drawn = [np.asarray(axes.collections[0].get_array()) for axes in figure.axes[:3]]
    for gate, matrix in enumerate(drawn):
        assert np.array_equal(matrix, report.recurrent[0][gate][np.ix_(order, order)])


def test_states_are_those_after_each_step():
    _, seen = looked("lstm")
    traced = trace_windows(network_of(ARCH), panel_of(WAVE), np.array([0]), np.array([len(WAVE)]))
    assert seen.states[0]["c"][-1] == pytest.approx(traced.layers[0].c[0, -1])
    assert seen.states[0]["h"][-1] == pytest.approx(traced.layers[0].h[0, -1])
