"""The page of `watch`: the alarms on their series, why each is one, and whether the budget was kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lstmcli.evaluation.alarms.told import CLOSED, ToldRows
from lstmcli.reports.html.axes import number_axis, places, time_axis
from lstmcli.reports.html.charts import ChartBand, ChartLine, ChartPart, Mark, chart
from lstmcli.reports.html.markup import (
    MOST_CHOICES,
    cards,
    chooser,
    finding,
    html_page,
    html_table,
    joined,
    paragraph,
    section,
)
from lstmcli.series.arrays import Array
from lstmcli.series.panel import Panel

_BEFORE, _MOST = 60, 1500  # values before the first row that was judged; values of a chart
_ALARMS = 200  # in the table
_COLUMNS = ("time", "series", "kind", "alarm", "value", "expected", "lower", "upper")
_MEANINGS = {
    "point": "one value far from what was expected",
    "shift": "values on one side of what was expected: the level has changed",
    "spread": "errors larger, or smaller, than they were for some time",
    "stuck": "the same value again and again",
    "missing": "rows are left out",
    "late": "no row came in time",
    "silent": "the other series go on, this one does not",
    "new": "a series that was not there before",
    "closed": "a value at a closed time, where none was before, or 0",
}


@dataclass(frozen=True)
class WatchStory:
    """rows     all that was judged, with what the times show, in order of time
    alarms   that begin or end, a row each of the columns of _COLUMNS
    budget, expected   of false alarms, as text and how many that is in the rows that were judged
    """

    panel: Panel
    target: str
    rows: ToldRows
    alarms: Sequence[tuple[str, ...]]
    budget: str
    expected: float
    judged: int
    source: str
    notes: Sequence[str]
    command: str


def watch_page(story: WatchStory) -> str:
    """The page as HTML."""
    begun = int(story.rows.begins.sum())
    facts = (
        ("alarms", f"{begun:,}", "that began"),
        ("budget", story.budget, f"of false alarms: {story.expected:.2g} in these rows"),
        ("judged", f"{story.judged:,}", "rows"),
        *_span(story),
    )
    kinds = dict.fromkeys(row[2] for row in story.alarms)
    return html_page(
        f"Watch of {story.source}",
        [
            cards(facts),
            *(finding(note) for note in story.notes),
            section("Alarms", *_alarms(story), *(paragraph(f"{k}: {_MEANINGS[k]}", "quiet") for k in kinds)),
            _charts(story),
            section("Command", paragraph(story.command, "quiet")),
        ],
    )


def _span(story: WatchStory) -> Iterator[tuple[str, str, str]]:
    if len(story.rows):
        first, last = (story.panel.shown_time(story.rows.time[at]) for at in (0, -1))
        yield "from", first, f"to {last}"


def _alarms(story: WatchStory) -> Iterator[str]:
    if not story.alarms:
        yield paragraph("No alarm began or ended.")
        return
    shown = story.alarms[-_ALARMS:]
    if len(shown) < len(story.alarms):
        yield paragraph(f"The last {len(shown)} of {len(story.alarms):,}.", "quiet")
    yield html_table(_COLUMNS, shown, texts=4)


def _charts(story: WatchStory) -> str:
    """Of the series with alarms, else of the first ones that were judged."""
    drawn = (story.rows.series >= 0) & (story.rows.series < len(story.panel))  # others have no rows here
    rows = story.rows.select(drawn)
    alarmed = np.unique(rows.series[rows.changes])
    shown = (alarmed if alarmed.size else np.unique(rows.series))[:MOST_CHOICES].tolist()
    choices = [(story.panel.name(s) or story.target, joined(_series(story, s, rows))) for s in shown]
    if not choices:
        return ""
    text = (
        "The band is where one value by itself is no alarm; it is as wide as the errors of each row allow. "
        "Lines across mark faults: where an alarm begins, or a further one while it goes on."
    )
    left = len(np.unique(rows.series)) - len(choices)
    note = (
        paragraph(f"The page shows {len(choices)} of {left + len(choices):,} series.", "quiet")
        if left
        else ""
    )
    return section("Series", paragraph(text, "quiet"), note, chooser("Series", choices))


def _series(story: WatchStory, series: int, every: ToldRows) -> Iterator[str]:
    panel, rows = story.panel, every.select(every.series == series)
    judged = rows.select(~np.isnan(rows.expected) & (rows.kind != CLOSED))
    length = int(panel.lengths[series])
    times = panel.times(series, 0, length)
    first = int(np.searchsorted(times, rows.time.min()))
    begin = max(0, first - _BEFORE, length - _MOST)
    history, times = panel.history(series)[begin:], times[begin:]
    judged = judged.select(judged.time >= times[0])
    low, high = _reach(history, judged)
    x = places(judged.time, panel.step, panel.zone)
    bounded = np.isfinite(judged.lower) & np.isfinite(judged.upper)
    below, above = (np.clip(part[bounded], low, high) for part in (judged.lower, judged.upper))
    bands = [ChartBand(x[bounded], below, above, "band2", "no alarm")] if bounded.any() else []
    starts = rows.select(rows.faults & (rows.time >= times[0]) & (rows.time <= times[-1]))
    parts: list[ChartPart] = [
        *bands,
        *(Mark(float(place), "a fault") for place in places(starts.time, panel.step, panel.zone)),
        ChartLine(places(times, panel.step, panel.zone), history, "history", "observed"),
        ChartLine(x, judged.expected, "forecast", "expected"),
    ]
    axis = number_axis(np.concatenate([history, judged.expected, below, above]))
    yield chart(
        panel.name(series) or story.target, parts, time_axis(times, panel.step, zone=panel.zone), axis
    )


def _reach(history: Array, judged: ToldRows) -> tuple[float, float]:
    """What a chart shows: all that was observed and expected, and not far beyond."""
    known = np.concatenate([history, judged.expected])
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    more = ((high - low) or 1.0) / 2
    return low - more, high + more
