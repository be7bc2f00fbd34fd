"""Numbers and texts packed for the script of a page: four significant digits, compressed, as base64.

A number is a whole one that grows with it: its four digits and its power of ten. Of gates and states only the
difference from what the equations of the cell give with the numbers before is kept: mostly zero or one of the
last digit, which compresses to almost nothing. What stands inside a gate is in whole thousandths. Together a
number takes 2 characters, as text with four digits would take 7. `explorer/unpack.js` reads it.
"""

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.gates.sums import GateParts
from lstmcli.network.cells import GATES, Trace
from lstmcli.series.arrays import Array

_SMALLEST, _POWERS = -9, 15  # 1e-9 is the smallest number that is not zero; there are so many powers of ten
_EACH = 9000  # numbers of four digits
_TENS = np.array([float(10**k) for k in range(23)])  # exact, as in a script
_LARGEST_TERM = 4000.0
_UNIT = 3 - _SMALLEST  # places after the point of a number of the smallest power

Codes = NDArray[np.int64]


def codes_of(values: Array) -> Codes:
    """Whole numbers for numbers rounded to four significant digits; 0 for what is below 1e-9."""
    size = np.abs(values)
    tiny = size < _TENS[0] / _TENS[-_SMALLEST]
    power = np.floor(np.log10(np.where(tiny, 1.0, size))).astype(np.int64) - _SMALLEST
    power = np.clip(power, 0, _POWERS - 1)
    digits = np.floor(_scaled(size, _UNIT - power) + 0.5).astype(np.int64)
    carried = digits > 9999
    power, digits = power + carried, np.where(carried, 1000, np.maximum(digits, 1000))
    return np.where(tiny, 0, np.sign(values).astype(np.int64) * (power * _EACH + digits - 999))


def numbers_of_codes(codes: Codes) -> Array:
    """The numbers of `codes_of`, as near as float64 can hold them."""
    place = np.maximum(np.abs(codes) - 1, 0)
    digits = np.sign(codes) * (place % _EACH + 1000)
    return _scaled(digits.astype(np.float64), place // _EACH - _UNIT)


def _scaled(values: Array, places: Codes) -> Array:
    """values * 10**places, rounded once."""
    down, up = _TENS[np.maximum(-places, 0)], _TENS[np.maximum(places, 0)]
    return np.where(places < 0, values / down, values * up)


def pack_trace(cell: str, layers: list[Trace], sums: list[GateParts]) -> str:
    """Gates and states of one window, and what stands inside the gates; arrays of the layers are (steps,
    hidden), those of the sums (gates, steps, hidden), without NaN."""
    pairs = zip(layers, sums, strict=True)
    codes = np.concatenate(
        [one.ravel() for layer, parts in pairs for one in _layer_codes(cell, layer, parts)]
    )
    folded = np.where(codes < 0, -2 * codes - 1, 2 * codes)
    planes = np.stack([folded & 255, folded >> 8 & 255, folded >> 16])
    return _compressed(planes.astype(np.uint8).tobytes())


def pack_json(document: Any) -> str:
    return _compressed(json.dumps(document, allow_nan=False, ensure_ascii=False).encode())


def _compressed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode()


def thousandths(values: Array) -> Codes:
    """Terms and sums as whole thousandths, so that those shown add up; 4,000 is as good as more."""
    return np.round(np.clip(values, -_LARGEST_TERM, _LARGEST_TERM) * 1000).astype(np.int64)


def _layer_codes(cell: str, layer: Trace, parts: GateParts) -> list[Codes]:
    """Of each gate the sum inside it, the part of x in it, and its code less that of the sum's sigmoid or
    tanh; then codes of the states less what the equations give."""
    made: list[Codes] = []
    gates: list[Array] = []
    totals, inputs = thousandths(parts.total), thousandths(parts.of_input)
    for gate, total, of_input in zip(GATES[cell], totals, inputs, strict=True):
        code = codes_of(layer.gates[gate])
        inside = total / 1000
        squashed = np.tanh(inside) if gate == "candidate" else 1 / (1 + np.exp(-inside))
        made += [total, of_input, code - codes_of(squashed)]
        gates.append(numbers_of_codes(code))
    return made + [codes_of(true) - codes_of(made) for true, made in _STATES[cell](gates, layer)]


def _lstm_states(gates: list[Array], layer: Trace) -> list[tuple[Array, Array]]:
    f, i, g, o = gates
    c = numbers_of_codes(codes_of(layer.c))
    return [(layer.c, f * _before(c) + i * g), (layer.h, o * np.tanh(c))]


def _gru_states(gates: list[Array], layer: Trace) -> list[tuple[Array, Array]]:
    _, z, n = gates
    h = numbers_of_codes(codes_of(layer.h))
    return [(layer.h, z * _before(h) + (1 - z) * n)]


def _rnn_states(gates: list[Array], layer: Trace) -> list[tuple[Array, Array]]:
    return [(layer.h, gates[0])]


def _before(state: Array) -> Array:
    """The state before each step, (steps, hidden); zero before the first."""
    return np.concatenate([np.zeros_like(state[:1]), state[:-1]])


_STATES: dict[str, Callable[[list[Array], Trace], list[tuple[Array, Array]]]] = {
    "lstm": _lstm_states,
    "gru": _gru_states,
    "rnn": _rnn_states,
}
