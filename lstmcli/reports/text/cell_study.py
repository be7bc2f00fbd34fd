"""The lesson of the cells for a terminal: plain text within 80 columns."""

import textwrap
from collections.abc import Callable, Iterator

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.gates.cell_study.curves import CARRIERS, GradientBand
from lstmcli.gates.cell_study.lesson import comes_back, middle_start, own_starts, step_factors
from lstmcli.gates.cell_study.recall_results import REMEMBERED_SCORE, RecallResult
from lstmcli.gates.cell_study.results import Study
from lstmcli.gates.cell_study.verdict import key_lag, study_verdict
from lstmcli.gates.cell_study.wording import (
    CELL_NAMES,
    curve_name,
    error_range,
    percent,
    start_words,
    three_digits,
)
from lstmcli.reports.text.gates import WIDTH, BarSigns
from lstmcli.series.arrays import Array

_NAME = 17  # columns of the name of a row
_GONE = 12  # columns of the lag at which the gradient is gone
_COLUMN = 10  # columns of a delay
_LAGS = (1, 5, 10, 20, 50)
# Curves that are shown by lag.
_SHOWN = (
    ("rnn", "dL_dh"),
    ("gru", "dL_dh"),
    ("gru", "path"),
    ("lstm", "dL_dh"),
    ("lstm", "dL_dc"),
    ("lstm", "path"),
)


def cell_study_text(study: Study, signs: BarSigns) -> str:
    """All sections."""
    sections = [
        list(_header(study)),
        *(list(part) for part in (_recall(study), _recall_by_lag(study, signs[0])) if study.recalled),
        list(_errors(study)),
        list(_data_by_lag(study)),
        ["what this run shows", *(line for s in study_verdict(study).sentences for line in _item(s))],
        ["how it was made fair", *(line for s in fairness(study) for line in _item(s))],
    ]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _header(study: Study) -> Iterator[str]:
    design, arch, step = study.design, study.design.plan.arch, study.design.panel.step
    yield "the lesson of the LSTM: RNN, GRU and LSTM of as many parameters, side by side"
    each = plural(arch.segment, "value")
    yield (
        f"on your data: {arch.steps} recurrent steps of {each} ({step.duration(arch.segment)}), "
        f"then {arch.horizon} ahead"
    )
    if arch.segment == 1:
        yield "one value per step, as in the textbooks: there are many steps to look back"
    if design.plan.shape.baselines == ("none",):
        yield "no simple forecast to correct, so that the cell alone has to remember"


def _recall(study: Study) -> Iterator[str]:
    """Side by side: the gradient that comes back, the steps that learning takes, the error."""
    yield "recall: repeat the value seen D steps before; what comes between means nothing"
    yield f"{'':<{_NAME}}" + "".join(f"{f'D = {delay}':>{_COLUMN}}" for delay in study.design.delays)
    yield "share of the gradient that comes back D steps, before training"
    for cell, carrier in CARRIERS.items():
        name = curve_name(cell, carrier)
        yield _row(study, cell, name, lambda r: percent(comes_back(r)).replace("less than ", "< "))
    most = f"{study.design.recall.steps:,} at most"
    yield ", ".join(["steps of training until it was learned", *middle_start(study), most])
    for cell in study.design.archs:
        yield _row(study, cell, CELL_NAMES[cell], learned_words)
    yield ", ".join(["error: share of the value's variance left after training", *middle_start(study)])
    for cell in study.design.archs:
        yield _row(study, cell, CELL_NAMES[cell], lambda r: f"{r.error:.2f}")


def _row(study: Study, cell: str, name: str, cell_text: Callable[[RecallResult], str]) -> str:
    cells = map(cell_text, study.recalls(cell))
    return f"{name:<{_NAME}}" + "".join(f"{text:>{_COLUMN}}" for text in cells)


def learned_words(result: RecallResult) -> str:
    """Steps of training, the median, where all starts learned, else how many did."""
    if result.learned == len(result.chosen):
        return f"{result.steps:,}"
    return f"{result.learned} of {len(result.chosen)}"


def _recall_by_lag(study: Study, signs: str) -> Iterator[str]:
    delay = study.design.delays[-1]
    yield f"gradient by lag, recall over {plural(delay, 'step')}, before training: share of that at lag 0"
    bands = [
        (curve_name(cell, quantity), band)
        for cell, quantity in _SHOWN
        if (band := study.recall(cell, delay).gradient(quantity, False)) is not None
    ]
    yield from _table(bands, delay)
    carried = [curve_name(cell, carrier) for cell, carrier in CARRIERS.items()]
    yield from _chart([(name, band) for name, band in bands if name in carried], delay + 1, signs)
    factors = step_factors(study.recall("rnn", delay))
    yield (
        f"RNN, a step back: tanh' {factors.tanh:.2f} x W {factors.matrix:.2f} = {factors.both:.2f}; "
        "of the LSTM's c: f alone"
    )
    for text in own_starts(study):
        yield from _wrapped(text, "  ")


