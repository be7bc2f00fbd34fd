"""Sentences computed from the numbers, and whether a well-known claim holds on this data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.gates.cell_study.lesson import lesson_sentences
from lstmcli.gates.cell_study.results import CellResult, Study
from lstmcli.gates.cell_study.wording import CELL_NAMES, joined_words, percent, three_digits
from lstmcli.series.arrays import Array

CLAIM = "the LSTM keeps the gradient better than the plain RNN and therefore forecasts better"
_KEY_LAG = 50
_ONE_START = (
    "Which cell suits your data, one start of each cannot tell: use --seeds 3 or more before choosing one."
)
_ONE_WINDOW = "Which cell suits your data, a single window cannot tell: it may be chance; give more rows."

Ordering = Literal["more", "less", "unclear"]


@dataclass(frozen=True)
class Verdict:
    """Of the LSTM beside the plain RNN.

    gradient   whether it keeps more of the gradient at `lag`; unclear where the seeds overlap
    error      whether its error on the test part is more, less, or unclear, as with one seed or window
    sentences  all that is found, with numbers
    """

    lag: int
    gradient: Ordering
    error: Ordering
    sentences: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.gradient == "more" and self.error == "less"


def study_verdict(study: Study) -> Verdict:
    lag = key_lag(study)
    lstm, rnn = study.cell("lstm"), study.cell("rnn")
    gradient = _order(_kept(lstm, lag), _kept(rnn, lag))
    error = _order(lstm.errors(study.metric), rnn.errors(study.metric))
    few = "one start of each" if len(study.design.seeds) == 1 else ""
    few = few or ("a single window" if study.windows == 1 else "")
    last = _ONE_START if len(study.design.seeds) == 1 else _ONE_WINDOW
    sentences = (
        *lesson_sentences(study),
        _gradient(study, lag),
        *_errors(study),
        _claim_of_few(few, gradient, error) if few else _claim(gradient, error, _spread(study, lag)),
        last if few else _on_this_data(study, gradient, error),
    )
    return Verdict(lag, gradient, "unclear" if few else error, sentences)


def key_lag(study: Study) -> int:
    """The lag that the sentences name: 50 steps, or as many as there are."""
    return min(_KEY_LAG, study.design.plan.arch.steps - 1)


def _kept(result: CellResult, lag: int) -> Array:
    """(seeds,) shares of the gradient left at a lag."""
    return np.array([_share(run.reach.carrier, lag) for run in result.trained])


def _share(by_lag: Array, lag: int) -> float:
    return float(by_lag[lag] / by_lag[0]) if by_lag[0] > 0 else 0.0


def _order(ours: Array, theirs: Array) -> Ordering:
    """With every seed, or unclear: three seeds are too few for a finer test."""
    if ours.min() > theirs.max():
        return "more"
    return "less" if ours.max() < theirs.min() else "unclear"


def _gradient(study: Study, lag: int) -> str:
    real = study.design.panel.step.duration(lag * study.design.plan.arch.segment)
    first, *rest = [(CELL_NAMES[c.cell], percent(c.carrier().median[lag])) for c in reversed(study.cells)]
    others = joined_words([f"the {name} {kept}" for name, kept in rest])
    kept = f"the {first[0]} keeps {first[1]} of the gradient, {others}"
    return f"On your data, trained: after {plural(lag, 'step')} ({real}) {kept}."


def _errors(study: Study) -> Iterator[str]:
    metric = study.metric
    ranked = sorted(study.cells, key=lambda c: float(c.errors(metric).mean()))
    best, rest = ranked[0], ranked[1:]
    parts = [f"{CELL_NAMES[c.cell]} {three_digits(c.errors(metric).mean())}" for c in ranked]
    yield f"Mean {metric.upper()} on values not seen in training: {', '.join(parts)}."
    beaten = [c for c in rest if _order(best.errors(metric), c.errors(metric)) == "less"]
    level = [c for c in rest if c not in beaten]
    if len(study.design.seeds) > 1:
        if beaten:
            chance = ", on a single window: it may be chance" if study.windows == 1 else ""
            yield f"The {CELL_NAMES[best.cell]} is better than the {_names(beaten)} with every seed{chance}."
        if level:
            level_names = joined_words([f"the {CELL_NAMES[c.cell]}" for c in (best, *level)])
            yield f"No clear difference between {level_names}: their seeds overlap."
    name, error = min(
        ((name, float(errors[metric] or 0.0)) for name, errors in study.simple.items()), key=lambda p: p[1]
    )
    if best.errors(metric).mean() >= error:
        yield f"No cell beats {name} ({three_digits(error)}) here."


def _spread(study: Study, lag: int) -> str:
    """What the LSTM and the RNN keep, from start to start."""
    parts = []
    for cell in ("lstm", "rnn"):
        kept = _kept(study.cell(cell), lag)
        parts.append(f"the {CELL_NAMES[cell]} {percent(float(kept.min()))} to {percent(float(kept.max()))}")
    return f"from start to start {parts[0]} and {parts[1]}, which overlap"


def _claim_of_few(few: str, gradient: Ordering, error: Ordering) -> str:
    """few: what there is one of."""
    kept = {"more": "more", "less": "less", "unclear": "as much"}[gradient]
    made = {"more": "higher", "less": "lower", "unclear": "the same"}[error]
    return f'"{CLAIM}": {few} cannot tell; here it keeps {kept} and its error is {made}.'


def _claim(gradient: Ordering, error: Ordering, spread: str) -> str:
    """spread: what the cells keep over the starts."""
    if gradient == "more" and error == "less":
        return (
            f'"{CLAIM}": not contradicted on this data; it keeps more and its error is lower with every '
            "seed. This does not show that the one causes the other."
        )
    kept = {
        "more": "it keeps more of the gradient",
        "less": "it keeps less of the gradient",
        "unclear": f"it does not clearly keep more of the gradient ({spread})",
    }[gradient]
    link = "but" if gradient == "more" else "and"
    made = {
        "more": f"{link} its error is higher",
        "less": f"{'and' if gradient == 'more' else 'yet'} its error is lower",
        "unclear": f"{link} its error is not clearly lower",
    }[error]
    return f'"{CLAIM}": does not hold on this data; {kept}, {made}.'


def _on_this_data(study: Study, gradient: Ordering, error: Ordering) -> str:
    if error == "less":
        return _lstm_before_rnn(study, gradient)
    if error == "more":
        first = "On your data the RNN forecasts better"
    else:
        first = "On your data the RNN forecasts as well"
    lacks = "what helps lies within its reach, and a longer memory is not what the forecast lacks"
    return f"{first}: {lacks}. The recall task shows what the LSTM is for."


def _lstm_before_rnn(study: Study, gradient: Ordering) -> str:
    """Where the LSTM has the smaller error with every seed; whatever is better still comes with it."""
    memory = {
        "more": "and keeps more of the gradient: what lies further back may be why",
        "less": "and keeps less of the gradient: a longer memory is not why",
        "unclear": "and does not clearly keep more of the gradient: a longer memory is hardly why",
    }[gradient]
    lstm, gru = (study.cell(cell).errors(study.metric) for cell in ("lstm", "gru"))
    still = " The GRU is better still." if _order(gru, lstm) == "less" else ""
    return f"On your data the LSTM forecasts better than the RNN, {memory}.{still}"


def _names(results: list[CellResult]) -> str:
    return joined_words([CELL_NAMES[c.cell] for c in results])
