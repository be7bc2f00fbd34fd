"""Training as a whole: no leak, the same bytes twice, every cell learns, the summary is true."""

import json
import struct
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from builders import QUICK, panel_of, train_small, wave
from warm_program import warm_program

from lstmcli.errors import DataError, LstmcliError, SettingsError, TrainingDiverged
from lstmcli.evaluation.folds import rolling_origins
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.forecasting.horizon import usual_horizon
from lstmcli.forecasting.plan import decide
from lstmcli.forecasting.simple_forecasts import seasonal_naive
from lstmcli.learning.processes.members import fit_members
from lstmcli.learning.progress import Fit, Progress
from lstmcli.learning.split import hide_held_out, split_panel
from lstmcli.learning.train import RunOptions, train_network
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.seasonality import keeps_its_level, second_season, strongest_season
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.windows.cut import cut_windows, window_rows


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_every_cell_learns_a_trend_that_seasonal_naive_misses(cell):
    panel = panel_of(wave() + 0.05 * np.arange(240), wave(seed=1) + 0.03 * np.arange(240))
    errors = train_small(panel, QUICK.model_copy(update={"cell": cell})).report["validation"]["errors"]
    assert errors["model"]["mae"] < 0.6 * errors["seasonal naive"]["mae"]


def test_the_report_scores_what_the_model_forecasts():
    panel = panel_of(wave())
    settings = QUICK.model_copy(update={"validation": 1})
    made = train_small(panel, settings)
    cut_off = panel_of(wave()[:-6])
    # The scale of a series is that of its training part in both, as one window is held out.
    by_hand = forecast_panel(made.network, cut_off, 6).median
    actual = wave()[None, -6:]
    errors = made.report["validation"]["errors"]
    last = np.abs(by_hand - actual).mean()
    windows = made.report["validation"]["windows"]
    assert windows == 1
    assert errors["model"]["mae"] == pytest.approx(last, rel=1e-4)
    naive = seasonal_naive(wave()[None, :-6], 12, 6)
    assert errors["seasonal naive"]["mae"] == pytest.approx(np.abs(naive - actual).mean())


def test_values_held_out_for_validation_change_no_weight():
    values = wave()
    garbage = values.copy()
    garbage[-6:] = 99.0
    settings = QUICK.model_copy(update={"validation": 1, "steps": 20, "patience": 100})
    losses = []
    for series in (values, garbage):
        seen: list[float] = []
        panel = panel_of(series)
        train_network(
            panel,
            decide(panel, settings.model_copy(update={"processes": 1})),
            lambda p, seen=seen: seen.append(p.loss),
        )
        losses.append(seen)
    assert losses[0] == losses[1]


def test_training_and_validation_targets_do_not_overlap():
    panel = panel_of(wave(100), wave(40), wave(9), wave(3))
    plan = decide(panel, QUICK.model_copy(update={"validation": 2}))
    split = split_panel(panel, plan)
    series, first, last = split.training
    held_out, origins = split.validation
    assert series.tolist() == [0, 1, 2]
    assert plan.until.tolist() == [88, 30, 7, 3]
    for s, start, end in zip(series, first, last, strict=True):
        assert 1 <= start <= end < plan.until[s]
        assert (origins[held_out == s] >= plan.until[s]).all()
        assert max(origins[held_out == s]) + min(6, panel.lengths[s] - plan.until[s]) == panel.lengths[s]


def test_no_training_window_shows_a_value_that_is_held_out():
    panel = panel_of(wave(60))
    plan = decide(panel, QUICK.model_copy(update={"validation": 1}))
    rows = hide_held_out(window_rows(panel, plan.scaling, plan.shape), plan.until)
    seen = rows.at(np.array([0]), np.arange(60)[None])[0]
    assert np.isnan(seen[54:]).all()
    assert np.array_equal(seen[:54], plan.scaling.transformed(panel.values[:54]))
    windows = cut_windows(rows, np.array([0]), np.array([52]), plan.shape, plan.scaling)
    assert np.isnan(windows.target[0]).tolist() == [False, False, True, True, True, True]


def test_a_series_that_is_too_short_is_refused_with_the_length_that_is_needed():
    with pytest.raises(DataError, match="not enough data: 7 values; a horizon of 30 needs 17"):
        decide(panel_of(wave(7)), QUICK.model_copy(update={"horizon": 30}))


