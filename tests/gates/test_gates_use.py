"""What the forecast needs of its past and its gates, on networks whose answer is known."""

import subprocess
from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, delay_line, network_of, panel_of, random_panel, replay_on
from warm_program import warm_program

from lstmcli.gates.contributions import measure_contributions, step_contributions
from lstmcli.gates.memory import find_seasons, memory, season_name, unit_half_lives
from lstmcli.gates.replay import medians, medians_from
from lstmcli.gates.report import study
from lstmcli.gates.use import errors_by_steps, freeze_gate, mean_error, use, use_horizon
from lstmcli.network.cells import GATES, sigmoid
from lstmcli.network.forward import baseline_index, member_forward


def copying_panel(delay, length=400):
    """The next value is the one `delay` steps before the last: a repeated stretch of noise."""
    stretch = np.random.default_rng(3).normal(size=delay + 1)
    return panel_of(np.resize(stretch, length))


@pytest.mark.parametrize("delay", [0, 4, 10, 37])
def test_a_copy_after_a_delay_gives_a_use_horizon_of_the_delay(delay):
    network = delay_line(delay, context=60)
    made = study(network, copying_panel(delay), 40).use
    # The value `delay` steps before the last is the last but `delay`: delay + 1 steps are needed.
    assert made.horizon == delay + 1
    assert made.error < 1e-5
    if delay:
        assert made.errors[0] > 0.1


