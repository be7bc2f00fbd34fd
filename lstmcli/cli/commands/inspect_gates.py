"""`lstmcli inspect-gates`: what the gates of a model keep and forget on data."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import MODEL_PATH, DataFilesOrThoseOfTraining, Output, ReportForm, ReportFormat

if TYPE_CHECKING:
    from lstmcli.gates.inspection import Inspection
    from lstmcli.model_file import Model
    from lstmcli.series.panel import Panel


def inspect_gates(
    data: DataFilesOrThoseOfTraining = None,
    model: Annotated[
        Path, typer.Option("--model", "-m", envvar="LSTMCLI_MODEL", help="Model file to look into.")
    ] = MODEL_PATH,
    at: Annotated[
        str | None,
        typer.Option(help="Explain one forecast: the one made when the value of this time was the last."),
    ] = None,
    series: Annotated[str | None, typer.Option(help="The series of --at, where there are several.")] = None,
    form: ReportForm = ReportFormat.text,
    output: Output = "-",
    out: Annotated[
        Path | None, typer.Option(help="Folder for summary.json and a CSV file of every table.")
    ] = None,
    trace: Annotated[
        str | None,
        typer.Option(help="CSV file with every gate, c and h at each step of each series' last window."),
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option(help="PNG file with an overview, or a folder (ending in /) for every picture."),
    ] = None,
    html: Annotated[
        str | None, typer.Option(help="HTML file with everything: findings, tables, pictures.")
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(help="End with code 3 where this holds, as 'dead > 0.2 or reach < 24'."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="A summary.json of before: show what has changed since.")
    ] = None,
    windows: Annotated[int, typer.Option(min=1, help="Windows that the figures are taken over.")] = 500,
    member: Annotated[int, typer.Option(min=0, help="Which member of an ensemble.")] = 0,
    compare: Annotated[
        list[Path] | None,
        typer.Option(metavar="MODEL", help="Another model to show beside --model; may be repeated."),
    ] = None,
    cells: Annotated[
        bool, typer.Option("--cells", help="Train RNN, GRU and LSTM on DATA and compare them; takes minutes.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="With --cells: networks per cell.")] = 3,
    horizon: Annotated[int | None, typer.Option(help="With --cells: steps to forecast.")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="With --cells: YAML file with settings.")
    ] = None,
    assignment: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="With --cells: one setting; may be repeated."),
    ] = None,
) -> None:
    """Show what the gates keep and forget, how long the memory lasts and what the forecast uses.

    Replays windows of the data through the network: how open every gate is, the half-life of
    each unit against the seasons of the data, how far the gradient reaches, which steps and
    gates the forecast needs, and what stands out.
    """
    # Its matrices are small: a second thread saves a tenth of the time on an idle machine and makes
    # it three times as long on a busy one. NumPy's OpenBLAS reads this when it is first loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    as_json = form is ReportFormat.json
    if cells:
        from lstmcli.cli.commands.cells import inspect_cells

        _refuse("--cells", compare=compare, at=at, trace=trace, fail_on=fail_on, baseline=baseline)
        settings = tuple(assignment or ())
        picture = None if plot is None else Path(plot)
        inspect_cells(data, config, settings, horizon, seeds, as_json, output, out, picture)
        return
    if compare:
        from lstmcli.cli.commands.compare import inspect_several

        _refuse("--compare", at=at, out=out, trace=trace, plot=plot, fail_on=fail_on, baseline=baseline)
        inspect_several([model, *compare], data, windows, member, as_json, output)
        return
    _refuse("inspect-gates without --cells", horizon=horizon, config=config, set=assignment)
    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.files.output import write_out
    from lstmcli.gates.figures import FIGURES
    from lstmcli.gates.inspection import check_identities, inspect_member
    from lstmcli.gates.moment import find_series, origin_at
    from lstmcli.reports.text.gates_json import read_figures
    from lstmcli.settings.conditions import condition

    screen = Screen()
    wanted = condition(fail_on, FIGURES) if fail_on is not None else None
    if series is not None and at is None:
        raise UsageError("--series says whose forecast --at explains: give --at too")
    then = read_figures(baseline) if baseline is not None else None
    loaded, panel, pattern = _load(model, data, member)
    screen.lap("reading")
    place = None
    if at is not None:
        number = find_series(panel, series)
        place = number, origin_at(panel, number, at, pattern)
    contract = loaded.contract
    known = contract.covariates
    told = inspect_member(loaded.network, panel, windows, member, known, place, then)
    screen.lap("replaying")
    write_out(_text(told, form, output), output)
    if out is not None:
        _write_folder(out, told, _trace(loaded, panel, pattern, member))
    if trace is not None:
        write_out(_trace(loaded, panel, pattern, member), trace)
    if plot is not None or html is not None:
        _write_pictures(told, loaded, panel, plot, html)
    screen.lap("writing")
    check_identities(told.report)
    if wanted is not None:
        wanted.check(told.figures)


def _refuse(what: str, **options: object) -> None:
    """Raises UsageError for an option that was given and would not be used."""
    from lstmcli.errors import UsageError

    for name, value in options.items():
        if value is not None and value != []:
            raise UsageError(f"{what} does not use --{name.replace('_', '-')}: leave it out")


def _load(path: Path, data: list[str] | None, member: int) -> "tuple[Model, Panel, str | None]":
    """The model, the data, and how the data writes time stamps."""
    from lstmcli.errors import UsageError
    from lstmcli.forecasting.forecast import check_positive
    from lstmcli.model_file import read_model
    from lstmcli.tables.read.for_contract import read_for_model

    model = read_model(path)
    members = model.network.arch.members
    if member >= members:
        raise UsageError(f"--member {member}: the model has {members}, counted from 0")
    found = read_for_model(model, path, data)
    check_positive(found.panel, model.network.scaling)
    return model, found.panel, found.pattern


def _text(told: "Inspection", form: ReportFormat, output: str) -> str:
    """The report in a form, with the signs that the output can show."""
    from lstmcli.reports.text.explanation import explanation_text
    from lstmcli.reports.text.gates import bar_signs, gate_report_text
    from lstmcli.reports.text.gates_json import summary_text

    if form is ReportFormat.json:
        return summary_text(told)
    signs = bar_signs("utf-8" if output != "-" else getattr(sys.stdout, "encoding", None))
    return explanation_text(told, told.window, signs) if told.window else gate_report_text(told, signs)


def _trace(model: "Model", panel: "Panel", pattern: str | None, member: int) -> str:
    """Every gate and state of each series' last window, as CSV."""
    import numpy as np

    from lstmcli.gates.trace import trace_windows
    from lstmcli.tables.write.tables import text_of, trace_table

    series = np.arange(len(panel))
    traced = trace_windows(model.network, panel, series, panel.lengths, member)
    time = model.contract.time or "time"
    return text_of(trace_table(traced, panel, model.network.arch, time, pattern), "csv")