def _data_by_lag(study: Study) -> Iterator[str]:
    yield f"gradient by lag on your data, after training, {_middle(study)}"
    bands = [
        (curve_name(cell, quantity), band)
        for cell, quantity in _SHOWN
        if (band := study.cell(cell).gradient(quantity)) is not None
    ]
    bands += [(f"untrained {CELL_NAMES[c.cell]}", c.carrier(False)) for c in study.cells]
    yield from _table(bands, study.design.plan.arch.steps - 1)
    if len(study.design.seeds) > 1:
        lag = key_lag(study)
        parts = [
            f"{CELL_NAMES[cell]} {_small(band.low[lag])} to {_small(band.high[lag])}"
            for cell, band in ((c.cell, c.carrier()) for c in study.cells)
        ]
        yield from _wrapped(f"over the seeds, at lag {lag}: {', '.join(parts)}", "  ")


def _table(bands: list[tuple[str, GradientBand]], last: int) -> Iterator[str]:
    lags = sorted({*(lag for lag in _LAGS if lag < last), last})
    yield f"{'lag':<{_NAME}}" + f"{''.join(f'{lag:>8}' for lag in lags):<48}" + f"{'< 1/1000':>{_GONE}}"
    for name, band in bands:
        gone = "never" if band.vanishes is None else f"{band.vanishes}"
        numbers = "".join(f"{_small(band.median[lag]):>8}" for lag in lags)
        yield f"{name:<{_NAME}}{numbers:<48}{gone:>{_GONE}}"


def _middle(study: Study) -> str:
    return f"median of {len(study.design.seeds)} seeds" if len(study.design.seeds) > 1 else "1 seed"


def _small(value: float) -> str:
    """Two digits; 8e-22 rather than 8.0e-22."""
    return f"{value:.2g}" if value >= 1e-3 else f"{value:.0e}"


def _chart(bands: list[tuple[str, GradientBand]], steps: int, signs: str) -> Iterator[str]:
    room = min(WIDTH - _NAME, steps)
    at = np.linspace(0, steps - 1, room).round().astype(int)
    axis = f"0{'lag':^{max(room - 1 - len(str(steps - 1)), 3)}}{steps - 1}"
    yield f"{'':<{_NAME}}{axis}"
    for name, band in bands:
        yield f"{name:<{_NAME}}{heights(band.median[at], signs)}".rstrip()
    yield f"each level is a factor of 10: full at 1, empty below 1e-{len(signs) - 1}"


def heights(shares: Array, signs: str) -> str:
    """One sign per share, on a logarithmic scale; signs from low to high, a factor of 10 each."""
    with np.errstate(divide="ignore"):
        levels = len(signs) + np.floor(np.log10(np.clip(shares, 0, 1)))
    return "".join(signs[int(level) - 1] if level >= 1 else " " for level in levels)


def _errors(study: Study) -> Iterator[str]:
    metric, most = study.metric, int(study.design.test.max())
    yield (
        f"error on the last {most:,} values of "
        + ("the series" if len(study.design.panel) == 1 else "each series")
        + f", not used in training ({plural(study.windows, 'window')})"
    )
    head = f"{'units':>7}{'parameters':>12}{metric.upper():>10}{'over seeds':>18}{'untrained':>12}"
    yield " " * _NAME + head
    for cell in study.cells:
        errors = cell.errors(metric)
        band = error_range(errors)
        yield (
            f"{CELL_NAMES[cell.cell]:<{_NAME}}{cell.units:>7}{cell.parameters:>12,}{three_digits(errors.mean()):>10}"
            f"{band:>18}{three_digits(cell.errors(metric, False).mean()):>12}"
        )
    for name, errors_of in study.simple.items():
        value = errors_of[metric]
        yield f"{name:<{_NAME + 19}}{'-' if value is None else three_digits(value):>10}"


def fairness(study: Study) -> Iterator[str]:
    """How the comparison was kept fair, with what was chosen for each cell."""
    design = study.design
    seeds = plural(len(design.seeds), "start")
    if study.recalled:
        sizes = ", ".join(
            f"{CELL_NAMES[r.cell]} {r.units} units ({r.parameters:,} parameters)"
            for r in (study.recalls(cell)[-1] for cell in design.archs)
        )
        recall = design.recall
        yield (
            f"Recall: {sizes}; {seeds} each; Adam, {recall.batch} new sequences a step, "
            f"{recall.steps:,} steps at most; learned is {REMEMBERED_SCORE:g} of the variance explained."
        )
        rates = "; ".join(
            f"{CELL_NAMES[cell]} " + ", ".join(f"{result.rate:g}" for result in study.recalls(cell))
            for cell in design.archs
        )
        tried = ", ".join(f"{rate:g}" for rate in recall.rates)
        start = "chrono" if recall.start == "chrono" else f"forget bias {recall.start:g}"
        yield f"Recall, start: RNN orthogonal, LSTM and GRU {start} (Tallec and Ollivier 2018)."
        yield f"Recall, learning rate of {tried}, chosen on fresh sequences for each D: {rates}."
    chosen = "; ".join(
        f"{CELL_NAMES[c.cell]} {c.trained[0].rate:g}, start {start_words(c.cell, c.trained[0].start)}"
        for c in study.cells
    )
    tried = ", ".join(f"{rate:g}" for rate in design.rates)
    yield (
        f"Your data: {seeds} each, {design.plan.steps:,} steps at most; learning rate of {tried} and start "
        f"chosen on held-out windows: {chosen}."
    )


def _item(text: str) -> list[str]:
    return _wrapped(f"- {text}", "  ")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
