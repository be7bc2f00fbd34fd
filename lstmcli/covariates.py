"""Covariates of a panel in network units: numbers, categories and the calendar, row by row.

Numbers are told in three ways: standardised over the training part; shifted and scaled by their own
context as the values are, so that series of any scale look alike; and, where they are known ahead,
as the departure from each simple forecast of them. A forecast that repeats the last season is wrong
by as much as what drives the values differs from what drove them then.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.calendar import Times, advance, features
from lstmcli.panel import Category, Panel
from lstmcli.public_holidays import holiday_flags
from lstmcli.scaling import Scaling

Array = NDArray[np.floating]
Codes = NDArray[np.int64]

UNSEEN = 0  # row of every embedding for what training has not seen


@dataclass(frozen=True)
class Covariates:
    """numbers       (rows, past + future) float32 in the units of the data
    calendar      (rows, calendar columns) float32, known ahead
    codes         (rows, past + future categories) rows of embeddings
    static        (series, static columns) float32, standardised
    static_codes  (series, static categories) rows of embeddings
    ahead, codes_ahead  how many columns of numbers and codes are known ahead; they are the last ones
    """

    numbers: NDArray[np.float32]
    calendar: NDArray[np.float32]
    codes: Codes
    static: NDArray[np.float32]
    static_codes: Codes
    ahead: int
    codes_ahead: int


def numbers_of(panel: Panel, holidays: str) -> NDArray[np.float32]:
    """Numeric covariates of every row, (rows, past + future + holidays). Raises SettingsError."""
    parts = [panel.past, panel.future]
    if holidays:
        parts.append(holiday_flags(row_times(panel), panel.step, holidays))
    return np.concatenate(parts, axis=1)


def covariates_of(panel: Panel, scaling: Scaling, calendar: bool, holidays: str) -> Covariates:
    """Prepares a panel once, before any window is cut from it. Raises SettingsError, see `numbers_of`."""
    rows, series = len(panel.values), len(panel)
    numbers = numbers_of(panel, holidays)
    times = features(row_times(panel), panel.step) if calendar else np.zeros((rows, 0), np.float32)
    static = scaling.static.apply(panel.static) if panel.static.size else np.zeros((series, 0))
    rowwise = [c for c in _coded(panel, scaling) if c[0].role != "static"]
    fixed = [c for c in _coded(panel, scaling) if c[0].role == "static"]
    return Covariates(
        numbers=numbers,
        calendar=times,
        codes=_stacked([codes for _, codes in rowwise], rows),
        static=static.astype(np.float32),
        static_codes=_stacked([codes for _, codes in fixed], series),
        ahead=numbers.shape[1] - panel.past.shape[1],
        codes_ahead=sum(c.role == "future" for c, _ in rowwise),
    )


def row_times(panel: Panel) -> Times:
    """The time stamp of every row of a panel, (rows,)."""
    sizes = np.diff(panel.offsets)
    places = np.arange(len(panel.values)) - np.repeat(panel.offsets[:-1], sizes)
    return advance(np.repeat(panel.starts, sizes), panel.step, places)


def unseen(panel: Panel, scaling: Scaling) -> list[str]:
    """What there is of categories that the model has not seen, one line per column."""
    lines = []
    for category, known in zip(panel.categories, scaling.categories, strict=True):
        strange = [n for n, name in enumerate(category.names) if name not in set(known)]
        counts = {n: int((category.codes == n).sum()) for n in strange}
        counts = {n: count for n, count in counts.items() if count}
        if counts:
            few = ", ".join(f"{category.names[n]!r}" for n in list(counts)[:3])
            what = "series" if category.role == "static" else "rows"
            more = f" and {len(counts) - 3} more" if len(counts) > 3 else ""
            lines.append(
                f"{sum(counts.values()):,} {what} have a {category.column} that the model has not seen: "
                f"{few}{more}"
            )
    return lines


def _coded(panel: Panel, scaling: Scaling) -> list[tuple[Category, Codes]]:
    """Every category of a panel with its rows of the embedding: 0 for what is not in the model."""
    coded = []
    for category, known in zip(panel.categories, scaling.categories, strict=True):
        places = {name: row for row, name in enumerate(known, start=UNSEEN + 1)}
        rows = np.array([*(places.get(name, UNSEEN) for name in category.names), UNSEEN], np.int64)
        coded.append((category, rows[category.codes]))  # the code -1 takes the last
    return coded


def _stacked(columns: list[Codes], length: int) -> Codes:
    return np.stack(columns, axis=1) if columns else np.zeros((length, 0), np.int64)
