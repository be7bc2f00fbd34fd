"""Conditions on forecasts: the names in them, for which series they hold, from when on, how probably."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from lstmcli.errors import UsageError
from lstmcli.forecasting.closed import among_closed, open_rows, steps_within
from lstmcli.forecasting.intervals import at_quantiles
from lstmcli.forecasting.paths import PathMaker, chance_of_crossing
from lstmcli.series.arrays import Array, Flags, Indices
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel
from lstmcli.series.roles import NO_ROLES, Roles
from lstmcli.settings.conditions import Condition, KnownNames, condition, quoted_name
from lstmcli.settings.expressions import COMPARISONS, MIRRORED, Comparison, Constant, Name, NumberPart, Values

_FORECAST, _LAST = "forecast", "last"
_OWN_NAMES = (_FORECAST, _LAST)
_QUANTILE = re.compile(r"q(0\.\d+)")
_PERCENT = re.compile(r"[\d.]+(?:[eE][+-]?\d+)?\s*%")
_FAR, _SHARE = 10, 2  # values that are so many times a percentage, and more than a share, may be percents
_WORDS = {
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
    "==": "equal to",
    "!=": "other than",
}


@dataclass(frozen=True)
class Crossing:
    """Why a condition holds for a series.

    words        what is where, as "q0.9 above 95"
    step         the row of the forecast at which it first is, from 0; None for what is of no step
    stays        whether it is at all later steps too; last: whether there is none
    probability  of it at that step; None where it is no comparison of a forecast with a number. Beyond the
                 outermost quantiles of the model it is that of the outermost one
    bound        "<" or ">" where it is below or above that
    ever         probability of it at any step of the horizon, not less than that; None where not asked for
    """

    words: str
    step: int | None
    stays: bool
    last: bool = False
    probability: float | None = None
    bound: str = ""
    ever: float | None = None


@dataclass(frozen=True)
class ForecastCondition:
    """condition: what holds or not, at open times; roles: of the columns that it may name."""

    condition: Condition
    roles: Roles

    def holds(self, made: Forecast, panel: Panel, first: int = 0) -> Flags:
        """For which series of a forecast it does at any step, (series,).

        made: with the quantiles of the model; panel: of all series, with the rows that are known ahead;
        first: the place of the first series of `made` in it.
        """
        values, opened = self._values(made, panel, first), open_rows(made, panel.step)
        found = np.zeros(len(made.keys), bool)
        kinds, which = np.unique(opened, axis=0, return_inverse=True)
        for kind, rows in enumerate(kinds):
            if rows.any():
                chosen = np.flatnonzero(which.ravel() == kind)
                found[chosen] = self.condition.holds(_at_rows(values, chosen, rows))
        return found

    def crossing(
        self, made: Forecast, panel: Panel, series: int, first: int = 0, chance: PathMaker | None = None
    ) -> Crossing:
        """Why it holds for one series of a forecast for which it does; arguments as of `holds`.

        chance: draws the paths for the probability at any step.
        """
        one = _one(made, series)
        rows = open_rows(one, panel.step)[0]
        values = _at_rows(self._values(one, panel, first + series), np.arange(1), rows)
        one = replace(one, values=one.values[:, rows])
        horizon, places = one.horizon, np.flatnonzero(rows).tolist()
        seen = np.broadcast_to(self.condition.truth.seen(values), (1, horizon))[0]
        step = int(np.argmax(seen))
        parts = [part for part in self.condition.truth.comparisons() if _at(part.seen(values), step)]

        def rank(part: Comparison) -> tuple[bool, bool]:
            """Best one of the forecast, else one of a step."""
            return _side(part) is None, part.seen(values).shape[1] == 1

        part = min(parts or self.condition.truth.comparisons(), key=rank)
        of_no_step = horizon > 1 and rank(part)[1]
        made_words = _described(part, values, step)
        if of_no_step:
            return Crossing(made_words, None, True)
        probability = _probability(part, one, values, step)
        stays, last = bool(seen[step:].all()), step == horizon - 1
        found = Crossing(made_words, places[step], stays, last, *probability)
        if chance is None or found.probability is None:
            return found
        return replace(found, ever=max(_ever(part, one, values, chance), found.probability))

    def _values(self, made: Forecast, panel: Panel, first: int) -> Values:
        """Every name of the condition as an array, and the forecast, which shows the steps."""
        names, series = self.condition.names, np.arange(first, first + len(made.keys))
        levels = tuple(level for name in names if (level := _level(name)) is not None)
        wanted = at_quantiles(made, levels)
        values: dict[str, Array] = {_FORECAST: wanted.median}
        ends = panel.offsets[series] + panel.lengths[series]
        for name in names:
            column = name.strip("`")
            if (level := _level(name)) is not None:
                values[name] = wanted.values[:, :, wanted.quantiles.index(level)]
            elif name == _LAST:
                values[name] = panel.values[ends - 1][:, None]
            elif name in _OWN_NAMES:
                continue
            elif column in self.roles.static:
                place = self.roles.numeric(self.roles.static).index(column)
                values[name] = _as_written(panel.static[series, place])[:, None]
            else:
                part = panel.select(slice(first, first + len(made.keys)))
                rows = ends[:, None] + np.arange(steps_within(part, made.horizon))
                place = self.roles.numeric(self.roles.future).index(column)
                known = among_closed(panel.future[rows, place][..., None], part, made.horizon, np.nan)
                values[name] = _as_written(known[..., 0])
        return values


def forecast_condition(text: str, quantiles: Sequence[float], roles: Roles = NO_ROLES) -> ForecastCondition:
    """Reads a condition on the forecast of a model with these quantiles and columns.

    Raises UsageError for one that makes no sense, that names what is not there, or a quantile that the
    model does not span.
    """
    columns = (*roles.numeric(roles.static), *roles.numeric(roles.future))
    taken = [column in _OWN_NAMES or _level(column) is not None for column in columns]
    names = tuple(f"`{c}`" if hidden else c for c, hidden in zip(columns, taken, strict=True))
    low, high = quantiles[0], quantiles[-1]

    def quantile(name: str) -> str:
        level = _level(name)
        if level is not None and not low - 1e-9 <= level <= high + 1e-9:
            raise UsageError(f"{name}: this model gives quantiles from q{low:g} to q{high:g};")
        return name if level is not None else ""

    known = KnownNames(
        (*_OWN_NAMES, *(f"q{q:g}" for q in quantiles), *names),
        "name",
        listed=", ".join([*_OWN_NAMES, f"q{low:g} to q{high:g}", *map(quoted_name, names)]),
        unfit=_unfit(roles),
        other=quantile,
    )
    return ForecastCondition(condition(text, known), roles)


def percent_notes(found: Condition, values: Array) -> Iterator[str]:
    """Where a forecast is compared with a percentage that is far below the values, which may be percents."""
    usual = float(np.nanmedian(np.abs(values))) if len(values) else 0.0
    for part in found.truth.comparisons():
        side = _side(part)
        percent = _PERCENT.search(part.text)
        if side is None or percent is None or not isinstance(side[2], Constant):
            continue
        if usual > max(_FAR * abs(side[2].number), _SHARE):
            meant = percent[0].rstrip("% ")
            said = f"{percent[0]} is {side[2].number:g}, and the values are about {usual:.3g}"
            yield f"{said}; where these are percents, type {meant} without the sign"


def _unfit(roles: Roles) -> dict[str, str]:
    told = dict.fromkeys(roles.past, "is not known ahead;")
    told |= dict.fromkeys(roles.series, "tells series apart and is no number;")
    told |= dict.fromkeys(roles.categorical, "is a category and no number;")
    told |= dict.fromkeys(roles.targets, "is what is forecast: write forecast, a quantile, or last;")
    return told


def _level(name: str) -> float | None:
    found = _QUANTILE.fullmatch(name)
    return round(float(found[1]), 9) if found else None


def _as_written(numbers: Any) -> Array:
    """Numbers of single precision as the decimals that they were."""
    made: Array = numbers.astype(str).astype(np.float64)
    return made


def _at_rows(values: Values, series: Indices, rows: Flags) -> Values:
    """Some series at some rows of the forecast, (horizon,)."""
    return {
        name: part[series][:, rows] if part.shape[1] == len(rows) else part[series]
        for name, part in values.items()
    }


def _one(made: Forecast, series: int) -> Forecast:
    here = slice(series, series + 1)
    return replace(made, keys=made.keys[here], starts=made.starts[here], values=made.values[here])


def _at(flags: Flags, step: int) -> bool:
    return bool(flags[0, step if flags.shape[1] > 1 else 0])


def _side(part: Comparison) -> tuple[str, str, NumberPart] | None:
    """The forecast or quantile, sign and other side of a comparison of one of these with what is certain."""
    part = part.of_steps
    sides = ((part.left, part.sign, part.right), (part.right, MIRRORED[part.sign], part.left))
    for side, sign, other in sides:
        if isinstance(side, Name) and _is_uncertain(side.name) and not any(map(_is_uncertain, other.names())):
            return side.name, sign, other
    return None


def _is_uncertain(name: str) -> bool:
    return name == _FORECAST or _level(name) is not None


def _number_at(side: NumberPart, values: Values, step: int) -> float:
    numbers = side.value(values)[0]
    return float(numbers[step if len(numbers) > 1 else 0])


def _described(part: Comparison, values: Values, step: int) -> str:
    if (found := _side(part)) is not None:
        name, sign, other = found
        subject = "" if name == _FORECAST else f"{name} "
        return f"{subject}{_WORDS[sign]} {_number_at(other, values, step):.6g}"
    stepped = part.of_steps if part.of_steps.seen(values).any() else part
    left, right = (_number_at(side, values, step) for side in (stepped.left, stepped.right))
    return f"{part.text} ({left:.6g} and {right:.6g})"


def _probability(
    part: Comparison, made: Forecast, values: Values, step: int
) -> tuple[()] | tuple[float, str]:
    """That of a comparison at a step, and whether it is only a bound."""
    found = _side(part)
    if found is None or found[1] in ("==", "!="):
        return ()
    _, sign, other = found
    below, bound = probability_below(
        made.values[0, step], made.quantiles, _number_at(other, values, step), sign in (">", "<=")
    )
    return (below, bound) if sign in ("<", "<=") else (1 - below, {"<": ">", ">": "<"}.get(bound, ""))


def _ever(part: Comparison, made: Forecast, values: Values, chance: PathMaker) -> float:
    """The probability of a comparison with something certain at any step."""
    found = _side(part)
    assert found
    numbers = np.broadcast_to(found[2].value(values)[0], (made.horizon,))
    return chance_of_crossing(chance, made, 0, found[1], numbers)


def probability_below(
    values: Array, quantiles: Sequence[float], number: float, or_equal: bool = False
) -> tuple[float, str]:
    """The probability of a value below a number, where a forecast has these values at its quantiles, and
    "<" or ">" where that is only a bound, as the number is beyond the outermost quantiles.

    values: (quantiles,) in rising order; between them it is interpolated on the normal scale.
    """
    place = int(np.searchsorted(values, number, side="right" if or_equal else "left"))
    if place == 0:
        return quantiles[0], "" if values[0] == number else "<"
    if place == len(values):
        return quantiles[-1], "" if values[-1] == number else ">"
    share = (number - values[place - 1]) / (values[place] - values[place - 1])
    normal = NormalDist()
    low, high = (normal.inv_cdf(quantiles[at]) for at in (place - 1, place))
    return normal.cdf(low + share * (high - low)), ""


def first_crossings(values: Array, sign: str, number: float, opened: Flags) -> Any:
    """The first row at which each series crosses a number, -1 where it never does: (series, columns).

    values: (series, horizon, columns); sign: of `COMPARISONS`; opened: (series, horizon) rows that count.
    """
    crossed = COMPARISONS[sign](values, np.asarray(number)) & opened[:, :, None]
    return np.where(crossed.any(axis=1), np.argmax(crossed, axis=1), -1)
