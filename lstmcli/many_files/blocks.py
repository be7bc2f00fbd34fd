"""Series of several panels forecast together, as they stand side by side in one table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting import at_quantiles, forecast
from lstmcli.many_files.reading import Job, Part
from lstmcli.outputs import forecast_table, text_of
from lstmcli.panel import Category, Panel


@dataclass(frozen=True)
class Span:
    """Series `first` to `last` (exclusive) of the panel at `place` in a list."""

    place: int
    first: int
    last: int


@dataclass(frozen=True)
class Rows:
    """Some rows of the output. head, text: in the form that is asked for, the head apart; table: for
    Parquet, which is written as a whole, else None."""

    head: str = ""
    text: str = ""
    table: Any = None


def block_rows(job: Job, pattern: str | None, spans: Sequence[Span], parts: Sequence[Part]) -> Rows:
    """Forecasts of the series of all spans. pattern: how time stamps are written. Raises DataError."""
    panels = [part.panel for part in parts]
    panel = joined([_taken(found, s) for s in spans if (found := panels[s.place]) is not None])
    made = at_quantiles(forecast(job.model.network, panel, job.steps), job.wanted)
    typed = job.form == "parquet"
    table = forecast_table(made, job.roles.time or "step", pattern, job.wanted, typed=typed)
    if typed:
        return Rows(table=table)
    head = text_of(table[:0], job.form) if job.form == "csv" else ""
    return Rows(head, text_of(table, job.form).removeprefix(head))


def joined(panels: Sequence[Panel]) -> Panel:
    """The series of panels of one step and the same columns, one behind the other."""
    first = panels[0]
    sizes = [np.diff(panel.offsets) for panel in panels]
    return replace(
        first,
        keys=tuple(key for panel in panels for key in panel.keys),
        starts=np.concatenate([panel.starts for panel in panels]),
        offsets=np.concatenate([[0], np.cumsum(np.concatenate(sizes))]),
        lengths=np.concatenate([panel.lengths for panel in panels]),
        values=np.concatenate([panel.values for panel in panels]),
        past=np.concatenate([panel.past for panel in panels]),
        future=np.concatenate([panel.future for panel in panels]),
        static=np.concatenate([panel.static for panel in panels]),
        categories=tuple(
            _joined_category([panel.categories[n] for panel in panels]) for n in range(len(first.categories))
        ),
    )


def _joined_category(categories: Sequence[Category]) -> Category:
    names = tuple(sorted({name for category in categories for name in category.names}))
    numbers = {name: number for number, name in enumerate(names)}

    def renumbered(category: Category) -> NDArray[np.int32]:
        known = np.array([*(numbers[name] for name in category.names), -1], np.int32)
        return known[category.codes]  # the code -1 takes the last

    return replace(
        categories[0], names=names, codes=np.concatenate([renumbered(category) for category in categories])
    )


def _taken(panel: Panel, span: Span) -> Panel:
    """Some neighbouring series of a panel."""
    series = slice(span.first, span.last)
    rows = slice(int(panel.offsets[span.first]), int(panel.offsets[span.last]))

    def category_of(category: Category) -> Category:
        kept = series if category.role == "static" else rows
        return replace(category, codes=category.codes[kept])

    return replace(
        panel,
        keys=panel.keys[series],
        starts=panel.starts[series],
        offsets=panel.offsets[span.first : span.last + 1] - rows.start,
        lengths=panel.lengths[series],
        values=panel.values[rows],
        past=panel.past[rows],
        future=panel.future[rows],
        static=panel.static[series],
        categories=tuple(map(category_of, panel.categories)),
    )
