"""What the data is, on a page."""

from collections.abc import Iterator

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.reports.html.charts import spark
from lstmcli.reports.html.markup import cards, details_block, html_table, paragraph, section
from lstmcli.series.panel import Panel

_ROWS = 24  # series in the table


def data_section(panel: Panel, source: str, season: int, targets: tuple[str, ...]) -> str:
    """Series, values, times, step and season of a panel, and a line for each of the first series."""
    names = ("series", "values", "missing", "from", "to", "smallest", "mean", "largest", "course")
    lines = html_table(names, _rows(panel, targets[0]))
    count = min(len(panel), _ROWS)
    more = f"The first {count} of {len(panel):,} series" if count < len(panel) else "Each series"
    return section(
        "Data",
        paragraph(source, "quiet"),
        cards(_facts(panel, season, targets)),
        lines if len(panel) <= 3 else details_block(more, lines),
    )


def _facts(panel: Panel, season: int, targets: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    known = ~np.isnan(panel.values)
    rows = int(panel.lengths.sum())
    ends = [panel.times(s, int(panel.lengths[s]) - 1, 1)[0] for s in range(len(panel))]
    yield "target", ", ".join(targets[:3]) + (", ..." if len(targets) > 3 else ""), ""
    shortest, longest = int(panel.lengths.min()), int(panel.lengths.max())
    lengths = (
        f"of {plural(shortest, 'value')}" if shortest == longest else f"of {shortest:,} to {longest:,} values"
    )
    yield "series", f"{len(panel):,}", lengths
    missing = rows - panel.observations
    yield "values", f"{panel.observations:,}", f"{missing:,} missing" if missing else "none missing"
    step = panel.step
    yield "step", f"1 {step}" if step.unit()[1] == 1 else str(step), ""
    yield ("season", f"{season} values", step.duration(season)) if season > 1 else ("season", "none", "")
    yield "times", panel.shown_time(min(panel.starts)), f"to {panel.shown_time(max(ends))}"
    yield "range", f"{_figure(panel.values[known].min())} to {_figure(panel.values[known].max())}", ""


def _rows(panel: Panel, target: str) -> Iterator[tuple[object, ...]]:
    for s in range(min(len(panel), _ROWS)):
        values, name = panel.history(s), panel.name(s) or target
        known = values[~np.isnan(values)]
        first, last = panel.times(s, 0, 1)[0], panel.times(s, len(values) - 1, 1)[0]
        picture = spark(values, f"course of {name}")
        numbers = [_figure(v) for v in (known.min(), known.mean(), known.max())]
        yield (
            name,
            f"{len(known):,}",
            f"{len(values) - len(known):,}",
            panel.shown_time(first),
            panel.shown_time(last),
            *numbers,
            picture,
        )


def _figure(value: float) -> str:
    """Four digits or more, without a power of ten where that can be."""
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e12 else f"{value:.4g}"
