"""What "auto" means: every open setting decided from the training data alone, with its reason."""

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.calendar import Step, features, seasons
from lstmcli.config import Settings
from lstmcli.errors import DataError, SettingsError
from lstmcli.network import Architecture
from lstmcli.panel import Panel
from lstmcli.scaling import Scaling, Standard
from lstmcli.windows import Shape, cut, rows_of

# Series looked at when something is decided; more would not change the answer.
_LOOKED_AT = 200


@dataclass(frozen=True)
class Plan:
    """Everything that training needs to know, nothing left open."""

    shape: Shape
    scaling: Scaling
    arch: Architecture
    steps: int
    validation: int
    threads: int
    notes: tuple[str, ...]

    def effective(self, settings: Settings) -> Settings:
        """The settings with every "auto" replaced by what was decided."""
        return settings.model_copy(
            update={
                "horizon": self.shape.horizon,
                "context": self.shape.context,
                "segment": self.arch.segment,
                "season": self.shape.season,
                "transform": self.scaling.transform,
                "location": self.scaling.location,
                "baseline": self.shape.baseline,
                "hidden": self.arch.hidden,
                "steps": self.steps,
                "validation": self.validation,
                "threads": self.threads,
            }
        )


def decide(panel: Panel, settings: Settings) -> Plan:
    """Raises SettingsError where settings contradict each other, DataError for too little data."""
    looked_at = sample_series(panel)
    season = strongest_season(looked_at, panel.step) if settings.season == "auto" else settings.season
    horizon = usual_horizon(panel.step, season) if settings.horizon == "auto" else settings.horizon
    longest = int(panel.lengths.max())
    if settings.horizon == "auto":
        horizon = max(1, min(horizon, longest // 5))
    _check_length(panel, horizon)
    segment = _segment(season) if settings.segment == "auto" else settings.segment
    context = _context(season, segment, horizon, longest) if settings.context == "auto" else settings.context
    if context % segment:
        raise SettingsError(f"context {context} is not a multiple of segment {segment}")
    baseline = ("seasonal" if season > 1 else "last") if settings.baseline == "auto" else settings.baseline
    if baseline == "seasonal" and context < season:
        raise SettingsError(f"a seasonal baseline of {season} needs a context of at least as many values")
    transform, why = _transform(panel, settings)
    location = "mean" if settings.location == "auto" else settings.location
    shape = Shape(context, horizon, baseline, season, settings.calendar)
    validation = _validation(panel, horizon) if settings.validation == "auto" else settings.validation
    scaling = _measured(panel, shape, transform, location, horizon * validation)
    arch = Architecture(
        cell=settings.cell,
        layers=settings.layers,
        hidden=_hidden(panel) if settings.hidden == "auto" else settings.hidden,
        segment=segment,
        context=context,
        horizon=horizon,
        quantiles=settings.quantiles,
        covariates=panel.past.shape[1] + panel.future.shape[1] + _calendar_columns(panel, settings),
        ahead=panel.future.shape[1] + _calendar_columns(panel, settings),
        members=settings.members,
    )
    steps = _steps(panel) if settings.steps == "auto" else settings.steps
    threads = (os.cpu_count() or 1) if settings.threads == "auto" else settings.threads
    return Plan(shape, scaling, arch, steps, validation, threads, (why,) if why else ())


def sample_series(panel: Panel) -> list[NDArray[np.float64]]:
    """Histories of at most 200 series, evenly spread over the panel."""
    count = min(len(panel), _LOOKED_AT)
    chosen = np.linspace(0, len(panel) - 1, count).astype(int)
    return [panel.history(int(s)) for s in chosen]


def strongest_season(histories: list[NDArray[np.float64]], step: Step) -> int:
    """The season with the highest autocorrelation of changes, 1 if none is clear.

    A shorter season is preferred to a multiple of it that is hardly stronger (a week of hours
    to a day of hours). A season must be seen three times to count.
    """
    found, strength = 1, 0.0
    for season in seasons(step):
        lags = [_autocorrelation(np.diff(h), season) for h in histories if len(h) >= 3 * season]
        if 2 * len(lags) < len(histories):
            continue
        strongest = float(np.median(lags))
        if strongest > max(0.2, strength + (0.25 if found > 1 else 0.0)):
            found, strength = season, strongest
    return found


def _autocorrelation(values: NDArray[np.float64], lag: int) -> float:
    centred = np.nan_to_num(values - np.nanmean(values)) if not np.isnan(values).all() else values * 0
    power = float(centred @ centred)
    return float(centred[lag:] @ centred[:-lag]) / power if power > 0 else 0.0


def usual_horizon(step: Step, season: int) -> int:
    """What people usually ask for: a day of hours, two weeks of days, a year of months."""
    name, _ = step.unit()
    usual = {"week": 13, "month": 12, "quarter": 8, "year": 6, "day": 14, "business day": 10}
    return usual.get(name, min(max(season, 12), 288))


def _check_length(panel: Panel, horizon: int) -> None:
    needed = 2 * horizon + 3
    if int(panel.lengths.max()) < needed:
        raise DataError(
            f"the longest series has {int(panel.lengths.max())} values; a horizon of {horizon} needs "
            f"{needed} or more to learn from and to validate on: ask for a shorter --horizon"
        )


def _segment(season: int) -> int:
    # A season-long segment is faster and more accurate; a long season is cut in whole parts.
    if season <= 24:
        return season
    parts = [p for p in range(7, 25) if season % p == 0]
    return parts[-1] if parts else 12


def _context(season: int, segment: int, horizon: int, longest: int) -> int:
    """Seven short seasons or two long ones, and no less than twice the horizon."""
    wanted = max(7 * season if season <= 24 else 2 * season, 2 * horizon, 8)
    wanted = min(wanted, max(longest - 2 * horizon, season, 1))
    return segment * max(1, -(-wanted // segment))


def _validation(panel: Panel, horizon: int) -> int:
    """Windows per series: one for many series, up to a fifth of the data for few."""
    fifth = int(np.median(panel.lengths)) // (5 * horizon)
    return max(1, min(fifth, -(-40 // len(panel))))


def _transform(panel: Panel, settings: Settings) -> tuple[str, str]:
    """Logarithm where all values are positive and spread over magnitudes."""
    values = panel.values[~np.isnan(panel.values)]
    smallest = float(values.min())
    if settings.transform == "log" and smallest <= 0:
        raise SettingsError(f"transform: log needs positive values; the smallest is {smallest:g}")
    if settings.transform != "auto":
        return settings.transform, ""
    if smallest <= 0:
        return "none", ""
    low, high = np.quantile(values, [0.05, 0.95])
    if high / low >= 3:
        return "log", f"log transform: values are positive and spread from {low:.3g} to {high:.3g}"
    return "none", ""


def _hidden(panel: Panel) -> int:
    return 64 if panel.observations < 20_000 else 128


def _steps(panel: Panel) -> int:
    return int(np.clip(panel.observations // 50, 400, 2000))


def _calendar_columns(panel: Panel, settings: Settings) -> int:
    return features(panel.times(0, 0, 1), panel.step).shape[1] if settings.calendar else 0


def _measured(panel: Panel, shape: Shape, transform: str, location: str, held_out: int) -> Scaling:
    """The scaling, measured on rows and windows of the training part only."""
    inside = np.zeros(len(panel.values), bool)
    for first, length in zip(panel.offsets[:-1], panel.lengths, strict=True):
        inside[first : first + max(length - held_out, length // 2)] = True
    known = np.concatenate([panel.past, panel.future], axis=1)
    columns = Standard.of(known[inside].astype(np.float64)) if known.shape[1] else Standard()
    bare = Scaling(transform, location, columns, Standard())  # type: ignore[arg-type]
    series = np.linspace(0, len(panel) - 1, 1024).astype(np.int64)
    reach = np.maximum(panel.lengths[series] - held_out, panel.lengths[series] // 2)
    spots = np.linspace(0.2, 1, 31)[np.arange(len(series)) % 31]
    origins = np.maximum((reach * spots).astype(np.int64), 1)
    windows = cut(rows_of(panel, bare, shape), series, origins, shape, bare)
    return Scaling(bare.transform, bare.location, columns, Standard.of(windows.scale.levels()))
