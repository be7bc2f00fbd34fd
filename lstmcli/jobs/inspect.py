"""Looks into models: one member on data, several models side by side, the cells trained and compared."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lstmcli.errors import DataError, UsageError
from lstmcli.errors.findings import plural
from lstmcli.files.endings import TABLE_ENDINGS, form_to_write
from lstmcli.files.output import write_folder, write_out
from lstmcli.files.write import check_output, make_folder, write_atomically
from lstmcli.forecasting.forecast import check_positive
from lstmcli.gates.compare_models import ModelFigures, check_same_series, model_figures
from lstmcli.gates.figures import FIGURES, OLD_NAMES, with_old_names
from lstmcli.gates.inspection import Inspection, check_identities, inspect_member
from lstmcli.gates.moment import find_series, origin_at
from lstmcli.gates.timeline import Timeline, timeline
from lstmcli.gates.trace import trace_windows
from lstmcli.model_file import Model, data_paths, read_model
from lstmcli.reports.text.gates_csv import tables
from lstmcli.reports.text.gates_json import old_name_note, read_baseline, summary_text
from lstmcli.series.panel import Panel
from lstmcli.settings.conditions import Condition, condition
from lstmcli.settings.read_assignments import read_assignments
from lstmcli.tables.read.fields import moment_text
from lstmcli.tables.read.for_contract import ModelData, read_for_model
from lstmcli.tables.write.dialects import AS_IN_DATA, AskedDialect, dialect_of_table, output_dialect
from lstmcli.tables.write.forms import check_form, content_of_table, is_typed
from lstmcli.tables.write.tables import csv_of, text_of, trace_table

if TYPE_CHECKING:
    import pandas as pd

    from lstmcli.gates.cell_study.design import StudyDesign
    from lstmcli.gates.cell_study.results import Study
    from lstmcli.learning.progress import Progress
    from lstmcli.reports.pictures.gates import Picture
    from lstmcli.tables.read import Table


_OF_CELLS = "; add --cells to train"  # where settings of training are used


@dataclass(frozen=True)
class InspectOptions:
    """windows: how many to replay; member: of the ensemble, from 1; at, series: the forecast to explain;
    fail_on: a condition on figures; baseline: a summary.json of before; assignments: options of reading,
    as --set has them."""

    windows: int = 500
    member: int = 1
    at: str | None = None
    series: str | None = None
    fail_on: str | None = None
    baseline: Path | None = None
    assignments: tuple[str, ...] = ()


@dataclass(frozen=True)
class GateInspection:
    """What was found. data: what was read; notes: what the user should know."""

    model: Model
    data: ModelData
    inspection: Inspection
    fail_on: Condition | None
    notes: tuple[str, ...]

    @property
    def panel(self) -> Panel:
        return self.data.panel

    @cached_property
    def shown(self) -> tuple[Timeline, str]:
        """The series of --at, else the first one, over time, and its name."""
        series = self.inspection.window.series if self.inspection.window else 0
        seen = timeline(self.model.network, self.panel, series, self.inspection.report.member)
        return seen, self.panel.name(series) or self.model.contract.roles.targets[0]

    @cached_property
    def pictures(self) -> "list[Picture]":
        from lstmcli.reports.pictures.gates import pictures

        return pictures(self.inspection, *self.shown)

    def check(self) -> None:
        """Raises LstmcliError where the figures contradict each other, ConditionFailed where --fail-on
        holds."""
        check_identities(self.inspection.report)
        if self.fail_on is not None:
            figures = with_old_names(self.inspection.figures, self.model.network.arch.cell)
            self.fail_on.check(figures)


def inspect_model(
    path: Path, data: list[str] | None, options: InspectOptions, lap: Callable[[str], None]
) -> GateInspection:
    """Replays windows of the data through one member of a model, and measures its gates.

    data: files, or None for those of training; lap: called after each stage with its name. Raises
    UsageError for options that make no sense together or for this model, and what reading raises.
    """
    fail_on = condition(options.fail_on, FIGURES, OLD_NAMES) if options.fail_on is not None else None
    if options.series is not None and options.at is None:
        raise UsageError("--series says whose forecast --at explains: give --at too")
    typed = read_assignments(options.assignments, _OF_CELLS)
    before = read_baseline(options.baseline) if options.baseline is not None else None
    model = read_model(path)
    members, cell = model.network.arch.members, model.network.arch.cell
    if options.member > members:
        raise UsageError(f"--member {options.member}: the model has {members}")
    read = read_for_model(model, path, data, typed)
    check_positive(read.panel, model.network.scaling)
    lap("reading")
    place = None
    if options.at is not None:
        series = find_series(read.panel, options.series)
        place = series, origin_at(read.panel, series, moment_text(options.at, read.pattern), read.pattern)
    found = inspect_member(
        model.network,
        read.panel,
        options.windows,
        options.member - 1,
        model.contract.roles.changing,
        place,
        before.figures if before else None,
    )
    lap("replaying")
    notes = before.notes if before else ()
    if fail_on is not None and set(fail_on.names) & set(OLD_NAMES):
        notes = (*notes, f"--fail-on {fail_on.text!r}: {old_name_note(cell)}")
    return GateInspection(model, read, found, fail_on, notes)


def check_gate_files(trace: str | None, out: Path | None, asked: AskedDialect) -> None:
    """Raises UsageError for a trace of an unknown ending, and for a dialect of what is no CSV;
    CannotCreate where the trace cannot be written."""
    if trace is not None:
        form = form_to_write(trace, TABLE_ENDINGS, "csv", flag="--trace")
        check_form(form, trace, AS_IN_DATA if out else asked, "--trace")
        check_output(trace, flag="--trace")
    elif out is None and asked != AS_IN_DATA:
        raise UsageError("--write-separator and --write-decimal are for --trace and --out: give one of them")


def write_gate_files(
    found: GateInspection,
    out: Path | None = None,
    trace: str | None = None,
    plot: str | None = None,
    html: str | None = None,
    asked: AskedDialect = AS_IN_DATA,
) -> None:
    """Writes a folder with summary.json and tables, the trace in the form of its ending, pictures, and a
    page; each only where its path is given. plot: a file for the overview, or a folder for every picture;
    asked: of CSV."""
    if out is not None:
        dialect = output_dialect(dialect_of_table(found.data.table), asked, output=str(out / "trace.csv"))
        texts = {name: csv_of(columns, dialect) for name, columns in tables(found.inspection.report).items()}
        texts["trace.csv"] = text_of(_trace(found, "csv"), "csv", dialect)
        write_folder(out, {**texts, "summary.json": summary_text(found.inspection)})
    if trace is not None:
        form = form_to_write(trace, TABLE_ENDINGS, "csv", flag="--trace")
        dialect = output_dialect(dialect_of_table(found.data.table), asked, form, trace)
        write_out(content_of_table(_trace(found, form), form, dialect), trace)
    if plot is not None:
        _write_pictures(found, plot)
    if html is not None:
        write_out(gate_html(found), html)


def _trace(found: GateInspection, form: str) -> "pd.DataFrame":
    """Every gate and state of each series' last window."""
    network, panel = found.model.network, found.panel
    series = np.arange(len(panel))
    traced = trace_windows(network, panel, series, panel.lengths, found.inspection.report.member)
    time = found.model.contract.roles.time or "time"
    return trace_table(traced, panel, network.arch, time, found.data.pattern, is_typed(form))


