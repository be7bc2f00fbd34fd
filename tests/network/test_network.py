"""The NumPy network against its torch twin, and what its shapes promise."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from builders import ARCH, made_windows, random_module

from lstmcli.learning.model import MemberModule, export_weights, tensors
from lstmcli.network.architecture import width
from lstmcli.network.forward import combine_members, forward, member_forward, order_quantiles, traces


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("segment", [1, 4, 12])
# With more units than inputs, embedding and first layer are one.
@pytest.mark.parametrize(("layers", "hidden"), [(1, 6), (3, 6), (1, 40), (2, 40)])
@pytest.mark.parametrize(("covariates", "ahead"), [(0, 0), (3, 0), (3, 2)])
def test_numpy_and_torch_agree(cell, segment, layers, hidden, covariates, ahead):
    arch = replace(ARCH, cell=cell, layers=layers, segment=segment, hidden=hidden)
    arch = replace(arch, covariates=covariates, ahead=ahead)
    module, windows = random_module(arch), made_windows(arch)
    with torch.no_grad():
        expected = module(*tensors(windows)).numpy()
    ours = member_forward(export_weights(module), arch, windows)
    assert ours.shape == (5, arch.horizon, 3)
    assert np.abs(ours - expected).max() < 1e-5


WITH_CATEGORIES = {
    "static": {"static": 2, "static_tables": (3, 70)},
    "past": {"past_tables": (4,)},
    "future alone": {"covariates": 0, "ahead": 0, "future_tables": (5, 2)},
    "all": {"static": 1, "static_tables": (3,), "past_tables": (4, 2), "future_tables": (9,)},
}


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("more", WITH_CATEGORIES.values(), ids=WITH_CATEGORIES)
def test_numpy_and_torch_agree_on_categories(cell, more):
    arch = replace(ARCH, **{"cell": cell, "covariates": 3, "ahead": 2, **more})
    module, windows = random_module(arch), made_windows(arch)
    with torch.no_grad():
        expected = module(*tensors(windows)).numpy()
    weights = export_weights(module)
    assert {name: w.shape for name, w in weights.items()} == arch.shapes()
    assert np.abs(member_forward(weights, arch, windows) - expected).max() < 1e-5
    # Every category that a window holds matters.
    for name in ("codes", "codes_ahead", "static_codes"):
        other = replace(windows, **{name: np.zeros_like(getattr(windows, name))})
        changed = not np.allclose(member_forward(weights, arch, other), expected, atol=1e-4)
        assert changed == bool(getattr(windows, name).any())


def test_an_embedding_is_as_wide_as_the_root_of_its_rows_up_to_eight():
    assert [width(rows) for rows in (1, 2, 4, 5, 50, 65, 10_000)] == [1, 2, 2, 3, 8, 8, 8]


def test_exported_weights_have_the_shapes_of_the_contract():
    for cell in ("lstm", "gru", "rnn"):
        arch = replace(ARCH, cell=cell, layers=2, covariates=2, ahead=1)
        assert {n: w.shape for n, w in export_weights(MemberModule(arch)).items()} == arch.shapes()


def test_quantiles_never_cross():
    raw = np.random.default_rng(0).normal(scale=9, size=(50, 3, 9))
    levels = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
    made = order_quantiles(raw, levels)
    assert (np.diff(made, axis=2) >= 0).all()
    assert np.array_equal(made[..., 4], raw[..., 4])


def test_members_are_averaged_each_on_its_own_baseline():
    arch = replace(ARCH, members=3)
    windows = made_windows(arch, baselines=2)
    exports = [export_weights(random_module(arch, seed)) for seed in range(3)]
    weights = {f"members.{m}.{n}": w for m, e in enumerate(exports) for n, w in e.items()}
    alone = [
        windows.baselines[:, :, m % 2, None] + member_forward(e, arch, windows) for m, e in enumerate(exports)
    ]
    outputs = forward(weights, arch, windows)
    assert outputs == pytest.approx(np.stack(alone))
    assert combine_members(outputs, None) == pytest.approx(np.mean(alone, axis=0))
    shares = np.random.default_rng(0).dirichlet(np.ones(3), len(windows.context)).T
    by_hand = sum(shares[m, 0] * alone[m][0] for m in range(3))
    assert combine_members(outputs, shares)[0] == pytest.approx(by_hand)


def test_missing_values_change_a_new_network_only_through_their_zero():
    module, windows = MemberModule(ARCH).eval(), made_windows(ARCH)
    seen = replace(windows, missing=np.zeros_like(windows.missing))
    with torch.no_grad():
        assert torch.equal(module(*tensors(windows)), module(*tensors(seen)))


def test_traces_run_through_every_layer():
    arch = replace(ARCH, layers=2)
    weights = export_weights(random_module(arch))
    layers = traces(weights, arch, made_windows(arch))
    assert [layer.h.shape for layer in layers] == [(5, 3, 6), (5, 3, 6)]


def test_the_forget_bias_starts_as_asked():
    hidden = ARCH.hidden
    for layer in range(2):
        module = MemberModule(replace(ARCH, layers=2), forget_bias=2.5)
        bias = export_weights(module)[f"layers.{layer}.bias"]
        assert bias[0].tolist() == [2.5] * hidden
        assert not bias[1:].any()


def test_chrono_start_of_the_gru_is_that_of_its_update_gate():
    torch.manual_seed(0)
    arch = replace(ARCH, cell="gru", hidden=400, context=400)
    reset, update, candidate = export_weights(MemberModule(arch, forget_bias="chrono"))["layers.0.bias"]
    assert not reset.any()
    assert not candidate.any()
    assert 0 <= update.min() < update.max() <= np.log(99)
    assert np.exp(update).mean() == pytest.approx(50, rel=0.1)


def test_chrono_start_spreads_memory_over_the_context():
    torch.manual_seed(0)
    bias = export_weights(MemberModule(replace(ARCH, hidden=400, context=400), forget_bias="chrono"))[
        "layers.0.bias"
    ]
    steps = 100
    assert np.array_equal(bias[0], -bias[1])
    assert 0 <= bias[0].min() < bias[0].max() <= np.log(steps - 1)
    # log U(1, T - 1): the mean of exp(b) is that of the uniform law.
    assert np.exp(bias[0]).mean() == pytest.approx(steps / 2, rel=0.1)
