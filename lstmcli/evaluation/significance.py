"""The Diebold-Mariano test: whether one forecaster is better than another by more than chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FEWEST = 5  # origins; fewer are no evidence
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Test:
    """difference: mean loss of the first less that of the second; statistic and p (two-sided) are
    None where there are too few origins to tell or the losses are the same."""

    difference: float
    origins: int
    statistic: float | None
    p: float | None

    @property
    def significant(self) -> bool:
        return self.p is not None and self.p < SIGNIFICANCE


def diebold_mariano(losses: NDArray[np.floating], others: NDArray[np.floating], overlap: int) -> Test:
    """Equal accuracy of two forecasters, paired by origin, (origins,) each in order of time.

    The test of Diebold & Mariano (1995, Journal of Business & Economic Statistics 13) on mean loss
    differences d, with the small-sample correction and Student's law of Harvey, Leybourne & Newbold
    (1997, International Journal of Forecasting 13):

        statistic = mean(d) sqrt((n + 1 - 2 h + h (h - 1) / n) / n) / sqrt(var(mean d)),  n - 1 degrees

    overlap: h, the origins that share values to forecast, itself included; the autocovariances of d
    up to lag h - 1 make up the variance. Where that is not positive they are weighted by Bartlett.
    """
    difference = losses - others
    difference = difference[~np.isnan(difference)]
    count, mean = len(difference), float(difference.mean()) if len(difference) else float("nan")
    overlap = min(overlap, count)
    if count < _FEWEST or overlap >= count or not difference.any():
        return Test(mean, count, None, None)
    variance = _variance_of_mean(difference, overlap, bartlett=False)
    if variance <= 0:
        variance = _variance_of_mean(difference, overlap, bartlett=True)
    if variance <= 0:  # the same difference at every origin
        return Test(mean, count, None, 0.0)
    corrected = (count + 1 - 2 * overlap + overlap * (overlap - 1) / count) / count
    statistic = float(mean / np.sqrt(variance) * np.sqrt(corrected))
    return Test(mean, count, statistic, student_p(statistic, count - 1))


def _variance_of_mean(values: NDArray[np.floating], overlap: int, bartlett: bool) -> float:
    centred, count = values - values.mean(), len(values)
    total = float(centred @ centred) / count
    for lag in range(1, overlap):
        weight = 1 - lag / overlap if bartlett else 1.0
        total += 2 * weight * float(centred[lag:] @ centred[:-lag]) / count
    return total / count


def student_p(statistic: float, freedom: int) -> float:
    """Chance that Student's t of whole degrees of freedom lies further from 0 than a statistic.

    Finite series of Abramowitz & Stegun (1964), 26.7.3 and 26.7.4.
    """
    angle = np.arctan(abs(statistic) / np.sqrt(freedom))
    sine, cosine = np.sin(angle), np.cos(angle)
    odd = freedom % 2
    term, total = (cosine, cosine) if odd else (1.0, 1.0)
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine**2 * (k - 1) / k
        total += term
    inside = 2 / np.pi * (angle + sine * total * (freedom > 1)) if odd else sine * total
    return float(np.clip(1 - inside, 0.0, 1.0))
