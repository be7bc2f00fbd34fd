"""`lstmcli predict`: a model file and a CSV file in, forecasts out."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lstmcli.bundle import Model
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
    plot: Annotated[Path | None, typer.Option(help="PNG file with a picture of the forecasts.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on success.")] = False,
) -> None:
    """Continue every series of a CSV file.

    The file needs the columns of the training file and one step between its rows; series and
    rows the model has not seen are welcome. Output: series columns, time, forecast (the median)
    and quantiles (one value in ten lies below q0.1).
    """
    from lstmcli.bundle import data_paths, read
    from lstmcli.forecasting import at_quantiles, forecast, interval_quantiles
    from lstmcli.outputs import forecast_table, text_of, write_text
    from lstmcli.screen import Screen
    from lstmcli.tables import panel_and_notes, time_pattern
    from lstmcli.tables import read as read_table
    from lstmcli.tables.table import FILE

    screen = Screen(quiet)
    loaded = read(model)
    trained_horizon = loaded.network.arch.horizon
    wanted = interval_quantiles(loaded.network.arch.quantiles, level or [])
    policies: dict[str, Any] = {"on_gap": on_gap, "on_duplicate": on_duplicate}
    options = replace(loaded.contract.options, **{k: v.value for k, v in policies.items() if v})
    table = read_table(data or data_paths(loaded, model), options, with_file=FILE in loaded.contract.series)
    roles = roles_of(loaded)
    panel, notes = panel_and_notes(table, roles, loaded.contract.step)
    for note in notes:
        screen.say(f"note: {note}")
    if horizon is not None and horizon > trained_horizon:
        screen.say(
            f"note: horizon {horizon} is longer than the {trained_horizon} steps the model was trained for; "
            "it rolls on from its own forecasts"
        )
    made = at_quantiles(forecast(loaded.network, panel, horizon or trained_horizon), wanted)
    pattern = time_pattern(table, roles.time)
    write_text(text_of(forecast_table(made, roles.time or "step", pattern, wanted), form.value), output)
    if plot is not None:
        from lstmcli.plots import forecast_plot

        forecast_plot(panel, made, roles.targets, plot)


def roles_of(model: "Model") -> "Roles":
    """What the columns of a data file must be for a model."""
    from lstmcli.tables.columns import Roles

    contract = model.contract
    return Roles(contract.time, contract.series, contract.targets, contract.past, contract.future)
