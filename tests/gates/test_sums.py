"""What stands inside the gates: with the equations it gives every gate again."""

from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, network_of, panel_of, wave

from lstmcli.forecasting.untrained import NETWORK_ALONE, SeasonPair, untrained_network
from lstmcli.gates.sums import gate_parts
from lstmcli.gates.trace import trace_windows, trace_with_parts
from lstmcli.network.cells import GATES, CellWeights, sigmoid, trace


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_their_sum_gives_the_gate_in_every_layer(cell):
    network = network_of(replace(ARCH, cell=cell, layers=2))
    traced, parts = trace_with_parts(network, panel_of(wave(100)), np.array([0, 0]), np.array([40, 100]))
    for layer, inside in zip(traced.layers, parts, strict=True):
        for gate, total in zip(GATES[cell], inside.total, strict=True):
            made = np.tanh(total) if gate == "candidate" else sigmoid(total)
            np.testing.assert_allclose(made, layer.gates[gate], atol=1e-12)


def test_terms_of_the_gru_by_hand():
    weights = CellWeights(
        inputs=np.array([[[2.0]], [[-1.0]], [[0.5]]]),
        recurrent=np.array([[[3.0]], [[0.25]], [[4.0]]]),
        bias=np.array([[0.1], [0.2], [0.3]]),
        candidate_bias=np.array([0.7]),
    )
    x = np.array([[[1.0], [-2.0]]])
    layer = trace("gru", x, weights)
    parts = gate_parts("gru", layer, x, weights)
    np.testing.assert_allclose(parts.of_input[:, 0, :, 0], [[2, -4], [-1, 2], [0.5, -1]])
    h, r = layer.h[0, 0, 0], layer.gates["reset"][0, :, 0]
    np.testing.assert_allclose(
        parts.of_hidden[:, 0, :, 0], [[0, 3 * h], [0, 0.25 * h], [0.7 * r[0], r[1] * (4 * h + 0.7)]]
    )
    np.testing.assert_array_equal(parts.window(0, np.array([False, True])).of_input[:, 0, 0], [-4, 2, -1])


def test_the_built_in_network_has_them_for_series_of_any_length():
    panel = panel_of(wave(100), wave(20, 1))
    network = untrained_network(SeasonPair(12, 12), 7, 100, NETWORK_ALONE)
    series, origins = np.array([0, 1]), np.array([100, 20])
    traced, (inside,) = trace_with_parts(network, panel, series, origins)
    np.testing.assert_array_equal(
        traced.layers[0].c, trace_windows(network, panel, series, origins).layers[0].c
    )
    np.testing.assert_allclose(sigmoid(inside.total[0]), traced.layers[0].gates["forget"], atol=1e-12)
    first = np.isnan(inside.of_input[0, 1, :, 0]).sum()
    np.testing.assert_array_equal(inside.of_hidden[:, 1, first], 0)
