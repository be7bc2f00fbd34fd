"""Pictures of forecasts: bands, series side by side, kinds of files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import panel_of
from matplotlib.figure import Figure
from matplotlib.text import Text

from lstmcli.reports.pictures import forecasts
from lstmcli.reports.pictures.style import label_times, plot_style, thousands
from lstmcli.series.forecast import Forecast
from lstmcli.settings.table_reading import NumberForm, TableReading

WAVE = 50 + np.sin(np.arange(400) * np.pi / 12) + 0.1 * np.random.default_rng(0).normal(size=400)


def forecast_of(panel, quantiles):
    rising = np.arange(len(quantiles), dtype=float)
    values = np.broadcast_to(rising, (len(panel), 5, len(quantiles)))
    starts = panel.starts + panel.lengths * np.timedelta64(1, "h")
    return Forecast(panel.key_names, panel.keys, panel.step, starts, quantiles, values)


def drawn_forecast(monkeypatch, panel, quantiles, last=None, unit=""):
    figures = []
    monkeypatch.setattr(forecasts, "picture_bytes", lambda figure, form: figures.append(figure) or b"")
    forecasts.forecast_plot(panel, forecast_of(panel, quantiles), ("y",), Path("unused.png"), last, unit)
    return figures[0]


@pytest.mark.parametrize(
    ("quantiles", "names"),
    [
        ((0.5,), []),
        ((0.1, 0.5, 0.9), ["80% interval"]),
        ((0.1, 0.3, 0.5, 0.9), ["80% interval"]),
        ((0.05, 0.25, 0.5, 0.75, 0.95), ["90% interval", "50% interval"]),
        (
            (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975),
            ["95% interval", "80% interval", "50% interval"],
        ),
    ],
)
def test_every_band_has_a_shade_and_a_name_of_its_own(monkeypatch, quantiles, names):
    monkeypatch.setattr(forecasts, "write_atomically", lambda path, content: None)
    figure = drawn_forecast(monkeypatch, panel_of(WAVE), quantiles)
    bands = figure.axes[0].collections
    assert [band.get_label() for band in bands] == names
    assert len({tuple(band.get_facecolor()[0]) for band in bands}) == len(names)
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.get_texts()] == ["history", *names, "forecast (median)"]
    heights = [np.ptp(band.get_paths()[0].vertices[:, 1]) for band in bands]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize(("unit", "shown"), [("", ""), ("kWh", "kWh"), ("$", r"\$")])
def test_the_unit_of_the_values_stands_beside_the_axis(monkeypatch, unit, shown):
    monkeypatch.setattr(forecasts, "write_atomically", lambda path, content: None)
    figure = drawn_forecast(monkeypatch, panel_of(WAVE, WAVE), (0.1, 0.5, 0.9), unit=unit)
    assert [axes.get_ylabel() for axes in figure.axes] == [shown] * 2


def test_the_unit_is_the_one_of_all_targets():
    numbers = {"load": NumberForm(unit="kWh"), "sun": NumberForm(unit="kWh"), "cost": NumberForm(unit="CHF")}
    reading = TableReading(numbers)
    assert reading.unit_of(("load", "sun")) == "kWh"
    assert reading.unit_of(("cost",)) == "CHF"
    assert [reading.unit_of(names) for names in (("load", "cost"), ("load", "plain"), ())] == ["", "", ""]


def many(count):
    """A panel of some series, called a, b, c, ..."""
    return replace(
        panel_of(WAVE),
        key_names=("name",),
        keys=tuple((name,) for name in "abcdefghijklmnopq"[:count]),
        starts=panel_of(WAVE).starts.repeat(count),
        offsets=np.arange(count + 1) * 400,
        lengths=np.full(count, 400),
        values=np.tile(WAVE, count),
        past=np.zeros((400 * count, 0), np.float32),
        future=np.zeros((400 * count, 0), np.float32),
    )


@pytest.mark.parametrize(("count", "columns"), [(2, 1), (6, 2), (9, 3), (12, 3)])
def test_many_series_stand_side_by_side(monkeypatch, count, columns):
    monkeypatch.setattr(forecasts, "write_atomically", lambda path, content: None)
    figure = drawn_forecast(monkeypatch, many(count), (0.1, 0.5, 0.9))
    assert [axes.get_title(loc="left") for axes in figure.axes][:count] == [
        f"{name}, y" for name in "abcdefghijkl"[:count]
    ]
    assert figure.axes[0].get_gridspec().ncols == columns
    assert not any("left out" in text.get_text() for text in figure.findobj(Text))


def test_more_series_than_there_is_room_for_are_counted(monkeypatch):
    monkeypatch.setattr(forecasts, "write_atomically", lambda path, content: None)
    figure = drawn_forecast(monkeypatch, many(17), (0.1, 0.5, 0.9))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [f"{name}, y" for name in "abcdefghijkl"]
    assert "the first 12 of 17 series; 5 left out" in [text.get_text() for text in figure.findobj(Text)]


def test_a_name_is_no_formula_and_is_cut_where_it_is_too_long(monkeypatch):
    monkeypatch.setattr(forecasts, "write_atomically", lambda path, content: None)
    panel = replace(many(2), keys=(("$x^2$ $",), ("y" * 200,)))
    figure = drawn_forecast(monkeypatch, panel, (0.5,))
    figure.draw_without_rendering()
    assert figure.axes[0].get_title(loc="left") == r"\$x^2\$ \$, y"
    title = figure.axes[1].get_title(loc="left")
    assert title.startswith("y" * 30)
    assert title.endswith("y, y")
    assert "..." in title
    assert len(title) <= 90


def test_the_forecast_begins_at_the_last_value_known(monkeypatch):
    monkeypatch.setattr(forecasts, "write_atomically", lambda path, content: None)
    axes = drawn_forecast(monkeypatch, panel_of(WAVE), (0.1, 0.5, 0.9)).axes[0]
    median = next(line for line in axes.lines if line.get_label() == "forecast (median)")
    assert median.get_ydata() == pytest.approx([WAVE[-1], 1, 1, 1, 1, 1])


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml"), ("a.pdf", b"%PDF"), ("a", b"\x89PNG")],
)
def test_the_ending_of_the_name_says_what_is_written(tmp_path, name, begins):
    written = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        panel = panel_of(WAVE)
        forecasts.forecast_plot(panel, forecast_of(panel, (0.1, 0.5, 0.9)), ("y",), tmp_path / folder / name)
        written.append((tmp_path / folder / name).read_bytes())
    assert written[0].startswith(begins)
    assert written[0] == written[1]
    assert begins != b"<?xml" or b">80% interval</text>" in written[0]


@pytest.mark.parametrize(("last", "drawn"), [(None, 24), (7, 7), (1, 1), (1000, 400)])
def test_so_many_values_of_the_history_are_drawn(monkeypatch, last, drawn):
    monkeypatch.setattr(forecasts, "write_atomically", lambda path, content: None)
    axes = drawn_forecast(monkeypatch, panel_of(WAVE), (0.5,), last).axes[0]
    history = next(line for line in axes.lines if line.get_label() == "history")
    assert len(history.get_ydata()) == drawn


# Axes


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        ((-2000, 2000), {"\N{MINUS SIGN}2,000", "0", "2,000"}),
        ((20000, 30000), {"20,000", "30,000"}),
        ((0, 1), {"0.0", "1.0"}),
        ((0.9995, 1.0005), {"0.9995", "1.0005"}),
    ],
)
def test_thousands_are_marked(limits, labels):
    with plot_style():
        axes = Figure().subplots()
        axes.plot([0, 1], limits)
        axes.set_ylim(*limits)
        thousands(axes)
        axes.figure.draw_without_rendering()
        drawn = {label.get_text() for label in axes.get_yticklabels()}
    assert labels <= drawn or axes.yaxis.get_offset_text().get_text()


@pytest.mark.parametrize(
    ("first", "count", "unit", "beside"),
    [
        ("2015-11-10", 60, "D", "2015 to 2016"),
        ("2015-06-10", 40, "D", "2015"),
        ("2013-07-30T03", 40, "h", "2013"),
        ("2013-07-30T03", 12, "h", "30 Jul 2013"),
    ],
)
def test_what_stands_beside_the_dates_holds_for_all_of_them(first, count, unit, beside):
    times = (np.datetime64(first, unit) + np.arange(count)).astype("datetime64[us]")
    with plot_style():
        axes = Figure().subplots()
        axes.plot(times, np.arange(count))
        label_times(axes, times)
        axes.figure.draw_without_rendering()
    assert axes.xaxis.get_offset_text().get_text() == beside
