"""Covariates of a panel in network units: numbers, categories and the calendar, looked up row by row.

Numbers enter the network in three ways: standardised over the training part; shifted and scaled by
their own context as the values are, so that series of any scale look alike; and, where they are known ahead,
as the departure from each simple forecast of them. A forecast that repeats the last season is wrong
by as much as what drives the values differs from what drove them then.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.foreign import quoted
from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import Times, time_features
from lstmcli.series.category import Category
from lstmcli.series.holidays import holiday_flags
from lstmcli.series.panel import Panel
from lstmcli.windows.scaling import Scaling
from lstmcli.windows.time_features import TimeColumns, time_columns

Codes = NDArray[np.int64]

UNSEEN_CODE = 0  # row of every embedding for what training has not seen


@dataclass(frozen=True)
class Numbers:
    """Numeric covariates of any row: past, future and holidays, float32 in the units of the data.

    ahead: how many of the columns are known ahead; they are the last ones
    """

    panel: Panel
    holidays: TimeColumns

    @property
    def columns(self) -> int:
        return self.panel.past.shape[1] + self.ahead

    @property
    def ahead(self) -> int:
        return self.panel.future.shape[1] + self.holidays.width

    def at(self, series: Indices, rows: Indices) -> NDArray[np.float32]:
        """Those of flat rows (batch, n), each of one series (batch,): (batch, n, columns)."""
        parts = [self.panel.past[rows], self.panel.future[rows], self.holidays.at(series, rows)]
        return np.concatenate(parts, axis=2)


@dataclass(frozen=True)
class Covariates:
    """numbers       see `Numbers`
    calendar      calendar features, known ahead
    coded         codes (rows,) of past and future categories, and the row of the embedding of each code
    static        (series, static columns) float32, standardised
    static_codes  (series, static categories) rows of embeddings
    codes_ahead   how many columns of codes are known ahead; they are the last ones
    """

    numbers: Numbers
    calendar: TimeColumns
    coded: tuple[tuple[NDArray[np.int32], Codes], ...]
    static: NDArray[np.float32]
    static_codes: Codes
    codes_ahead: int

    def codes(self, rows: Indices) -> Codes:
        """Rows of embeddings of flat rows (batch, n), (batch, n, past + future categories)."""
        return _stacked([of_code[codes[rows]] for codes, of_code in self.coded], rows.shape)


def covariate_numbers(panel: Panel, holidays: str) -> Numbers:
    """Numeric covariates of a panel. Raises SettingsError for holidays that are not known."""
    flags = partial(holiday_flags, step=panel.step, place=holidays)
    return Numbers(panel, time_columns(panel, flags if holidays else _no_columns))


def covariates_of(panel: Panel, scaling: Scaling, calendar: bool, holidays: str) -> Covariates:
    """Prepares a panel once, before any window is cut from it. Raises SettingsError for unknown holidays."""
    static = scaling.static.apply(panel.static) if panel.static.size else np.zeros((len(panel), 0))
    coded = [
        (c, _rows_of_embedding(c, known))
        for c, known in zip(panel.categories, scaling.categories, strict=True)
    ]
    fixed = [of_code[c.codes] for c, of_code in coded if c.role == "static"]
    return Covariates(
        numbers=covariate_numbers(panel, holidays),
        calendar=time_columns(panel, partial(time_features, step=panel.step) if calendar else _no_columns),
        coded=tuple((c.codes, of_code) for c, of_code in coded if c.role != "static"),
        static=static.astype(np.float32),
        static_codes=_stacked(fixed, (len(panel),)),
        codes_ahead=sum(c.role == "future" for c in panel.categories),
    )


def _no_columns(times: Times) -> NDArray[np.float32]:
    return np.zeros((len(times), 0), np.float32)


def describe_unseen(panel: Panel, scaling: Scaling) -> list[str]:
    """What there is of categories that the model has not seen, one line per column."""
    lines = []
    for category, known in zip(panel.categories, scaling.categories, strict=True):
        strange = [n for n, name in enumerate(category.names) if name not in set(known)]
        counts = {n: int((category.codes == n).sum()) for n in strange}
        counts = {n: count for n, count in counts.items() if count}
        if counts:
            few = ", ".join(_with_like(category.names[n], known) for n in list(counts)[:3])
            what = "series" if category.role == "static" else "rows"
            more = f" and {len(counts) - 3} more" if len(counts) > 3 else ""
            lines.append(
                f"{sum(counts.values()):,} {what} have a {category.column} that the model has not seen: "
                f"{few}{more}"
            )
    return lines


def _with_like(name: str, known: tuple[str, ...]) -> str:
    """A category that is not known, with the known one that is spelled the same but for case and blanks."""
    plain = "".join(name.split()).casefold()
    like = next((other for other in known if "".join(other.split()).casefold() == plain), None)
    return quoted(name) if like is None else f"{quoted(name)} (it knows {quoted(like)})"


def _rows_of_embedding(category: Category, known: tuple[str, ...]) -> Codes:
    """The row of the embedding of each code: 0 for what is not in the model, and for the code -1."""
    places = {name: row for row, name in enumerate(known, start=UNSEEN_CODE + 1)}
    return np.array([*(places.get(name, UNSEEN_CODE) for name in category.names), UNSEEN_CODE], np.int64)


def _stacked(columns: list[Codes], shape: tuple[int, ...]) -> Codes:
    return np.stack(columns, axis=-1) if columns else np.zeros((*shape, 0), np.int64)
