"""Series of several panels forecast together, as they stand side by side in one table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.forecast import at_quantiles, forecast_panel
from lstmcli.jobs.many_files.order import SeriesRange
from lstmcli.jobs.many_files.reading import FileJob, FilePart
from lstmcli.series.panel import Category, Panel, part
from lstmcli.tables.write.forms import OutputForm, form_of


@dataclass(frozen=True)
class BlockRows:
    """Some rows of the output: a piece in a form."""

    form: OutputForm
    piece: Any


def block_rows(
    job: FileJob, pattern: str | None, stretches: Sequence[SeriesRange], parts: Sequence[FilePart]
) -> BlockRows:
    """Forecasts of the series of all stretches, each of one of the parts. pattern: how time stamps are
    written. Raises DataError."""
    panels = [file.panel for file in parts]
    some = [part(found, slice(s.first, s.last)) for s in stretches if (found := panels[s.file]) is not None]
    made = at_quantiles(forecast_panel(job.model.network, concat_panels(some), job.steps), job.wanted)
    form = form_of(job.form, made.key_names, job.roles.time or "step", pattern, job.wanted)
    return BlockRows(form, form.of(made))


def concat_panels(panels: Sequence[Panel]) -> Panel:
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
