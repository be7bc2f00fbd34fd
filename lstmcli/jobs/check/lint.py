"""What is odd in the values of a panel: missing, constant, intermittent, far out, leaks."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.findings import MOST_SHOWN, FilePlace, Finding, SeriesCount, Severity, first_few, plural
from lstmcli.series.arrays import Array
from lstmcli.series.panel import Panel

Locate = Callable[[int, int], FilePlace | None]  # series, position

_MANY_MISSING = 0.2
_SPARSE = 1.32  # mean distance of values that are not zero (Syntetos, Boylan & Croston 2005)
_FAR = 10.0  # robust standard deviations
_LEAK = 0.999  # correlation
_LOOKED_AT = 200  # series that are searched for leaks
_MAD = 1.4826  # times the median absolute deviation is the standard deviation of a normal distribution


def value_findings(panel: Panel, season: int, logarithmic: bool, locate: Locate) -> Iterator[Finding]:
    """Missing values, constant and intermittent series, outliers.

    logarithmic: whether differences are those of logarithms; locate: where a value stands.
    """
    yield from _missing(panel)
    observed = ~np.isnan(panel.values)
    first = panel.offsets[:-1]
    smallest = np.fmin.reduceat(panel.values, first)
    constant = smallest == np.fmax.reduceat(panel.values, first)
    yield from _series(panel, constant, "warning", "constant-series", "of one value only")
    zeros = np.add.reduceat((panel.values == 0).astype(np.int64), first)
    counts = np.add.reduceat(observed.astype(np.int64), first)
    sparse = ~constant & (smallest >= 0) & (counts > _SPARSE * (counts - zeros))
    yield from _series(panel, sparse, "note", "intermittent", "with many zeros (more than a quarter)")
    yield from _outliers(panel, season, logarithmic, sparse | constant, locate)


def missing_per_series(panel: Panel) -> NDArray[np.int64]:
    """Missing values in each history, (series,)."""
    observed = np.add.reduceat((~np.isnan(panel.values)).astype(np.int64), panel.offsets[:-1])
    return np.asarray(panel.lengths - observed)


def _missing(panel: Panel) -> Iterator[Finding]:
    missing = missing_per_series(panel)
    total, share = int(missing.sum()), float(missing.sum() / panel.lengths.sum())
    if total:
        severity: Severity = "warning" if share > _MANY_MISSING else "note"
        many = plural(int((missing > 0).sum()), "series", "series")
        message = f"{plural(total, 'value')} missing ({share:.1%}) in {many}"
        yield Finding(severity, "missing-values", message, total, _most(panel, missing))


def _most(panel: Panel, counts: NDArray[np.int64]) -> tuple[SeriesCount, ...]:
    """Names and counts of the series that have most."""
    order = np.argsort(-counts, kind="stable")[:MOST_SHOWN]
    return tuple(
        SeriesCount(panel.exact_name(int(s)) or "the series", int(counts[s])) for s in order if counts[s]
    )


def _series(
    panel: Panel, chosen: NDArray[np.bool_], severity: Severity, kind: str, said: str
) -> Iterator[Finding]:
    which = np.flatnonzero(chosen)
    if which.size:
        names = [panel.exact_name(int(s)) or "the series" for s in which]
        message = f"{plural(which.size, 'series', 'series')} {said}: {first_few(names)}"
        listed = tuple(SeriesCount(name, 1) for name in names[:MOST_SHOWN])
        yield Finding(severity, kind, message, int(which.size), listed)


def _outliers(
    panel: Panel, season: int, logarithmic: bool, skipped: NDArray[np.bool_], locate: Locate
) -> Iterator[Finding]:
    series = np.repeat(np.arange(len(panel)), np.diff(panel.offsets))
    values = np.log(panel.values) if logarithmic else panel.values
    away = neighbour_distance(values, series, season)
    # The mean where a covariate gives more than half exactly, and few are far off.
    spread = np.maximum(_MAD * median_by(away, series, len(panel)), mean_by(away, series, len(panel)))
    with np.errstate(invalid="ignore"):
        far = (away > _FAR * spread[series]) & (spread[series] > 0) & ~skipped[series]
    rows = np.flatnonzero(far)
    if not rows.size:
        return
    counts = np.bincount(series[rows], minlength=len(panel))
    places = [locate(int(series[row]), int(row - panel.offsets[series[row]])) for row in rows[:MOST_SHOWN]]
    many = plural(int((counts > 0).sum()), "series", "series")
    message = f"{plural(rows.size, 'value')} in {many} far from those one season before and after"
    known = tuple(place for place in places if place)
    yield Finding("warning", "outlier", message, int(rows.size), _most(panel, counts), known)


def neighbour_distance(values: Array, series: NDArray[np.int64], season: int) -> Array:
    """How far each value is from what those one and two seasons before and after tell, (rows,).

    The nearest counts of several: the middle of the two a season away, of the two two seasons
    away; near the ends of a series, where one of these is not known, also one of its sides or the
    line through it. So a single outlier makes no other value one, nor does a trend. NaN where
    nothing is known.
    """

    def beside(lag: int) -> Array:
        moved = np.full(len(values), np.nan)
        if lag < 0 and -lag < len(values):
            moved[-lag:] = np.where(series[-lag:] == series[:lag], values[:lag], np.nan)
        elif 0 < lag < len(values):
            moved[:-lag] = np.where(series[lag:] == series[:-lag], values[lag:], np.nan)
        return moved

    before, after = (beside(-season), beside(-2 * season)), (beside(season), beside(2 * season))
    middles = [(b + a) / 2 for b, a in zip(before, after, strict=True)]
    sides = [*before, *after, 2 * before[0] - before[1], 2 * after[0] - after[1]]
    inner, edge = ([np.abs(values - guess) for guess in candidates] for candidates in (middles, sides))
    both = ~np.isnan(inner[0] + inner[1])
    return np.asarray(np.where(both, np.fmin(*inner), np.fmin.reduce([*inner, *edge])))


def median_by(values: Array, groups: NDArray[np.int64], count: int) -> Array:
    """The median of each group (count,), NaN ignored; 0 for a group without values."""
    known = ~np.isnan(values)
    values, groups = values[known], groups[known]
    ordered = values[np.lexsort((values, groups))]
    sizes = np.bincount(groups, minlength=count)
    ends = np.cumsum(sizes)
    middle = np.minimum(ends - sizes + sizes // 2, max(len(ordered) - 1, 0))
    return np.where(sizes > 0, ordered[middle], 0.0) if len(ordered) else np.zeros(count)


def mean_by(values: Array, groups: NDArray[np.int64], count: int) -> Array:
    """The mean of each group (count,), NaN ignored; 0 for a group without values."""
    known = ~np.isnan(values)
    sums = np.bincount(groups, np.where(known, values, 0.0), minlength=count)
    return np.asarray(sums / np.maximum(np.bincount(groups[known], minlength=count), 1))


def leaks(panel: Panel, past: Sequence[str], future: Sequence[str], season: int) -> Iterator[Finding]:
    """Covariates that repeat the target, now or shifted."""
    named = [(name, panel.past[:, k], False) for k, name in enumerate(past) if k < panel.past.shape[1]]
    named += [(name, panel.future[:, k], True) for k, name in enumerate(future) if k < panel.future.shape[1]]
    for name, covariate, ahead in named:
        shift = _same_as_target(panel, covariate.astype(np.float64), season)
        if shift is None:
            continue
        if shift == 0:
            message = f"{name} is the target itself, up to scale"
            message += "; is it truly known ahead?" if ahead else ": it tells nothing new"
        else:
            steps = plural(abs(shift), "step")
            message = f"{name} is the target of {steps} "
            message += "later: it tells what is to be forecast" if shift > 0 else "before"
        grave = shift > 0 or (shift == 0 and ahead)
        yield Finding("warning" if grave else "note", "leak", message)


def _same_as_target(panel: Panel, covariate: Array, season: int) -> int | None:
    """The shift at which a covariate follows the target, that nearest to none; None if it does not.

    Levels and changes must both follow: two trends alone are alike in level only.
    """
    chosen = np.unique(np.linspace(0, len(panel) - 1, min(len(panel), _LOOKED_AT)).astype(int))
    pairs = []
    for s in chosen:
        first = panel.offsets[s]
        rows = slice(first, first + panel.lengths[s])
        pairs.append((panel.values[rows], covariate[rows]))
    for shift in sorted({0, 1, 2, 3, -1, -2, -3, season, -season}, key=lambda k: (abs(k), -k)):
        long_enough = [(y, c, len(y) - abs(shift)) for y, c in pairs if len(y) > abs(shift) + 3]
        cut = [(y[max(shift, 0) :][:n], c[max(-shift, 0) :][:n]) for y, c, n in long_enough]
        if cut and _alike(cut) and _alike([(np.diff(y), np.diff(c)) for y, c in cut]):
            return shift
    return None


def _alike(pairs: Sequence[tuple[Array, Array]]) -> bool:
    """Whether two columns are correlated nearly fully within their series."""
    target, other = [], []
    for y, c in pairs:
        known = ~(np.isnan(y) | np.isnan(c))
        if known.sum() > 2:
            size = max(float(np.abs(y[known]).max()), 1e-300), max(float(np.abs(c[known]).max()), 1e-300)
            target.append(y[known] / size[0] - (y[known] / size[0]).mean())
            other.append(c[known] / size[1] - (c[known] / size[1]).mean())
    if not target:
        return False
    a, b = np.concatenate(target), np.concatenate(other)
    power = float(np.sqrt((a @ a) * (b @ b)))
    return len(a) > 5 and power > 1e-12 and abs(float(a @ b)) > _LEAK * power
