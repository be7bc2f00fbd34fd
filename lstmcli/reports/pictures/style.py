"""What all pictures have in common: colours, axes of time, seasons marked, PNG bytes."""

import io
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axes._secondary_axes import SecondaryAxis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    NullFormatter,
    NullLocator,
    ScalarFormatter,
)

from lstmcli.errors.foreign import shown
from lstmcli.gates.memory import DataSeason
from lstmcli.reports.open_axis import leaves_out, open_places, open_ticks
from lstmcli.reports.pictures.own_matplotlib import settings_of_others
from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, Step, Times
from lstmcli.series.clock import shown_clock

# Okabe & Ito's colours can be told apart by colour-blind readers; a gate has one in all pictures.
INK, GREY, BLUE, RED, GREEN, ORANGE, PURPLE, SKY = (
    "#222222", "#767676", "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9",
)  # fmt: skip
CYCLE = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY)
LINES = ("-", "--", ":", "-.")  # of layers
GATE_COLOURS = {
    "forget": BLUE, "update": BLUE, "input": RED, "output": GREEN, "reset": PURPLE, "candidate": ORANGE,
}  # fmt: skip
# Marker and dash tell curves apart where colour does not, as in print.
GATE_MARKERS = {"forget": "o", "update": "o", "input": "^", "output": "s", "reset": "D", "candidate": "v"}
SIGNED, UNSIGNED = "PuOr", "cividis"  # maps of -1 to 1 and of 0 to 1

_FONT: Any = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "axes.titlepad": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "lstmcli",
    "svg.fonttype": "none",
}
_DPI = 110
_UNDATED: Any = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
# Labels of ticks at years, months, days, hours, minutes, seconds; where the unit above begins; of the axis.
_TIMES: Any = {
    "formats": ["%Y", "%b", "%-d %b", "%H:%M", "%H:%M", "%S.%f"],
    "zero_formats": ["", "%Y", "%-d %b", "%-d %b", "%H:%M", "%H:%M"],
    "offset_formats": ["", "%Y", "%Y", "%-d %b %Y", "%-d %b %Y", "%-d %b %Y %H:%M"],
}
_FIXED = (
    (SECOND, "second"), (MINUTE, "minute"), (HOUR, "hour"), (DAY, "day"), (7 * DAY, "week"),
    (365.25 * DAY, "year"),
)  # fmt: skip
_MONTHS = ((1, "month"), (3, "quarter"), (12, "year"))
_BUSINESS = ((1, "business day"), (5, "week"), (261, "year"))


def new_figure(width: float, height: float) -> Figure:
    """An empty figure in inches, whose parts keep clear of each other."""
    # Labels may grow by some points when the layout has shrunk their axis: the margin takes that in.
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06))


def plot_style() -> AbstractContextManager[None]:
    """A context in which every picture is drawn."""
    return matplotlib.rc_context(settings_of_others() | _FONT)


def picture_bytes(figure: Figure, form: str) -> bytes:
    """form: "png", "svg" or "pdf". The same figure gives the same bytes: nothing says when it was made."""
    buffer = io.BytesIO()
    with plot_style(), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn with boxes.
        warnings.filterwarnings("ignore", r"Glyph \d+ ")
        figure.savefig(buffer, format=form, dpi=_DPI, facecolor="white", metadata=_UNDATED[form])
    return buffer.getvalue()


class _Dates(ConciseDateFormatter):
    """As its base, but that what stands beside the axis holds for all of it, not for its last label alone."""

    _days: Sequence[date] = ()

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        self._days = [num2date(value).date() for value in values]  # type: ignore[no-untyped-call]
        labels: list[str] = super().format_ticks(values)  # type: ignore[no-untyped-call]
        return labels

    def get_offset(self) -> str:
        text = str(super().get_offset())  # type: ignore[no-untyped-call]
        if text and self._days and self._days[0] != self._days[-1]:
            text = " to ".join(dict.fromkeys(str(day.year) for day in (self._days[0], self._days[-1])))
        return text


def thousands(axes: Axes) -> None:
    """Marks of thousands along the axis of values: 12,000."""
    axes.yaxis.set_major_formatter(_Thousands())


