"""Looks into models: one member on data, several models side by side."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lstmcli.errors import DataError, UsageError, naming
from lstmcli.files.read import read_once
from lstmcli.forecasting.forecast import check_positive
from lstmcli.forecasting.horizon import usual_rows
from lstmcli.gates.compare_models import ModelFigures, check_same_series, model_figures
from lstmcli.gates.explorer import MOST_SERIES, ExplorerWindows, explorer_series
from lstmcli.gates.figures import FIGURES, OLD_NAMES, with_old_names
from lstmcli.gates.inspection import Inspection, check_identities, inspect_member
from lstmcli.gates.moment import find_series, origin_at
from lstmcli.gates.timeline import Timeline, timeline
from lstmcli.jobs.builtin import open_builtin
from lstmcli.jobs.model_choice import data_settings
from lstmcli.model_file import Model, data_paths, read_model
from lstmcli.model_file.contract import options_with
from lstmcli.network.builtin_file import is_builtin
from lstmcli.reports.text.gates_json import BaselineFigures, old_name_note, read_baseline
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.settings.conditions import Condition, KnownNames, condition
from lstmcli.settings.read_assignments import read_assignments
from lstmcli.settings.typed_again import options_of_model
from lstmcli.tables.read.for_contract import ModelData, read_for_model
from lstmcli.tables.read.typed_times import moment_text

if TYPE_CHECKING:
    from lstmcli.reports.pictures.gates import NamedPicture
    from lstmcli.tables.read import Table


_LARGEST_PAGE = 1_500_000  # characters, but for a page whose tables and one window are more
_PAGE_ROOM = 80_000  # of it for the explorer beside its windows
_OF_CELLS = "; add --cells to train"  # where settings of training are used


@dataclass(frozen=True)
class InspectOptions:
    """windows: how many to replay; member: of the ensemble, from 1; at, series: the forecast to explain, or
    without `at` the series of the page; fail_on: a condition on figures; baseline: a summary.json of before;
    assignments: options of reading, as --set has them; config, horizon: for the built-in network alone; page:
    whether one is made."""

    windows: int = 500
    member: int = 1
    at: str | None = None
    series: tuple[str, ...] = ()
    fail_on: str | None = None
    baseline: Path | None = None
    assignments: tuple[str, ...] = ()
    config: Path | None = None
    horizon: int | None = None
    page: bool = False

    def check(self) -> None:
        """Raises UsageError for `series` where nothing asks for it, or for too many."""
        count = len(self.series)
        if count and self.at is None and not self.page:
            raise UsageError(
                "--series says whose forecast --at explains, or which series the page of --html holds: give "
                "one of these too"
            )
        if self.at is not None and count > 1:
            raise UsageError(f"--at explains the forecast of one --series, not of {count}")
        if count > MOST_SERIES:
            raise UsageError(f"--series: a page holds {MOST_SERIES} series at most, not {count}")


@dataclass(frozen=True)
class GateInspection:
    """What was found. data: what was read; notes: what the user should know; explored: the series, and the
    place of --at, that the explorer of the page holds; one_value: of `one_value_hint`."""

    model: Model
    data: ModelData
    inspection: Inspection
    fail_on: Condition | None
    notes: tuple[str, ...]
    explored: Indices
    place: tuple[int, int] | None = None
    one_value: str = ""

    @property
    def panel(self) -> Panel:
        return self.data.panel

    @cached_property
    def shown(self) -> tuple[Timeline, str]:
        """The series of --at, else the first one, over time, and its name."""
        series = self.inspection.window.series if self.inspection.window else 0
        seen = timeline(self.model.network, self.panel, series, self.inspection.report.member)
        return seen, self.panel.name(series) or self.model.contract.roles.targets[0]

    def pictures(self, form: str) -> "list[NamedPicture]":
        """form: as of `pictures.style.picture_bytes`."""
        from lstmcli.reports.pictures.gates import pictures

        return pictures(self.inspection, *self.shown, form)

    @cached_property
    def page_pictures(self) -> "dict[str, NamedPicture]":
        """By name, as SVG."""
        return {picture.name: picture for picture in self.pictures("svg")}

    def page(self, explorer: ExplorerWindows | None = None) -> str:
        """All that is reported as a page."""
        from lstmcli.reports.html.gate_page import gate_page

        target = self.model.contract.roles.targets[0]
        return gate_page(self.inspection, self.page_pictures, target, explorer)

    @cached_property
    def explorer(self) -> ExplorerWindows:
        """The windows that the page has room for."""
        from lstmcli.reports.html.explorer import fit_windows

        member = self.inspection.report.member
        room = max(_LARGEST_PAGE - _PAGE_ROOM - len(self.page()), 0)
        return fit_windows(self.model.network, self.panel, self.explored, room, member, self.place)

    def check(self, path: Path) -> None:
        """Raises LstmcliError where the figures contradict each other, ConditionFailed where --fail-on
        holds. path: of the model."""
        with naming(path):
            check_identities(self.inspection.report, self.model.network)
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
    fail_on = _condition(options)
    options.check()
    before = read_baseline(options.baseline) if options.baseline is not None else None
    model, read = _opened(path, data, options)
    lap("reading")
    found = inspect_opened(model, read, options, fail_on, before)
    lap("replaying")
    return replace(found, one_value=one_value_hint(model, path, data))


def _condition(options: InspectOptions) -> Condition | None:
    figures = KnownNames(tuple(FIGURES), old=OLD_NAMES)
    return condition(options.fail_on, figures) if options.fail_on is not None else None


def inspect_opened(
    model: Model,
    read: ModelData,
    options: InspectOptions,
    fail_on: Condition | None = None,
    before: BaselineFigures | None = None,
) -> GateInspection:
    """What `inspect_model` finds, of a model and the data that were read for it. before: of --baseline.

    Raises UsageError for a member, a series or a time that is not there.
    """
    check_member(options.member, model)
    check_positive(read.panel, model.network.scaling)
    cell = model.network.arch.cell
    explored, place = explorer_series(read.panel), None
    if options.at is not None:
        series = find_series(read.panel, options.series[0] if options.series else None)
        text = moment_text(options.at, read.pattern)
        place = series, origin_at(read.panel, series, text, read.pattern)
        explored = np.array([series])
    elif options.series:
        explored = np.unique([find_series(read.panel, name) for name in options.series])
    found = inspect_member(
        model.network,
        read.panel,
        options.windows,
        options.member - 1,
        model.contract.roles.changing,
        place,
        before.figures if before else None,
    )
    notes = (
        *(() if model.network.is_trained else read.notes),
        *(before.notes if before else ()),
    )
    if fail_on is not None and set(fail_on.names) & set(OLD_NAMES):
        notes = (*notes, f"--fail-on {fail_on.text!r}: {old_name_note(cell)}")
    return GateInspection(model, read, found, fail_on, notes, explored, place)


def one_value_hint(model: Model, path: Path, data: list[str] | None) -> str:
    """How to see a network that reads one value a step, where the one shown reads more and the files are
    known; else nothing."""
    segment = model.network.arch.segment
    files = data or ([] if is_builtin(path) else [str(name) for name in data_paths(model, path)])
    if segment == 1 or not files or read_once(files):
        return ""
    usual = usual_rows(model.contract.step, model.network.shape.season)
    kept = options_of_model(model.settings, usual)
    words = ["lstmcli", "train", *files, *kept, "--set", "segment=1", "-m", "one_value.safetensors"]
    command = shlex.join(words)
    return f"a step reads {segment} values; for one value a step, as in the textbooks:\n  {command}\n"


def _opened(path: Path, data: list[str] | None, options: InspectOptions) -> tuple[Model, ModelData]:
    """A model and the data for it, or the built-in network made for the data."""
    horizon = {"horizon": options.horizon}
    settings, typed = data_settings(path, options.config, horizon, options.assignments, _OF_CELLS)
    if is_builtin(path):
        return open_builtin(data or (), settings)
    model = read_model(path)
    return model, read_for_model(model, path, data, typed, command="inspect-gates")


def check_member(member: int, model: Model, name: str = "the model") -> None:
    """Raises UsageError where a model has no such member. name: what it is called."""
    trained = model.network.is_trained
    members, name = (model.network.arch.members, name) if trained else (1, "the built-in network")
    if not 1 <= member <= members:
        raise UsageError(f"--member {member}: {name} has {members}")


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

    if any(map(is_builtin, paths)):
        raise UsageError("--compare: the built-in network stands beside no other model; show each by itself")
    typed = read_assignments(assignments, _OF_CELLS)
    models, names = [read_model(path) for path in paths], [str(path) for path in paths]
    check_same_series(names, [model.contract for model in models])
    options = options_with(models[0].contract, typed)
    table = read_table(data or data_paths(models[0], paths[0], "inspect-gates"), options, keys_known=True)
    return [_figures_of(n, m, table, windows, member) for n, m in zip(names, models, strict=True)]


def _figures_of(name: str, model: Model, table: "Table", windows: int, member: int) -> ModelFigures:
    from lstmcli.tables.read import panel_with

    contract = model.contract
    check_member(member, model, name)
    try:
        panel = panel_with(table, contract.roles, contract.step)
        check_positive(panel, model.network.scaling)
    except DataError as error:
        raise DataError(error.kind, f"{name} cannot read this data: {error}") from None
    found = inspect_member(model.network, panel, windows, member - 1, contract.roles.changing)
    with naming(name):
        check_identities(found.report, model.network)
    return model_figures(name, model, found)
