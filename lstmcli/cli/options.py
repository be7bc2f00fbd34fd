"""Options and arguments that several commands have in common."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lstmcli.files.endings import as_hyphen
from lstmcli.network.builtin_file import named_model
from lstmcli.settings.assignments import MODEL_VARIABLE, FlagText
from lstmcli.settings.choices import ReportFormat, WriteDecimal

MODEL_PATH = Path("model.safetensors")

_DATA = typer.Argument(help="CSV, Excel, JSON or Parquet files, quoted patterns, - for standard input.")
DataFiles = Annotated[list[str], _DATA]
DataFilesIfAny = Annotated[list[str] | None, _DATA]
DataFilesOrThoseOfTraining = Annotated[
    list[str] | None,
    typer.Argument(
        help="CSV, Excel, JSON or Parquet files, - for standard input. Default: the training files."
    ),
]
OR_BUILTIN = "; builtin: the network that comes with lstmcli"


def model_option(text: str) -> Any:
    """The option -m of a command."""
    return typer.Option(
        "--model",
        "-m",
        envvar=MODEL_VARIABLE,
        parser=named_model,
        metavar="FILE",
        help=f"{text}{OR_BUILTIN}.",
    )


ModelOption = Annotated[Path | None, model_option("Model file to use")]
SettingsFile = Annotated[Path | None, typer.Option("--config", "-c", help="YAML file with settings.")]
Assignments = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One setting; may be repeated.")
]
ReadAssignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="One setting of how files are read, as encoding; may be repeated."
    ),
]
TargetOption = Annotated[
    str | None, typer.Option("--target", metavar="COLUMN", help="Column to forecast; several with commas.")
]
TimeOption = Annotated[
    str | None, typer.Option("--time", metavar="COLUMN", help="Column of the time stamps; none without one.")
]
SeasonOption = Annotated[
    str | None, typer.Option("--season", metavar="N", help="Length of the season in rows; 1 for none.")
]
ContextOption = Annotated[
    str | None, typer.Option("--context", metavar="N", help="Past values that a forecast looks at.")
]
StepOption = Annotated[
    str | None,
    typer.Option(
        "--step", metavar="STEP", help="Distance of rows, as 1h; needed where there is no time column."
    ),
]
ResampleOption = Annotated[
    str | None,
    typer.Option("--resample", metavar="STEP=HOW", help="Take the mean, sum, ... of bins, as 1h=mean."),
]
OnGapOption = Annotated[
    str | None,
    typer.Option("--on-gap", help="Missing times: error, mask (missing values) or fill (interpolate)."),
]
OnDuplicateOption = Annotated[
    str | None, typer.Option("--on-duplicate", help="Several rows for one time: error, first, last or mean.")
]
NoHeader = Annotated[
    bool, typer.Option("--no-header", help="The first row is data; columns are called 1, 2, ...")
]
SettingsOfBuiltin = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="With the built-in network: YAML file with settings of the data."),
]
Horizon = Annotated[int | None, typer.Option(help="Steps to forecast.")]
Seed = Annotated[int | None, typer.Option(help="Seed of every random choice.")]
AlarmsOfWatch = Annotated[
    str | None,
    typer.Option(
        "--alarms",
        metavar="BUDGET",
        help="With --watch: how many false alarms you accept, as 1/week or 1/1000 rows. "
        "Default: that of watch.",
    ),
]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Read files in pieces into this folder, and from it while they do not change.",
    ),
]


def with_reading_options(
    assignments: list[str] | None, no_header: bool, **typed: str | None
) -> tuple[str, ...]:
    """The texts of --set, and behind them those of the settings that have an option of their own."""
    header = ["header=false"] if no_header else []
    named = [FlagText(f"{name}={value}") for name, value in typed.items() if value is not None]
    return (*(assignments or ()), *header, *named)


def output_option(text: str) -> Any:
    """The option -o of a command."""
    return typer.Option("--output", "-o", metavar="FILE", callback=_as_hyphen, help=text)


def _as_hyphen(path: str | None) -> str | None:
    return None if path is None else as_hyphen(path)


def _file_help(endings: str) -> str:
    return f"File to write, its form by the ending: {endings}; - for standard output."


TableOutput = Annotated[
    str, output_option(_file_help(".csv, .tsv, .json, .ndjson, .jsonl, .parquet or .xlsx"))
]
ReportOutput = Annotated[str, output_option(_file_help(".txt, .json, .yaml or .html"))]
SettingsOutput = Annotated[str, output_option(_file_help(".yaml or .json"))]
SchemaOutput = Annotated[str, output_option(_file_help(".json"))]
ReportForm = Annotated[
    ReportFormat | None,
    typer.Option("--format", help="Form of the report. Default: by the ending of -o, else text."),
]
WriteSeparator = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN", help="Between cells of CSV: , ; | or tab. Default: as in DATA, else a comma."
    ),
]
WriteDecimalMark = Annotated[
    WriteDecimal | None,
    typer.Option("--write-decimal", help="Mark of decimals in CSV. Default: as in DATA, else a dot."),
]
