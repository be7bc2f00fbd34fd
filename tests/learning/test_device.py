"""Where a training computes. What needs an accelerator is held to the CPU as far as that goes without."""

import copy
import os
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from builders import QUICK, panel_of, wave

from lstmcli.errors import SettingsError
from lstmcli.forecasting.plan import decide
from lstmcli.learning import device as devices
from lstmcli.learning import loop
from lstmcli.learning.device import check_twin, device_of, in_bfloat16, parallel_members, place_module
from lstmcli.learning.loop import WindowSampler, fit, start_module
from lstmcli.learning.optimiser import AdamW
from lstmcli.learning.prefetch import batches
from lstmcli.learning.split import split_panel
from lstmcli.learning.train import train_network
from lstmcli.learning.validations import losses_of
from lstmcli.windows.cut import window_rows

SETTINGS = QUICK.model_copy(update={"steps": 12, "hidden": 8, "batch": 16})
LEVELS = torch.tensor(SETTINGS.quantiles)


@pytest.fixture(scope="module")
def prepared():
    """A plan and where its windows come from."""
    panel = panel_of(wave(), wave(seed=1))
    plan = decide(panel, SETTINGS)
    rows = window_rows(panel, plan.scaling, plan.shape)
    return plan, WindowSampler(rows, plan.shape, plan.scaling, *split_panel(panel, plan).training)