def test_shuffled_data_gives_a_use_horizon_of_about_1(tmp_path, environment):
    random = np.random.default_rng(0)
    wave = np.sin(np.arange(800) * np.pi / 12)
    values = random.permutation(wave)
    path = tmp_path / "shuffled.csv"
    path.write_text("step,y\n" + "".join(f"{k},{v:.6f}\n" for k, v in enumerate(values)))
    settings = ("segment=1", "context=24", "season=1", "baseline=none", "hidden=8", "steps=60")
    options = [part for setting in settings for part in ("--set", setting)]
    done = subprocess.run(
        [warm_program(), "train", path, "--horizon", "1", "-q", "-m", "m", *options],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    from lstmcli.model_file import read_model

    network = read_model(tmp_path / "m").network
    assert study(network, panel_of(values), 300).use.horizon <= 2


def test_a_horizon_ends_where_fewer_steps_lose_more_than_1_percent():
    assert use_horizon({1: 3.0, 2: 1.005, 3: 1.02, 4: 1.009, 5: 1.0}) == 4
    assert use_horizon({1: 0.9, 2: 1.0}) == 1
    assert use_horizon({7: 2.0}) == 7


def test_errors_are_found_around_the_horizon_to_the_step():
    errors = errors_by_steps(replay_on(delay_line(37, context=60), copying_panel(37), 10))
    assert {1, 2, 16, 37, 38, 60} <= set(errors)
    assert errors[37] > 0.1
    assert errors[38] < 1e-5


def test_an_error_is_that_of_known_targets_alone():
    replay = replay_on(delay_line(2, context=12), random_panel(60), 4)
    target = replay.windows.target.copy()
    target[0] = np.nan
    blind = replace(replay, windows=replace(replay.windows, target=target))
    expected = np.abs(medians(replay)[1:] - target[1:]).mean()
    assert mean_error(blind, medians(blind)) == pytest.approx(expected)


def test_without_known_values_nothing_is_measured():
    made = use(replay_on(delay_line(2, context=12), panel_of(np.arange(8.0)), 4))
    assert (made.windows, made.horizon, made.error, made.frozen) == (0, None, None, [])


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_all_steps_give_the_forecast_of_the_network(cell):
    network = network_of(replace(ARCH, cell=cell, layers=2, covariates=0))
    replay = replay_on(network, random_panel(100), 9)
    alone = member_forward(replay.weights, network.arch, replay.windows)[:, :, 1]
    expected = replay.windows.baselines[:, :, baseline_index(0, replay.windows)] + alone
    assert medians(replay) == pytest.approx(expected, abs=1e-12)
    assert medians_from(replay, replay.inputs) == pytest.approx(expected, abs=1e-12)


def frozen_by_hand(replay, gate):
    """The LSTM's equations step by step with one gate at its mean."""
    w = {n.removeprefix("layers.0."): v for n, v in replay.weights.items() if n.startswith("layers.0.")}
    mean = replay.trace.layers[0].gates[gate].mean(axis=(0, 1))
    h = c = np.zeros_like(replay.inputs[:, 0])
    for step in range(replay.inputs.shape[1]):
        a = [
            replay.inputs[:, step] @ w["inputs"][k].T + h @ w["recurrent"][k].T + w["bias"][k]
            for k in range(4)
        ]
        values = {"forget": sigmoid(a[0]), "input": sigmoid(a[1]), "candidate": np.tanh(a[2])}
        values["output"] = sigmoid(a[3])
        values[gate] = np.broadcast_to(mean, h.shape)
        c = values["forget"] * c + values["input"] * values["candidate"]
        h = values["output"] * np.tanh(c)
    return h


@pytest.mark.parametrize("gate", GATES["lstm"])
def test_a_frozen_gate_has_its_mean_at_every_step(gate):
    network = network_of(ARCH)
    replay = replay_on(network, random_panel(100), 9)
    h = frozen_by_hand(replay, gate)
    head = replay.weights["head.weight"].reshape(ARCH.horizon, 3, ARCH.hidden)[:, 1]
    bias = replay.weights["head.bias"].reshape(ARCH.horizon, 3)[:, 1]
    assert medians_from(replay, replay.inputs, freeze_gate(replay, 0, gate)) == pytest.approx(
        h @ head.T + bias
    )


def test_freezing_a_gate_that_never_moves_changes_nothing():
    network = network_of(replace(ARCH, cell="gru", hidden=5))
    for name in ("inputs", "recurrent"):
        network.weights[f"members.0.layers.0.{name}"][1] = 0
    made = use(replay_on(network, random_panel(100), 20))
    change = {g.gate: g.change for g in made.frozen}
    assert change["update"] == pytest.approx(0, abs=1e-9)
    assert abs(change["candidate"]) > 1e-3


def test_it_forgets_most_where_the_weights_say_so():
    arch = replace(ARCH, segment=1, context=20, horizon=1)
    network = network_of(arch)
    w = {n.removeprefix("members.0."): v for n, v in network.weights.items()}
    for name in ("embed.weight", "embed.bias", "embed.levels"):
        w[name][:] = 0
    w["embed.weight"][:, 0] = 1
    w["layers.0.inputs"][0] = -np.eye(6)
    w["layers.0.recurrent"][0] = 0
    w["layers.0.bias"][0] = 1
    values = np.random.default_rng(1).uniform(-1, 1, 200)
    values[[50, 120, 155]] = 9, 7, 8  # each further from the others than a context
    found = use(replay_on(network, panel_of(values), 400)).forgets
    assert len(found) == 5
    assert sorted(f.position for f in found[:3]) == [50, 120, 155]
    assert np.all(np.diff([f.memory_gate for f in found]) >= 0)
    apart = np.diff(sorted(f.position for f in found))
    assert apart.min() >= 20


# Memory


def test_a_half_life_of_24_planted_in_the_weights_is_found():
    arch = replace(ARCH, segment=1, context=48, horizon=1)
    network = network_of(arch)
    keep = 0.5 ** (1 / 24)
    w = network.weights
    w["members.0.layers.0.inputs"][0] = 0
    w["members.0.layers.0.recurrent"][0] = 0
    w["members.0.layers.0.bias"][0] = np.log(keep / (1 - keep))
    day = np.sin(np.arange(600) * np.pi / 12) + 0.01 * np.random.default_rng(0).normal(size=600)
    report = study(network, panel_of(day), 50)
    assert report.memory[0].half_lives == pytest.approx(np.full(6, 24), rel=0.01)
    assert [s.name for s in report.seasons] == ["daily"]
    (season,) = report.seasons
    assert (season.observations, season.steps) == (24, 24.0)


def test_units_are_counted_that_reach_a_season_and_resets_and_runs():
    keep = np.full((2, 6, 3), 0.99)
    keep[:, :, 1] = 0.5
    keep[:, 2, 2] = 0.05
    keep[1, 3, 2] = 0.05
    trace = replay_on(network_of(ARCH), random_panel(60), 2).trace
    layer = trace.layers[0]
    trace = replace(trace, layers=[replace(layer, gates={**layer.gates, "forget": keep})])
    seasons = find_seasons(panel_of(np.sin(np.arange(300) * np.pi / 12)), 4)
    (made,) = memory(trace, "lstm", seasons)
    assert made.half_lives == pytest.approx(unit_half_lives(keep))
    assert made.reached == (1,)  # 0.99 alone lasts 6 steps, a day of segments of 4 hours
    assert made.resets == pytest.approx([0, 0, 3 / 12])
    assert made.runs == pytest.approx([6, 6, 2.5])
    assert made.order.tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("kind", "count", "length", "name"),
    [
        ("fixed", 3_600_000_000, 24, "daily"),
        ("fixed", 3_600_000_000, 168, "weekly"),
        ("fixed", 86_400_000_000, 365, "yearly"),
        ("fixed", 7 * 86_400_000_000, 52, "yearly"),
        ("month", 1, 12, "yearly"),
        ("month", 3, 4, "yearly"),
        ("business day", 1, 5, "weekly"),
        ("plain", 1, 7, "every 7 steps"),
    ],
)
def test_seasons_have_names(kind, count, length, name):
    from lstmcli.series.calendar import Step

    assert season_name(Step(kind, count), length) == name


# Contributions


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_contributions_are_what_a_loop_over_all_pairs_gives(cell):
    replay = replay_on(network_of(replace(ARCH, cell=cell, layers=2)), random_panel(100), 4)
    for layer in replay.trace.layers:
        parts = step_contributions(layer, cell)
        keep = layer.gates["forget" if cell == "lstm" else "update"]
        write = layer.gates["input"] if cell == "lstm" else 1 - keep
        for j in range(keep.shape[1]):
            kept = write[:, j] * layer.gates["candidate"][:, j]
            for k in range(j + 1, keep.shape[1]):
                kept = kept * keep[:, k]
            assert parts[:, j] == pytest.approx(kept)
        assert parts.sum(axis=1) == pytest.approx((layer.c if cell == "lstm" else layer.h)[:, -1])


def test_shares_are_by_age_and_add_up_to_1():
    replay = replay_on(network_of(ARCH), random_panel(100), 4)
    (made,) = measure_contributions(replay)
    size = np.abs(step_contributions(replay.trace.layers[0], "lstm")).mean(axis=(0, 2))
    assert made.share == pytest.approx(size[::-1] / size.sum())
    assert made.error < 1e-12


def test_a_plain_rnn_has_no_contributions():
    assert measure_contributions(replay_on(network_of(replace(ARCH, cell="rnn")), random_panel(50), 3)) == []