def _write_folder(folder: Path, told: "Inspection", trace: str) -> None:
    """summary.json and a CSV file of every table."""
    from lstmcli.files.output import write_folder
    from lstmcli.reports.text.gates_csv import tables
    from lstmcli.reports.text.gates_json import summary_text
    from lstmcli.tables.write.tables import csv_of

    texts = {name: csv_of(columns) for name, columns in tables(told.report).items()}
    write_folder(folder, {**texts, "trace.csv": trace, "summary.json": summary_text(told)})


def _write_pictures(
    told: "Inspection", model: "Model", panel: "Panel", plot: str | None, html: str | None
) -> None:
    """Of the series of --at, else of the first one."""
    from lstmcli.files.output import write_out
    from lstmcli.files.write import make_folder, write_atomically
    from lstmcli.gates.timeline import timeline
    from lstmcli.reports.html.gate_page import gate_page
    from lstmcli.reports.pictures.gates import overview, pictures

    series = told.window.series if told.window else 0
    seen = timeline(model.network, panel, series, told.report.member)
    name = panel.name(series) or model.contract.targets[0]
    each = plot is not None and (plot.endswith("/") or Path(plot).is_dir())
    drawn = pictures(told, seen, name) if each or html is not None else []
    if plot is not None and each:
        make_folder(Path(plot))
        for picture in drawn:
            write_atomically(Path(plot) / f"{picture.name}.png", picture.png)
    elif plot is not None:
        write_atomically(Path(plot), overview(told, seen, name))
    if html is not None:
        write_out(gate_page(told, {p.name: p for p in drawn}, model.contract.targets[0]), html)
