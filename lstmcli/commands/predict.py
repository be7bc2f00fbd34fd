"""`lstmcli predict`: a model file and a CSV file in, forecasts out."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lstmcli.bundle import Model
    from lstmcli.panel import Panel
    from lstmcli.screen import Screen
    from lstmcli.tables import Table
    from lstmcli.tables.columns import Roles


class OnGap(StrEnum):
    error = "error"
    mask = "mask"
    fill = "fill"


class OnDuplicate(StrEnum):
    error = "error"
    first = "first"
    last = "last"
    mean = "mean"


class OnRange(StrEnum):
    warn = "warn"
    error = "error"


class OnNewSeries(StrEnum):
    allow = "allow"
    error = "error"


class Format(StrEnum):
    csv = "csv"
    json = "json"
    ndjson = "ndjson"


def predict(
    data: Annotated[
        list[str] | None,
        typer.Argument(help="CSV or Parquet files, or - for standard input. Default: the training files."),
    ] = None,
    model: Annotated[
        Path, typer.Option("--model", "-m", envvar="LSTMCLI_MODEL", help="Model file to use.")
    ] = Path("model.safetensors"),
    output: Annotated[
        str, typer.Option("--output", "-o", help="File to write, or - for standard output.")
    ] = "-",
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Steps to forecast. Default: the model's.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Form of the output.")] = Format.csv,
    level: Annotated[
        list[float] | None,
        typer.Option(
            help="Interval in percent, as 80; may be repeated. Default: every quantile of the model."
        ),
    ] = None,
    on_gap: Annotated[
        OnGap | None,
        typer.Option(help="Times left out: refuse, leave missing, or interpolate. Default: as trained."),
    ] = None,
    on_duplicate: Annotated[
        OnDuplicate | None, typer.Option(help="Several rows of one time. Default: as trained.")
    ] = None,
    future: Annotated[
        str | None, typer.Option("--future", help="CSV file with what is known ahead: the rows to forecast.")
    ] = None,
    make_future: Annotated[
        int | None,
        typer.Option(
            "--make-future", min=1, metavar="N", help="Print the rows that --future needs, and end."
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Picture of the forecasts: a file ending in .png, .svg or .pdf.")
    ] = None,
    html: Annotated[
        str | None, typer.Option(help="HTML file with a report: forecasts, skill and data.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Draw the first series on standard error.")
    ] = False,
    on_range: Annotated[
        OnRange, typer.Option(help="Where values lie far outside those of training: say so, or refuse.")
    ] = OnRange.warn,
    on_new_series: Annotated[
        OnNewSeries, typer.Option(help="Series not seen in training: forecast them too, or refuse.")
    ] = OnNewSeries.allow,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on success.")] = False,
) -> None:
    """Continue every series of a CSV file.

    The file needs the columns of the training file and one step between its rows; series and
    rows the model has not seen are welcome. Output: series columns, time, forecast (the median)
    and quantiles (one value in ten lies below q0.1).
    """
    from lstmcli.bundle import data_paths, read
    from lstmcli.commands.reports import check_outputs
    from lstmcli.contract import compare
    from lstmcli.errors import DataError
    from lstmcli.forecasting import at_quantiles, forecast, interval_quantiles
    from lstmcli.outputs import forecast_table, text_of, write_text
    from lstmcli.screen import Screen
    from lstmcli.tables import for_model, time_pattern, with_future
    from lstmcli.tables import read as read_table
    from lstmcli.tables.table import FILE

    screen = Screen(quiet)
    check_outputs(plot, html, output)
    loaded = read(model)
    _check_future_options(loaded, data, future, make_future)
    trained_horizon = loaded.network.arch.horizon
    wanted = interval_quantiles(loaded.network.arch.quantiles, level or [])
    policies: dict[str, Any] = {"on_gap": on_gap, "on_duplicate": on_duplicate}
    options = replace(loaded.contract.options, **{k: v.value for k, v in policies.items() if v})
    table = read_table(data or data_paths(loaded, model), options, with_file=FILE in loaded.contract.series)
    roles = roles_of(loaded)
    panel, notes = for_model(table, roles, loaded.contract.step)
    for note in (*table.notes, *notes):
        screen.say(f"note: {note}")
    pattern = time_pattern(table, roles.time)
    if make_future is not None:
        write_text(_rows_to_fill(table, panel, roles, make_future, pattern), output)
        return
    refused = {"out-of-range": on_range is OnRange.error, "new-series": on_new_series is OnNewSeries.error}
    for finding in compare(panel, loaded):
        if refused.get(finding.kind):
            raise DataError(finding.kind, finding.message, path=table.source)
        screen.say(f"{finding.severity}: {finding.message} [{finding.kind}]")
    if future is not None:
        panel = with_future(panel, read_table(future, options), roles, horizon or trained_horizon)
    if horizon is not None and horizon > trained_horizon:
        screen.say(
            f"note: horizon {horizon} is longer than the {trained_horizon} steps the model was trained for; "
            "it rolls on from its own forecasts"
        )
    _warn_of_unseen(screen, loaded, panel, horizon or trained_horizon)
    made = at_quantiles(forecast(loaded.network, panel, horizon or trained_horizon), wanted)
    write_text(text_of(forecast_table(made, roles.time or "step", pattern, wanted), form.value), output)
    if preview:
        from lstmcli.preview import preview_of

        screen.draw(preview_of(panel, made, roles.targets[0]))
    if plot is not None:
        from lstmcli.plots.forecasts import forecast_plot

        forecast_plot(panel, made, roles.targets, plot)
    if html is not None:
        from lstmcli.commands.reports import write_forecast_report

        write_forecast_report(html, loaded, panel, made, table.source, (*table.notes, *notes))


def _check_future_options(
    model: "Model", data: "list[str] | None", future: str | None, make_future: int | None
) -> None:
    from lstmcli.errors import UsageError

    flag = "--make-future" if make_future is not None else "--future"
    if future is None and make_future is None:
        return
    if not model.contract.future:
        raise UsageError(f"{flag}: this model has no covariates that are known ahead, and needs no such rows")
    if future is not None and make_future is not None:
        raise UsageError("--make-future prints the rows that --future reads: give one of them")
    if data and "-" in data and future == "-":
        raise UsageError("--future -: standard input is read for the data already")


def _rows_to_fill(table: "Table", panel: "Panel", roles: "Roles", steps: int, pattern: str | None) -> str:
    """The file for --future, as CSV."""
    from lstmcli.ahead import missing_ahead
    from lstmcli.outputs import FutureColumns, future_table, text_of
    from lstmcli.tables import static_texts

    columns = FutureColumns(roles.time, roles.series, static_texts(table, roles), roles.future)
    return text_of(future_table(panel, missing_ahead(panel, steps), columns, pattern), "csv")


def _warn_of_unseen(screen: "Screen", model: "Model", panel: "Panel", steps: int) -> None:
    """Of categories in the rows that the forecast reads."""
    from lstmcli.ahead import with_rows_ahead
    from lstmcli.covariates import unseen

    if not panel.categories:
        return
    network = model.network
    for line in unseen(with_rows_ahead(panel, steps, network.shape.context), network.scaling):
        screen.say(f"warning: {line}; they are forecast as an unknown one [unseen-category]")


def roles_of(model: "Model") -> "Roles":
    """What the columns of a data file must be for a model."""
    from lstmcli.tables.columns import Roles

    contract = model.contract
    return Roles(
        time=contract.time,
        series=contract.series,
        targets=contract.targets,
        past=contract.past,
        future=contract.future,
        static=contract.static,
        categorical=contract.categorical,
    )
