"""The rows to forecast, after the last value of each series: which lack future covariates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.errors.findings import first_few, plural
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel

_NAMED = 3  # series, or times of one, that a message names

FIRST_OF_TWO = "--future beside --what-if"  # what gives the first of two plans


def missing_future(panel: Panel, horizon: int, within: Indices | None = None) -> list[Indices]:
    """Positions in each series of the steps after its last value that lack a future covariate. within: as of
    `check_future_rows`."""
    lacking = _needed(_lacking(panel, horizon, _unknown(panel)), within)
    return [length + np.flatnonzero(steps) for length, steps in zip(panel.lengths, lacking, strict=True)]


def lacks_future(panel: Panel, series: Indices, origins: Indices, horizon: int) -> NDArray[np.bool_]:
    """Whether a future covariate is unknown in one of the steps after each origin, (windows,)."""
    rows = (panel.offsets[series] + origins)[:, None] + np.arange(horizon)
    beyond = rows >= panel.offsets[series + 1][:, None]
    unknown = np.append(_unknown(panel), True)
    return np.asarray(unknown[np.where(beyond, len(unknown) - 1, rows)].any(axis=1))


def _unknown(panel: Panel) -> NDArray[np.bool_]:
    """Rows without one of the future covariates, (rows,)."""
    unknown = np.asarray(np.isnan(panel.future).any(axis=1))
    for category in panel.categories:
        if category.role == "future":
            unknown |= category.codes < 0
    return unknown


def _lacking(panel: Panel, horizon: int, unknown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Steps after the last value that have no row, or an unknown one, (series, horizon)."""
    rows = (panel.offsets[:-1] + panel.lengths)[:, None] + np.arange(horizon)
    lacking = rows >= panel.offsets[1:, None]
    lacking[~lacking] = unknown[rows[~lacking]]
    return lacking


def _needed(lacking: NDArray[np.bool_], within: Indices | None) -> NDArray[np.bool_]:
    """Without the steps behind the last row of a series."""
    return lacking if within is None else lacking & (np.arange(lacking.shape[1]) < within[:, -1:])


def check_future_rows(
    panel: Panel,
    horizon: int,
    columns: Sequence[str] = (),
    flag: str = "--future",
    within: Indices | None = None,
) -> None:
    """Raises DataError where future covariates are needed and not given.

    columns: names of the numeric ones, in the order of `panel.future`, flag: the option that gives them, for
    the message; within: (series, rows) how many steps the first rows have, None where every row is a step;
    """
    if not (panel.future.shape[1] or any(c.role == "future" for c in panel.categories)):
        return
    lacking = _needed(_lacking(panel, horizon, _unknown(panel)), within)
    count = int(lacking.sum())
    if not count:
        return
    which = np.flatnonzero(lacking.any(axis=1))
    places = [panel.lengths[s] + np.flatnonzero(lacking[s]) for s in which[:_NAMED]]
    few = "; ".join(_rows_named(panel, int(s), at) for s, at in zip(which, places, strict=False))
    more = f"; and {len(which) - _NAMED} more series" if len(which) > _NAMED else ""
    raise DataError(
        "missing-future",
        f"Future values of {_columns_lacking(panel, horizon, columns)} are missing for "
        f"{plural(count, 'row')}: {few}{more}. "
        f"{_mend(flag)}; "
        f"--make-future {horizon if within is None else within.shape[1]} prints that file to fill in"
        + _given_rows(lacking, within),
    )


def _mend(flag: str) -> str:
    if flag == "--what-if":
        return f"Add them to the file of {flag}"
    compared = ": --what-if compares its plan with that one" if flag == FIRST_OF_TWO else ""
    return f"Add them with an empty target, or give them with --future FILE{compared}"


def _given_rows(lacking: NDArray[np.bool_], within: Indices | None) -> str:
    """The horizon for which all series have rows."""
    given = int(np.argmax(lacking.any(axis=0)))
    if within is not None:
        first = np.where(lacking.any(axis=1), lacking.argmax(axis=1), lacking.shape[1])
        given = int((within <= first[:, None]).sum(axis=1).min())
    return f"; --horizon {given} forecasts the rows that are there" if given else ""


def _columns_lacking(panel: Panel, horizon: int, columns: Sequence[str]) -> str:
    unknown = {name: np.isnan(panel.future[:, k]) for k, name in enumerate(columns)}
    unknown |= {c.column: c.codes < 0 for c in panel.categories if c.role == "future"}
    names = [name for name, rows in unknown.items() if _lacking(panel, horizon, rows).any()]
    return first_few(names) or "covariates"


def _rows_named(panel: Panel, series: int, places: Indices) -> str:
    """A series and the first times that it lacks; a run of times by its ends."""
    name = f"{panel.name(series)} " if panel.name(series) else ""

    def shown(place: int) -> str:
        return panel.shown_time(panel.times(series, int(place), 1)[0])

    times = [shown(place) for place in (places[0], places[-1])]
    if len(places) == 1:
        return f"{name}{times[0]}"
    if places[-1] - places[0] == len(places) - 1:
        return f"{name}{times[0]} to {times[1]}"
    few = [shown(place) for place in places[:_NAMED]]
    return f"{name}{', '.join(few)}{', ...' if len(places) > _NAMED else ''} ({len(places)} rows)"
