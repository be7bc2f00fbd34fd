"""The report of a backtest: scores by fold and overall, the order of the forecasters, significance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.backtest import MODEL_NAME, Results
from lstmcli.evaluation.scores import (
    Metric,
    Scores,
    common_metric,
    error_by_step,
    error_by_window,
    error_of,
    score_forecast,
)
from lstmcli.evaluation.significance import Test, diebold_mariano
from lstmcli.series.arrays import Array, Flags
from lstmcli.series.calendar import format_time

WORST = 10  # series that are shown
_LEAST_SHOWN = 0.0005  # of one error less than another, of which 0.0 % would be shown


@dataclass(frozen=True)
class BacktestDesign:
    """How a backtest was made.

    data     the file; model: the model file that was scored, or "" where each fold trains its own
    season   one for all folds, 1 for none; step: as a text; horizon and stride in steps
    zone     that origins are shown in, see `format_time`
    align    "time": origins at one time in all series; "end": counted from the end of each
    """

    data: str
    model: str
    step: str
    season: int
    horizon: int
    stride: int
    align: str
    zone: str = ""


@dataclass(frozen=True)
class FoldScores:
    """Scores of one fold.

    first, last  earliest and latest origin of its series: the last known time
    values       known up to the origins, in the series that are scored
    seen         windows whose values the model was trained on, None where unknown
    """

    number: int
    first: str
    last: str
    windows: int
    values: int
    seen: int | None
    scores: dict[str, Scores]


@dataclass(frozen=True)
class Ranking:
    """A forecaster in the order of the metric, the best first.

    skill  1 - error / error of the reference; test: the model against it, None for the model itself
    """

    name: str
    scores: Scores
    skill: float | None
    test: Test | None


@dataclass(frozen=True)
class SeriesScores:
    """Error of each forecaster in one series, by the metric."""

    series: str
    windows: int
    errors: dict[str, float]


@dataclass(frozen=True)
class BacktestReport:
    """All that a backtest found.

    metric     "mase", or "mae" where no series has a scale; everything is ordered by it
    counted    windows behind the order, the steps and the series: those not seen in training where there
               are any, else all
    seen       windows seen in training, None where that is not known
    reference  what `skill` compares with: seasonal naive, or last value where there is no season
    by_step    error of each forecaster at each step of the horizon
    worst      at most ten series in which the model's error is largest, where there are several
    """

    design: BacktestDesign
    metric: Metric
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
    """The report on the forecasts of all folds."""
    counted = counted_windows(results)
    scored = {name: _scores(results, name, counted) for name in results.forecasts}
    metric = common_metric([scored[MODEL_NAME]])
    reference = "seasonal naive" if "seasonal naive" in results.forecasts else "last value"
    order = _order(results, scored, metric, reference, counted, design)
    scales = results.scales[counted] if metric == "mase" else None
    return BacktestReport(
        design=design,
        metric=metric,
        series=len(np.unique(results.series)),
        left_out=len(results.panel) - len(np.unique(results.series)),
        windows=len(results.fold),
        counted=int(counted.sum()),
        seen=None if results.seen is None else int(results.seen.sum()),
        folds=tuple(_fold(results, int(number), design.zone) for number in np.unique(results.fold)),
        reference=reference,
        order=order,
        verdict=_verdict(order, metric),
        by_step={
            name: error_by_step(results.actual[counted], made.point[counted], scales)
            for name, made in results.forecasts.items()
        },
        worst=_worst(results, metric, counted),
    )


def _scores(results: Results, name: str, chosen: Flags) -> Scores:
    """Scores of a forecaster on the chosen windows (windows,)."""
    made = results.forecasts[name]
    return score_forecast(
        results.actual[chosen],
        made.point[chosen],
        made.values[chosen],
        results.quantiles,
        results.scales[chosen],
        results.squared_scales[chosen],
    )


def _losses(results: Results, metric: Metric) -> dict[str, Array]:
    """Error of every window (windows,) by forecaster."""
    scales = results.scales if metric == "mase" else None
    return {
        name: error_by_window(results.actual, made.point, scales) for name, made in results.forecasts.items()
    }


def counted_windows(results: Results) -> Flags:
    """Windows that count: those not seen in training, or all where there are none."""
    every = np.ones(len(results.fold), bool)
    return every if results.seen is None or results.seen.all() else ~results.seen


def _fold(results: Results, number: int, zone: str) -> FoldScores:
    chosen = results.fold == number
    last_known = [
        results.panel.times(int(s), int(o) - 1, 1)[0]
        for s, o in zip(results.series[chosen], results.origins[chosen], strict=True)
    ]
    return FoldScores(
        number=number,
        first=format_time(min(last_known), zone=zone),
        last=format_time(max(last_known), zone=zone),
        windows=int(chosen.sum()),
        values=int(results.origins[chosen].sum()),
        seen=None if results.seen is None else int(results.seen[chosen].sum()),
        scores={name: _scores(results, name, chosen) for name in results.forecasts},
    )


def _order(
    results: Results,
    scored: dict[str, Scores],
    metric: Metric,
    reference: str,
    counted: Flags,
    design: BacktestDesign,
) -> tuple[Ranking, ...]:
    """All forecasters by error; of two with the same error the simple one comes first."""

    def error(name: str) -> float:
        return error_of(scored[name], metric)

    losses = {
        name: _by_origin(results, each, metric, counted) for name, each in _losses(results, metric).items()
    }
    overlap = -(-design.horizon // design.stride)
    places = []
    for name in sorted(results.forecasts, key=lambda name: (error(name), name == MODEL_NAME)):
        test = None if name == MODEL_NAME else diebold_mariano(losses[MODEL_NAME], losses[name], overlap)
        skill = 1 - error(name) / error(reference) if error(reference) else None
        places.append(Ranking(name, scored[name], skill, test))
    return tuple(places)


def _by_origin(results: Results, losses: Array, metric: Metric, counted: Flags) -> NDArray[np.floating]:
    """Mean loss of the counted windows of each fold, oldest first."""
    usable = counted & ~np.isnan(results.scales) if metric == "mase" else counted
    return np.array([losses[usable & (results.fold == k)].mean() for k in np.unique(results.fold[usable])])


def _verdict(order: tuple[Ranking, ...], metric: Metric) -> str:
    """Who wins, by how much, and whether chance can explain it; in one sentence."""
    winner = order[0]
    model = next(place for place in order if place.name == MODEL_NAME)
    best = next(place for place in order if place.name != MODEL_NAME)  # of the others
    ours, theirs = error_of(model.scores, metric), error_of(best.scores, metric)
    if ours == theirs:
        return f"the model and {best.name} have the same error"
    low, high, loser = (ours, theirs, best.name) if winner is model else (theirs, ours, "the model")
    name = "the model" if winner is model else winner.name
    if 1 - low / high < _LEAST_SHOWN:
        said = f"the errors of {name} and {loser} differ by less than {_LEAST_SHOWN:.2%}"
        return f"{said} ({metric.upper()} {low:.4g}); {_chance(best.test)}"
    less = f"{1 - low / high:.1%} less error than {loser}"
    return f"{name} is best ({metric.upper()} {low:.4g}), with {less}; {_chance(best.test)}"


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


def _worst(results: Results, metric: Metric, counted: Flags) -> tuple[SeriesScores, ...]:
    numbers = np.unique(results.series[counted])
    if len(numbers) < 2:
        return ()
    losses = _losses(results, metric)
    found = []
    for s in numbers:
        chosen = counted & (results.series == s) & ~np.isnan(losses[MODEL_NAME])
        if chosen.any():
            errors = {name: float(each[chosen].mean()) for name, each in losses.items()}
            found.append(SeriesScores(results.panel.exact_name(int(s)), int(chosen.sum()), errors))
    return tuple(sorted(found, key=lambda one: -one.errors[MODEL_NAME])[:WORST])
