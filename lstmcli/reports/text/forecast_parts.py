"""What `predict --why` and `--what-if` tell on standard error: one line for each of a few series."""

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import shown
from lstmcli.reports.forecast_parts import ForecastParts
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step, advance
from lstmcli.series.panel import shown_key
from lstmcli.tables.write.times import format_stamps

MOST_TOLD = 5  # series
_MOST_NAMED = 5  # parts of a line
_DIGITS = 4  # of the largest number of a line


def part_lines(found: ForecastParts, series: int, target: str, pattern: str | None) -> list[str]:
    """Of each series the step that is furthest from its level. series: how many there are in all; target:
    what one without a name is called; pattern: how times are written."""
    made, lines = found.forecast, []
    for s, key in enumerate(made.keys[:MOST_TOLD]):
        step = int(np.argmax(np.abs(made.median[s] - found.level[s])))
        stamp = advance(made.starts[s : s + 1], made.step, step)
        (time,) = np.asarray(format_stamps(stamp, pattern)).tolist()
        added = _sum(float(made.median[s, step]), found.parts[s, step], found.texts)
        lines.append(f"why: {shown_key(key) or shown(target)} {time}: {added}")
    return [*lines, *_more("why", series)]


def difference_lines(
    totals: dict[str, float], horizon: int, step: Step, series: int, target: str
) -> list[str]:
    """What a plan adds over all steps. totals: of the first series by their names; the other arguments as of
    `part_lines`."""
    over = step.span(horizon)
    lines = [
        f"what if: {name or shown(target)}: {_signed(total)} over {over}" for name, total in totals.items()
    ]
    return [*lines, *_more("what if", series)]


def _more(about: str, series: int) -> list[str]:
    left = series - MOST_TOLD
    return [f"{about}: and {plural(left, 'more series', 'more series')}"] if left > 0 else []


def _sum(forecast: float, parts: Array, texts: list[str]) -> str:
    """`412 = 300 level + 90 season + 25 promo - 3 last values`, in rounded numbers that add up."""
    decimals = decimals_of_largest(np.append(parts, forecast))
    rounded = np.round(parts, decimals) + 0.0
    level = round(round(forecast, decimals) - float(rounded.sum()), decimals) + 0.0
    order = [k for k in np.argsort(-np.abs(rounded), kind="stable").tolist() if rounded[k]]
    told = [(float(rounded[k]), texts[k]) for k in order[:_MOST_NAMED]]
    if others := order[_MOST_NAMED:]:
        told.append((round(float(rounded[others].sum()), decimals), f"from {plural(len(others), 'other')}"))
    added = "".join(f" {'-' if n < 0 else '+'} {_number(abs(n), decimals)} {text}" for n, text in told)
    return f"{_number(round(forecast, decimals), decimals)} = {_number(level, decimals)} level{added}"


def decimals_of_largest(values: Array) -> int:
    """Decimals with which the largest of some numbers has four digits; none below zero."""
    largest = float(np.abs(values).max(initial=0.0))
    return min(max(_DIGITS - 1 - int(np.floor(np.log10(largest))), 0), 15) if largest else 0


def _number(value: float, decimals: int) -> str:
    return f"{value + 0.0:,.{decimals}f}"


def _signed(value: float) -> str:
    decimals = decimals_of_largest(np.array([value]))
    text = f"{value:+,.{decimals}f}"
    return text if value else "0"
