"""The written-out gradient against PyTorch's, and truths planted in the weights."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from builders import ARCH, delay_line, made_windows, network_of, random_module, random_panel, replay_on
from torch import nn

from lstmcli.gates.attribution import attribution
from lstmcli.gates.backward import gradients
from lstmcli.gates.contributions import memory_after
from lstmcli.gates.gradients import fit_exponential, reach
from lstmcli.gates.window_replay import feature_names, replay_batch
from lstmcli.learning.model import MemberModule, export_weights, tensors
from lstmcli.windows.cut import Windows

CELLS = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}


def replay_of_module(module: MemberModule, windows: Windows):
    weights = {f"members.0.{name}": w for name, w in export_weights(module).items()}
    numbers = np.arange(len(windows.context))
    return replay_batch(module.arch, weights, windows, 0, numbers, numbers)


def step_by_step(module: MemberModule, windows: Windows):
    """h and c of every layer and step, and the context, with gradients of L; by PyTorch's cells."""
    arch, hidden = module.arch, module.arch.hidden
    context, missing, covariates, ahead, levels = (t.double() for t in tensors(windows)[:5])
    context.requires_grad_()
    stacked = torch.cat([context[:, :, None], missing[:, :, None], covariates], 2)
    segments = stacked.reshape(len(context), arch.steps, arch.segment, -1).transpose(2, 3)
    x = module.embed(segments.reshape(len(context), arch.steps, -1)) + module.embed_levels(levels)[:, None]
    states = []
    for layer in range(arch.layers):
        cell = CELLS[arch.cell](hidden, hidden).double()
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        cell.load_state_dict({n: getattr(module.recurrent, f"{n}_l{layer}") for n in names})
        h, c, shown, kept = torch.zeros(len(context), hidden).double(), None, [], []
        c = torch.zeros_like(h)
        for step in range(arch.steps):
            if arch.cell == "lstm":
                h, c = cell(x[:, step], (h, c))
                c.retain_grad()
            else:
                h = cell(x[:, step], h)
            h.retain_grad()
            shown.append(h)
            kept.append(c)
        states.append((shown, kept))
        x = torch.stack(shown, 1)
    raw = module.head(x[:, -1]).reshape(len(context), arch.horizon, -1)
    if arch.ahead:
        known = torch.relu(module.ahead_inputs(ahead) + module.ahead_state(x[:, -1])[:, None])
        raw = raw + module.ahead_out(known)
    raw[:, :, arch.quantiles.index(0.5)].sum().backward()
    return context, states


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("segment", [1, 4])
def test_the_gradient_is_that_of_pytorch(cell, layers, segment):
    arch = replace(ARCH, cell=cell, layers=layers, segment=segment, covariates=3, ahead=2)
    module, windows = random_module(arch).double(), made_windows(arch)
    context, states = step_by_step(module, windows)
    replay = replay_of_module(module, windows)
    found = gradients(replay)
    for layer, (shown, kept) in enumerate(states):
        expected = np.stack([h.grad.numpy() for h in shown], axis=1)
        assert found.h[layer] == pytest.approx(expected, rel=1e-9, abs=1e-12)
        if cell == "lstm":
            expected = np.stack([c.grad.numpy() for c in kept], axis=1)
            assert found.c[layer] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    by_feature = replay.input_gradient(found.inputs)
    assert by_feature.shape == (5, 12, 5)
    assert by_feature[:, :, 0] == pytest.approx(context.grad.numpy(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_there_is_no_cell_state_gradient_but_of_the_lstm(cell):
    arch = replace(ARCH, cell=cell)
    replay = replay_of_module(random_module(arch), made_windows(arch))
    (made,) = reach(replay, gradients(replay))
    assert (made.c is not None) == (cell == "lstm")
    assert (made.path is None) == (cell == "rnn")
    assert (made.tanh is not None) == (cell == "rnn")


def test_norms_stand_by_lag_with_the_last_step_first():
    replay = replay_of_module(random_module(ARCH), made_windows(ARCH))
    found = gradients(replay)
    (made,) = reach(replay, found)
    assert made.h[0] == pytest.approx(np.linalg.norm(found.h[0][:, -1], axis=1).mean())
    assert made.c[2] == pytest.approx(np.linalg.norm(found.c[0][:, 0], axis=1).mean())
    keep = replay.trace.layers[0].gates["forget"]
    assert made.path == pytest.approx([1, keep[:, 2].mean(), (keep[:, 1] * keep[:, 2]).mean()])


# Truths planted in the weights


def test_a_plain_rnn_of_half_the_identity_decays_by_half_the_mean_slope():
    # dL/dh falls by W' (1 - h^2) per step; with W = 0.5 I by 0.5 E[1 - h^2] in the mean.
    arch = replace(ARCH, cell="rnn", hidden=4, segment=1, context=30, horizon=1)
    network = network_of(arch, seed=1)
    w = network.weights
    w["members.0.layers.0.recurrent"][:] = 0.5 * np.eye(4)
    w["members.0.layers.0.inputs"][:] = 0.4 * np.eye(4)
    w["members.0.layers.0.bias"][:] = 0
    for name in ("weight", "bias", "levels"):
        w[f"members.0.embed.{name}"][:] = 0
    w["members.0.embed.weight"][:, 0] = 1.0
    replay = replay_on(network, random_panel(3000), 400)
    (made,) = reach(replay, gradients(replay))
    slope = float((1 - replay.trace.layers[0].h ** 2).mean())
    assert 0.5 < slope < 0.9  # not a linear network
    assert made.decay == pytest.approx(0.5 * slope, rel=0.01)
    assert made.fit > 0.999
    assert made.tanh.mean() == pytest.approx(slope, rel=0.02)
    assert made.matrix == pytest.approx(np.full(29, 0.5))
    lag = int(np.ceil(np.log(1e-3) / np.log(made.decay)))
    assert abs(made.vanishes - lag) <= 1


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_closed_input_gate_and_an_open_forget_gate_carry_the_gradient_unchanged(cell):
    arch = replace(ARCH, cell=cell, segment=1, context=40, horizon=1)
    network = network_of(arch, seed=2)
    w = network.weights
    w["members.0.layers.0.recurrent"][:] = 0
    gate = {"lstm": 0, "gru": 1}[cell]
    w["members.0.layers.0.inputs"][gate] = 0
    w["members.0.layers.0.bias"][gate] = 30
    replay = replay_on(network, random_panel(400), 20)
    (made,) = reach(replay, gradients(replay))
    assert made.path == pytest.approx(np.ones(40))
    assert made.decay == pytest.approx(1, abs=0.01)
    assert made.vanishes is None


def test_attribution_points_at_the_value_that_is_copied():
    network = delay_line(delay=10, context=30)
    replay = replay_on(network, random_panel(200), 20)
    found = replay.attributed(gradients(replay).inputs)[:, :, 0]
    copied = replay.windows.context[:, -11]
    assert found[:, -11] == pytest.approx(copied, rel=1e-3)
    assert np.abs(np.delete(found, 19, axis=1)).max() < 1e-6


def test_what_the_forecast_rests_on_is_shared_out_by_lag():
    replay = replay_on(delay_line(delay=10, context=30), random_panel(200), 20)
    by_lag = attribution(replay, gradients(replay).inputs, ()).by_lag(30)
    assert by_lag == pytest.approx(np.eye(30)[10], abs=1e-6)


def test_features_are_values_flags_and_covariates_in_order_of_time():
    arch = replace(ARCH, covariates=2)
    windows = made_windows(arch)
    replay = replay_of_module(random_module(arch), windows)
    seen = replay.features
    assert np.array_equal(seen[:, :, 0], windows.context)
    assert np.array_equal(seen[:, :, 1], windows.missing)
    assert np.array_equal(seen[:, :, 2:], windows.covariates)
    assert feature_names(("wind",), replace(ARCH, covariates=3)) == (
        *("value", "missing", "wind", "calendar 1", "calendar 2"),
    )


# The fit


def test_an_exponential_is_found_in_its_own_values():
    decay, fit = fit_exponential(3 * 0.8 ** np.arange(9))
    assert (decay, fit) == (pytest.approx(0.8), pytest.approx(1))


def test_lags_without_gradient_do_not_count():
    assert fit_exponential(np.array([1, 0.5, 0.25, 0, 0]))[0] == pytest.approx(0.5)
    assert fit_exponential(np.array([1, 0.5, 0])) == (None, None)


def test_what_is_kept_after_a_step_leaves_the_step_out():
    keep = np.array([0.1, 0.5, 0.2, 0.4]).reshape(1, 4, 1)
    assert memory_after(keep).ravel() == pytest.approx([0.5 * 0.2 * 0.4, 0.2 * 0.4, 0.4, 1])
