"""Series that sum up the others, as `Total` beside A, B and C: what train and check say of them."""

import re
from collections.abc import Collection
from itertools import islice

import numpy as np

from lstmcli.series.arrays import Array
from lstmcli.series.calendar import positions
from lstmcli.series.panel import Panel

_TOTAL = re.compile(
    r"\W*((sub|grand )?totals?|all|all .*|overall|sum|summe|gesamt|gesamtsumme|insgesamt|alle|totale?|tous|"
    r"ensemble|todos|totaal|합계|총계|合计|总计|合計|総計)\W*",
    re.IGNORECASE,
)
_FEWEST = 5  # values
_LOOKED_AT = 50  # series called a total
_SAME, _MOST = 1e-3, 0.95  # how near a sum must be, and at how many values


def total_notes(panel: Panel) -> tuple[str, ...]:
    """A line on a series that is called a total and is the sum of the others."""
    found = summed_series(panel, range(len(panel.key_names)))
    if not found:
        return ()
    more = len(found) - 1
    first = f"series {panel.name(found[0])} is the sum of others{f', as are {more:,} more' if more else ''}"
    return (f"{first}: it is forecast as well; where that is not wanted, take its rows out of the file",)


def summed_series(panel: Panel, places: Collection[int]) -> list[int]:
    """Series that are called a total in one of the key columns at `places`, and are the sum of the others."""
    totals = {part for key in panel.keys for part in key if is_total_name(part)}
    named = ((s, at) for s, key in enumerate(panel.keys) for at in places if key[at] in totals)
    return [s for s, at in islice(named, _LOOKED_AT) if _is_sum(panel, s, _parts(panel, s, at))]


def is_total_name(text: str) -> bool:
    """Whether it is a usual name of what sums up others."""
    return _TOTAL.fullmatch(text) is not None


def are_sums(totals: Array, sums: Array) -> bool:
    """Whether most of some totals (n,), NaN where missing, are the sums (n,) beside them."""
    seen = ~np.isnan(totals)
    if np.count_nonzero(seen) < _FEWEST:
        return False
    return bool(np.isclose(totals[seen], sums[seen], rtol=_SAME, atol=1e-9).mean() >= _MOST)


def _parts(panel: Panel, total: int, at: int) -> list[int]:
    """The series whose names differ from that of a total in one place alone."""
    name = panel.keys[total]
    rest = (*name[:at], *name[at + 1 :])
    return [
        s
        for s, key in enumerate(panel.keys)
        if (*key[:at], *key[at + 1 :]) == rest and not is_total_name(key[at])
    ]


def _is_sum(panel: Panel, total: int, parts: list[int]) -> bool:
    if len(parts) < 2:
        return False
    values = panel.history(total)
    sums = np.zeros(len(values))
    starts = np.asarray(panel.starts)
    first, _ = positions(starts[parts], starts[total], panel.step)
    for at, part in zip(first.tolist(), parts, strict=True):
        cells = np.nan_to_num(panel.history(part))
        begin, end = max(at, 0), min(at + len(cells), len(sums))
        if begin < end:
            sums[begin:end] += cells[begin - at : end - at]
    return are_sums(values, sums)
