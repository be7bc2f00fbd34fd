"""Training needs at most three times the data as float32, and no copy of data that are mapped."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import panel_of

from lstmcli.evaluation.metrics import seasonal_scale, seasonal_scales
from lstmcli.series.calendar import Step, time_features
from lstmcli.series.category import Category
from lstmcli.series.seasonality import mean_change, mean_changes
from lstmcli.windows import fit_scaling as measuring
from lstmcli.windows.covariates import covariates_of
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.scaling import Scaling, Standardisation

SCRIPT = Path(__file__).parent / "training_memory.py"
FLOAT32 = 4
PLAIN = Scaling("none", "mean", Standardisation(), Standardisation())


def peaks(environment, *words):
    """Peak memory and peak anonymous memory of a training in a process of its own."""
    command = [sys.executable, str(SCRIPT), *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return map(int, done.stdout.split())


@pytest.fixture(scope="module")
def smallest(environment):
    return tuple(peaks(environment, 10, 300))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("series", "rows", "more", "columns"),
    [(100_000, 200, (), 1), (1, 12_000_000, ("--covariates",), 2)],
)
def test_training_takes_three_times_the_float32_data_at_most(
    environment, smallest, series, rows, more, columns
):
    peak, _ = peaks(environment, series, rows, *more)
    assert peak - smallest[0] < 3 * FLOAT32 * series * rows * columns


@pytest.mark.slow
def test_mapped_values_are_never_copied_as_a_whole(environment, smallest, tmp_path):
    rows = 20_000_000
    _, anonymous = peaks(environment, 1, rows, "--mapped", tmp_path / "values.npy")
    assert anonymous - smallest[1] < FLOAT32 * rows


def test_columns_of_the_calendar_are_those_of_each_row(monkeypatch):
    panel = panel_of(np.zeros(40), np.zeros(9), np.zeros(70))
    starts = panel.starts + np.array([0, 30, 7]).astype("timedelta64[h]")
    for shifted in (starts, starts + np.array([0, 1, 0]).astype("timedelta64[m]")):  # on one grid, and not
        other = replace(panel, starts=shifted)
        expected = np.concatenate(
            [time_features(other.times(s, 0, n), other.step) for s, n in enumerate((40, 9, 70))]
        )
        for longest in (1000, 10):
            monkeypatch.setattr("lstmcli.windows.time_features._LONGEST_TABLE", longest)
            known = covariates_of(other, PLAIN, calendar=True, holidays="").calendar
            assert (known.table is None) == (longest == 10 or shifted is not starts)
            series = np.repeat([0, 1, 2], [40, 9, 70])
            assert np.array_equal(known.at(series, np.arange(119)[:, None])[:, 0], expected)


def test_business_days_and_months_share_one_table():
    for step, first, second in (
        (Step("business day", 1), "2024-03-28", "2024-04-02"),
        (Step("month", 1, 31), "2023-11-30", "2024-02-29"),
    ):
        panel = panel_of(np.zeros(30), np.zeros(20))
        starts = np.array([first, second], "datetime64[us]")
        panel = replace(panel, starts=starts, step=step)
        known = covariates_of(panel, PLAIN, calendar=True, holidays="").calendar
        found = known.at(np.array([1]), np.arange(30, 50)[None])[0]
        assert known.table is not None
        assert np.array_equal(found, time_features(panel.times(1, 0, 20), step))


def test_changes_of_a_long_series_are_summed_block_by_block(monkeypatch):
    random = np.random.default_rng(0)
    values = random.normal(size=1000)
    values[random.integers(1000, size=50)] = np.nan
    whole = [mean_change(values[:end], 7) for end in (900, 107, 1000)]
    differences = mean_change(np.diff(values), 7)
    scale = seasonal_scale(values[:333], 24)
    monkeypatch.setattr("lstmcli.series.seasonality._BLOCK", 100)
    assert mean_changes(values, np.array([900, 107, 1000]), 7) == pytest.approx(whole, rel=1e-12)
    assert mean_change(values, 7, differences=1) == pytest.approx(differences, rel=1e-12)
    assert seasonal_scales(values, np.array([333, 2]), 24)[0] == pytest.approx(scale, rel=1e-12)
    assert np.nanmean(np.abs(values[7:] - values[:-7])) == pytest.approx(whole[2], rel=1e-12)


def test_many_rows_are_measured_on_a_sample_and_categories_on_all(monkeypatch):

    values = np.arange(4000.0)
    codes = np.zeros(4000, np.int32)
    codes[3210] = 1  # in one row only
    panel = panel_of(values[:1000], values[1000:], future=values / 2)
    panel = replace(panel, categories=(Category("c", "future", ("x", "y"), codes),))
    shape = WindowSpec(context=24, horizon=6, baselines=("last",), season=1, calendar=False)
    until = np.array([900, 2900])
    exact, _ = measuring.fit_scaling(panel, shape, PLAIN, until)
    inside = np.append(values[:900], values[1000:3900]) / 2
    assert exact.covariates.mean[0] == pytest.approx(inside.mean())
    monkeypatch.setattr(measuring, "_MOST", 2000)
    sampled, _ = measuring.fit_scaling(panel, shape, PLAIN, until)
    assert sampled == measuring.fit_scaling(panel, shape, PLAIN, until)[0]
    assert sampled.categories == exact.categories == (("x", "y"),)
    assert sampled.covariates.mean[0] == pytest.approx(inside.mean(), rel=0.05)
    assert sampled.covariates.mean != exact.covariates.mean
    assert len(measuring.sample_values(panel)) == 2000
