"""The lesson of a run in words: what the recall task shows, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.gates.cell_study.curves import CARRIERS
from lstmcli.gates.cell_study.recall_results import RecallResult
from lstmcli.gates.cell_study.results import CellResult, Study
from lstmcli.gates.cell_study.wording import CELL_NAMES, joined_words, percent
from lstmcli.series.arrays import Array

_LONG = 50  # steps of a delay over which the gradient of an RNN is plainly smaller
_ENOUGH_TO_LEARN = 0.1  # share of the gradient that comes back; with less, training takes much longer


@dataclass(frozen=True)
class FactorCurves:
    """What one step back multiplies the gradient by before training, (steps - 1,) from lag to lag: tanh' and
    the matrix of the plain RNN, and the forget gate of the LSTM's cell state."""

    tanh: Array
    matrix: Array
    forget: Array

    @property
    def both(self) -> Array:
        return self.tanh * self.matrix

    @property
    def lags(self) -> Array:
        return np.arange(1, len(self.tanh) + 1, dtype=np.float64)


@dataclass(frozen=True)
class StepFactors:
    """Those of the plain RNN, means over the lags."""

    tanh: float
    matrix: float

    @property
    def both(self) -> float:
        return self.tanh * self.matrix


def comes_back(result: RecallResult, trained: bool = False) -> float:
    """The share of the gradient at the end that reaches the value to recall, in the state that carries it."""
    band = result.gradient(CARRIERS[result.cell], trained)
    assert band is not None  # every cell has the state that carries its gradient
    return float(band.median[result.delay])


def factor_curves(rnn: RecallResult | CellResult, lstm: RecallResult | CellResult) -> FactorCurves:
    tanh, matrix = _rnn_factors(rnn)
    path = _untrained(lstm, "path")
    return FactorCurves(tanh, matrix, path[1:] / np.maximum(path[:-1], np.finfo(float).tiny))


def step_factors(rnn: RecallResult | CellResult) -> StepFactors:
    tanh, matrix = _rnn_factors(rnn)
    return StepFactors(float(tanh.mean()), float(matrix.mean()))


def _rnn_factors(rnn: RecallResult | CellResult) -> tuple[Array, Array]:
    return _untrained(rnn, "tanh"), _untrained(rnn, "matrix")


def _untrained(result: RecallResult | CellResult, quantity: str) -> Array:
    band = result.gradient(quantity, False)
    assert band is not None  # of what the cell has
    return band.median


def lesson_sentences(study: Study) -> Iterator[str]:
    """Nothing without a delay."""
    if not study.recalled:
        return
    longest = study.design.delays[-1]
    for cell in study.design.archs:
        yield _learned(study, cell)
    rnn, lstm = study.recall("rnn", longest), study.recall("lstm", longest)
    factors = step_factors(rnn)
    yield (
        "What an RNN keeps: before training, every step back multiplies its gradient by "
        f"tanh' ({factors.tanh:.2f}) and by W ({factors.matrix:.2f}), together {factors.both:.2f}. "
        f"Over {plural(longest, 'step')} {percent(comes_back(rnn))} is left: {_felt(rnn)}."
    )
    path = _untrained(lstm, "path")
    kept = percent(float(path[longest]))
    if comes_back(lstm) > comes_back(rnn):
        first = "What an LSTM keeps: its cell state c is multiplied by the forget gate f alone, which starts "
        first += "near 1."
    else:
        first = _no_more_than_rnn(longest, float(path[1] / path[0]))
    yield (
        f"{first} The product of f keeps {kept} over {plural(longest, 'step')}, "
        f"and {percent(comes_back(lstm))} of dL/dc comes back. The first is the mean of the units; the "
        "second is the length of the gradient, in which units that keep more weigh more, and to which the "
        "ways through h and the gates add."
    )


def _no_more_than_rnn(delay: int, start: float) -> str:
    """start: of f, the mean of the units."""
    if delay < _LONG:
        seen = "over so few steps; --delays 50,100 shows the difference"
    else:
        seen = "for f starts too low; --set forget_bias=chrono lets it start nearer 1"
    return (
        f"The LSTM keeps no more than the RNN here, {seen}. Its cell state c is multiplied by the forget "
        f"gate f alone, which starts at {start:.2f}."
    )


def own_starts(study: Study) -> Iterator[str]:
    """Why the same lag has other figures at another D; nothing where there is one D."""
    if len(study.recalled) == len(study.design.archs):
        return
    text = "Each D has networks and sequences of its own: one lag has another figure at another D."
    if study.design.recall.start == "chrono":
        text += " LSTM and GRU start with memories of up to D steps: with a longer D, f and z start nearer 1."
    text += " The RNN starts alike at every D; its states grow from 0 over the first steps, and tanh' falls."
    yield text


def middle_start(study: Study) -> Iterator[str]:
    """What the error of several starts is; nothing for one."""
    seeds = len(study.design.seeds)
    if seeds > 1:
        yield f"median of {seeds} starts"


def _learned(study: Study, cell: str) -> str:
    name, parts = CELL_NAMES[cell], []
    results = study.recalls(cell)
    done = [r for r in results if r.learned == len(r.chosen)]
    none = [str(r.delay) for r in results if not r.learned]
    if done:
        back = joined_words([str(r.delay) for r in done])
        after = joined_words([f"{r.steps:,}" for r in done])
        parts.append(f"recalls a value {back} steps back, after {after} steps of training")
    parts += [
        f"one {r.delay} back only from {r.learned} of {len(r.chosen)} starts"
        for r in results
        if 0 < r.learned < len(r.chosen)
    ]
    if none:
        within = f"within {study.design.recall.steps:,} steps of training"
        parts.append(f"{'none' if done else 'no value'} {joined_words(none)} steps back {within}")
    return f"The {name} {'; '.join(parts) if done else 'recalls ' + '; '.join(parts)}."


def _felt(rnn: RecallResult) -> str:
    if rnn.learned == len(rnn.chosen):
        return "here that was still enough to learn from"
    if comes_back(rnn) > _ENOUGH_TO_LEARN:
        return "that is enough to learn from, but the training was too short"
    finds = "seldom finds" if rnn.learned else "does not find"
    return f"the error at the end hardly depends on the value to recall, and training {finds} it"
