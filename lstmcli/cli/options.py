"""Options and arguments that several commands have in common."""

from pathlib import Path
from typing import Annotated

import typer

from lstmcli.settings.choices import ReportFormat

MODEL_PATH = Path("model.safetensors")

_DATA = typer.Argument(help="CSV or Parquet files, quoted patterns, or - for standard input.")
DataFiles = Annotated[list[str], _DATA]
DataFilesIfAny = Annotated[list[str] | None, _DATA]
DataFilesOrThoseOfTraining = Annotated[
    list[str] | None,
    typer.Argument(help="CSV or Parquet files, or - for standard input. Default: the training files."),
]
ModelOption = Annotated[
    Path, typer.Option("--model", "-m", envvar="LSTMCLI_MODEL", help="Model file to use.")
]
SettingsFile = Annotated[Path | None, typer.Option("--config", "-c", help="YAML file with settings.")]
Assignments = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One setting; may be repeated.")
]
Horizon = Annotated[int | None, typer.Option(help="Steps to forecast.")]
Seed = Annotated[int | None, typer.Option(help="Seed of every random choice.")]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Read files in pieces into this folder, and from it while they do not change.",
    ),
]
Output = Annotated[str, typer.Option("--output", "-o", help="File to write, or - for standard output.")]


ReportForm = Annotated[ReportFormat, typer.Option("--format", help="Form of the report.")]
