"""What a backtest says: scores by fold and in all, who is better and whether by more than chance."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.backtest import MODEL_NAME, Results
from lstmcli.evaluation.scores import Scores, scores_of, step_losses, window_losses
from lstmcli.evaluation.significance import Test, diebold_mariano
from lstmcli.series.arrays import Flags
from lstmcli.series.calendar import format_time

WORST = 10  # series that are shown


@dataclass(frozen=True)
class BacktestDesign:
    """How a backtest was made.

    data     the file; model: the model file that was scored, or "" where each fold trains its own
    season   one for all folds, 1 for none; step: as a text; horizon and stride in steps
    align    "time": origins at one time in all series; "end": counted from the end of each
    """

    data: str
    model: str
    step: str
    season: int
    horizon: int
    stride: int
    align: str


@dataclass(frozen=True)
class FoldScores:
    """first, last: origins of its series, the first value forecast; values: known before the origins
    of what is scored; seen: windows whose values the model was trained on, None where unknown."""

    number: int
    first: str
    last: str
    windows: int
    values: int
    seen: int | None
    scores: dict[str, Scores]


@dataclass(frozen=True)
class Ranking:
    """A forecaster in the order of the measure, the best first.

    skill  1 - error / error of the reference; test: the model against it, None for the model itself
    """

    name: str
    scores: Scores
    skill: float | None
    test: Test | None


@dataclass(frozen=True)
class SeriesScores:
    """Error of each forecaster in one series, by the measure."""

    series: str
    windows: int
    errors: dict[str, float]


@dataclass(frozen=True)
class BacktestReport:
    """measure: "mase", or "mae" where no series has a scale; it orders everything.

    counted  windows that the order, the steps and the series are made from: those not seen in
             training where there are any, else all
    seen     windows seen in training, None where that is not known
    reference  what `skill` compares with: seasonal naive, or last value where there is no season
    by_step  error of each forecaster at each step of the horizon
    worst    at most ten series in which the model's error is largest, where there are several
    """

    design: BacktestDesign
    measure: Literal["mase", "mae"]
    series: int
    left_out: int
    windows: int
    counted: int
    seen: int | None
    folds: tuple[FoldScores, ...]
    reference: str
    order: tuple[Ranking, ...]
    verdict: str
    by_step: dict[str, list[float | None]]
    worst: tuple[SeriesScores, ...]


def report_of(results: Results, design: BacktestDesign) -> BacktestReport:
    """Everything that is told of the forecasts of all folds."""
    counted = counted_windows(results)
    scored = {name: scores_of(results, name, counted) for name in results.made}
    measure: Literal["mase", "mae"] = "mae" if scored[MODEL_NAME].mase is None else "mase"
    reference = "seasonal naive" if "seasonal naive" in results.made else "last value"
    order = _order(results, scored, measure, reference, counted, design)
    return BacktestReport(
        design=design,
        measure=measure,
        series=len(np.unique(results.series)),
        left_out=len(results.panel) - len(np.unique(results.series)),
        windows=len(results.fold),
        counted=int(counted.sum()),
        seen=None if results.seen is None else int(results.seen.sum()),
        folds=tuple(_fold(results, int(number)) for number in np.unique(results.fold)),
        reference=reference,
        order=order,
        verdict=_verdict(order, measure),
        by_step={name: step_losses(results, name, measure, counted) for name in results.made},
        worst=_worst(results, measure, counted),
    )


def counted_windows(results: Results) -> Flags:
    """Windows that count: none that was seen in training, unless all were."""
    every = np.ones(len(results.fold), bool)
    return every if results.seen is None or results.seen.all() else ~results.seen


def _fold(results: Results, number: int) -> FoldScores:
    chosen = results.fold == number
    starts = [
        results.panel.times(int(s), int(o), 1)[0]
        for s, o in zip(results.series[chosen], results.origins[chosen], strict=True)
    ]
    return FoldScores(
        number=number,
        first=format_time(min(starts)),
        last=format_time(max(starts)),
        windows=int(chosen.sum()),
        values=int(results.origins[chosen].sum()),
        seen=None if results.seen is None else int(results.seen[chosen].sum()),
        scores={name: scores_of(results, name, chosen) for name in results.made},
    )


def _order(
    results: Results,
    scored: dict[str, Scores],
    measure: Literal["mase", "mae"],
    reference: str,
    counted: Flags,
    design: BacktestDesign,
) -> tuple[Ranking, ...]:
    """All forecasters by error; of two with the same error the simple one comes first."""

    def error(name: str) -> float:
        return float(getattr(scored[name], measure))

    losses = {name: _by_origin(results, name, measure, counted) for name in results.made}
    overlap = -(-design.horizon // design.stride)
    places = []
    for name in sorted(results.made, key=lambda name: (error(name), name == MODEL_NAME)):
        test = None if name == MODEL_NAME else diebold_mariano(losses[MODEL_NAME], losses[name], overlap)
        skill = 1 - error(name) / error(reference) if error(reference) else None
        places.append(Ranking(name, scored[name], skill, test))
    return tuple(places)


def _by_origin(results: Results, name: str, measure: str, counted: Flags) -> NDArray[np.floating]:
    """Mean loss of the counted windows of each fold, oldest first."""
    losses = window_losses(results, name, measure)
    usable = counted & ~np.isnan(results.scales) if measure == "mase" else counted
    return np.array([losses[usable & (results.fold == k)].mean() for k in np.unique(results.fold[usable])])


def _verdict(order: tuple[Ranking, ...], measure: str) -> str:
    """Who wins, by how much, and whether chance can explain it; in one sentence."""
    winner = order[0]
    place = next(place for place in order if place.name != MODEL_NAME)  # the best of the others
    test = place.test
    ours, theirs = (
        float(getattr(p.scores, measure)) for p in (next(p for p in order if p.name == MODEL_NAME), place)
    )
    if ours == theirs:
        return f"the model and {place.name} have the same error"
    low, high, loser = (
        (ours, theirs, place.name) if winner.name == MODEL_NAME else (theirs, ours, "the model")
    )
    name = "the model" if winner.name == MODEL_NAME else winner.name
    less = f"{1 - low / high:.1%} less error than {loser}"
    return f"{name} is best ({measure.upper()} {low:.4g}), with {less}; {_chance(test)}"


def _chance(test: Test | None) -> str:
    if test is None or test.p is None:
        origins = test.origins if test else 0
        many = f"{origins} origin{'s' if origins != 1 else ''}"
        return f"too few origins to tell whether that is more than chance ({many})"
    if test.significant:
        return f"the difference is significant (p {p_text(test.p)}, {test.origins} origins)"
    return f"the difference is not significant (p {p_text(test.p)}, {test.origins} origins): it may be chance"


def p_text(p: float) -> str:
    return f"= {p:.3f}" if p >= 0.001 else "< 0.001"


def _worst(results: Results, measure: str, counted: Flags) -> tuple[SeriesScores, ...]:
    numbers = np.unique(results.series[counted])
    if len(numbers) < 2:
        return ()
    losses = {name: window_losses(results, name, measure) for name in results.made}
    found = []
    for s in numbers:
        chosen = counted & (results.series == s) & ~np.isnan(losses[MODEL_NAME])
        if chosen.any():
            errors = {name: float(each[chosen].mean()) for name, each in losses.items()}
            found.append(SeriesScores(results.panel.name(int(s)), int(chosen.sum()), errors))
    return tuple(sorted(found, key=lambda one: -one.errors[MODEL_NAME])[:WORST])