@pytest.fixture
def with_cuda(monkeypatch):
    """As if PyTorch had found a GPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    with warnings.catch_warnings():
        yield


@pytest.fixture
def without(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_auto_is_cuda_where_there_is_one(with_cuda):
    assert device_of("auto") == device_of("cuda") == torch.device("cuda")
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"
    assert device_of("cpu") == torch.device("cpu")


def test_auto_is_the_cpu_elsewhere_also_where_there_is_mps(without, monkeypatch):
    assert device_of("auto") == torch.device("cpu")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert device_of("auto") == torch.device("cpu")
    assert device_of("mps") == torch.device("mps")


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused(without, wanted):
    panel = panel_of(wave())
    settings = SETTINGS.model_copy(update={"device": wanted})
    with pytest.raises(SettingsError, match=f"device {wanted}: .* finds none"):
        train_network(panel, decide(panel, settings), lambda progress: None)


@pytest.fixture
def cpu_flags(monkeypatch, tmp_path):
    """Lets the CPU have these flags."""

    def make(text):
        (tmp_path / "cpuinfo").write_text(text)
        monkeypatch.setattr(devices, "CPU_INFO", tmp_path / "cpuinfo")

    return make


def test_bfloat16_is_taken_where_it_is_wanted_and_there(cpu_flags, with_cuda, monkeypatch, tmp_path):
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    cpu_flags("flags\t\t: avx2 avx512f avx512_bf16\n")
    assert [in_bfloat16(p, cpu) for p in ("auto", "float32", "bfloat16")] == [False, False, True]
    for there in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, there=there: there)
        assert (in_bfloat16("auto", cuda), in_bfloat16("float32", cuda)) == (there, False)
    cpu_flags("flags\t\t: avx2 avx512f\n")
    for device in (cpu, cuda, torch.device("mps")):
        with pytest.raises(SettingsError, match=f"precision bfloat16: this {device.type} does not compute"):
            in_bfloat16("bfloat16", device)
    monkeypatch.setattr(devices, "CPU_INFO", tmp_path / "none")
    assert not in_bfloat16("auto", cpu)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_training_in_bfloat16_rounds_products_and_is_the_same_twice(cpu_flags, cell):
    cpu_flags("avx512_bf16")
    panel = panel_of(wave(), wave(seed=1))

    def trained(precision):
        settings = SETTINGS.model_copy(
            update={"precision": precision, "cell": cell, "steps": 20, "refit": False}
        )
        made = train_network(panel, decide(panel, settings), lambda progress: None)
        return made.network.weights, made.report["validation"]["errors"]["model"]["mae"]

    (exact, error), (rounded, found), (again, _) = map(trained, ("float32", "bfloat16", "bfloat16"))
    assert all(np.array_equal(rounded[name], again[name]) for name in rounded)
    apart = max(float(np.abs(rounded[name] - exact[name]).max()) for name in exact)
    assert 1e-5 < apart < 0.1
    assert found == pytest.approx(error, rel=0.1)


def test_members_take_turns_on_an_accelerator():
    assert parallel_members(4, torch.device("cpu")) == 4
    assert parallel_members(4, torch.device("cuda")) == 1


def test_the_device_is_not_stored(prepared):
    plan, _ = prepared
    panel = panel_of(wave(), wave(seed=1))
    assert decide(panel, SETTINGS.model_copy(update={"device": "cpu"})).settings == plan.settings


def test_windows_drawn_ahead_are_the_same_and_leave_the_same_state(prepared):
    _, source = prepared
    draw, ours, theirs = partial(source.draw, 5), np.random.default_rng(7), np.random.default_rng(7)
    plain, ahead = batches(draw, ours, ahead=False), batches(draw, theirs, ahead=True)
    for _ in range(4):
        a, b = next(plain), next(ahead)
        assert np.array_equal(a.context, b.context)
        assert np.array_equal(a.target, b.target)
        assert ours.bit_generator.state == theirs.bit_generator.state


def test_an_error_in_drawing_ahead_is_raised():
    def draw(random):
        raise ValueError("no windows")

    with pytest.raises(ValueError, match="no windows"):
        next(batches(draw, np.random.default_rng(0), ahead=True))


def test_training_on_windows_drawn_ahead_gives_the_same_weights(prepared, monkeypatch):
    plan, source = prepared
    run = partial(fit, plan.arch, source, None, plan.learning, 12, 0, lambda progress: None)
    plain = run().weights
    monkeypatch.setattr(loop, "batches", lambda draw, random, ahead: batches(draw, random, True))
    ahead = run().weights
    assert all(np.array_equal(plain[name], ahead[name]) for name in plain)


def wrong(module):
    with torch.no_grad():
        module.recurrent.weight_hh_l0 *= 1.1


def not_a_number(module):
    with torch.no_grad():
        module.head.weight[0, 0] = torch.nan


def test_a_twin_that_computes_the_same_is_taken(prepared):
    plan, source = prepared
    module = start_module(plan.arch, plan.learning, 0)
    windows = source.draw(16, np.random.default_rng(0))
    check_twin(module, copy.deepcopy(module), windows, LEVELS, 0)


@pytest.mark.parametrize("spoil", [wrong, not_a_number])
def test_a_twin_that_computes_other_numbers_is_refused(prepared, spoil):
    plan, source = prepared
    module = start_module(plan.arch, plan.learning, 0)
    twin = copy.deepcopy(module)
    spoil(twin)
    windows = source.draw(16, np.random.default_rng(0))
    with pytest.raises(SettingsError, match=r"computes other numbers than the CPU: the .* differs by"):
        check_twin(module, twin, windows, LEVELS, 0)


def test_mps_that_lacks_an_operation_is_refused(prepared, monkeypatch):
    plan, source = prepared

    class OnMps:
        device = torch.device("mps")

    def lacking(*given):
        raise NotImplementedError("aten::x is not implemented for MPS")

    monkeypatch.setattr(devices, "check_twin", lacking)
    monkeypatch.setattr(torch.nn.Module, "to", lambda module, device: module)
    with pytest.raises(SettingsError, match="device mps cannot train this network: aten::x"):
        place_module(start_module(plan.arch, plan.learning, 0), partial(source.draw, 4), OnMps(), 0)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("hidden", [8, 32])  # more columns than units, and fewer
def test_all_of_a_step_is_on_the_device(prepared, cell, hidden):
    """On PyTorch's device without numbers, where an operation with a tensor left on the CPU is refused."""
    plan, source = prepared
    arch = replace(plan.arch, cell=cell, hidden=hidden)
    levels = LEVELS.to("meta")
    module = start_module(arch, replace(plan.learning, dropout=0.1), 0).to("meta")
    optimiser = AdamW(list(module.parameters()), 1e-3, 1e-2, 5)
    losses = losses_of(module, source.draw(4, np.random.default_rng(0)), levels, 0)
    losses.nanmean().backward()
    optimiser.advance(optimiser.flat_gradients())
    assert losses.device.type == "meta"
    assert {m.device.type for m in (optimiser.weights, *optimiser.means)} == {"meta"}