@pytest.mark.parametrize("length", [6, 9, 15, 25])
def test_a_short_series_is_learned_from(length):
    settings = Settings(horizon=6, steps=5, hidden=4)
    made = train_small(panel_of(wave(length)), settings)
    assert np.isfinite(made.report["validation"]["errors"]["model"]["mae"])


def test_settings_that_contradict_each_other_are_refused():
    for update, message in [
        ({"context": 25}, "not a multiple of segment .*; take context=24,"),
        ({"context": 6, "baseline": ("seasonal",)}, "repeats 12 values, and context is 6; take --context 12"),
    ]:
        with pytest.raises(SettingsError, match=message):
            decide(panel_of(wave()), QUICK.model_copy(update=update))
    with pytest.raises(SettingsError, match="the smallest is"):
        decide(panel_of(wave() - 9), QUICK.model_copy(update={"transform": "log"}))


def test_a_loss_that_explodes_is_an_error():
    settings = QUICK.model_copy(update={"learning_rate": 1e30, "clip": 1e30})
    with pytest.raises(TrainingDiverged):
        train_small(panel_of(wave()), settings)


def test_the_season_is_found_and_noise_has_none():
    step = panel_of([1.0, 2.0]).step
    assert strongest_season([wave(500, season=24)], step) == 24
    assert strongest_season([wave(2000, season=168)], step) == 168
    walks = [np.cumsum(np.random.default_rng(s).normal(size=500)) for s in range(20)]
    assert strongest_season(walks, step) == 1
    assert strongest_season([np.ones(500)], step) == 1
    assert usual_horizon(step, 24) == 24


