"""Series that sum up others, as `Total` beside A, B and C, or `Sum North` behind the shops of the north: what
train and check say of them."""

import re
from collections.abc import Collection
from itertools import islice

import numpy as np

from lstmcli.errors.findings import first_few, plural
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import positions
from lstmcli.series.panel import Panel

_TOTAL = re.compile(
    r"\W*((sub|grand )?totals?|all|all .*|overall|sum|summe|gesamt|gesamtsumme|insgesamt|alle|totale?|tous|"
    r"ensemble|todos|totaal|합계|총계|合计|总计|合計|総計)\W*",
    re.IGNORECASE,
)
# Of some of them: Summe Nord, North Total, Nord Ergebnis.
_WORD = r"(sub[- ]?|grand |zwischen|gesamt)?(totals?|totale|totaal|sum|summe|gesamt|ergebnis|suma|somma)"
_OF_SOME = re.compile(rf"\W*({_WORD}\b.+|.+\b{_WORD})\W*", re.IGNORECASE)
_FEWEST = 5  # values
_LOOKED_AT = 50  # series called a total
_MOST_PARTS = 1000  # of a group with a total
_SAME, _MOST = 1e-3, 0.95  # how near a sum must be, and at how many values


def total_notes(panel: Panel) -> tuple[str, ...]:
    """A line on the series that are called a total and are the sum of others."""
    found = summed_series(panel, range(len(panel.key_names)))
    if not found:
        return ()
    they, them = ("it is", "it") if len(found) == 1 else ("they are", "them")
    mend = f"--set totals=drop leaves {them} out"
    return (f"{sums_said([panel.name(s) for s in found])}: {they} forecast as well; {mend}",)


def with_totals(panel: Panel, how: str) -> tuple[Panel, tuple[str, ...]]:
    """The panel with the series that are called a total and are the sum of others, and a note where they are
    left out. how: "keep" or "drop" them."""
    found = summed_series(panel, range(len(panel.key_names))) if how == "drop" else []
    if not found:
        return panel, ()
    those = "is the sum" if len(found) == 1 else "are sums"
    names = first_few([panel.name(s).strip() for s in found])
    said = f"{plural(len(found), 'series', 'series')} that {those} of others left out (totals=drop): {names}"
    return panel.select(np.delete(np.arange(len(panel)), found)), (said,)


def sums_said(names: list[str]) -> str:
    """What is said of series that sum up others."""
    if len(names) == 1:
        return f"series {names[0]} is the sum of others"
    return f"series {first_few(names)} are sums of others"


def summed_series(panel: Panel, places: Collection[int]) -> list[int]:
    """Series that are called a total in one of the key columns at `places`, and are the sum of others."""
    words = {part for key in panel.keys for part in key}
    totals = {part for part in words if is_total_name(part) or _OF_SOME.fullmatch(part)}
    if not totals:
        return []
    named = {s: at for s, key in enumerate(panel.keys) for at, part in enumerate(key) if part in totals}
    asked = [(s, at) for s in named for at in places if panel.keys[s][at] in totals][:_LOOKED_AT]
    found = {s for s, at in asked if _is_sum(panel, s, _parts(panel, s, at)) or _ends_group(panel, s, named)}
    if found:  # beside them a group of one has a total, too
        found |= {s for s, _ in asked if s not in found and _ends_group(panel, s, named, fewest=1)}
    return sorted(found)


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


def _ends_group(panel: Panel, total: int, named: Collection[int], fewest: int = 2) -> bool:
    """Whether a total is the sum of the series just before it, or just behind it; named: other totals."""
    values = panel.history(total)
    for side in (range(total - 1, -1, -1), range(total + 1, len(panel.keys))):
        sums, most = np.zeros(len(values)), _MOST_PARTS if fewest > 1 else 1
        for count, part in enumerate(islice((s for s in side if s not in named), most), 1):
            _add(panel, part, sums, total)
            if count >= fewest and are_sums(values, sums):
                return True
    return False


def _is_sum(panel: Panel, total: int, parts: list[int]) -> bool:
    if len(parts) < 2:
        return False
    values = panel.history(total)
    sums = np.zeros(len(values))
    for part in parts:
        _add(panel, part, sums, total)
    return are_sums(values, sums)


def _add(panel: Panel, part: int, sums: Array, total: int) -> None:
    """Adds the values of a series to sums (n,) at the times of a total."""
    starts = np.asarray(panel.starts)
    first, _ = positions(starts[[part]], starts[total], panel.step)
    at, cells = int(first[0]), np.nan_to_num(panel.history(part))
    begin, end = max(at, 0), min(at + len(cells), len(sums))
    if begin < end:
        sums[begin:end] += cells[begin - at : end - at]
