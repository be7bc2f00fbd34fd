"""The cells against numbers worked by hand, against PyTorch's layers, and against identities."""

import re

import numpy as np
import pytest
import torch

from lstmcli.learning.model import LAYERS, TORCH_GATES
from lstmcli.network.cells import EQUATIONS, GATES, LETTERS, STEPS, CellWeights, sigmoid, trace
from lstmcli.network.fast_lstm import hidden_states


def one_unit(inputs, recurrent, bias, candidate_bias=0.0):
    """Weights of a cell with one unit and one input, one number per gate."""
    shape = (len(inputs), 1, 1)
    return CellWeights(
        np.reshape(inputs, shape),
        np.reshape(recurrent, shape),
        np.reshape(bias, shape[:2]),
        np.array([candidate_bias]),
    )


def step_by_hand(cell, w, x=2.0, h=0.3, c=-0.5):
    gates, h, c = STEPS[cell](np.array([[x]]), np.array([[h]]), np.array([[c]]), w)
    return [float(g[0, 0]) for g in gates], float(h[0, 0]), float(c[0, 0])


def test_an_lstm_step_worked_by_hand():
    # Gates in the order f, i, g, o; x = 2, h = 0.3, c = -0.5.
    #   f = sigmoid( 0.5 * 2 - 0.4 * 0.3 + 0.1 ) = sigmoid( 0.98)
    #   i = sigmoid(-0.7 * 2 + 0.2 * 0.3 + 0.3 ) = sigmoid(-1.04)
    #   g = tanh   ( 0.9 * 2 + 0.6 * 0.3 - 0.2 ) = tanh   ( 1.78)
    #   o = sigmoid(0.25 * 2 - 1.1 * 0.3 + 0.05) = sigmoid( 0.22)
    #   c = f * -0.5 + i * g,   h = o * tanh(c)
    w = one_unit([0.5, -0.7, 0.9, 0.25], [-0.4, 0.2, 0.6, -1.1], [0.1, 0.3, -0.2, 0.05])
    gates, h, c = step_by_hand("lstm", w)
    assert gates == pytest.approx([0.727108, 0.261150, 0.944695, 0.554779], abs=1e-6)
    assert c == pytest.approx(-0.116847, abs=1e-6)
    assert h == pytest.approx(-0.064531, abs=1e-6)


def test_a_gru_step_worked_by_hand():
    # r = sigmoid(0.98), z = sigmoid(-1.04), n = tanh(0.9 * 2 - 0.2 + r * (0.6 * 0.3 + 0.35))
    # h = z * 0.3 + (1 - z) * n: z near 1 keeps h.
    w = one_unit([0.5, -0.7, 0.9], [-0.4, 0.2, 0.6], [0.1, 0.3, -0.2], 0.35)
    gates, h, _ = step_by_hand("gru", w)
    assert gates == pytest.approx([0.727108, 0.261150, 0.962979], abs=1e-6)
    assert h == pytest.approx(0.789842, abs=1e-6)


def test_an_rnn_step_worked_by_hand():
    w = one_unit([0.5], [-0.4], [0.1])
    gates, h, _ = step_by_hand("rnn", w)  # tanh(0.98)
    assert gates == [h]
    assert h == pytest.approx(0.753066, abs=1e-6)