def test_a_week_is_found_beside_a_day():
    step = panel_of([1.0, 2.0]).step
    hours = np.arange(24 * 7 * 6)
    quiet_weekend = np.where(hours // 24 % 7 < 5, 1.2, 1.0)
    week = wave(len(hours), season=24) * quiet_weekend
    assert second_season([week], step, 24) == 168
    assert second_season([wave(len(hours), season=24)], step, 24) == 0
    assert second_season([week[:400]], step, 24) == 0
    assert decide(panel_of(week), Settings(horizon=24)).shape.baselines == (
        "seasonal",
        "none",
        "profile",
        "lag168",
    )


def test_hours_of_a_shop_have_the_season_of_its_day_and_that_of_its_week():
    """Seven hours of five days, of which Friday is the busiest; a horizon of whole days."""
    place = np.arange(35 * 20)
    noise = np.random.default_rng(0).normal(size=len(place))
    day = 10 * np.sin(2 * np.pi * (place % 7) / 7)
    busy = day + 5 * (place % 35 >= 28) + noise
    step = Step("open", HOUR, slots="9-15 33-39 57-63 81-87 105-111")
    assert strongest_season([busy], step) == 7
    assert second_season([busy], step, 7) == 35
    assert second_season([day + noise], step, 7) == 0
    assert usual_horizon(step, 7) == 14
    assert usual_horizon(Step("open", 24 * HOUR, slots="0-5"), 6) == 12


def test_noise_about_a_level_starts_from_the_mean_and_a_walk_from_its_end():
    random = np.random.default_rng(0)
    noise = [random.normal(size=200) for _ in range(5)]
    demand = [(random.random(200) < 0.2) * random.integers(1, 9, 200) * 1.0 for _ in range(5)]
    walks = [np.cumsum(n) for n in noise]
    assert keeps_its_level(noise, 6, 24)
    assert keeps_its_level(demand, 6, 24)
    assert not keeps_its_level(walks, 6, 24)
    assert not keeps_its_level([np.ones(50), np.ones(3)], 6, 24)
    settings = Settings(horizon=6, season=1)
    assert decide(panel_of(*demand), settings).shape.baselines == ("none", "none")
    made = forecast_panel(
        train_small(panel_of(*demand), settings.model_copy(update={"steps": 5})).network, panel_of(*demand), 6
    )
    assert made.values.min() == 0
    assert decide(panel_of(*walks), settings).shape.baselines == ("drift", "none")


def test_refitting_learns_from_all_values_and_keeps_the_scores():
    values = wave()
    settings = QUICK.model_copy(update={"validation": 1, "steps": 20})
    once, twice = (
        train_small(panel_of(values), settings.model_copy(update={"refit": r})) for r in (False, True)
    )
    assert once.report == twice.report
    assert once.network.widths == twice.network.widths
    garbage = values.copy()
    garbage[-6:] += 3.0
    other = train_small(panel_of(garbage), settings.model_copy(update={"refit": True}))
    weight = "members.0.head.weight"
    assert not np.array_equal(once.network.weights[weight], twice.network.weights[weight])
    assert not np.array_equal(other.network.weights[weight], twice.network.weights[weight])


def test_a_training_from_weights_is_refitted_for_all_of_its_steps():
    panel = panel_of(wave())
    settings = QUICK.model_copy(update={"validation": 1, "steps": 20, "refit": True, "learning_rate": 0.5})
    plan, told = decide(panel, settings), []
    weights = train_small(panel).network.weights
    made = train_network(panel, plan, told.append, RunOptions(start=weights))
    assert made.report["members"][0]["best_step"] < 20
    assert {progress.steps for progress in told if progress.stage == "refit"} == {20}


def test_refitting_is_chosen_where_much_is_held_out():
    assert decide(panel_of(wave(60)), Settings(horizon=6)).refit
    assert not decide(panel_of(*[wave(600, s) for s in range(40)]), Settings(horizon=6)).refit


def test_validation_windows_end_at_the_end_of_each_series():
    lengths, held_out = np.array([50, 80]), np.array([20, 20])
    series, origins = rolling_origins(lengths, held_out, 10, most=4)
    assert series.tolist() == [0, 0, 1, 1]
    assert origins.tolist() == [40, 30, 70, 60]
    _, closer = rolling_origins(lengths[:1], held_out[:1], 10, most=8)
    assert closer.tolist() == [40, 38, 36, 34, 32, 30]
    _, cut_off = rolling_origins(np.array([12]), np.array([3]), 10, most=1)
    assert cut_off.tolist() == [9]


def test_members_give_the_same_result_side_by_side_as_in_turn():
    panel = panel_of(wave())
    plan = decide(panel, QUICK.model_copy(update={"members": 2, "steps": 10}))
    runs = [train_network(panel, replace(plan, processes=p), lambda progress: None) for p in (1, 3)]
    assert runs[0].report == runs[1].report
    for name, weight in runs[0].network.weights.items():
        assert np.array_equal(weight, runs[1].network.weights[name])


def test_members_report_and_fail_across_processes():
    def work(member, report, watch):
        report(Progress("training", member, 1, 1, 0.5, 0.25, 1.0))
        if member == 2:
            raise TrainingDiverged("lost")
        return Fit({}, 1, 1, 0.5, 0.25)

    seen = []
    assert len(fit_members(work, [0, 1], 2, seen.append)) == 2
    assert sorted(p.member for p in seen) == [0, 1]
    with pytest.raises(TrainingDiverged, match="lost"):
        fit_members(work, [0, 1, 2], 3, seen.append)


def test_a_process_that_dies_is_an_error_not_a_hang():
    def work(member, report, watch):
        import os

        os._exit(9)

    with pytest.raises(LstmcliError, match="by itself, with exit code 9"):
        fit_members(work, [0, 1], 2, lambda progress: None)


def test_training_twice_gives_the_same_bytes_and_another_seed_others(tmp_path):
    data = tmp_path / "data.csv"
    rows = "\n".join(f"{2000 + m // 12}-{m % 12 + 1:02}-01,{v}" for m, v in enumerate(wave(120)))
    data.write_text("month,y\n" + rows + "\n")
    for name, seed in [("a", 5), ("b", 5), ("c", 6)]:
        command = ["train", str(data), "-m", str(tmp_path / name), "-q", "--seed", str(seed)]
        quick = ["--set", "steps=20", "--set", "hidden=8", "--set", "members=2"]
        program = [warm_program()] if name == "c" else [sys.executable, "-m", "lstmcli"]
        subprocess.run([*program, *command, *quick], check=True)
    a, b, c = ((tmp_path / n).read_bytes() for n in "abc")
    assert a == b
    assert a != c
    (size,) = struct.unpack("<Q", a[:8])
    document = json.loads(json.loads(a[8 : 8 + size])["__metadata__"]["lstmcli"])
    assert document["contract"]["data"] == ["data.csv"]
    assert str(tmp_path) not in json.dumps(document)
    # The effective settings hold no "auto" that would be decided anew.
    kept = {k for k, v in document["settings"].items() if v == "auto" and not hasattr(ReadOptions(), k)}
    assert kept == {"series", "target", "processes", "device", "precision", "mix"}
