"""Gaps between observed values, filled from both sides.

Forward, a network forecasts what follows the values before a gap; backward, the built-in network forecasts
what follows the values behind it in reversed time. The two are mixed by the inverse of their variances, which
is best where their errors are independent (Bates & Granger 1969): on a random walk that is the straight line
between the ends, on noise around a season the mean of both.

How far that is to be trusted is tried on the data: gaps of like size are made where values are known. The
share of the straight line that errs least there is mixed in, and the intervals are stretched to hold their
level there (split conformal prediction; Romano et al. 2019, arXiv:1905.03222).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lstmcli.forecasting.forecast import BLOCK_WINDOWS, forecast_panel
from lstmcli.forecasting.intervals import interpolated_quantiles, interval_quantiles
from lstmcli.forecasting.mix import mix_forecast
from lstmcli.forecasting.rounded import round_values
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel

# Correlation of the errors of both sides, before intervals are stretched: 0 of a random walk, 1 of noise
# around a level. On eleven series it was nearest to the level of 80 %.
_CORRELATION = 0.25
# Values that a side needs, and values beside a season at which it counts in full.
_LEAST, _BESIDE_SEASON = 4, 4
_READ = 2500  # values before and behind a gap that the built-in network is given
# Gaps that are made: of these sizes, the largest that is not above that of a gap; so many, and no fewer.
_SIZES, _TRIALS, _FEWEST = (1, 2, 3, 6, 12, 24, 48, 96, 192), 64, 10
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the straight line
_WIDTHS = 0.05, 5.0  # of the intervals: beyond them the few trials are not believed
_LOOKED_AT = 50_000  # places that trials are drawn from


@dataclass(frozen=True)
class GapPlaces:
    """Runs of values between observed ones. series, firsts (position in the series), sizes: (gaps,)"""

    series: Indices
    firsts: Indices
    sizes: Indices

    def __len__(self) -> int:
        return len(self.sizes)

    def taken(self, chosen: NDArray[np.bool_] | Indices) -> "GapPlaces":
        """Some of them."""
        return GapPlaces(self.series[chosen], self.firsts[chosen], self.sizes[chosen])

    @property
    def within(self) -> Indices:
        """(rows,) the place of each row in its gap, one gap after another."""
        ends = np.cumsum(self.sizes)
        return np.arange(self.sizes.sum()) - np.repeat(ends - self.sizes, self.sizes)

    def places(self, panel: Panel) -> Indices:
        """(rows,) of the panel, one gap after another."""
        return np.repeat(panel.offsets[self.series] + self.firsts, self.sizes) + self.within


@dataclass(frozen=True)
class Trust:
    """What trials of one size showed. line: the share of the straight line; width: of the intervals"""

    line: float = 0.0
    width: float = 1.0


def find_gaps(panel: Panel) -> GapPlaces:
    """All gaps of a panel. A history begins and ends with an observed value: each run lies between two."""
    missing = np.isnan(panel.values)
    series = np.repeat(np.arange(len(panel)), np.diff(panel.offsets))
    position = np.arange(len(missing)) - panel.offsets[series]
    missing &= position < panel.lengths[series]
    edges = np.diff(np.concatenate([[0], missing.astype(np.int8), [0]]))
    firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return GapPlaces(series[firsts], position[firsts], ends - firsts)


def fill_gaps(
    forward: Network, backward: Network, panel: Panel, gaps: GapPlaces, level: float
) -> NDArray[np.float64]:
    """Lower bound, median and upper bound of the rows of gaps, (rows, 3), in the units of the data.

    forward: may read covariates of the panel; backward: reads values alone; level: of the interval, in
    percent. Gaps of one size are forecast together. Values of a series that never was below zero are not.
    Raises UsageError for a level that a network does not give, and as `forecast_panel`.
    """
    for network in (forward, backward):
        interval_quantiles(network.arch.quantiles, [level])
    filler = GapFiller(forward, backward, panel, level)
    ends = np.cumsum(gaps.sizes)
    made = np.empty((int(gaps.sizes.sum()), 3))
    for size in np.unique(gaps.sizes).tolist():
        trust = filler.trust(size)
        alike = np.flatnonzero(gaps.sizes == size)
        for block in _blocks(alike):
            made[(ends[block] - size)[:, None] + np.arange(size)] = filler.fill(gaps.taken(block), trust)
    return made


def _blocks(places: Indices) -> Iterator[Indices]:
    return (places[at : at + BLOCK_WINDOWS] for at in range(0, len(places), BLOCK_WINDOWS))


@dataclass(frozen=True)
class GapFiller:
    """Arguments as of `fill_gaps`. Gaps that are given together are of one size."""

    forward: Network
    backward: Network
    panel: Panel
    level: float
    _known: dict[int, Trust] = field(default_factory=dict)

    def fill(self, gaps: GapPlaces, trust: Trust) -> NDArray[np.float64]:
        """Lower, median and upper, (gaps, size, 3)."""
        made, line = self.both_sides(gaps), self.lines(gaps)
        median, few = made[..., 1:2], np.maximum(*self._counts(gaps)) < _LEAST
        share = np.where(few, 1.0, trust.line)[:, None, None]
        point = median + share * (line[..., None] - median)
        made = round_values(point + trust.width * (made - median))
        below = {s: bool((self._history(s) < 0).any()) for s in {*gaps.series.tolist()}}
        never = np.array([not below[s] for s in gaps.series.tolist()])
        return np.where(never[:, None, None], np.maximum(made, 0.0), made)

    def both_sides(self, gaps: GapPlaces) -> NDArray[np.float64]:
        """The forecasts of both sides, mixed, (gaps, size, 3)."""
        size = int(gaps.sizes[0])
        behind = [self._history(s)[end:][:_READ][::-1] for s, end in self._each(gaps, size)]
        after = mix_forecast(self.backward, None, behind, size)[:, ::-1]
        sides = [(self._before(gaps, size), self.forward), (after, self.backward)]
        tail = (100 - self.level) / 200
        wanted = (tail, 0.5, 1 - tail)
        both = [interpolated_quantiles(made, n.arch.quantiles, wanted) for made, n in sides]
        return mix_sides(*both, *self._reliance(gaps))

    def _counts(self, gaps: GapPlaces) -> tuple[Indices, Indices]:
        """Observed values before and behind each gap, (gaps,)."""
        seen = np.concatenate([[0], np.cumsum(~np.isnan(self.panel.values))])
        starts = self.panel.offsets[gaps.series]
        first, ends = starts + gaps.firsts, starts + self.panel.lengths[gaps.series]
        return seen[first] - seen[starts], seen[ends] - seen[first + gaps.sizes]

    def _reliance(self, gaps: GapPlaces) -> list[NDArray[np.float64]]:
        """How far each side is relied upon, (gaps, 1, 1): with few values its spread is not known."""
        full = self.backward.shape.season + _BESIDE_SEASON
        return [
            np.where(count < _LEAST, 1e-9 * count, np.minimum(1.0, count / full))[:, None, None]
            for count in self._counts(gaps)
        ]

    def _before(self, gaps: GapPlaces, size: int) -> Array:
        """Quantiles from the values before each gap, (gaps, size, quantiles)."""
        if self.forward.is_trained:
            seen = self.panel.select(gaps.series, lengths=gaps.firsts, ahead=size)
            return forecast_panel(self.forward, seen, size).values
        histories = [self._history(s)[:first][-_READ:] for s, first in self._each(gaps)]
        return mix_forecast(self.forward, None, histories, size)

    def _history(self, series: int) -> Array:
        return self.panel.history(series)

    @staticmethod
    def _each(gaps: GapPlaces, behind: int = 0) -> Iterator[tuple[int, int]]:
        return zip(gaps.series.tolist(), (gaps.firsts + behind).tolist(), strict=True)

    def lines(self, gaps: GapPlaces) -> NDArray[np.float64]:
        """The straight lines between the values around gaps, (gaps, size)."""
        size, first = int(gaps.sizes[0]), self.panel.offsets[gaps.series] + gaps.firsts
        before, behind = self.panel.values[first - 1, None], self.panel.values[first + size, None]
        return np.asarray(before + (behind - before) * np.arange(1, size + 1) / (size + 1))

    def trust(self, size: int) -> Trust:
        """What trials show of gaps of a size; of a smaller one where too few places have so many values."""
        for tried in reversed([some for some in _SIZES if some <= size]):
            if tried in self._known:
                return self._known[tried]
            gaps = known_places(self.panel, tried)
            if len(gaps) >= _FEWEST:
                self._known[tried] = self._tried(gaps)
                return self._known[tried]
        return Trust()

    def _tried(self, gaps: GapPlaces) -> Trust:
        made, line = self.both_sides(gaps), self.lines(gaps)
        actual = self.panel.values[gaps.places(self.panel)].reshape(line.shape)
        median, scale = made[..., 1], self._scales(gaps)
        points = [median + share * (line - median) for share in _SHARES]
        best = int(np.argmin([np.mean(np.abs(point - actual) / scale) for point in points]))
        error = actual - points[best]
        reach = np.where(error < 0, median - made[..., 0], made[..., 2] - median)
        scores = np.abs(error) / np.maximum(reach, 1e-9 * scale)
        held = min(1.0, self.level / 100 * (1 + 1 / len(gaps)))
        return Trust(_SHARES[best], float(np.clip(np.quantile(scores, held), *_WIDTHS)))

    def _scales(self, gaps: GapPlaces) -> NDArray[np.float64]:
        """How much the values of the series of each gap change in a step, (gaps, 1)."""
        changes = {
            s: float(np.nanmean(np.abs(np.diff(self.panel.history(s))))) for s in {*gaps.series.tolist()}
        }
        return np.array([[max(changes[s], 1e-290)] for s in gaps.series.tolist()])


def known_places(panel: Panel, size: int) -> GapPlaces:
    """Places of so many known values between two others, drawn from all of a panel; the same each time."""
    seen = ~np.isnan(panel.values)
    series = np.repeat(np.arange(len(panel)), np.diff(panel.offsets))
    if len(seen) < size + 2:
        return GapPlaces(*(np.zeros(0, np.int64),) * 3)
    rng = np.random.default_rng(0)
    starts = rng.permutation(len(seen) - size - 1)[:_LOOKED_AT]
    whole = sliding_window_view(seen, size + 2)[starts].all(axis=1)
    starts = starts[whole & (series[starts] == series[starts + size + 1])][:_TRIALS]
    firsts = starts + 1 - panel.offsets[series[starts]]
    return GapPlaces(series[starts], firsts, np.full(len(starts), size))


def mix_sides(before: Array, behind: Array, first_relied: Array, second_relied: Array) -> NDArray[np.float64]:
    """Lower, median and upper of both sides (gaps, size, 3), mixed by the inverse of their variances.

    first_relied, second_relied: (gaps, 1, 1) above 0, by which the weights are multiplied. The distance of
    each bound is that of a sum of errors of one correlation.
    """
    one, other = (np.square(side[..., 2:] - side[..., :1]) for side in (before, behind))
    floor = 1e-6 * np.maximum(one, other)  # a side of few values may show no spread at all
    one, other = np.maximum(one, floor) * second_relied, np.maximum(other, floor) * first_relied
    total = one + other
    even = np.broadcast_to(first_relied / (first_relied + second_relied), total.shape)
    share = np.divide(other, total, out=even.copy(), where=total > 0)
    first, second = (side - side[..., 1:2] for side in (before, behind))
    point = share * before[..., 1:2] + (1 - share) * behind[..., 1:2]
    first, second = share * first, (1 - share) * second
    away = np.sqrt(np.square(first) + np.square(second) + 2 * _CORRELATION * first * second)
    return np.asarray(point + away * np.array([-1.0, 0.0, 1.0]))