def random_layer(cell, inputs, hidden):
    """A PyTorch layer with random weights and the same weights in our layout."""
    torch.manual_seed(3)
    layer = LAYERS[cell](inputs, hidden, batch_first=True).double()
    order = [TORCH_GATES[cell].index(gate) for gate in GATES[cell]]
    parts = {
        n: w.detach().numpy().reshape(len(order), hidden, -1)[order] for n, w in layer.named_parameters()
    }
    bias, recurrent_bias = parts["bias_ih_l0"][:, :, 0], parts["bias_hh_l0"][:, :, 0].copy()
    inside = np.zeros(hidden)
    if cell == "gru":
        inside, recurrent_bias[2] = recurrent_bias[2].copy(), 0
    return layer, CellWeights(parts["weight_ih_l0"], parts["weight_hh_l0"], bias + recurrent_bias, inside)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_layer_equals_that_of_pytorch(cell):
    layer, w = random_layer(cell, inputs=5, hidden=7)
    x = np.random.default_rng(1).normal(size=(3, 11, 5))
    with torch.no_grad():
        expected, state = layer(torch.from_numpy(x))
    seen = trace(cell, x, w)
    assert np.abs(hidden_states(cell, x, w) - expected.numpy()).max() < 1e-12
    last_c = state[1] if cell == "lstm" else torch.zeros(1, 3, 7)
    assert np.abs(seen.c[:, -1] - last_c[0].numpy()).max() < 1e-12


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_trace_shows_what_the_layer_computes(cell):
    _, w = random_layer(cell, inputs=2, hidden=4)
    x = np.random.default_rng(2).normal(size=(2, 6, 2))
    seen = trace(cell, x, w)
    assert tuple(seen.gates) == GATES[cell]
    # To the bit, but for the LSTM, which `fast_lstm` sums in another order.
    assert np.abs(seen.h - hidden_states(cell, x, w)).max() <= (1e-14 if cell == "lstm" else 0)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("size", [1.0, 1e3])  # gates far out are open or closed, and nothing overflows
def test_a_layer_in_single_precision_is_the_traced_one(cell, size):
    _, w = random_layer(cell, inputs=2, hidden=4)
    w = CellWeights(*(size * part for part in (w.inputs, w.recurrent, w.bias, w.candidate_bias)))
    single = CellWeights(*(p.astype(np.float32) for p in (w.inputs, w.recurrent, w.bias, w.candidate_bias)))
    x = np.random.default_rng(5).normal(size=(3, 6, 2))
    found = hidden_states(cell, x.astype(np.float32), single)
    assert found.dtype == np.float32
    assert np.abs(found - trace(cell, x, w).h).max() < 1e-5


def test_the_cell_state_is_the_sum_of_what_the_steps_added_and_did_not_forget():
    _, w = random_layer("lstm", inputs=2, hidden=4)
    seen = trace("lstm", np.random.default_rng(4).normal(size=(2, 9, 2)), w)
    f, i, g = (seen.gates[name] for name in ("forget", "input", "candidate"))
    written = [i[:, j] * g[:, j] * np.prod(f[:, j + 1 :], axis=1) for j in range(9)]
    assert np.sum(written, axis=0) == pytest.approx(seen.c[:, -1], abs=1e-12)


def test_the_sigmoid_stays_finite_far_out():
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]


def computed_from_the_text(cell, x, h, c, w):
    """What the lines of EQUATIONS give, one after the other, for one window: every name and its values."""
    known = {"sigmoid": lambda v: 1 / (1 + np.exp(-v)), "tanh": np.tanh, "x": x}
    known |= {"h": h, "h_prev": h, "c_prev": c, "bhn": w.candidate_bias}
    for place, letter in enumerate(LETTERS[cell]):
        gate = "" if cell == "rnn" else letter
        known |= {f"Wx{gate}": w.inputs[place], f"Wh{gate}": w.recurrent[place], f"b{gate}": w.bias[place]}
    for line in EQUATIONS[cell].splitlines():
        name, formula = re.split(r"\s{2,}", line)[0].split(" = ")
        known[name] = eval(re.sub(r"(W\w+) (\w+)", r"\1 @ \2", formula), known)
    return known


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_step_computes_what_the_text_of_the_equations_says(cell):
    _, w = random_layer(cell, inputs=3, hidden=4)
    x, h, c = (np.random.default_rng(6).normal(size=(1, size)) for size in (3, 4, 4))
    gates, new_h, new_c = STEPS[cell](x, h, c, w)
    expected = computed_from_the_text(cell, x[0], h[0], c[0], w)
    assert len(gates) == len(GATES[cell]) == len(LETTERS[cell])
    for letter, values in zip(LETTERS[cell], gates, strict=True):
        assert values[0] == pytest.approx(expected[letter], abs=1e-12)
    assert new_h[0] == pytest.approx(expected["h"], abs=1e-12)
    if cell == "lstm":
        assert new_c[0] == pytest.approx(expected["c"], abs=1e-12)
