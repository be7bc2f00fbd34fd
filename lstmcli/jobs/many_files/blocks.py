"""Series of several panels forecast together, as they stand side by side in one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lstmcli.forecasting.forecast import at_quantiles, forecast_panel
from lstmcli.jobs.many_files.order import SeriesRange
from lstmcli.jobs.many_files.reading import FileJob, FilePart
from lstmcli.series.panel import Panel
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
    some = [found.select(slice(s.first, s.last)) for s in stretches if (found := panels[s.file]) is not None]
    made = at_quantiles(forecast_panel(job.model.network, Panel.concat(some), job.steps), job.wanted)
    form = form_of(job.form, made.key_names, job.roles.time or "step", pattern, job.wanted)
    return BlockRows(form, form.of(made))