def _write_pictures(found: GateInspection, plot: str) -> None:
    from lstmcli.reports.pictures.gates import overview

    if plot.endswith("/") or Path(plot).is_dir():
        make_folder(Path(plot))
        for picture in found.pictures:
            write_atomically(Path(plot) / f"{picture.name}.png", picture.png)
    else:
        write_atomically(Path(plot), overview(found.inspection, *found.shown))


def gate_html(found: GateInspection) -> str:
    """The report as a page with all pictures."""
    from lstmcli.reports.html.gate_page import gate_page

    images = {picture.name: picture for picture in found.pictures}
    return gate_page(found.inspection, images, found.model.contract.roles.targets[0])


def compare_models(
    paths: Sequence[Path],
    data: list[str] | None,
    windows: int,
    member: int,
    assignments: tuple[str, ...] = (),
) -> list[ModelFigures]:
    """The figures of each model on the data of the first.

    Raises UsageError where models are not of the same series, DataError where one cannot read the data.
    """
    from lstmcli.tables.read import read_table

    typed = read_assignments(assignments, _OF_CELLS)
    models, names = [read_model(path) for path in paths], [str(path) for path in paths]
    check_same_series(names, [model.contract for model in models])
    options = models[0].contract.options.changed(typed)
    table = read_table(data or data_paths(models[0], paths[0]), options)
    return [_figures_of(n, m, table, windows, member) for n, m in zip(names, models, strict=True)]


