"""How rare the heights of a row are, all together, and how rare it is that a value stays.

Each height is compared with earlier ones of its series: the conformal p-value of an error (Laxhammar &
Falkman 2014, Annals of Mathematics and Artificial Intelligence 74), and, of excursions, how often one
begins that reaches as high. The logarithms of the five kinds over the newest rows are added (Fisher 1932),
so that weak signs of several kinds make an alarm. How often such a sum begins is known for independent
noise, by simulation; the series' own excursions of the sum correct that law where its errors are not
independent or their tails heavy.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.alarms.heights import HEIGHTS, excursion_ends, next_heights
from lstmcli.evaluation.alarms.tail import SizeTails, add_sizes, start_sizes
from lstmcli.series.arrays import Array, Flags

FEWEST = 50  # rows before any is judged
EVIDENCE = ("error", "shift", "wide", "wide ranks", "slow")
_FEWEST_TOPS = 10  # excursions before the next is compared with them
_JOINT, _RUNS = len(HEIGHTS), len(HEIGHTS) + 1  # places of two more sizes: joint evidence, equal values
_SIZES = len(HEIGHTS) + 2
_TAIL = np.array([0.02, *(0.1,) * (_SIZES - 1)])  # of the sizes, that make the tail
_FEWEST_OVER = 10
_BEYOND = 2.0  # powers of ten beyond one in as many rows as are known, that one kind is believed
EVIDENCE_ROWS = 6  # newest rows whose evidence is taken together
_RECEDED = 0.5  # of the top of an excursion, below which it is no evidence any more
_BASE = 7.0  # joint evidence above which it makes an excursion
_BELIEF = 1000.0  # rows that the law below counts for, beside those of the series
_LAW = (  # joint evidence, and the logarithm of how often a row begins to reach it in independent noise
    (0.0, 7.0, 9.0, 10.0, 11.0, 12.0, 14.0, 24.0),
    (0.0, -1.85, -2.07, -2.26, -2.48, -2.74, -3.33, -6.3),
)
_WITHOUT_SLOW = 1.6  # more evidence that the law is for, where nothing is known from one season before
_MOST_ROWS = 10_000.0  # that are remembered in full; the weight of all is halved then
_EXPECTED_CHANGE = 0.1  # usual errors by which the forecast of a stuck value has to be off


def start_evidence(series: int) -> dict[str, NDArray[np.generic]]:
    """What is remembered of each series."""
    return {
        **start_sizes(series, _SIZES),
        "heights": np.zeros((series, len(HEIGHTS))),
        "tops": np.zeros((series, len(HEIGHTS))),
        "joint_top": np.zeros(series),
        "last": np.full(series, np.nan),
        "run": np.zeros(series),
        "rows": np.zeros(series),
        "evidence": np.zeros((series, EVIDENCE_ROWS, len(EVIDENCE)), np.float32),
    }


def known_tails(known: dict[str, Any]) -> SizeTails:
    """Of all sizes of the series so far."""
    return SizeTails.of(known, _TAIL, _FEWEST_OVER)


def row_evidence(
    known: dict[str, Any], tails: SizeTails, z: Array, slow: Array, smoothing: float
) -> NDArray[np.float64]:
    """Of the newest rows, the row with errors z (series,) included: (series, EVIDENCE) in powers of ten.

    slow: deviation from what the season says, NaN where not known; smoothing: as in `next_heights`.
    """
    seen, count, before = ~np.isnan(z), known["rows"], known["heights"]
    size = np.where(seen, np.abs(z), 0.0)
    p = np.minimum(tails.count(size[:, None])[:, 0] / (count + 1), 1.0)
    p = np.where(count >= FEWEST, p, 0.5)
    heights = next_heights(before, np.where(seen, z, 0.0), p, slow, smoothing)
    heights = np.where(seen[:, None], heights, before)
    sizes = np.abs(heights)
    over = excursion_ends(before, heights) & seen[:, None]
    ended = np.where(np.arange(len(HEIGHTS)) == 0, sizes, known["tops"])
    tops = np.maximum(np.where(over, 0.0, known["tops"]), sizes)
    powers = _powers(tails, tops, (sizes >= _RECEDED * tops) & seen[:, None], count)
    add_sizes(known, 0, ended, over)
    tops[:, 0] = 0.0
    known["tops"], known["heights"] = tops, heights
    newest = np.concatenate([known["evidence"][seen, 1:], powers[seen, None]], axis=1)
    known["evidence"][seen] = newest
    return np.asarray(known["evidence"].max(axis=1), np.float64)


def _powers(tails: SizeTails, tops: Array, high: Flags, count: Array) -> NDArray[np.float64]:
    """How rare each height is, (series, EVIDENCE); the rarer of both shifts counts, which is half as rare.

    Sums of errors that have had too few excursions to compare with are taken to be as rare as the error.
    """
    most = np.log10(count + 1)[:, None] + _BEYOND
    rarity = np.clip(-np.log10(tails.count(tops) / (count + 1)[:, None]), 0, most)
    few = tails.above[:, : len(HEIGHTS), 0] < _FEWEST_TOPS
    few[:, -1] = False
    rarity = np.where(few, rarity[:, :1], rarity)
    powers = np.where(high & (tops > 0) & (count >= FEWEST)[:, None], rarity, 0.0)
    shift = np.maximum(powers[:, 1:3].max(axis=1, keepdims=True) - np.log10(2), 0.0)
    return np.concatenate([powers[:, :1], shift, powers[:, 3:]], axis=1)


def joint_rarity(
    known: dict[str, Any], tails: SizeTails, joint: Array, slow: Flags, able: Flags
) -> NDArray[np.float64]:
    """How often a row begins to reach so much evidence (series,), by the series and by the law.

    slow: whether the season counted; able: whether the row is judged. Changes `known`.
    """
    count, top = known["rows"], known["joint_top"]
    law = 10.0 ** np.interp(joint + np.where(slow, 0.0, _WITHOUT_SLOW), *_LAW)
    enough = tails.above[:, _JOINT, 0] >= _FEWEST_TOPS
    own = np.where(enough, tails.count(joint[:, None], _JOINT)[:, 0], law * count)
    high = joint > _BASE
    add_sizes(known, _JOINT, top[:, None], (able & (top > 0) & ~high)[:, None])
    known["joint_top"] = np.where(able, np.where(high, np.maximum(top, joint), 0.0), top)
    return np.minimum(np.where(high, (own + _BELIEF * law) / (count + _BELIEF), law), 1.0)


def stuck_rarity(known: dict[str, Any], tails: SizeTails, value: Array, size: Array) -> NDArray[np.float64]:
    """How often so many rows in a row have the same value (series,), where another was expected; else 1.

    size: |z| of the row. The length of a run is geometric, with the share of repeated values as it was so
    far (Laplace's rule), or has the tail of the longest runs, whichever is longer. Changes `known`.
    """
    seen = ~np.isnan(value)
    same = value == known["last"]
    run = np.where(same, known["run"] + 1, 1.0)
    runs = tails.above[:, _RUNS, 0]
    repeated = (known["total"][:, _RUNS, 0] - runs + 1) / (known["total"][:, _RUNS, 0] + 2)
    usual = (runs + 1) * repeated ** (run - 1)
    found = np.maximum(usual, tails.count(run[:, None], _RUNS)[:, 0]) / (known["rows"] + 1)
    ended = seen & ~same & (known["run"] > 0)
    add_sizes(known, _RUNS, known["run"][:, None], ended[:, None])
    known["run"] = np.where(seen, run, known["run"])
    known["last"] = np.where(seen, value, known["last"])
    told = (run > 1) & (size > _EXPECTED_CHANGE) & (runs >= _FEWEST_TOPS)
    return np.where(told, np.minimum(found, 1.0), 1.0)


def count_judged(known: dict[str, Any], seen: Flags) -> None:
    """One more row; series with many forget half of what is long ago, so that they follow slow changes."""
    known["rows"] = known["rows"] + seen
    full = known["rows"] >= _MOST_ROWS
    if full.any():
        for name in ("rows", "above", "total"):
            known[name][full] /= 2
