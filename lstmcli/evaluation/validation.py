"""A trained network on its validation windows: errors beside simple forecasts, skill, coverage."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from lstmcli.evaluation.scores import (
    PointErrors,
    actual_values,
    common_metric,
    coverage_by_level,
    error_by_step,
    error_of,
    point_errors,
    window_scales,
)
from lstmcli.forecasting.calibrate import fit_blend, fit_error_power, fit_usual_error
from lstmcli.forecasting.classical import CLASSICAL_METHODS, classical_forecast
from lstmcli.forecasting.forecast import forecast_at_origins, recent_errors, window_quantiles
from lstmcli.forecasting.intervals import fit_widths, stretch_intervals
from lstmcli.forecasting.simple_forecasts import last_value, seasonal_naive
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import WindowRows, Windows, values_after_origin

_BASELINES = ("seasonal naive", "last value")


@dataclass(frozen=True)
class ValidationReport:
    """Scores of a network on windows that it has not learned from.

    windows   how many; season: of the seasonal naive forecast and of MASE
    errors    of "model", "seasonal naive", "last value", "ets" and "theta" (not in a file of before); of
              "network alone" too where it is blended or mixed
    skill     1 - error / error of the seasonal naive forecast; None where that has no error
    skill_error  standard error of the skill, by a jackknife over windows that do not overlap; None for
              fewer than two of them, and in a file of before
    independent  how many windows do not overlap; 0 in a file of before
    by_step   mean error at each step of the horizon, of the model and the seasonal naive forecast, by
              `by_step_metric`, "MASE" or "MAE"; five digits
    coverage  share of values inside each interval, by its level in percent
    """

    windows: int
    season: int
    errors: Mapping[str, PointErrors]
    skill: float | None
    by_step: Mapping[str, list[float | None]] = field(default_factory=dict)
    by_step_metric: str = "MASE"
    coverage: Mapping[str, float] = field(default_factory=dict)
    skill_error: float | None = None
    independent: int = 0

    def document(self) -> dict[str, Any]:
        """As it stands in a model file."""
        return {"by_step_measure" if k == "by_step_metric" else k: v for k, v in asdict(self).items()}


def report_from(document: Mapping[str, Any]) -> ValidationReport:
    """The report of a model file; one written by an early version has no errors by step."""
    return ValidationReport(
        windows=document["windows"],
        season=document["season"],
        errors={name: PointErrors(**errors) for name, errors in document["errors"].items()},
        skill=document["skill"],
        by_step=document.get("by_step", {}),
        by_step_metric=document.get("by_step_measure", "MASE"),
        coverage=document.get("coverage", {}),
        skill_error=document.get("skill_error"),
        independent=document.get("independent", 0),
    )


def calibrate(
    bare: Network,
    rows: WindowRows,
    windows: Windows,
    series: Indices,
    origins: Indices,
    independent: int,
    on_no_skill: str,
) -> tuple[Network, ValidationReport]:
    """The network with its intervals stretched, and its scores on windows it has not learned from.

    windows: those of series and origins; independent: how many do not overlap. Where the network is not
    better than a simple forecast and `on_no_skill` is "baseline", it is blended with that forecast.
    """
    quantiles, scaling, season = bare.arch.quantiles, bare.scaling, bare.shape.season
    middle = quantiles.index(0.5)
    errors = recent_errors(bare, rows, series, origins)
    network = replace(bare, error_power=fit_error_power(bare, windows, errors))
    raw = window_quantiles(network, rows, series, origins, errors)
    target = values_after_origin(rows, series, origins, bare.shape.horizon)
    classical = _classical_forecasts(rows.panel, season, series, origins, bare.shape.horizon)

    def scored() -> ValidationReport:
        made = scaling.restore(raw[:, :, middle])
        return score(made, rows.panel, season, series, origins, classical, independent)

    report = scored()
    if on_no_skill == "baseline" and better_baseline(report):
        network = replace(network, blend=fit_blend(network, raw[:, :, middle], windows))
        raw = window_quantiles(network, rows, series, origins, errors)
        alone, report = report.errors["model"], scored()
        report = replace(report, errors={**report.errors, "network alone": alone})
    network, raw = fit_usual_error(network, raw, target, errors)
    inside = cross_coverage(target, raw, quantiles, max(1, independent // 2))
    widths = fit_widths(target, raw, quantiles, independent)
    return replace(network, widths=widths), replace(report, coverage=inside)


def jackknife_error(ours: Array, theirs: Array, blocks: int) -> float | None:
    """Standard error of 1 - sum(ours) / sum(theirs), errors of windows in order, by leaving out one of
    `blocks` neighbouring groups at a time (Tukey 1958). None where that is not defined."""
    blocks = min(blocks, len(ours))
    if blocks < 2:
        return None
    sums = np.array(
        [
            (part.sum(), other.sum())
            for part, other in zip(np.array_split(ours, blocks), np.array_split(theirs, blocks), strict=True)
        ]
    )
    rest = sums.sum(axis=0) - sums
    if not (rest[:, 1] > 0).all():
        return None
    ratios = rest[:, 0] / rest[:, 1]
    return float(np.sqrt((blocks - 1) / blocks * np.square(ratios - ratios.mean()).sum()))


def better_baseline(report: ValidationReport) -> str | None:
    """The best simple forecast, if the model is not better than it."""
    errors = report.errors
    metric = common_metric(errors.values())
    best = min(_BASELINES, key=lambda name: error_of(errors[name], metric))
    return None if error_of(errors["model"], metric) < error_of(errors[best], metric) else best


def score_network(
    network: Network,
    panel: Panel,
    season: int,
    series: Indices,
    origins: Indices,
    horizon: int | None = None,
) -> ValidationReport:
    """Scores of the medians of a network on the windows (series, origins), in units of the data.

    season: of MASE; horizon: first steps that count, None for all. Raises DataError for values that the
    network cannot read.
    """
    middle = network.arch.quantiles.index(0.5)
    made = forecast_at_origins(network, panel, series, origins)[:, :horizon, middle]
    return score(made, panel, season, series, origins)


def score(
    median: Array,
    panel: Panel,
    season: int,
    series: Indices,
    origins: Indices,
    others: Mapping[str, Array] | None = None,
    independent: int = 0,
) -> ValidationReport:
    """Errors of the model's medians (windows, horizon) and of simple forecasts, in units of the data.

    others: further forecasts by name; independent: how many windows, in order of series and origins, do not
    overlap, 0 where that does not matter.
    """
    horizon = median.shape[1]
    actual = actual_values(panel, series, origins, horizon)
    scales = window_scales(panel, series, origins, season)
    forecasts = {"model": median, **(others or {})}
    forecasts |= _naive_forecasts(panel, season, series, origins, horizon)
    errors = {name: point_errors(actual, made, scales) for name, made in forecasts.items()}
    scaled = bool(np.isfinite(scales).any())
    by_step = {
        name: error_by_step(actual, forecasts[name], scales if scaled else None)
        for name in ("model", "seasonal naive")
    }
    return ValidationReport(
        windows=len(series),
        season=season,
        errors=errors,
        skill=_skill(errors["model"], errors["seasonal naive"]),
        by_step={name: [_short(error) for error in line] for name, line in by_step.items()},
        by_step_metric="MASE" if scaled else "MAE",
        skill_error=_skill_error(actual, forecasts, scales if scaled else np.ones(len(series)), independent),
        independent=independent,
    )


def _skill_error(
    actual: Array, forecasts: Mapping[str, Array], scales: Array, independent: int
) -> float | None:
    """How sure the skill is, from the scaled error of each window."""
    known = ~np.isnan(actual).all(axis=1) & np.isfinite(scales) & (scales > 0)
    ours, theirs = (
        np.nanmean(np.abs(forecasts[name] - actual)[known], axis=1) / scales[known]
        for name in ("model", "seasonal naive")
    )
    return jackknife_error(ours, theirs, independent)


def baseline_errors(
    panel: Panel, season: int, series: Indices, origins: Indices, horizon: int
) -> dict[str, PointErrors]:
    """Errors of the simple forecasts of `score` alone, by name."""
    actual = actual_values(panel, series, origins, horizon)
    scales = window_scales(panel, series, origins, season)
    simple = _naive_forecasts(panel, season, series, origins, horizon)
    return {name: point_errors(actual, made, scales) for name, made in simple.items()}


def cross_coverage(
    actual: Array, raw: Array, quantiles: tuple[float, ...], independent: int
) -> dict[str, float]:
    """Share of validation values inside each interval, by its level in percent.

    Measured on each half of the windows with the widths that the other half gives: on its own
    windows the coverage of fitted widths is right by construction. independent: windows of a
    half that do not overlap.
    """
    half = len(actual) // 2
    if not half:
        return {}
    made = np.empty_like(raw)
    for ours, other in ((slice(half), slice(half, None)), (slice(half, None), slice(half))):
        widths = fit_widths(actual[other], raw[other], quantiles, independent)
        made[ours] = stretch_intervals(raw[ours], quantiles, widths)
    return coverage_by_level(actual, made, quantiles)


def _naive_forecasts(
    panel: Panel, season: int, series: Indices, origins: Indices, horizon: int
) -> dict[str, Array]:
    """Each (windows, horizon), from the last two seasons before each origin; the last value before these
    where they hold none, so that no window is without a forecast to compare with."""
    back = 2 * season
    past = np.full((len(series), back), np.nan)
    for window, (s, origin) in enumerate(zip(series, origins, strict=True)):
        history = panel.history(int(s))[:origin]
        before = history[-back:]
        past[window, back - len(before) :] = before
        if np.isnan(before).all() and not np.isnan(history).all():
            past[window] = history[~np.isnan(history)][-1]
    naive = (seasonal_naive(past, season, horizon), last_value(past, horizon))
    return dict(zip(_BASELINES, naive, strict=True))


def _classical_forecasts(
    panel: Panel, season: int, series: Indices, origins: Indices, horizon: int
) -> dict[str, Array]:
    """Exponential smoothing and Theta, (windows, horizon); NaN where nothing is observed before."""
    histories = [panel.history(int(s))[:origin] for s, origin in zip(series, origins, strict=True)]
    known = np.array([not np.isnan(history).all() for history in histories])
    made = {}
    for name in CLASSICAL_METHODS:
        made[name] = np.full((len(series), horizon), np.nan)
        if known.any():
            some = [h for h, k in zip(histories, known, strict=True) if k]
            made[name][known] = classical_forecast(name, some, season, horizon).point
    return made


def _skill(model: PointErrors, naive: PointErrors) -> float | None:
    """1 - error / error of the seasonal naive: by MASE, or by MAE where MASE is not defined."""
    for ours, theirs in ((model.mase, naive.mase), (model.mae, naive.mae)):
        if ours is not None and theirs:
            return 1 - ours / theirs
    return None


def _short(error: float | None) -> float | None:
    return None if error is None else float(f"{error:.5g}")
