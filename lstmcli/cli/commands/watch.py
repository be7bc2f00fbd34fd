"""`lstmcli watch`: an alarm where rows are not what was expected of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lstmcli.cli.options import (
    MODEL_PATH,
    DataFilesOrThoseOfTraining,
    ModelOption,
    NoHeader,
    ReadAssignments,
    ResampleOption,
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
from lstmcli.settings.choices import OnDuplicate, OnGap, WatchFormat

if TYPE_CHECKING:
    from lstmcli.jobs.watch.watched import Watched


def watch(
    data: DataFilesOrThoseOfTraining = None,
    model: ModelOption = None,
    output: TableOutput = "-",
    form: Annotated[
        WatchFormat | None,
        typer.Option(
            "--format",
            help="Form of the output; prom for Prometheus, nagios for Nagios and Icinga. "
            "Default: by the ending of -o, else csv.",
        ),
    ] = None,
    write_separator: WriteSeparator = None,
    write_decimal: WriteDecimalMark = None,
    alarms: Annotated[
        str | None,
        typer.Option(
            metavar="BUDGET",
            help="How many false alarms you accept, as 1/week, 3/day, 1/month/series or 1/1000 rows. "
            "Default: 1/week; of days 1/year, of longer steps and rows without dates 1/1000 rows.",
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Judge what is new since the last run with this file, and keep it."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Judge the rows from this time on.")
    ] = None,
    last: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Judge the last N rows of each series.")
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Write every row that was judged, not only where alarms begin or end."),
    ] = False,
    fail_on: Annotated[
        Literal["alarm"] | None,
        typer.Option("--fail-on", help="Exit with 3, when all is written, where an alarm begins."),
    ] = None,
    max_age: Annotated[
        str | None,
        typer.Option(
            metavar="AGE", help="Alarm if the newest row is older than this, as 2h. Default: three steps."
        ),
    ] = None,
    html: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="HTML file with the alarms on their series, and the budget."),
    ] = None,
    target: TargetOption = None,
    time: TimeOption = None,
    season: SeasonOption = None,
    step: StepOption = None,
    resample: ResampleOption = None,
    on_gap: Annotated[
        OnGap | None,
        typer.Option(help="Missing times: mask (missing values) or fill (interpolate). Default: mask."),
    ] = None,
    on_duplicate: Annotated[
        OnDuplicate | None, typer.Option(help="Several rows of one time. Default: last.")
    ] = None,
    no_header: NoHeader = False,
    assignment: ReadAssignments = None,
    config: SettingsOfBuiltin = None,
) -> None:
    """Tell which of the newest rows are not what was expected.

    Each row is compared with what an autoregression that learns row by row expected of it. Writes a row for
    each alarm that begins or ends, and nothing when all is well. Beyond lower and upper a value is an alarm
    by itself; inside them several rows that are rare together are one. A model says how the file is read.
    """
    import gc

    from lstmcli.console.manner import output_mode
    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.files.endings import TABLE_ENDINGS, form_to_write
    from lstmcli.jobs.model_choice import data_settings, usual_model
    from lstmcli.jobs.watch.job import watch_files
    from lstmcli.jobs.watch.options import WatchOptions
    from lstmcli.tables.write.dialects import AskedDialect

    policies = {"on_gap": on_gap or "mask", "on_duplicate": on_duplicate}
    loud = Screen(always=True)  # an alarm is told with -q too
    path = model or usual_model(MODEL_PATH, data, loud.say, "rows are judged without a model", "watch")
    typed = with_reading_options(
        assignment, no_header, step=step, resample=resample, target=target, time=time, season=season
    )
    settings, chosen = data_settings(path, config, policies, typed)
    plain = form not in ("prom", "nagios")
    if not plain and Path(output).suffix not in ("", ".prom", ".txt"):
        raise UsageError(f"-o {output}: its ending is none of --format {form}; take .prom or .txt")
    options = WatchOptions(
        data=tuple(data or ()),
        model=path,
        output=output,
        form=form_to_write(output, TABLE_ENDINGS, "csv", form) if plain else str(form),
        dialect=AskedDialect(write_separator, write_decimal),
        policies=chosen,
        settings=settings,
        alarms=alarms,
        since=since,
        last=last,
        every=every,
        state=state,
        max_age=max_age,
        fail=fail_on is not None,
        html=html,
        config=config,
    )
    gc.disable()  # until the data is read: what is loaded until then is not garbage
    try:
        found = watch_files(
            options,
            Screen(),
            event=loud.tell if output_mode().log_json else None,
            plugin_line=_plugin_line if form == "nagios" else None,
        )
    finally:
        gc.enable()
    if form == "nagios":
        raise typer.Exit(found.code)


def _plugin_line(found: "Watched") -> str:
    """What Nagios reads."""
    from lstmcli.console.nagios import plugin_line

    goes_on = f"an alarm goes on: {found.going_on_text}"
    word, usual = (("OK", "no alarm"), ("WARNING", goes_on), ("CRITICAL", ""))[found.code]
    begun = int(found.rows.faults.sum())
    more = f" and {begun - 1:,} more" if begun > 1 else ""
    said = (found.first_messages(1) or [usual])[0]
    figures = f"begun={begun} going_on={found.going_on}"
    return plugin_line(word, f"{said}{more}; {found.summary}", figures)
