"""Numbers packed for the script of a page: read again by a slow reader they are those of the trace."""

import base64
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, network_of, random_panel

from lstmcli.gates.trace import trace_with_parts
from lstmcli.network.cells import GATES, STATES, Trace
from lstmcli.reports.html.packed import codes_of, numbers_of_codes, pack_json, pack_trace


def four_digits(value):
    return float(f"{value:.3e}") if abs(value) >= 1e-9 else 0.0


def test_a_number_is_kept_to_four_significant_digits():
    random = np.random.default_rng(0)
    values = random.normal(size=5000) * 10.0 ** random.integers(-9, 4, 5000)
    kept = numbers_of_codes(codes_of(values))
    assert kept.tolist() == [four_digits(v) for v in values]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0.0, 0.0),
        (-1.0, -1.0),
        (0.99996, 1.0),
        (0.099996, 0.1),
        (-23.987, -23.99),
        (1e-9, 1e-9),
        (9e-10, 0.0),
    ],
)
def test_numbers_at_the_edges(value, kept):
    assert numbers_of_codes(codes_of(np.array([value]))).tolist() == [kept]


def test_codes_grow_with_the_numbers():
    values = np.array([-12.0, -1.0, -0.9999, -1e-9, 0.0, 1e-9, 1.234e-5, 1.235e-5, 0.9999, 1.0, 345.6])
    codes = codes_of(values)
    assert (np.diff(codes) > 0).all()
    assert codes[7] - codes[6] == 1


def unpacked(text, cell, layers, units):
    """What `pack_trace` wrote, number by number as the equations say: layers of arrays (steps, units)."""
    raw = zlib.decompress(base64.b64decode(text))
    count = len(raw) // 3
    folded = [raw[k] + 256 * raw[count + k] + 65536 * raw[2 * count + k] for k in range(count)]
    codes = iter([-(f + 1) // 2 if f % 2 else f // 2 for f in folded])
    names = (*GATES[cell], *STATES[cell])
    steps = count // (layers * (len(names) + 2 * len(GATES[cell])) * units)
    made = []
    for _ in range(layers):
        arrays = {}
        for name in names:
            if name in GATES[cell]:
                for term in ("sum", "x"):
                    arrays[name, term] = np.array([next(codes) for _ in range(steps * units)]) / 1000
            arrays[name] = np.zeros((steps, units))
            for step in range(steps):
                for unit in range(units):
                    if name in GATES[cell]:
                        inside = arrays[name, "sum"][step * units + unit]
                        expected = np.tanh(inside) if name == "candidate" else 1 / (1 + np.exp(-inside))
                    else:
                        expected = predicted(cell, name, arrays, step, unit)
                    code = int(codes_of(np.array([expected]))[0]) + next(codes)
                    arrays[name][step, unit] = numbers_of_codes(np.array([code]))[0]
        made.append(arrays)
    return made


def predicted(cell, name, arrays, step, unit):
    v = {key: array[step, unit] for key, array in arrays.items() if array.ndim == 2}
    before = arrays[name][step - 1, unit] if step else 0.0
    if name == "c":
        return v["forget"] * before + v["input"] * v["candidate"]
    if cell == "lstm":
        return v["output"] * np.tanh(v["c"])
    return v["update"] * before + (1 - v["update"]) * v["candidate"] if cell == "gru" else v["candidate"]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_window_is_read_again_to_four_digits(cell):
    network = network_of(replace(ARCH, cell=cell, layers=2))
    traced, parts = trace_with_parts(network, random_panel(60), np.array([0]), np.array([60]))
    layers = [Trace({n: g[0] for n, g in one.gates.items()}, one.h[0], one.c[0]) for one in traced.layers]
    sums = [one.window(0, np.ones(3, bool)) for one in parts]
    text = pack_trace(cell, layers, sums)
    for read, layer, inside in zip(unpacked(text, cell, 2, ARCH.hidden), layers, sums, strict=True):
        for name, total, of_input in zip(GATES[cell], inside.total, inside.of_input, strict=True):
            np.testing.assert_allclose(read[name, "sum"], total.ravel(), atol=0.000501)
            np.testing.assert_allclose(read[name, "x"], of_input.ravel(), atol=0.000501)
        for name, array in {**layer.gates, **{s: getattr(layer, s) for s in STATES[cell]}}.items():
            assert read[name].ravel().tolist() == [four_digits(v) for v in array.ravel()]


def test_texts_are_packed_as_json():
    document = {"times": ["2024-01-01", "Zürich </script>"], "values": [1.5, None]}
    assert json.loads(zlib.decompress(base64.b64decode(pack_json(document)))) == document
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack_json([np.nan])
