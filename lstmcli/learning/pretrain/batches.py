"""Windows to train the built-in network on, cut from a pool of made-up series that is being renewed."""

from dataclasses import dataclass, field

import numpy as np

from lstmcli.learning.pretrain.components import Ints, Random
from lstmcli.learning.pretrain.families import SECOND
from lstmcli.learning.pretrain.made_up import ORIGINS, MadeUp, make_up
from lstmcli.network.builtin import MOST_STEPS, BuiltinInputs, builtin_inputs
from lstmcli.series.arrays import Array, Flags
from lstmcli.windows.histories import AHEAD, SEGMENT, Histories, fill_missing

_OTHER_SEASONS = (4, 7, 12, 24, 52)
_SHORTEST = 6  # values before the first origin


@dataclass(frozen=True)
class PretrainBatch:
    """inputs; target and weight: (batch, ORIGINS, AHEAD), scaled as the network forecasts, weight 0 where the
    value is missing."""

    inputs: BuiltinInputs
    target: Array
    weight: Array


@dataclass
class Pool:
    """Made-up series, short and long ones; `uses` windows are cut from each before it is replaced."""

    rng: Random
    size: int = 4096
    uses: int = 6
    renewed: int = 256
    short_share: float = 0.6
    _kinds: dict[bool, MadeUp] = field(default_factory=dict)
    _used: dict[bool, int] = field(default_factory=dict)
    _oldest: dict[bool, int] = field(default_factory=dict)

    def batch(self, rows: int) -> PretrainBatch:
        """The next batch, of short or of long series."""
        short = bool(self.rng.random() < self.short_share)
        if short not in self._kinds:
            self._kinds[short] = make_up(self.rng, self.size, short)
            self._used[short] = self._oldest[short] = 0
        self._used[short] += rows
        if self._used[short] >= self.uses * self.renewed:
            self._renew(short)
        series = self._kinds[short]
        chosen = self.rng.integers(0, len(series), rows)
        return cut_batch(
            self.rng, MadeUp(series.values[chosen], series.count[chosen], series.season[chosen]), short
        )

    def _renew(self, short: bool) -> None:
        series, first = self._kinds[short], self._oldest[short]
        fresh = make_up(self.rng, self.renewed, short)
        for name in ("values", "count", "season"):
            getattr(series, name)[first : first + self.renewed] = getattr(fresh, name)
        self._oldest[short] = (first + self.renewed) % self.size
        self._used[short] = 0


def cut_batch(rng: Random, series: MadeUp, short: bool) -> PretrainBatch:
    """One window of each series: its end, or of long series any part with any length of history."""
    rows, length = series.values.shape
    steps = int(rng.integers(1, MOST_STEPS + 1))
    span = (ORIGINS - 1) * SEGMENT
    if short:
        first = np.full(rows, length - AHEAD - span)
        start = length - series.count
    else:
        first = rng.integers(min(steps * SEGMENT, length - AHEAD - span - 1), length - AHEAD - span, rows)
        history = np.exp(rng.uniform(np.log(_SHORTEST), np.log(first))).astype(np.int64)
        start = np.where(rng.random(rows) < 0.5, 0, first - history)
    history = first - start
    season, second = _seasons_told(rng, series.season, history)
    values = series.values * np.where(rng.random() < 0.4, -1, 1)
    observed = np.arange(length) >= start[:, None]
    observed &= ~_holes(rng, rows, length)
    observed[np.arange(rows), first - 1] = True
    known = Histories(fill_missing(values, observed, start, season), observed, start, season, second)
    inputs = builtin_inputs(known, first, steps, ORIGINS)
    return _with_targets(known, values, inputs, first)


def _seasons_told(rng: Random, season: Ints, history: Ints) -> tuple[Ints, Ints]:
    """What the network is told: now and then no season or a wrong one, and none that was not seen."""
    second = np.array([SECOND.get(int(s), int(s)) for s in season])
    chance = rng.random(len(season))
    season = np.where(chance < 0.05, 1, season)
    season = np.where((chance > 0.05) & (chance < 0.08), rng.choice(_OTHER_SEASONS, len(season)), season)
    season = np.where(history < season + 2, 1, season)
    return season, np.where((history < second + 2) | (second < season) | (season == 1), season, second)


def _holes(rng: Random, rows: int, length: int) -> Flags:
    """Missing values in an eighth of the rows: single ones, or one stretch."""
    share = rng.uniform(0, 0.3, (rows, 1)) * (rng.random((rows, 1)) < 0.07)
    begin, size = rng.integers(0, length, (rows, 1)), rng.integers(1, 40, (rows, 1))
    place = np.arange(length)
    stretch = (place >= begin) & (place < begin + size) & (rng.random((rows, 1)) < 0.06)
    return (rng.random((rows, length)) < share) | stretch


def _with_targets(known: Histories, values: Array, inputs: BuiltinInputs, first: Ints) -> PretrainBatch:
    """Steps far ahead of a short history count less: nobody can know them."""
    places = first[:, None, None] + np.arange(ORIGINS)[:, None] * SEGMENT + np.arange(AHEAD)
    flat = places.reshape(len(first), -1)
    truth = np.take_along_axis(values, flat, axis=1).reshape(places.shape)
    seen = np.take_along_axis(known.observed, flat, axis=1).reshape(places.shape)
    loc, unit = (part[:, None, None] for part in (inputs.scale.loc, inputs.scale.unit))
    history = np.maximum(first[:, None] + np.arange(ORIGINS) * SEGMENT - known.start[:, None], 18)
    weight = np.exp(-3 * np.arange(AHEAD) / history[..., None])
    weight = weight / weight.mean(axis=-1, keepdims=True) * seen
    return PretrainBatch(inputs, ((truth - loc) / unit).astype(np.float32), weight.astype(np.float32))
