"""The built-in network in NumPy: its twin in PyTorch, its file, what it promises of any series."""

import math

import numpy as np
import pytest
import torch

from lstmcli.files.tensors import TensorFileError
from lstmcli.learning.pretrain.twin import BuiltinTwin, tensors_of, write_builtin
from lstmcli.model_file.builtin_record import read_builtin_record, recorded_forecast
from lstmcli.network.builtin import (
    QUANTILES,
    builtin_forward,
    builtin_inputs,
    builtin_shapes,
    read_builtin,
)
from lstmcli.windows.histories import AHEAD, Histories, fill_missing


def inputs(factor=1.0, origins=2, steps=3):
    random = np.random.default_rng(4)
    values = factor * (5 + random.standard_normal((6, 90)).cumsum(axis=1) + np.sin(np.arange(90) / 2))
    observed = random.random((6, 90)) < 0.95
    start = np.array([0, 0, 10, 20, 50, 60])
    season = np.array([1, 4, 12, 7, 1, 2])
    observed &= np.arange(90) >= start[:, None]
    history = Histories(fill_missing(values, observed, start, season), observed, start, season, season)
    return builtin_inputs(history, np.full(6, 78), steps, origins)


@pytest.fixture(scope="module")
def twin():
    torch.manual_seed(1)
    made = BuiltinTwin()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return made


def test_numpy_and_torch_agree(twin):
    given = inputs()
    with torch.no_grad():
        scaled = twin(*tensors_of(given, "cpu")).numpy()
    expected = scaled * given.scale.unit[:, None, None, None] + given.scale.loc[:, None, None, None]
    made = builtin_forward(twin.weights(), given)
    assert made.shape == (6, 2, AHEAD, len(QUANTILES))
    assert np.abs(made - expected).max() < 1e-4 * np.abs(expected).max()


def test_weights_go_round_through_the_twin(twin):
    other = BuiltinTwin()
    other.take_weights(twin.weights())
    for name, values in twin.weights().items():
        assert np.array_equal(values, other.weights()[name])
        assert values.shape == builtin_shapes()[name]
    # The two biases of each gate are one.
    assert (
        sum(math.prod(shape) for shape in builtin_shapes().values())
        == sum(p.numel() for p in twin.parameters()) - 4 * 256
    )


def test_quantiles_do_not_cross(twin):
    assert (np.diff(builtin_forward(twin.weights(), inputs()), axis=-1) >= 0).all()


def test_a_forecast_has_the_units_of_the_series(twin):
    one, thousand = (builtin_forward(twin.weights(), inputs(factor)) for factor in (1.0, 1000.0))
    assert thousand == pytest.approx(1000 * one, rel=1e-3)


def test_the_last_origin_is_a_forecast_of_its_own(twin):
    """Origins of one window share scales; the first is what a single one gives."""
    alone, both = inputs(origins=1), inputs(origins=2)
    made = builtin_forward(twin.weights(), alone)
    assert made[:, 0] == pytest.approx(builtin_forward(twin.weights(), both)[:, 0], rel=1e-4, abs=1e-4)


def test_the_file_holds_half_precision_and_a_record(twin, tmp_path):
    path = tmp_path / "weights.safetensors"
    write_builtin(path, twin.weights())
    for name, values in read_builtin(path).items():
        assert np.array_equal(values, twin.weights()[name].astype(np.float16).astype(np.float32))
    weights, record = read_builtin_record(path)
    assert record.forecast == pytest.approx(recorded_forecast(weights), rel=1e-6)
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(TensorFileError):
        read_builtin(path)
