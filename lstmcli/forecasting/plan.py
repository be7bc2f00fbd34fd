"""What "auto" means: every open setting decided from the training data alone, with its reason."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import SettingsError
from lstmcli.files.posix import usable_cores
from lstmcli.forecasting.horizon import auto_horizon, check_length, horizon_note, steps_of
from lstmcli.network.architecture import Architecture
from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import Step, seasons
from lstmcli.series.panel import Panel
from lstmcli.series.seasonality import has_long_cycle, keeps_its_level, second_season, strongest_season
from lstmcli.settings.choices import MixChoice, OnNoSkill, Transform
from lstmcli.settings.model import Settings
from lstmcli.windows.cut import Windows, WindowSpec, lag_of
from lstmcli.windows.fit_scaling import fit_scaling, sample_values
from lstmcli.windows.scaling import Scaling, Standardisation

# Series looked at when something is decided; more would not change the answer.
_LOOKED_AT = 200
_LONGEST_SEGMENT = 24
_MANY_STEPS = 100  # of a context in which the memory of a cell can be seen
_FEW = 5_000  # values; single series


@dataclass(frozen=True)
class LearningOptions:
    """The settings of the optimiser and of where it computes; see `Settings` for each."""

    batch: int
    learning_rate: float
    weight_decay: float
    clip: float
    dropout: float
    forget_bias: float | Literal["chrono"]
    patience: int
    device: str
    precision: str
    seed: int


def learning_options(settings: Settings) -> LearningOptions:
    return LearningOptions(
        batch=settings.batch,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        clip=settings.clip,
        dropout=settings.dropout,
        forget_bias=settings.forget_bias,
        patience=settings.patience,
        device=settings.device,
        precision=settings.precision,
        seed=settings.seed,
    )


@dataclass(frozen=True)
class Plan:
    """Everything that training needs, nothing left open.

    until       (series,) values at the start of each series that training sees
    steps       of the optimiser, at most
    validation  windows at the end of each series that are held out
    settings    as they are stored in the model file: with every "auto" replaced by what was decided
    notes       what was decided, with its reason
    """

    shape: WindowSpec
    scaling: Scaling
    arch: Architecture
    until: Indices
    steps: int
    validation: int
    refit: bool
    processes: int
    on_no_skill: OnNoSkill
    mix: MixChoice
    learning: LearningOptions
    settings: dict[str, Any]
    notes: tuple[str, ...]


def decide(panel: Panel, settings: Settings) -> Plan:
    """Raises SettingsError where settings contradict each other, DataError for too little data."""
    shape, segment, rows = _windows(panel, settings)
    validation = _validation(panel, shape.horizon) if settings.validation == "auto" else settings.validation
    until = training_lengths(panel, shape.horizon * validation)
    scaling, sample, notes = _scaling(panel, settings, shape, until)
    arch = Architecture(
        cell=settings.cell,
        layers=settings.layers,
        hidden=_hidden(panel) if settings.hidden == "auto" else settings.hidden,
        segment=segment,
        context=shape.context,
        horizon=shape.horizon,
        quantiles=settings.quantiles,
        covariates=sample.covariates.shape[2],
        ahead=sample.ahead.shape[2],
        members=settings.members * len(shape.baselines),
        static=sample.static.shape[1],
        **_tables(panel, scaling),
    )
    steps = _steps(panel) if settings.steps == "auto" else settings.steps
    refit = _worth_refit(panel, until) if settings.refit == "auto" else settings.refit
    decided = {**_decided(shape, scaling, arch), "steps": steps, "validation": validation, "refit": refit}
    decided["horizon"] = rows
    return Plan(
        shape=shape,
        scaling=scaling,
        arch=arch,
        until=until,
        steps=steps,
        validation=validation,
        refit=refit,
        processes=usable_cores() if settings.processes == "auto" else settings.processes,
        on_no_skill=settings.on_no_skill,
        mix=settings.mix,
        learning=learning_options(settings),
        settings=settings.model_copy(update=decided).model_dump(mode="json"),
        notes=(
            *(horizon_note(panel, shape) if settings.horizon == "auto" else ()),
            *_validation_note(panel, until, shape.horizon),
            *notes,
        ),
    )


def _windows(panel: Panel, settings: Settings) -> tuple[WindowSpec, int, int]:
    """What a window holds, the length of a segment, and the horizon in rows."""
    histories = sample_series(panel)
    season = strongest_season(histories, panel.step) if settings.season == "auto" else settings.season
    longest = int(panel.lengths.max())
    rows = auto_horizon(panel, season) if settings.horizon == "auto" else settings.horizon
    horizon = steps_of(panel.step, rows)
    check_length(panel, horizon)
    segment = _segment(panel.step, season) if settings.segment == "auto" else settings.segment
    context = settings.context
    second = second_season(histories, panel.step, season)
    if context == "auto":
        context = _context(panel.step, segment, max(season, second), horizon, longest)
        if settings.segment == 1:  # to see the cell work: so short a context has little to remember
            context = many_steps_context(panel, season, 1, context)
    if context % segment:
        near = max(segment, context - context % segment)
        said = f"context {context} is not a multiple of segment {segment}, the values that a step reads"
        raise SettingsError(f"{said}; take context={near}, or another segment")
    baselines = settings.baseline
    if baselines == "auto":
        steady = season == 1 and keeps_its_level(histories, horizon, context)
        # A context that was asked for may hold no season.
        baselines = _baselines(season if season <= context else 1, second if second <= context else 0, steady)
    kind = max(baselines, key=lambda kind: lag_of(kind, season))
    if context < (lag := lag_of(kind, season)):
        said = f"baseline {kind} repeats {lag} values, and context is {context}"
        enough = -(-lag // segment) * segment
        raise SettingsError(f"{said}; take --context {enough}, or --set baseline=none")
    calendar = has_long_cycle(histories, panel.step) if settings.calendar == "auto" else settings.calendar
    return WindowSpec(context, horizon, baselines, season, calendar, settings.holidays), segment, rows


def _scaling(
    panel: Panel, settings: Settings, shape: WindowSpec, until: Indices
) -> tuple[Scaling, Windows, tuple[str, ...]]:
    """How values are scaled, a sample of windows, and notes on both."""
    transform, reason = _transform(panel, settings)
    location = "mean" if settings.location == "auto" else settings.location
    bounded = _zero_is_a_bound(panel)
    bare = Scaling(transform, location, Standardisation(), Standardisation(), bounded=bounded)
    scaling, sample = fit_scaling(panel, shape, bare, until)
    notes = [reason] if reason else []
    if len(panel) == 1 and (panel.static.size or any(c.role == "static" for c in panel.categories)):
        notes.append("static covariates have no effect: there is a single series")
    if bounded:
        notes.append("forecasts are kept at zero or above: zero is frequent, and no value is below it")
    return scaling, sample, tuple(notes)


def _decided(shape: WindowSpec, scaling: Scaling, arch: Architecture) -> dict[str, Any]:
    """The settings that were open. The device stays open: a model may be trained again elsewhere."""
    return {
        "context": shape.context,
        "segment": arch.segment,
        "season": shape.season,
        "calendar": shape.calendar,
        "transform": scaling.transform,
        "location": scaling.location,
        "baseline": shape.baselines,
        "hidden": arch.hidden,
        "device": "auto",
    }


def sample_series(panel: Panel) -> list[NDArray[np.float64]]:
    """Histories of at most 200 series, evenly spread over the panel."""
    count = min(len(panel), _LOOKED_AT)
    chosen = np.linspace(0, len(panel) - 1, count).astype(int)
    return [panel.history(int(s)) for s in chosen]


def _segment(step: Step, season: int) -> int:
    """A season, which is faster and more accurate than value by value, or a whole part of a long one."""
    cycle = season if season > 1 else next(iter(seasons(step)), 1)
    return max(p for p in range(1, _LONGEST_SEGMENT + 1) if cycle % p == 0)


def _context(step: Step, segment: int, season: int, horizon: int, longest: int) -> int:
    """Seven short segments or four long ones, no less than a season and twice the horizon."""
    name, _ = step.unit()
    segments = 4 if name in ("week", "month", "quarter", "year") else 7
    wanted = max(segments * segment, season, 2 * horizon, 12)
    return segment * max(1, -(-min(wanted, max(longest - horizon, season)) // segment))


def many_steps_context(panel: Panel, season: int, segment: int, least: int) -> int:
    """About a hundred recurrent steps, in whole seasons, but no more than a quarter of the usual series; no
    less than `least` observations."""
    unit = math.lcm(season, segment)
    wanted = -(-max(_MANY_STEPS, least) // unit) * unit
    longest = int(np.median(panel.lengths)) // 4 // unit * unit
    return max(min(wanted, longest), least)


def _validation(panel: Panel, horizon: int) -> int:
    """Windows per series: one for many series, up to a fifth of the data for few."""
    fifth = int(np.median(panel.lengths)) // (5 * horizon)
    return max(1, min(fifth, -(-40 // len(panel))))


def _validation_note(panel: Panel, until: Indices, horizon: int) -> tuple[str, ...]:
    """Where no series holds out a whole horizon."""
    held_out = int((panel.lengths - until).max())
    said = f"too short to validate: {held_out} of the horizon's {horizon} steps are held out and scored"
    return () if held_out >= horizon else (said,)


def _transform(panel: Panel, settings: Settings) -> tuple[Transform, str]:
    """Logarithm where all values are positive and spread over magnitudes."""
    smallest = panel.smallest
    if settings.transform == "log" and smallest <= 0:
        raise SettingsError(f"transform: log needs positive values; the smallest is {smallest:g}")
    if settings.transform != "auto":
        return settings.transform, ""
    if smallest <= 0:
        return "none", ""
    low, high = np.quantile(sample_values(panel), [0.05, 0.95])
    if high / low >= 3:
        ends = " to ".join(f"{float(f'{end:.3g}'):,.9g}" for end in (low, high))
        return "log", f"log transform: values are positive and spread from {ends}"
    return "none", ""


def _zero_is_a_bound(panel: Panel) -> bool:
    """Where many values are zero and none is below, as in demand or rain."""
    return panel.smallest == 0 and panel.zeros / panel.observations > 0.02 and panel.largest > 0


def _hidden(panel: Panel) -> int:
    return 64 if panel.observations < 20_000 else 128


def _steps(panel: Panel) -> int:
    """By the root of the data: more data takes longer to learn from, but not in proportion. With few data the
    validation loss was lowest after 50 to 200 steps; a schedule that ends soon after finds as good weights.
    """
    few = panel.observations < _FEW
    return int(np.clip((6 if few else 15) * np.sqrt(panel.observations), 120 if few else 300, 2000))


def _worth_refit(panel: Panel, until: Indices) -> bool:
    """Where validation holds out more than a tenth of the values, training misses them."""
    return bool(until.sum() < 0.9 * panel.lengths.sum())


def _baselines(season: int, second: int, steady: bool) -> tuple[str, ...]:
    # Networks that start from different forecasts err in different places: their mean is better
    # than that of as many from one.
    if season == 1:
        return ("none", "none") if steady else ("drift", "none")
    return ("seasonal", "none", "profile") + ((f"lag{second}",) if second else ())


def training_lengths(panel: Panel, held_out: int) -> Indices:
    """Values at the start of each series that training sees, (series,): all but those held out
    for validation, which are never more than a quarter of the series."""
    return panel.lengths - np.minimum(held_out, panel.lengths // 4)


def _tables(panel: Panel, scaling: Scaling) -> dict[str, tuple[int, ...]]:
    """Rows of each embedding: one per text, and one for those not seen."""
    both = list(zip(panel.categories, scaling.categories, strict=True))
    return {
        f"{role}_tables": tuple(1 + len(seen) for category, seen in both if category.role == role)
        for role in ("static", "past", "future")
    }
