"""`lstmcli predict`: a model file and a CSV file in, forecasts out."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lstmcli.bundle import Model
    from lstmcli.tables.columns import Roles


class Format(StrEnum):
    csv = "csv"
    json = "json"
    ndjson = "ndjson"


def predict(
    data: Annotated[
        str | None, typer.Argument(help="CSV file, or - for standard input. Default: the training file.")
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
    plot: Annotated[Path | None, typer.Option(help="PNG file with a picture of the forecasts.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on success.")] = False,
) -> None:
    """Continue every series of a CSV file.

    The file needs the columns of the training file and one step between its rows; series and
    rows the model has not seen are welcome. Output: series columns, time, forecast (the median)
    and quantiles (one value in ten lies below q0.1).
    """
    from lstmcli.bundle import data_path, read
    from lstmcli.forecasting import at_quantiles, forecast, interval_quantiles
    from lstmcli.outputs import forecast_table, text_of, write_text
    from lstmcli.screen import Screen
    from lstmcli.tables import panel_with, time_pattern
    from lstmcli.tables import read as read_table

    screen = Screen(quiet)
    loaded = read(model)
    trained_horizon = loaded.network.arch.horizon
    wanted = interval_quantiles(loaded.network.arch.quantiles, level or [])
    table = read_table(data or data_path(loaded, model), loaded.contract.options)
    roles = roles_of(loaded)
    panel = panel_with(table, roles, loaded.contract.step)
    if horizon is not None and horizon > trained_horizon:
        screen.say(
            f"note: horizon {horizon} is longer than the {trained_horizon} steps the model was trained for; "
            "it rolls on from its own forecasts"
        )
    made = at_quantiles(forecast(loaded.network, panel, horizon or trained_horizon), wanted)
    pattern = time_pattern(table, roles.time)
    write_text(text_of(forecast_table(made, roles.time, pattern, wanted), form.value), output)
    if plot is not None:
        from lstmcli.plots.forecasts import forecast_plot

        forecast_plot(panel, made, roles.targets, plot)


def roles_of(model: "Model") -> "Roles":
    """What the columns of a data file must be for a model."""
    from lstmcli.tables.columns import Roles

    contract = model.contract
    return Roles(contract.time, contract.series, contract.targets, contract.past, contract.future)
