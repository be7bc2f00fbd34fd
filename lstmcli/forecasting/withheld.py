"""Windows as the network would see them if it did not know some of their covariates.

A number known ahead is at its mean over the context for the steps ahead, and so is a past one in the context.
The calendar is at its mean over the context in both. A static number is at its mean over the training; a
category is one that training has not seen. What is known ahead tells, in the context, what drove the newest
values: it goes with these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lstmcli.network.architecture import Network
from lstmcli.series.panel import Panel
from lstmcli.windows.covariates import UNSEEN_CODE, Covariates
from lstmcli.windows.cut import Windows, simple_forecasts

HOLIDAYS, CALENDAR = "holidays", "calendar"


@dataclass(frozen=True)
class CovariatePart:
    """One covariate, or the calendar, as columns of `Windows`.

    own      whether it is a column of the data
    future   whether it is known ahead, and not the calendar
    along    of `covariates`, which are 0 at their mean
    ahead    of `ahead`, for each number: the first is its distance from its mean, see `simple_forecasts`
    times    of `covariates` and, at the same place, of `ahead`, for the calendar
    """

    name: str
    own: bool = True
    future: bool = False
    along: tuple[int, ...] = ()
    ahead: tuple[slice, ...] = ()
    times: tuple[tuple[int, int], ...] = ()
    codes: tuple[int, ...] = ()
    codes_ahead: tuple[int, ...] = ()
    static: tuple[int, ...] = ()
    static_codes: tuple[int, ...] = ()


@dataclass(frozen=True)
class NumericNames:
    """Names of the numeric covariates, in the order of a panel."""

    static: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()


def covariate_parts(
    network: Network, panel: Panel, known: Covariates, names: NumericNames
) -> tuple[CovariatePart, ...]:
    """All that a network reads beside the values. known: the covariates of the panel."""
    each, holidays = len(simple_forecasts(network.shape)), known.numbers.holidays.width
    past, numbers = len(names.past), len(names.past) + len(names.future) + holidays
    ahead = [slice(k * each, (k + 1) * each) for k in range(numbers - past)]
    found = [CovariatePart(name, static=(k,)) for k, name in enumerate(names.static)]
    found += [CovariatePart(name, along=(k,)) for k, name in enumerate(names.past)]
    for k, name in enumerate(names.future):
        found.append(CovariatePart(name, future=True, along=(past + k,), ahead=(ahead[k],)))
    found += _coded(panel)
    if holidays:
        along, later = tuple(range(numbers - holidays, numbers)), tuple(ahead[-holidays:])
        found.append(CovariatePart(HOLIDAYS, own=False, future=True, along=along, ahead=later))
    if known.calendar.width:
        places = range(known.calendar.width)
        times = tuple((numbers + k, len(ahead) * each + k) for k in places)
        found.append(CovariatePart(CALENDAR, own=False, times=times))
    return tuple(found)


def _coded(panel: Panel) -> list[CovariatePart]:
    """Categories: static ones are apart; of the others those known ahead come last."""
    static = [c for c in panel.categories if c.role == "static"]
    others = [c for c in panel.categories if c.role != "static"]
    past = sum(c.role == "past" for c in others)
    made = [CovariatePart(c.column, static_codes=(k,)) for k, c in enumerate(static)]
    for k, c in enumerate(others):
        later = (k - past,) if k >= past else ()
        made.append(CovariatePart(c.column, future=k >= past, codes=(k,), codes_ahead=later))
    return made


def without(windows: Windows, parts: Sequence[CovariatePart], known: Sequence[bool], course: bool) -> Windows:
    """The same windows with some covariates alone. known: of each part; course: whether the newest values
    are known, and what drove them."""
    names = ("covariates", "ahead", "codes", "codes_ahead", "static", "static_codes")
    made = {name: getattr(windows, name).copy() for name in names}
    for part, there in zip(parts, known, strict=True):
        for columns in part.ahead:
            later = windows.ahead[..., columns.start : columns.start + 1]
            simple = later - windows.ahead[..., columns]
            made["ahead"][..., columns] = (later if there else 0.0) - (simple if course else 0.0)
        if not (course if part.future else there):
            made["covariates"][..., list(part.along)] = 0.0
            made["codes"][..., list(part.codes)] = UNSEEN_CODE
        if there:
            continue
        for along, ahead in part.times:
            mean = windows.covariates[..., along].mean(axis=1, keepdims=True)
            made["covariates"][..., along] = mean
            made["ahead"][..., ahead] = mean
        made["codes_ahead"][..., list(part.codes_ahead)] = UNSEEN_CODE
        made["static"][..., list(part.static)] = 0.0
        made["static_codes"][..., list(part.static_codes)] = UNSEEN_CODE
    return replace(windows, **made)