class _Thousands(ScalarFormatter):
    """As its base, with commas; where that writes powers of ten, it stays as it is."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        text = str(super().__call__(x, pos))
        whole = text.replace("\N{MINUS SIGN}", "").replace(".", "")
        if self.get_offset() or not whole.isdecimal():
            return text
        digits, point, rest = text.partition(".")
        sign = digits[:1] if digits[:1] == "\N{MINUS SIGN}" else ""
        return f"{sign}{int(digits.removeprefix(sign)):,}{point}{rest}"


def series_title(name: str, targets: Sequence[str]) -> str:
    """What a picture of one series is called: the series and its target."""
    parts = [name] if name else []
    if len(targets) == 1 and targets[0] != name:
        parts.append(targets[0])
    return ", ".join(parts)


def without_formula(name: str) -> str:
    """The name of a series or a column as `errors.foreign.shown`: a dollar sign would begin a formula."""
    return shown(name).replace("$", r"\$")


def drawn_times(times: Times, step: Step, zone: str) -> Times:
    """Where time stamps are drawn: numbers where closed times take no room. zone: as of `Panel`."""
    return open_places(times, step) if leaves_out(step) else shown_clock(times, zone)


def label_times(axes: Axes, times: Times, step: Step | None = None) -> None:
    """Short labels on an axis of time stamps, days with their month; plain steps stay numbers. step: of
    `drawn_times`."""
    if step is not None and leaves_out(step):
        ticks = open_ticks(times, step)
        axes.set_xticks([place for place, _ in ticks], [text for _, text in ticks])
        if not axes.get_xlabel():
            axes.set_xlabel(str(times[-1].astype("datetime64[Y]")), loc="right")
    elif np.issubdtype(times.dtype, np.datetime64):
        locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(_Dates(locator, **_TIMES))  # type: ignore[no-untyped-call]
    axes.margins(x=0.01)


def time_units(step: Step) -> list[tuple[float, str]]:
    """Lengths in observations of the units of real time that a step of the data fits into."""
    if step.kind == "open":
        week, (unit, count) = len(step.week.chosen), step.unit()
        days = [(float(step.week.usual_day), "day")] if step.week.usual_day > 1 else []
        return [(1 / count, unit), *days, (float(week), "week"), (week * 365.25 / 7, "year")]
    table: Sequence[tuple[float, str]] = {
        "fixed": _FIXED,
        "month": _MONTHS,
        "business day": _BUSINESS,
        "plain": ((1, "row"),),
    }[step.kind]
    return [(length / step.count, name) for length, name in table]


def add_title(axes: Axes, title: str, found: str) -> None:
    """A title, and below it in lighter type what is found."""
    axes.set_title(f"{title}\n", fontweight="bold")
    # A second title of the same axes: the layout knows how high both are.
    axes.set_title(found, loc="center", x=0, ha="left", fontsize=9.5, color=INK)


def step_axis(axes: Axes, label: str, step: Step, segment: int) -> None:
    """Names an axis of recurrent steps and adds real time on top; its limits must stand."""
    each = step.duration(segment)
    axes.set_xlabel(label if each == "1 step" else f"{label} (1 step is {each})")
    low, high = axes.get_xlim()
    found = [(length / segment, name) for length, name in time_units(step) if length / segment <= high / 2]
    if not found or step.kind == "plain":
        return
    if axes.get_xscale() == "log":
        _named(axes, [pair for pair in found if pair[0] >= low], low, high)
        return
    length, name = found[-1]
    if length == 1:  # it would repeat the axis below
        return
    scale: Any = (lambda x: x / length, lambda x: x * length)
    top = axes.secondary_xaxis("top", functions=scale)
    top.set_xlabel(f"{name}s", color=GREY)
    _greyed(top)


def _named(axes: Axes, found: list[tuple[float, str]], low: float, high: float) -> None:
    """Ticks at 1 hour, 1 day, ...: a logarithmic axis has room for no more."""
    top = axes.secondary_xaxis("top")
    shown: list[tuple[float, str]] = []
    for length, name in found:
        if shown and np.log(length / shown[-1][0]) < 0.12 * np.log(high / low):
            shown.pop()
        shown.append((length, f"1 {name}"))
    top.xaxis.set_major_locator(FixedLocator([length for length, _ in shown]))
    top.xaxis.set_major_formatter(FuncFormatter(lambda _, at: shown[at][1] if at is not None else ""))
    top.xaxis.set_minor_locator(NullLocator())
    top.xaxis.set_minor_formatter(NullFormatter())
    _greyed(top)


def _greyed(top: SecondaryAxis) -> None:
    top.tick_params(colors=GREY)
    top.spines["top"].set_color(GREY)


def mark_seasons(axes: Axes, seasons: Sequence[DataSeason]) -> None:
    """A dotted line and a name at each season that lies within the axis."""
    low, high = axes.get_xlim()
    for season in seasons:
        if low <= season.steps <= high:
            mark(axes, season.steps, season.name, ":")


def mark(axes: Axes, at: float, name: str, line: str = "--") -> None:
    """A line across the axis with its name written along it."""
    axes.axvline(at, color=GREY, linestyle=line, linewidth=1.2, zorder=1)
    axes.annotate(
        name,
        (at, 0.98),
        xycoords=("data", "axes fraction"),
        xytext=(-3, 0),
        textcoords="offset points",
        rotation=90,
        ha="right",
        va="top",
        color=GREY,
        fontsize=8.5,
    )


def plain_log(axes: Axes, upright: bool = False) -> None:
    """1, 2, 5, 10 instead of powers of ten on a logarithmic axis of steps; set its limits before.

    upright: of y, not of x.
    """
    axis, (low, high) = (axes.yaxis, axes.get_ylim()) if upright else (axes.xaxis, axes.get_xlim())
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


def headroom(axes: Axes, part: float) -> None:
    """Room above what is drawn, for the names of marks."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + part * (high - low))