def _figures_of(name: str, model: Model, table: "Table", windows: int, member: int) -> ModelFigures:
    from lstmcli.tables.read import panel_with

    members, contract = model.network.arch.members, model.contract
    if member > members:
        raise UsageError(f"--member {member}: {name} has {members}")
    try:
        panel = panel_with(table, contract.roles, contract.step)
        check_positive(panel, model.network.scaling)
    except DataError as error:
        raise DataError(error.kind, f"{name} cannot read this data: {error}") from None
    found = inspect_member(model.network, panel, windows, member - 1, contract.roles.changing)
    check_identities(found.report)
    return model_figures(name, model, found)


Reports = Callable[[int], AbstractContextManager[Callable[["Progress"], None]]]


def study_cells(
    data: list[str],
    config: Path | None,
    overrides: dict[str, object],
    assignments: tuple[str, ...],
    seeds: int,
    say: Callable[[str], None],
    progress: Reports,
) -> "Study":
    """Trains RNN, GRU and LSTM on the same data and measures them.

    overrides, assignments: as of `load_settings`; say: takes a line for the user; progress: given how
    many networks there are, what takes the progress of each. Raises SettingsError, DataError or
    TrainingDiverged.
    """
    from lstmcli.gates.cell_study.design import design_study
    from lstmcli.settings.load import load_settings
    from lstmcli.tables.read import panel_of, read_table

    settings = load_settings(config, overrides, assignments)
    panel, roles = panel_of(read_table(data, settings.options), settings)
    design = design_study(panel, settings, seeds)
    for note in (*roles.notes, *design.notes):
        say(f"note: {note}")
    return _train_cells(design, say, progress)


def _train_cells(design: "StudyDesign", say: Callable[[str], None], progress: Reports) -> "Study":
    from lstmcli.jobs.cell_study import count_trainings, run_study

    networks = count_trainings(design)
    delays = ", ".join(map(str, design.delays))
    say(
        f"trains {networks} networks: {len(design.archs)} cells x {plural(len(design.seeds), 'seed')} "
        "on the data, "
        f"{networks - len(design.archs) * len(design.seeds)} on repeating a value after {delays} steps"
    )
    with progress(networks) as report:
        return run_study(design, report)


def write_study_files(study: "Study", out: Path | None, plot: Path | None) -> None:
    """Writes a folder with cells.json and the gradients by lag, and the picture; each only where its
    path is given."""
    from lstmcli.reports.text.cell_study_json import curves, gradient_table, study_json

    if out is not None:
        gradients = csv_of(gradient_table(study))
        write_folder(out, {"cells.json": study_json(study), "gradient_by_lag.csv": gradients})
    if plot is not None:
        from lstmcli.reports.pictures.cells import cells_plot

        segment, step = study.design.plan.arch.segment, study.design.panel.step
        cells_plot(curves(study), curves(study, False), step, segment, plot)
