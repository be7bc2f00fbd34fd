"""One forecast explained, for a terminal: gates as strips over time, what the state holds, what counts."""

from collections.abc import Iterator

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import shown
from lstmcli.gates.explanation import Explanation
from lstmcli.gates.inspection import Inspection
from lstmcli.gates.report import GateReport
from lstmcli.network.architecture import Architecture
from lstmcli.network.cells import GATES, STATES, UPDATE_NOTE, gate_label, state_label
from lstmcli.reports.text.gates import (
    WIDTH,
    BarSigns,
    drift_lines,
    format_figure,
    header,
    identity_lines,
    sample_indices,
    wrapped_facts,
)
from lstmcli.series.arrays import Array

_COLUMNS = 60  # of a strip
_ROWS = 6  # units shown
_AHEAD = 7  # steps of the forecast
_TOP = 10  # observations listed
_BAR = 30


def explanation_text(inspection: Inspection, explanation: Explanation, signs: BarSigns) -> str:
    """The gates of the window, what its final state holds, and what the forecast depends on."""
    report = inspection.report
    sections = [
        [*wrapped_facts(header(report)[:-2]), *_forecast(explanation, report.arch, inspection.name)],
        list(_strips(explanation, report, signs)),
        list(_held(explanation, report, signs)),
        list(_depends_on(explanation)),
        identity_lines(report),
        list(drift_lines(inspection.drifts)) if inspection.drifts else [],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _forecast(explanation: Explanation, arch: Architecture, name: str) -> Iterator[str]:
    what = f"forecast of {shown(name)}" if name else "forecast"
    yield f"{what} with values up to {explanation.shown(explanation.times[-1])}"
    yield from _padding(explanation, arch)
    some = sample_indices(len(explanation.forecast))[:_AHEAD]
    yield "ahead    " + "".join(f"{k + 1:>10}" for k in some)
    for row, values in explanation_rows(explanation):
        yield f"{row:<9}" + "".join(f"{_known(values[k]):>10}" for k in some)


def explanation_rows(explanation: Explanation) -> list[tuple[str, Array]]:
    """What is known of (horizon,): the median of this network, that of the model, and what came."""
    rows = [
        ("network", explanation.forecast),
        ("forecast", explanation.whole),
        ("observed", explanation.observed),
    ]
    return [(name, values) for name, values in rows if not np.isnan(values).all()]


def _known(value: float) -> str:
    return "-" if np.isnan(value) else format_figure(value)


def _padding(explanation: Explanation, arch: Architecture) -> Iterator[str]:
    """Says so where the series is shorter than the window."""
    missing = arch.context - explanation.origin
    padded = missing // arch.segment
    if padded > 0:
        first = explanation.shown(explanation.times[missing])
        yield f"the series begins at {first}: the first {padded} of {plural(arch.steps, 'step')} read padding"


def _strips(explanation: Explanation, report: GateReport, signs: BarSigns) -> Iterator[str]:
    arch, shades = report.arch, signs[1]
    by = "" if arch.cell == "rnn" else ", from the longest half-life (in this window) down"
    yield f"gates of some units by time{by}"
    yield f"shades from 0 (candidate: -1) to 1: {' '.join(f'[{shade}]' for shade in shades)}"
    if arch.cell == "gru":
        yield f"update gate: {UPDATE_NOTE}"
    for at, layer in enumerate(explanation.layers):
        order = explanation.orders[at][::-1]
        some = order[np.linspace(0, len(order) - 1, min(len(order), _ROWS)).round().astype(int)]
        for gate in GATES[arch.cell]:
            low = -1.0 if gate == "candidate" else 0.0
            values = (layer.gates[gate][:, some] - low) / (1 - low)
            yield f"layer {at + 1}, {gate_label(arch.cell, gate)}"
            for unit, row in zip(some, strip(values, shades), strict=True):
                yield f"  unit {unit + 1:>4}  {row}"
    wide = len(strip(explanation.layers[0].h[:, :1], shades)[0])
    left, right = explanation.shown(explanation.times[0]), explanation.shown(explanation.times[-1])
    yield f"{'':13}{left}{right:>{max(wide - len(left), len(right) + 2)}}"


def strip(values: Array, shades: str) -> list[str]:
    """A row of shades per unit: values (steps, units) in 0 to 1; many steps in groups, by their mean."""
    steps = np.array_split(np.arange(len(values)), min(_COLUMNS, len(values)))
    wide = max(1, _COLUMNS // len(steps))
    means = np.array([values[step].mean(axis=0) for step in steps])
    places = np.clip((means * len(shades)).astype(int), 0, len(shades) - 1)
    return ["".join(shades[place] * wide for place in unit) for unit in places.T]


def _held(explanation: Explanation, report: GateReport, signs: BarSigns) -> Iterator[str]:
    """Shares of the final state by age, the ages between two shown ones taken together."""
    if not explanation.contributions:
        return
    state = state_label(STATES[report.arch.cell][0])
    for layer, parts in enumerate(explanation.contributions):
        yield f"what the final {state} of layer {layer + 1} still holds, by age"
        by_age = np.abs(parts).sum(axis=1)[::-1]
        total = by_age.sum()
        ages = sample_indices(len(by_age))
        for age, after in zip(ages, [*ages[1:], len(by_age)], strict=True):
            share = float(by_age[age:after].sum() / total) if total > 0 else 0.0
            several = f" to {after - 1}" if after > age + 1 else ""
            label = f"{age}{several} step{'' if age == 1 and not several else 's'}"
            since = report.duration(age)
            yield f"  {label:<14}{since:>19}{share:>7.0%}  {signs[2] * round(_BAR * share)}".rstrip()


def _depends_on(explanation: Explanation) -> Iterator[str]:
    yield "the forecast depends on (gradient x input of L, the sum of the medians ahead)"
    size = np.abs(explanation.attribution)
    total = size.sum()
    order = np.argsort(size, axis=None, kind="stable")[::-1][:_TOP]
    wide = max(20, 1 + max(len(explanation.shown(time)) for time in explanation.times))
    for at in order:
        place, feature = np.unravel_index(at, size.shape)
        if size[place, feature] == 0:
            return
        value = f"{format_figure(float(explanation.values[place])):>12}" if feature == 0 else " " * 12
        part = size[place, feature] / total
        time = f"{explanation.shown(explanation.times[place]):<{wide}}"
        line = f"  {time}{explanation.features[feature]:<18.18}{value}"
        yield f"{line}{explanation.attribution[place, feature]:>+11.3g}{part:>7.1%}"[:WIDTH]
