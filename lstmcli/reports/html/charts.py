"""Charts as SVG within HTML, as wide as the page is.

Only lines and areas are in the SVG, which is stretched; what is written stands beside it as text
of the page, so that it can be read on a screen of any width. Colours are classes of `style`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstmcli.reports.html.axes import Axis, drawn_range
from lstmcli.reports.html.markup import part as template
from lstmcli.reports.thinning import said_of, thin_band, thin_line
from lstmcli.series.arrays import Array

_SIZE = 1000  # units of the SVG along each side


@dataclass(frozen=True)
class ChartLine:
    """A line, broken where y is NaN. look: a class of `style`; name: "" to leave it out of the legend."""

    x: Array
    y: Array
    look: str
    name: str = ""
    dots: bool = False


@dataclass(frozen=True)
class ChartBand:
    """The area between two lines without gaps."""

    x: Array
    low: Array
    high: Array
    look: str
    name: str = ""


@dataclass(frozen=True)
class Mark:
    """A line across the chart at one place."""

    x: float
    name: str = ""


ChartPart = ChartLine | ChartBand | Mark


def chart(title: str, parts: Sequence[ChartPart], x: Axis, y: Axis, text: str = "", tall: bool = True) -> str:
    """A figure; title and text are also its description for screen readers. Of long lines a part is drawn,
    which the text says."""
    longest = max((len(part.x) for part in parts if not isinstance(part, Mark)), default=0)
    parts, text = [_thin(part) for part in parts], " ".join(filter(None, (text, said_of(longest))))
    grid = [("grid", f"M0 {_down(y, place)}H{_SIZE}") for place, _ in y.ticks]
    beside = [(_percent(1 - y.share(np.array(place))), label) for place, label in y.ticks]
    legend = {one.name: "mark" if isinstance(one, Mark) else one.look for one in parts if one.name}
    return template(
        "chart",
        _SIZE,
        title,
        text,
        ". ".join(words for words in (title, text, _describe_axes(x, y)) if words),
        list(legend.items()),
        y.name,
        x.name,
        tall,
        beside,
        [*grid, *(path for one in parts for path in _paths(one, x, y))],
        [_below(x, number) for number in range(len(x.ticks))],
    )


def spark(values: Array, text: str) -> str:
    """A line the size of a word; text: its description for screen readers."""
    places, heights = thin_line(np.arange(len(values), dtype=np.float64), values, 60)
    low, high = drawn_range(heights)
    room = high / 20 - low / 20
    across, up = Axis(0, max(len(values) - 1, 1), ()), Axis(low - room, high + room, ())
    line = ChartLine(places, heights, "forecast")
    return template("spark", _SIZE, text, list(_paths(line, across, up)))


def _thin(part: ChartPart) -> ChartPart:
    """Of a long line or band what can be seen."""
    if isinstance(part, ChartBand):
        x, low, high = thin_band(part.x, part.low, part.high)
        return replace(part, x=x, low=low, high=high)
    if isinstance(part, ChartLine):
        x, y = thin_line(part.x, part.y)
        return replace(part, x=x, y=y)
    return part


def _paths(part: ChartPart, x: Axis, y: Axis) -> Iterator[tuple[str, str]]:
    """The paths of a part: their class of the style sheet, and the line."""
    if isinstance(part, Mark):
        yield "mark", f"M{_right(x, part.x)} 0V{_SIZE}"
    elif isinstance(part, ChartBand):
        upper = _points(part.x, part.high, x, y)
        lower = _points(part.x, part.low, x, y)[::-1]
        yield part.look, f"M{'L'.join(upper + lower)}Z"
    else:
        yield part.look, "".join(_stretches(part, x, y))
        if part.dots:  # a line of no length with a round end stays round when the SVG is stretched
            points = _points(part.x, part.y, x, y)
            yield f"{part.look} dots", "".join(f"M{point}h0" for point in points)


def _stretches(curve: ChartLine, x: Axis, y: Axis) -> Iterator[str]:
    """The unbroken stretches of a line; one of a single point is a dot."""
    known = np.isfinite(curve.y)
    for stretch in np.split(np.arange(len(known)), np.flatnonzero(np.diff(known)) + 1):
        if stretch.size and known[stretch[0]]:
            points = _points(curve.x[stretch], curve.y[stretch], x, y)
            yield "M" + ("L".join(points) if len(points) > 1 else f"{points[0]}h0")


def _points(across: Array, up: Array, x: Axis, y: Axis) -> list[str]:
    known = np.isfinite(up)
    rights, downs = _SIZE * x.share(across[known]), _SIZE * (1 - y.share(up[known]))
    return [f"{right:.5g} {down:.5g}" for right, down in zip(rights, downs, strict=True)]


def _right(x: Axis, place: float) -> str:
    return f"{_SIZE * float(x.share(np.array(place))):.5g}"


def _down(y: Axis, place: float) -> str:
    return f"{_SIZE * (1 - float(y.share(np.array(place)))):.5g}"


def _percent(share: Array) -> str:
    return f"{100 * float(share):.4g}%"


def _below(x: Axis, number: int) -> tuple[str, str, str]:
    """A label below the chart: classes, place, text; every second one makes room on a narrow screen."""
    place, label = x.ticks[number]
    share = x.share(np.array(place))
    kinds = ["second"] if number % 2 and len(x.ticks) > 4 else []
    kinds += ["end"] if share > 0.93 else []
    return " ".join(kinds), _percent(share), label


def _describe_axes(x: Axis, y: Axis) -> str:
    """The ends of the axes, for screen readers."""
    ends = [f"{axis.ticks[0][1]} to {axis.ticks[-1][1]}" for axis in (x, y) if axis.ticks]
    return f"Axes: {', '.join(ends)}" if ends else ""
