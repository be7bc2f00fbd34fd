"""Charts as SVG within HTML, as wide as the page is.

Only lines and areas are in the SVG, which is stretched; what is written stands beside it as text
of the page, so that it can be read on a screen of any width. Colours are classes of `style`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lstmcli.reports.html.axes import Axis
from lstmcli.reports.html.markup import escape_html
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
    """A figure; title and text are also what one is told who cannot see it."""
    drawn = "\n".join(_drawn(part, x, y) for part in parts)
    grid = "".join(f'<path class="grid" d="M0 {_down(y, p)}H{_SIZE}"/>' for p, _ in y.ticks)
    beside = "".join(
        f'<span style="top:{_percent(1 - y.share(np.array(place)))}">{escape_html(label)}</span>'
        for place, label in y.ticks
    )
    below = "".join(_below(x, number) for number in range(len(x.ticks)))
    told = ". ".join(part for part in (title, text, _axes_told(x, y)) if part)
    caption = f'<p class="quiet">{escape_html(text)}</p>' if text else ""
    return (
        f'<figure class="chart">\n<h3>{escape_html(title)}</h3>{caption}{_legend(parts)}{_name(y, "up")}\n'
        f'<div class="plot{"" if tall else " low"}"><div class="beside" aria-hidden="true">{beside}</div>\n'
        f'<svg viewBox="0 0 {_SIZE} {_SIZE}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape_html(told)}">\n{grid}\n{drawn}\n</svg>\n'
        f'<div class="below" aria-hidden="true">{below}</div></div>{_name(x, "across")}\n</figure>'
    )


def spark(values: Array, text: str) -> str:
    """A line the size of a word; text is for those who cannot see it."""
    places, heights = thin_line(np.arange(len(values), dtype=np.float64), values, 60)
    known = heights[np.isfinite(heights)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    margin = (high - low) / 20 or 1.0
    across, up = Axis(0, max(len(values) - 1, 1), ()), Axis(float(low - margin), float(high + margin), ())
    return (
        f'<svg class="spark" viewBox="0 0 {_SIZE} {_SIZE}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape_html(text)}">{_drawn(ChartLine(places, heights, "forecast"), across, up)}</svg>'
    )


def thin_line(x: Array, y: Array, most: int) -> tuple[Array, Array]:
    """A line of at most `most` stretches, each by its lowest and its highest point, in their order."""
    if len(y) <= 2 * most:
        return x, y
    kept: list[int] = []
    for stretch in np.array_split(np.arange(len(y)), most):
        known = stretch[np.isfinite(y[stretch])]
        if known.size:
            kept += sorted({int(known[np.argmin(y[known])]), int(known[np.argmax(y[known])])})
        else:
            kept.append(int(stretch[0]))
    return x[kept], y[kept]


def _drawn(part: ChartPart, x: Axis, y: Axis) -> str:
    if isinstance(part, Mark):
        return f'<path class="mark" d="M{_right(x, part.x)} 0V{_SIZE}"/>'
    if isinstance(part, ChartBand):
        upper = _points(part.x, part.high, x, y)
        lower = _points(part.x, part.low, x, y)[::-1]
        return f'<path class="{part.look}" d="M{"L".join(upper + lower)}Z"/>'
    dots = ""
    if part.dots:  # a line of no length with a round end stays round when the SVG is stretched
        each = "".join(f"M{point}h0" for point in _points(part.x, part.y, x, y))
        dots = f'\n<path class="{part.look} dots" d="{each}"/>'
    return f'<path class="{part.look}" d="{"".join(_stretches(part, x, y))}"/>{dots}'


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


def _below(x: Axis, number: int) -> str:
    """A label below the chart; every second one makes room on a narrow screen."""
    place, label = x.ticks[number]
    share = x.share(np.array(place))
    kinds = ["second"] if number % 2 and len(x.ticks) > 4 else []
    kinds += ["end"] if share > 0.93 else []
    many = f' class="{" ".join(kinds)}"' if kinds else ""
    return f'<span{many} style="left:{_percent(share)}">{escape_html(label)}</span>'


def _legend(parts: Sequence[ChartPart]) -> str:
    named = {part.name: _look(part) for part in parts if part.name}
    items = "".join(f'<li><i class="{look}"></i>{escape_html(name)}</li>' for name, look in named.items())
    return f'<ul class="legend">{items}</ul>' if named else ""


def _look(part: ChartPart) -> str:
    return "mark" if isinstance(part, Mark) else part.look


def _name(axis: Axis, kind: str) -> str:
    return f'<p class="{kind}" aria-hidden="true">{escape_html(axis.name)}</p>' if axis.name else ""


def _axes_told(x: Axis, y: Axis) -> str:
    """The ends of the axes, for those who cannot see them."""
    ends = [f"{axis.ticks[0][1]} to {axis.ticks[-1][1]}" for axis in (x, y) if axis.ticks]
    return f"Axes: {', '.join(ends)}" if ends else ""
