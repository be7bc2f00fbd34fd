"""Sentences computed from the numbers, and whether a well-known claim holds on this data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstmcli.gates.cell_study.results import CellResult, Study
from lstmcli.series.arrays import Array

CLAIM = "the LSTM keeps the gradient better than the plain RNN and therefore forecasts better"
CELL_NAMES = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
_KEY_LAG = 50
_LEAST_PERCENT = 1e-6
REMEMBERED_SCORE = 0.9  # share of variance explained that counts as remembered

Comparison = Literal["more", "less", "unclear"]


@dataclass(frozen=True)
class Verdict:
    """Of the LSTM beside the plain RNN.

    gradient   whether it keeps more of the gradient at `lag`; unclear where the seeds overlap
    error      whether its error on the test part is more, less, or unclear
    sentences  all that is found, with numbers
    """

    lag: int
    gradient: Comparison
    error: Comparison
    sentences: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.gradient == "more" and self.error == "less"


def study_verdict(study: Study) -> Verdict:
    lag = key_lag(study)
    lstm, rnn = study.cell("lstm"), study.cell("rnn")
    gradient = _order(_kept(lstm, lag), _kept(rnn, lag))
    error = _order(lstm.errors(study.metric), rnn.errors(study.metric))
    sentences = (
        _gradient(study, lag),
        _training(study, lag),
        *_errors(study),
        _claim(gradient, error, len(study.design.seeds)),
        *_copied(study),
    )
    return Verdict(lag, gradient, error, sentences)


def key_lag(study: Study) -> int:
    """The lag that the sentences name: 50 steps, or as many as there are."""
    return min(_KEY_LAG, study.design.plan.arch.steps - 1)


def percent(share: float) -> str:
    """Two digits without an exponent, as 12 % or 0.00016 %."""
    value = 100 * share
    if value < _LEAST_PERCENT:
        return f"less than {_LEAST_PERCENT:.6f} %"
    return f"{value:.0f} %" if value >= 10 else f"{value:.{1 - int(np.floor(np.log10(value)))}f} %"


def _kept(result: CellResult, lag: int) -> Array:
    """(seeds,) shares of the gradient left at a lag."""
    return np.array([run.h[lag] / run.h[0] if run.h[0] > 0 else 0.0 for run in result.trained])


def _order(ours: Array, theirs: Array) -> Comparison:
    """With every seed, or unclear: three seeds are too few for a finer test."""
    if ours.min() > theirs.max():
        return "more"
    return "less" if ours.max() < theirs.min() else "unclear"


def _gradient(study: Study, lag: int) -> str:
    real = study.design.panel.step.duration(lag * study.design.plan.arch.segment)
    first, *rest = [
        (CELL_NAMES[c.cell], percent(c.hidden_gradient().median[lag])) for c in reversed(study.cells)
    ]
    others = _joined([f"the {name} {kept}" for name, kept in rest])
    return f"After {_steps(lag)} ({real}) the {first[0]} keeps {first[1]} of the gradient, {others}."


def _training(study: Study, lag: int) -> str:
    parts = [
        f"the {CELL_NAMES[c.cell]} {percent(c.hidden_gradient(False).median[lag])}"
        for c in reversed(study.cells)
    ]
    return f"Before training, with the same initial weights: {_joined(parts)}."


def _errors(study: Study) -> Iterator[str]:
    metric = study.metric
    ranked = sorted(study.cells, key=lambda c: float(c.errors(metric).mean()))
    best, rest = ranked[0], ranked[1:]
    parts = [f"{CELL_NAMES[c.cell]} {c.errors(metric).mean():.3g}" for c in ranked]
    yield f"Mean {metric.upper()} on values not seen in training: {', '.join(parts)}."
    beaten = [c for c in rest if _order(best.errors(metric), c.errors(metric)) == "less"]
    level = [c for c in rest if c not in beaten]
    if len(study.design.seeds) == 1:
        yield "One seed does not show the spread: use --seeds 3 or more before choosing a cell."
    else:
        if beaten:
            yield f"The {CELL_NAMES[best.cell]} is better than the {_names(beaten)} with every seed."
        if level:
            both = f"the {CELL_NAMES[best.cell]} and the {_names(level)}"
            yield f"No clear difference between {both}: their seeds overlap."
    name, error = min(
        ((name, float(errors[metric] or 0.0)) for name, errors in study.simple.items()), key=lambda p: p[1]
    )
    if best.errors(metric).mean() >= error:
        yield f"No cell beats {name} ({error:.3g}) here."


def _claim(gradient: Comparison, error: Comparison, seeds: int) -> str:
    if gradient == "more" and error == "less":
        every = "with every seed" if seeds > 1 else "with the one seed"
        return (
            f'"{CLAIM}": not contradicted on this data; it keeps more and its error is lower {every}. '
            "This does not show that the one causes the other."
        )
    kept = {
        "more": "it keeps more of the gradient",
        "less": "it keeps less of the gradient",
        "unclear": "it does not clearly keep more of the gradient",
    }[gradient]
    link = "but" if gradient == "more" else "and"
    made = {
        "more": f"{link} its error is higher",
        "less": f"{'and' if gradient == 'more' else 'yet'} its error is lower",
        "unclear": f"{link} its error is not clearly lower",
    }[error]
    return f'"{CLAIM}": does not hold on this data; {kept}, {made}.'


def _copied(study: Study) -> Iterator[str]:
    for delay in study.design.delays:
        able = [
            cell_name(c.name) for c in study.copy_results if c.delay == delay and c.score >= REMEMBERED_SCORE
        ]
        who = f"the {_joined(able)}" if able else "none of the cells"
        yield f"One value is remembered for {_steps(delay)} by {who}."
    scores = {(c.name, c.delay): c.score >= REMEMBERED_SCORE for c in study.copy_results}
    gained = [d for d in study.design.delays if scores.get(("lstm, chrono", d)) and not scores["lstm", d]]
    if gained:
        yield f"With --set forget_bias=chrono the LSTM remembers for {_steps(gained[-1])}: try it here."


def cell_name(name: str) -> str:
    """RNN, LSTM, or LSTM (chrono)."""
    cell, _, start = name.partition(", ")
    return CELL_NAMES[cell] + (f" ({start})" if start else "")


def _names(results: list[CellResult]) -> str:
    return _joined([CELL_NAMES[c.cell] for c in results])


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"
