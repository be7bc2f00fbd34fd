"""Sample paths of a forecast: values of the whole horizon that may come together.

Every step of a path is drawn from the quantiles that were forecast for it. How the errors of the steps move
together is a Gaussian copula: normal numbers that are correlated as the standardised errors on past windows
were, each taken through the quantiles of its step (Clements et al. 2004, Journal of the Royal Meteorological
Society 130; Pinson et al. 2009, Wind Energy 12). Series move together by one factor that they share.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import UsageError
from lstmcli.forecasting.intervals import normal_quantiles, normal_spread
from lstmcli.series.arrays import Array
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Key

MOST_SAMPLES = 10_000
# The usual correlation of errors `lag` steps apart that do not add up is KEPT + (1 - KEPT) * FALL^lag.
_KEPT, _FALL = 0.2, 0.75
_LEAST_VARIANCE = 1e-6  # of the largest


@dataclass(frozen=True)
class Dependence:
    """How the errors of a forecast move together.

    steps    (horizon, horizon) correlation between steps, positive definite
    across   correlation between series at one step, 0 to below 1
    windows  independent windows of the past that `steps` comes from; 0 for the usual one
    origins  independent origins that `across` comes from; 0 for the usual one
    """

    steps: NDArray[np.float64]
    across: float
    windows: int = 0
    origins: int = 0


def usual_correlation(variance: Array) -> NDArray[np.float64]:
    """Between the steps, (horizon, horizon), where no errors are known. variance: of the forecast errors at
    each step, (horizon,).

    What the variance grows by from step to step adds up, as in a random walk: such errors of steps a < b
    have the covariance of step a alone. The rest, that of the first step, correlates by the lag. A variance
    that rises and falls again, as from night to day, has grown to the least that follows.
    """
    step = np.arange(len(variance))
    made = _KEPT + (1 - _KEPT) * _FALL ** np.abs(step[:, None] - step)
    grown = np.minimum.accumulate(variance[::-1])[::-1]
    grown = np.maximum(grown, _LEAST_VARIANCE * variance.max()) if variance.any() else np.ones(len(step))
    first = grown[0] if len(grown) else 1.0
    made *= first  # in place: of thousands of steps it is large
    made += np.minimum(grown[:, None], grown) - first
    for spread in (np.sqrt(grown), np.sqrt(grown)[:, None]):
        made /= spread
    return np.asarray(made)


def check_samples(samples: int, seed: int) -> None:
    """Raises UsageError."""
    if not 1 <= samples <= MOST_SAMPLES:
        raise UsageError(f"--samples {samples}: 1 to {MOST_SAMPLES:,} paths can be drawn")
    if seed < 0:
        raise UsageError(f"--seed {seed}: it must be at least 0")


@dataclass(frozen=True)
class PathMaker:
    """Draws paths. The same seed gives a series of one key the same ones, whatever other series there are.

    never_below_zero  keys of series whose paths are kept at zero or above where their quantiles are
    mirrored          whether the second half of the samples has the normal numbers of the first with the
                      other sign, by which medians of sums are sure with fewer
    closed            whether steps of which all quantiles are zero are those of closed times, and no steps
                      of a path
    """

    dependence: Dependence
    samples: int
    seed: int = 0
    never_below_zero: Collection[Key] = field(default=frozenset(), repr=False)
    mirrored: bool = False
    closed: bool = False

    def paths(self, made: Forecast, series: int) -> NDArray[np.float64]:
        """Paths of one series of a forecast with the quantiles of the model, (samples, horizon)."""
        values, steps = self._steps(made, series)
        numbers = self._normals(made.keys[series], len(values))
        drawn = through_quantiles(values, made.quantiles, self.scores(values, made.quantiles, numbers))
        if made.keys[series] in self.never_below_zero:
            drawn = np.maximum(drawn, np.minimum(values[:, 0], 0.0))
        return self._among_closed(drawn, steps)

    def shared_scores(self, made: Forecast, series: int) -> NDArray[np.float64]:
        """Normal numbers (samples, horizon) of paths, the same for all series: enough for the probability of
        what one series alone does."""
        values, steps = self._steps(made, series)
        return self._among_closed(self.scores(values, made.quantiles, self._common(len(values))), steps)

    def _steps(self, made: Forecast, series: int) -> tuple[Array, NDArray[np.bool_] | None]:
        """The quantiles of the steps of a path (steps, quantiles), and which of the horizon these are."""
        values = made.values[series]
        steps = values.any(axis=1)
        if not self.closed or steps.all() or not steps.any():
            return values, None
        return values[steps], steps

    def _among_closed(
        self, drawn: NDArray[np.float64], steps: NDArray[np.bool_] | None
    ) -> NDArray[np.float64]:
        if steps is None:
            return drawn
        whole = np.zeros((len(drawn), len(steps)))
        whole[:, steps] = drawn
        return whole

    def scores(self, values: Array, quantiles: Sequence[float], numbers: Array) -> NDArray[np.float64]:
        """Correlated normal numbers (samples, horizon) from independent ones (samples, blocks, steps).

        Beyond the horizon of the model, block by block, the error at the end of the block before goes on in
        each step, as its intervals are made of it. values: (horizon, quantiles) of the series.
        """
        horizon, moved = len(values), numbers @ self._root.T
        size = self._root.shape[0]
        if horizon <= size:
            return moved[:, 0, :horizon]
        away = values - values[:, [list(quantiles).index(0.5)]]
        spread = normal_spread(away, quantiles)
        assert spread is not None
        made = np.empty((len(numbers), horizon))
        for block in range(moved.shape[1]):
            first, end = block * size, min((block + 1) * size, horizon)
            fresh = moved[:, block, : end - first]
            if first:
                kept = spread[first - 1] / np.maximum(spread[first:end], 1e-300)
                kept = np.clip(kept, 0.0, 1.0)
                fresh = kept * made[:, first - 1, None] + np.sqrt(1 - kept**2) * fresh
            made[:, first:end] = fresh
        return made

    @cached_property
    def _root(self) -> NDArray[np.float64]:
        return np.asarray(np.linalg.cholesky(self.dependence.steps), np.float64)

    def _normals(self, key: Key, horizon: int) -> NDArray[np.float64]:
        """Independent ones of a series (samples, blocks, steps), with its share of those of all."""
        across = self.dependence.across
        own = self._drawn(repr(key), horizon)
        return np.sqrt(1 - across) * own + np.sqrt(across) * self._common(horizon) if across > 0 else own

    def _common(self, horizon: int) -> NDArray[np.float64]:
        kept = self._kept.get(horizon)
        if kept is None:
            kept = self._kept[horizon] = self._drawn("", horizon)
        return kept

    @cached_property
    def _kept(self) -> dict[int, NDArray[np.float64]]:
        return {}

    def _drawn(self, name: str, horizon: int) -> NDArray[np.float64]:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
        size = len(self.dependence.steps)
        shape = -(-horizon // size), size
        random = np.random.default_rng([self.seed, *np.frombuffer(digest, "<u4").tolist()])
        if not self.mirrored:
            return random.standard_normal((self.samples, *shape))
        half = random.standard_normal((self.samples // 2, *shape))
        return np.concatenate([half, -half])


def through_quantiles(values: Array, quantiles: Sequence[float], scores: Array) -> NDArray[np.float64]:
    """Values (samples, horizon) at normal numbers, where a forecast has `values` (horizon, quantiles):
    straight lines on the normal scale, which go on beyond the outermost quantiles."""
    known = normal_quantiles(quantiles)
    right = np.clip(np.searchsorted(known, scores), 1, len(known) - 1)
    step = np.arange(len(values))
    low, high = values[step, right - 1], values[step, right]
    share = (scores - known[right - 1]) / (known[right] - known[right - 1])
    return np.asarray(low + share * (high - low))


def score_of(
    values: Array, quantiles: Sequence[float], numbers: Array, or_equal: bool
) -> NDArray[np.float64]:
    """The normal number below which values are below a number (or equal to it), (..., horizon): the inverse
    of what paths are drawn by.

    values: (..., horizon, quantiles) in rising order; numbers: (..., horizon).
    """
    known = normal_quantiles(quantiles)
    numbers = np.broadcast_to(numbers, values.shape[:-1])
    lower = values <= numbers[..., None] if or_equal else values < numbers[..., None]
    right = np.clip(lower.sum(axis=-1), 1, len(known) - 1)[..., None]
    low = np.take_along_axis(values, right - 1, axis=-1)[..., 0]
    high = np.take_along_axis(values, right, axis=-1)[..., 0]
    left, next_one = known[right - 1][..., 0], known[right][..., 0]
    rising = high > low
    share = np.divide(numbers - low, high - low, out=np.zeros(low.shape), where=rising)
    flat = np.where(lower[..., -1], np.inf, -np.inf)  # only beyond the outermost quantiles
    return np.where(rising, left + share * (next_one - left), flat)


def chance_of_crossing(maker: PathMaker, made: Forecast, series: int, sign: str, numbers: Array) -> float:
    """The share of paths of one series that cross numbers at any step.

    made: with the quantiles of the model; sign: "<", "<=", ">" or ">="; numbers: (horizon,).
    """
    values = made.values[series]
    limits = score_of(values, made.quantiles, numbers, sign in (">", "<="))
    if made.keys[series] in maker.never_below_zero:
        least = np.minimum(values[:, 0], 0.0)
        limits = np.where(numbers < least if sign in (">", "<=") else numbers <= least, -np.inf, limits)
    scores = maker.shared_scores(made, series)
    return float((scores > limits if sign in (">", ">=") else scores < limits).any(axis=1).mean())
