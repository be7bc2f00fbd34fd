"""The comparison of cells for a terminal: plain text within 80 columns."""

import textwrap
from collections.abc import Iterator

import numpy as np

from lstmcli.gates.cell_study.results import CellResult, GradientBand, Study
from lstmcli.gates.cell_study.verdict import CELL_NAMES, REMEMBERED_SCORE, cell_name, key_lag, study_verdict
from lstmcli.reports.text.gates import WIDTH, BarSigns
from lstmcli.series.arrays import Array

_NAME = 17  # columns of the name of a row
_GONE = 12  # columns of the lag at which the gradient is gone
_LAGS = (1, 5, 10, 20, 50)


def cell_study_text(study: Study, signs: BarSigns) -> str:
    """All sections."""
    sections = [
        list(_header(study)),
        list(_errors(study)),
        list(_by_lag(study)),
        list(_chart(study, signs[0])),
        list(_copied(study)),
        ["verdict", *(line for s in study_verdict(study).sentences for line in _wrapped(f"- {s}", "  "))],
    ]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _header(study: Study) -> Iterator[str]:
    design, arch, step = study.design, study.design.plan.arch, study.design.panel.step
    seeds = f"{len(design.seeds)} seeds" if len(design.seeds) > 1 else "1 seed"
    yield f"which cell: RNN, GRU and LSTM on the same data, {seeds} each"
    each = "1 value" if arch.segment == 1 else f"{arch.segment} values"
    yield (
        f"{arch.steps} recurrent steps of {each} ({step.duration(arch.segment)}), then {arch.horizon} ahead; "
        f"{design.plan.steps} steps of training"
    )
    if arch.segment == 1:
        yield "one value per step, as in the textbooks: there are many steps to look back"
    if design.plan.shape.baselines == ("none",):
        yield "no simple forecast to correct, so that the cell alone has to remember"
    yield "units are chosen so that all have the LSTM's number of parameters"


def _errors(study: Study) -> Iterator[str]:
    metric, most = study.metric, int(study.design.test.max())
    yield (
        f"error on the last {most:,} values of "
        + ("the series" if len(study.design.panel) == 1 else "each series")
        + f", not used in training ({study.windows} windows)"
    )
    head = f"{'units':>7}{'parameters':>12}{metric.upper():>10}{'over seeds':>18}{'untrained':>12}"
    yield " " * _NAME + head
    for cell in study.cells:
        errors = cell.errors(metric)
        band = f"{_three(errors.min())} to {_three(errors.max())}"
        yield (
            f"{CELL_NAMES[cell.cell]:<{_NAME}}{cell.units:>7}{cell.parameters:>12,}{_three(errors.mean()):>10}"
            f"{band:>18}{_three(cell.errors(metric, False).mean()):>12}"
        )
    for name, errors_of in study.simple.items():
        value = errors_of[metric]
        yield f"{name:<{_NAME + 19}}{'-' if value is None else _three(value):>10}"


def _three(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _rows(study: Study) -> Iterator[tuple[str, CellResult, GradientBand]]:
    """Name and curve of everything that is shown by lag."""
    for cell in study.cells:
        yield CELL_NAMES[cell.cell], cell, cell.hidden_gradient()
        inside = cell.cell_gradient()
        if inside is not None:
            yield f"{CELL_NAMES[cell.cell]}, dL/dc", cell, inside
    for cell in study.cells:
        yield f"untrained {CELL_NAMES[cell.cell]}", cell, cell.hidden_gradient(False)


def _by_lag(study: Study) -> Iterator[str]:
    last = study.design.plan.arch.steps - 1
    lags = sorted({*(lag for lag in _LAGS if lag < last), last})
    yield f"gradient by lag: ||dL/dh_t|| relative to lag 0, {_middle(study)}"
    yield f"{'lag':<{_NAME}}" + f"{''.join(f'{lag:>8}' for lag in lags):<48}" + f"{'< 1/1000':>{_GONE}}"
    for name, _, band in _rows(study):
        gone = "never" if band.vanishes is None else f"{band.vanishes}"
        numbers = "".join(f"{_small(band.median[lag]):>8}" for lag in lags)
        yield f"{name:<{_NAME}}{numbers:<48}{gone:>{_GONE}}"
    if len(study.design.seeds) > 1:
        lag = key_lag(study)
        parts = [
            f"{CELL_NAMES[cell]} {_small(band.low[lag])} to {_small(band.high[lag])}"
            for cell, band in ((c.cell, c.hidden_gradient()) for c in study.cells)
        ]
        yield from _wrapped(f"over the seeds, at lag {lag}: {', '.join(parts)}", "  ")


def _middle(study: Study) -> str:
    return f"median of {len(study.design.seeds)} seeds" if len(study.design.seeds) > 1 else "1 seed"


def _small(value: float) -> str:
    """Two digits; 8e-22 rather than 8.0e-22."""
    return f"{value:.2g}" if value >= 1e-3 else f"{value:.0e}"


def _chart(study: Study, signs: str) -> Iterator[str]:
    steps = study.design.plan.arch.steps
    room = min(WIDTH - _NAME, steps)
    at = np.linspace(0, steps - 1, room).round().astype(int)
    axis = f"0{'lag':^{max(room - 1 - len(str(steps - 1)), 3)}}{steps - 1}"
    yield f"{'':<{_NAME}}{axis}"
    for name, _, band in _rows(study):
        yield f"{name:<{_NAME}}{heights(band.median[at], signs)}".rstrip()
    yield f"each level is a factor of 10: full at 1, empty below 1e-{len(signs) - 1}"


def heights(shares: Array, signs: str) -> str:
    """One sign per share, on a logarithmic scale; signs from low to high, a factor of 10 each."""
    with np.errstate(divide="ignore"):
        levels = len(signs) + np.floor(np.log10(np.clip(shares, 0, 1)))
    return "".join(signs[int(level) - 1] if level >= 1 else " " for level in levels)


def _copied(study: Study) -> Iterator[str]:
    delays = study.design.delays
    yield "repeating one value seen so many steps before: share of its variance explained"
    yield f"{'delay':<{_NAME}}" + "".join(f"{delay:>9}" for delay in delays)
    for name in dict.fromkeys(c.name for c in study.copy_results):
        scores = {c.delay: c.score for c in study.copy_results if c.name == name}
        yield f"{cell_name(name):<{_NAME}}" + "".join(f"{max(scores[d], 0.0):>9.2f}" for d in delays)
    yield f"one seed each; at least {REMEMBERED_SCORE} counts as remembered"
    if any(", chrono" in c.name for c in study.copy_results):
        yield "chrono: the forget bias starts for the delay, see forget_bias in the settings"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
