"""The lesson of a run in words: what the recall task shows, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from lstmcli.gates.cell_study.recall_results import RecallResult
from lstmcli.gates.cell_study.results import Study
from lstmcli.gates.cell_study.wording import CELL_NAMES, joined_words, percent, steps_of

# What carries the gradient back in each cell.
CARRIERS = {"rnn": "dL_dh", "gru": "dL_dh", "lstm": "dL_dc"}

_ENOUGH_TO_LEARN = 0.1  # share of the gradient that comes back; with less, training takes much longer


@dataclass(frozen=True)
class StepFactors:
    """What one step back multiplies the gradient of the plain RNN by, means over the lags."""

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


def step_factors(result: RecallResult, trained: bool = False) -> StepFactors:
    """result: of the RNN."""
    tanh, matrix = (result.gradient(name, trained) for name in ("tanh", "matrix"))
    assert tanh is not None and matrix is not None
    return StepFactors(float(tanh.median.mean()), float(matrix.median.mean()))


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
        "Why the RNN forgets: before training, every step back multiplies its gradient by "
        f"tanh' ({factors.tanh:.2f}) and by W ({factors.matrix:.2f}), together {factors.both:.2f}. "
        f"Over {steps_of(longest)} {percent(comes_back(rnn))} is left: {_felt(rnn)}."
    )
    path = lstm.gradient("path", False)
    assert path is not None
    yield (
        "Why the LSTM does not: its cell state c is multiplied by the forget gate f alone, which starts "
        f"near 1. The product of f keeps {percent(float(path.median[longest]))} over {steps_of(longest)}, "
        f"and {percent(comes_back(lstm))} of dL/dc comes back. The first is the mean of the units; the "
        "second is the length of the gradient, in which units that keep more weigh more, and to which the "
        "ways through h and the gates add."
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
    results = [study.recall(cell, delay) for delay in study.design.delays]
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
