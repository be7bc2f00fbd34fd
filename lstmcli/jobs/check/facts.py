"""What `check` tells of the series of a table: step, times, lengths, seasons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.plan import sample_series
from lstmcli.jobs.check.lint import missing_per_series
from lstmcli.series.calendar import Step, Times, format_time, seasons
from lstmcli.series.panel import Panel
from lstmcli.series.seasonality import season_strength
from lstmcli.tables.read import grain_of
from lstmcli.tables.read.survey import SurveyTimes
from lstmcli.tables.read.tokens import zone_shown

_SEEN = 2.5  # seasons that a series must hold to show how strong they are


@dataclass(frozen=True)
class SeasonFact:
    """length in steps; strength: see `seasonality.season_strength`; used: by the networks."""

    length: int
    duration: str
    strength: float
    used: bool


@dataclass(frozen=True)
class Facts:
    """What is known of the series. Lengths are in values, from the first to the last observed one; in
    rows where the table gives no panel, and `values` and `missing` are None."""

    step: str
    first: str
    last: str
    series: int
    shortest: int
    median: float
    longest: int
    values: int | None
    missing: int | None


def facts_of(panel: Panel | None, stamps: SurveyTimes | None, pattern: str | None) -> Facts | None:
    """Those of a panel, or of rows alone where there is none; None where neither is known.

    pattern: how times are written.
    """
    if panel is not None:
        ends = panel.ends
        missing = int(missing_per_series(panel).sum())
        return _facts(panel.step, pattern, panel.starts, ends, panel.lengths, panel.observations, missing)
    if stamps is not None:
        grid = stamps.grid
        return _facts(stamps.step, pattern, grid.times, grid.times, np.diff(grid.bounds), None, None)
    return None


def _facts(
    step: Step,
    pattern: str | None,
    starts: Times,
    ends: Times,
    lengths: NDArray[np.int64],
    values: int | None,
    missing: int | None,
) -> Facts:
    grain, zone = grain_of(pattern, step), zone_shown(pattern)
    return Facts(
        step=_told(step),
        first=format_time(starts.min(), grain, zone),
        last=format_time(ends.max(), grain, zone),
        series=len(lengths),
        shortest=int(lengths.min()),
        median=float(np.median(lengths)),
        longest=int(lengths.max()),
        values=values,
        missing=missing,
    )


def _told(step: Step) -> str:
    return str(step) if step.unit()[1] > 1 else f"1 {step}"


def season_facts(panel: Panel | None, used: int | None) -> tuple[SeasonFact, ...]:
    """Those that the step suggests and the series are long enough to show, and the one used."""
    if panel is None:
        return ()
    looked_at, found = sample_series(panel), []
    for length in sorted({*seasons(panel.step), used or 1} - {1}):
        strengths = [season_strength(h, length) for h in looked_at if len(h) >= _SEEN * length]
        if strengths:
            strength = round(float(np.median(strengths)), 3)
            found.append(SeasonFact(length, panel.step.duration(length), strength, length == used))
    return tuple(found)
