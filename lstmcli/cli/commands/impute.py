"""`lstmcli impute`: a table in, the same table with its gaps filled out."""

from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import (
    MODEL_PATH,
    DataFiles,
    ModelOption,
    NoHeader,
    OnDuplicateOption,
    ReadAssignments,
    SeasonOption,
    SettingsOfBuiltin,
    StepOption,
    TableOutput,
    TargetOption,
    TimeOption,
    WriteDecimalMark,
    WriteSeparator,
    with_reading_options,
)
from lstmcli.settings.choices import TableFormat

if TYPE_CHECKING:
    from collections.abc import Sequence


def impute(
    data: DataFiles,
    model: ModelOption = None,
    output: TableOutput = "-",
    form: Annotated[
        TableFormat | None,
        typer.Option("--format", help="Form of the output. Default: by the ending of -o, else csv."),
    ] = None,
    write_separator: WriteSeparator = None,
    write_decimal: WriteDecimalMark = None,
    level: Annotated[
        float, typer.Option(metavar="PERCENT", help="Interval of lower and upper, in percent.")
    ] = 80.0,
    max_gap: Annotated[
        int | None,
        typer.Option(
            "--max-gap",
            min=1,
            metavar="N",
            help="Steps of the longest gap to fill. Default: one season, else 7.",
        ),
    ] = None,
    add_rows: Annotated[
        bool, typer.Option("--add-rows", help="Write rows for times that are left out within gaps, too.")
    ] = False,
    target: TargetOption = None,
    time: TimeOption = None,
    season: SeasonOption = None,
    step: StepOption = None,
    on_duplicate: OnDuplicateOption = None,
    no_header: NoHeader = False,
    assignment: ReadAssignments = None,
    config: SettingsOfBuiltin = None,
) -> None:
    """Fill gaps between observed values of a table.

    Writes the table as it stands, with the empty cells of the target between two values filled, and the
    columns imputed (1 or 0), lower and upper. A gap is forecast from the values before it and, in reversed
    time, from those behind it. Longer gaps, and cells at the ends of a series, stay empty and are counted.
    """
    from lstmcli.console.manner import output_mode
    from lstmcli.console.screen import Screen
    from lstmcli.files.endings import TABLE_ENDINGS, form_to_write
    from lstmcli.jobs.impute.job import impute_files
    from lstmcli.jobs.impute.options import ImputeOptions
    from lstmcli.jobs.model_choice import data_settings, usual_model
    from lstmcli.network.builtin_file import name_of_model
    from lstmcli.tables.write.dialects import AskedDialect

    _check_assignments(assignment or ())
    done = "the built-in network fills the gaps"
    path = model or usual_model(MODEL_PATH, data, Screen(always=True).say, done, "impute")
    typed = with_reading_options(assignment, no_header, step=step, target=target, time=time, season=season)
    settings, chosen = data_settings(path, config, {"on_gap": "mask", "on_duplicate": on_duplicate}, typed)
    options = ImputeOptions(
        data=tuple(data),
        model=path,
        output=output,
        form=form_to_write(output, TABLE_ENDINGS, "csv", form),
        dialect=AskedDialect(write_separator, write_decimal),
        level=level,
        max_gap=max_gap,
        add_rows=add_rows,
        policies=chosen,
        settings=settings,
        config=config,
    )
    made = impute_files(options, Screen())
    if output_mode().log_json:
        about = {"output": output, "form": options.form, "model": name_of_model(path)}
        Screen(always=True).tell("wrote", **about, filled=made.filled, left=made.left, added=made.added)


def _check_assignments(assignments: "Sequence[str]") -> None:
    from lstmcli.errors import UsageError

    for text in assignments:
        name = text.partition("=")[0].strip()
        if name == "on_gap":
            raise UsageError(f"--set {text}: impute fills gaps by itself; leave it out")
        if name == "resample":
            raise UsageError(f"--set {text}: impute writes the rows of the file, and resample makes others")
