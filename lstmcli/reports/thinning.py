"""Long lines and bands by few of their points, so that a page or picture of them stays small."""

import numpy as np

from lstmcli.series.arrays import Array, Indices
from lstmcli.series.calendar import Times

DRAWN = 1000  # stretches of a line or band of a chart


def said_of(points: int) -> str:
    """What a chart says whose longest line has so many points; "" where all are drawn."""
    if points <= 2 * DRAWN:
        return ""
    return f"Of {points:,} points the lowest and the highest of each of {DRAWN:,} stretches are drawn."


def thin_line(x: Array, y: Array, most: int = DRAWN) -> tuple[Array, Array]:
    """A line of at most `most` stretches, each by its lowest and its highest point, in their order."""
    kept = kept_of_line(y, most)
    return (x, y) if kept is None else (x[kept], y[kept])


def kept_of_line(y: Array, most: int = DRAWN) -> Indices | None:
    """The points that `thin_line` keeps of heights (n,); None for all."""
    if len(y) <= 2 * most:
        return None
    kept: list[int] = []
    for stretch in np.array_split(np.arange(len(y)), most):
        known = stretch[np.isfinite(y[stretch])]
        if known.size:
            kept += sorted({int(known[np.argmin(y[known])]), int(known[np.argmax(y[known])])})
        else:
            kept.append(int(stretch[0]))
    return np.array(kept, np.int64)


def thin_band(
    x: Array | Times, low: Array, high: Array, most: int = DRAWN
) -> tuple[Array | Times, Array, Array]:
    """A band of at most `most` stretches, each as high as its highest point and as low as its lowest, at both
    of its ends."""
    if len(low) <= 2 * most:
        return x, low, high
    begins = np.array([stretch[0] for stretch in np.array_split(np.arange(len(low)), most)])
    ends = np.append(begins[1:] - 1, len(low) - 1)
    at = np.stack([begins, ends], axis=1).ravel()
    return x[at], np.repeat(np.fmin.reduceat(low, begins), 2), np.repeat(np.fmax.reduceat(high, begins), 2)
