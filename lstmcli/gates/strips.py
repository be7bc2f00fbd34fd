"""One forecast explained, for a terminal: gates as strips over time, what is held, what counts."""

from collections.abc import Iterator

import numpy as np

from lstmcli.calendar import show
from lstmcli.cells import GATES
from lstmcli.gates.explanation import Explanation
from lstmcli.gates.inspection import Inspection
from lstmcli.gates.report import Report
from lstmcli.gates.text import WIDTH, Signs, checked, gate_name, header, shown
from lstmcli.gates.trace import Array

_COLUMNS = 60  # of a strip
_ROWS = 6  # of a strip, each the mean of some units
_TOP = 10  # observations listed
_BAR = 30


def explanation_text(told: Inspection, seen: Explanation, signs: Signs) -> str:
    """The gates of the window, what its final state holds, and what the forecast rests on."""
    report = told.report
    sections = [
        [*header(report)[:1], *_forecast(seen, told.name)],
        list(_strips(seen, report, signs)),
        list(_held(seen, report, signs)),
        list(_rests_on(seen)),
        checked(report),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _forecast(seen: Explanation, name: str) -> Iterator[str]:
    what = f"forecast of {name}" if name else "forecast"
    yield f"{what} with values up to {show(seen.times[-1])}"
    some = shown(len(seen.forecast))
    yield "ahead  " + "".join(f"{k + 1:>9}" for k in some)
    yield "median " + "".join(f"{seen.forecast[k]:>9.4g}" for k in some)


def _strips(seen: Explanation, report: Report, signs: Signs) -> Iterator[str]:
    arch = report.arch
    shades = signs[1]
    yield f"gates by time; shades from 0 (candidate: -1) to 1: {' '.join(f'[{s}]' for s in shades)}"
    for number, layer in enumerate(seen.layers):
        order = seen.orders[number]
        for gate in GATES[arch.cell]:
            low = -1.0 if gate == "candidate" else 0.0
            values = (layer.gates[gate][:, order[::-1]] - low) / (1 - low)
            yield f"layer {number + 1}, {gate_name(arch.cell, gate)}"
            for at, row in enumerate(strip(values, shades)):
                yield f"{_row_name(at, len(order), report):<18}{row}"
    width = len(strip(seen.layers[0].h, shades)[0])
    left, right = show(seen.times[0]), show(seen.times[-1])
    yield " " * 18 + f"{left}{right:>{max(width - len(left), len(right) + 2)}}"


def _row_name(row: int, units: int, report: Report) -> str:
    if report.arch.cell == "rnn" or row not in (0, min(_ROWS, units) - 1):
        return ""
    return "  longest memory" if row == 0 else "  shortest"


def strip(values: Array, shades: str) -> list[str]:
    """Rows of shades: (steps, units) in 0 to 1, units and steps in groups where they are many."""
    units = np.array_split(np.arange(values.shape[1]), min(_ROWS, values.shape[1]))
    steps = np.array_split(np.arange(values.shape[0]), min(_COLUMNS, values.shape[0]))
    wide = max(1, _COLUMNS // len(steps))
    rows = []
    for group in units:
        means = [float(values[np.ix_(step, group)].mean()) for step in steps]
        places = [min(int(mean * len(shades)), len(shades) - 1) for mean in means]
        rows.append("".join(shades[max(place, 0)] * wide for place in places))
    return rows


def _held(seen: Explanation, report: Report, signs: Signs) -> Iterator[str]:
    """Shares of the final state by age, the ages between two shown ones taken together."""
    if not seen.contributions:
        return
    state = "cell state c" if report.arch.cell == "lstm" else "hidden state h"
    for number, parts in enumerate(seen.contributions):
        yield f"what the final {state} of layer {number + 1} still holds, by age"
        by_age = np.abs(parts).sum(axis=1)[::-1]
        total = by_age.sum()
        ages = shown(len(by_age))
        for age, after in zip(ages, [*ages[1:], len(by_age)], strict=True):
            share = float(by_age[age:after].sum() / total) if total > 0 else 0.0
            several = f" to {after - 1}" if after > age + 1 else ""
            label = f"{age}{several} steps"
            since = report.duration(age * 1.0)
            yield f"  {label:<14}{since:>19}{share:>7.0%}  {signs[2] * round(_BAR * share)}".rstrip()


def _rests_on(seen: Explanation) -> Iterator[str]:
    yield "the forecast rests on (gradient x input of L, the sum of the medians ahead)"
    size = np.abs(seen.attribution)
    total = size.sum()
    order = np.argsort(size, axis=None, kind="stable")[::-1][:_TOP]
    for at in order:
        place, feature = np.unravel_index(at, size.shape)
        if size[place, feature] == 0:
            return
        value = f"{seen.values[place]:>12.4g}" if feature == 0 else " " * 12
        part = size[place, feature] / total
        line = f"  {show(seen.times[place]):<20}{seen.features[feature]:<18.18}{value}"
        yield f"{line}{seen.attribution[place, feature]:>+11.3g}{part:>7.1%}"[:WIDTH]
