"""Times of a zone are shown by its clock: on pages, in pictures, in a terminal, in messages."""

from dataclasses import replace

import numpy as np
import pytest
from builders import panel_of

from lstmcli.forecasting.closed import panel_of_rows
from lstmcli.jobs.builtin import open_builtin
from lstmcli.reports.html.axes import places, time_axis
from lstmcli.reports.html.data import data_section
from lstmcli.reports.html.forecasts import forecasts_section, runs_of
from lstmcli.reports.pictures.style import drawn_times
from lstmcli.reports.preview import preview_of
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.clock import shown_clock
from lstmcli.series.forecast import Forecast
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training

HERE = "2024-01-01 21:00:00-05:00"  # 02:00 of the next day in UTC, behind the last of 26 values


@pytest.fixture
def panel():
    return replace(panel_of(np.arange(26.0)), zone="America/New_York")


@pytest.fixture
def forecast(panel):
    starts = panel.starts + np.timedelta64(26, "h")
    return Forecast(panel.key_names, panel.keys, panel.step, starts, (0.1, 0.5, 0.9), np.ones((1, 3, 3)))


def test_pages_and_previews_show_the_clock_of_the_zone(panel, forecast):
    page = forecasts_section("Forecast", panel, runs_of(panel, forecast), "load", "", numbers=True)
    assert HERE in page and "2024-01-02 02:00" not in page
    drawn = preview_of(panel, forecast, "load")(90, "utf-8").plain
    assert "2023-12-31 21:00:00-05:00" in drawn and "2024-01-01 23:00:00-05:00" in drawn
    text = data_section(panel, "load.csv", 1, ("load",))
    assert "2023-12-31 19:00:00-05:00" in text and "2024-01-01 20:00:00-05:00" in text


def test_axes_show_the_clock_of_the_zone(panel):
    times = panel.times(0, 0, 26)
    axis = time_axis(times, panel.step, zone=panel.zone)
    ticks = {text: place for place, text in axis.ticks}
    assert ticks["1 Jan"] == places(times[5:6], panel.step, panel.zone)[0]  # midnight there is 05:00 in UTC
    assert drawn_times(times, panel.step, panel.zone)[5] == np.datetime64("2024-01-01")
    assert drawn_times(times, panel.step, "")[5] == times[5]


def test_open_hours_are_drawn_without_closed_ones_whatever_the_zone():
    step = Step("open", HOUR, slots="9-16", zone="America/New_York")
    times = np.array(["2024-01-01T14", "2024-01-01T15"], "M8[us]")
    assert np.diff(drawn_times(times, step, step.zone)).tolist() == [1]


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("", "2024-07-01T12"),
        ("UTC", "2024-07-01T12"),
        ("-03:30", "2024-07-01T08:30"),
        ("Europe/Berlin", "2024-07-01T14"),
    ],
)
def test_the_clock_of_each_kind_of_zone(zone, shown):
    assert shown_clock(np.array(["2024-07-01T12"], "M8[us]"), zone).tolist() == [
        np.datetime64(shown, "us").item()
    ]
    assert shown_clock(np.array([12]), zone).tolist() == [12]


def test_a_panel_of_a_file_knows_its_zone(tmp_path):
    times = np.datetime64("2024-01-01T00") + np.arange(80)
    rows = [f"{str(time).replace('T', ' ')}:00,{k % 12}" for k, time in enumerate(times)]
    (tmp_path / "t.csv").write_text("\n".join(["time,load", *rows, ""]))
    data, settings = [str(tmp_path / "t.csv")], Settings(timezone="America/New_York")
    found = [
        open_builtin(data)[1].panel,
        open_builtin(data, settings)[1].panel,
        panel_for_training(data, settings, Cache(tmp_path / "c", lambda *words: None))[1],  # made
        panel_for_training(data, settings, Cache(tmp_path / "c", lambda *words: None))[1],  # read again
    ]
    assert [each.zone for each in found] == ["", *["America/New_York"] * 3]
    assert panel_of_rows(found[1]).shown_time(found[1].starts[0]) == "2024-01-01"
    assert found[3].shown_time(found[3].starts[0] + np.timedelta64(1, "h")) == "2024-01-01 01:00:00-05:00"
