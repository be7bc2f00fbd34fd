"""`lstmcli predict`: a model file and a CSV file in, forecasts out."""

from pathlib import Path
from typing import Annotated

import typer

from lstmcli.cli.options import (
    MODEL_PATH,
    AlarmsOfWatch,
    CacheFolder,
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
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions
from lstmcli.settings.choices import (
    Engine,
    OnBadRow,
    OnDuplicate,
    OnGap,
    OnNewSeries,
    OnRange,
    TableFormat,
)


def predict(
    data: DataFilesOrThoseOfTraining = None,
    model: ModelOption = None,
    output: TableOutput = "-",
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Steps to forecast. Default: the model's.")
    ] = None,
    form: Annotated[
        TableFormat | None,
        typer.Option("--format", help="Form of the output. Default: by the ending of -o, else csv."),
    ] = None,
    write_separator: WriteSeparator = None,
    write_decimal: WriteDecimalMark = None,
    level: Annotated[
        list[float] | None,
        typer.Option(
            metavar="PERCENT",
            help="Interval in percent, as 80; may be repeated. Default: every quantile of the model.",
        ),
    ] = None,
    target: TargetOption = None,
    time: TimeOption = None,
    season: SeasonOption = None,
    step: StepOption = None,
    resample: ResampleOption = None,
    on_gap: Annotated[
        OnGap | None,
        typer.Option(help="Missing times: refuse, keep as missing, or interpolate. Default: as trained."),
    ] = None,
    on_duplicate: Annotated[
        OnDuplicate | None, typer.Option(help="Several rows of one time. Default: as trained.")
    ] = None,
    no_header: NoHeader = False,
    assignment: ReadAssignments = None,
    config: SettingsOfBuiltin = None,
    future: Annotated[
        str | None,
        typer.Option(
            "--future", metavar="FILE", help="CSV file with future covariates: the rows to forecast."
        ),
    ] = None,
    what_if: Annotated[
        str | None,
        typer.Option(
            "--what-if",
            metavar="FILE",
            help="Another file as that of --future: its forecast beside the first, and the difference.",
        ),
    ] = None,
    why: Annotated[
        bool,
        typer.Option(
            "--why",
            help="Add what moves each forecast: its level, season, last values and covariates, which add up.",
        ),
    ] = False,
    make_future: Annotated[
        int | None,
        typer.Option(
            "--make-future", min=1, metavar="N", help="Print the rows that --future needs, and exit."
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Picture of the forecasts: a file ending in .png, .svg or .pdf.")
    ] = None,
    show_last: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="With --plot: how many values of the history are drawn."),
    ] = None,
    html: Annotated[
        str | None, typer.Option(metavar="FILE", help="HTML file with a report: forecasts, skill and data.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Draw the first series on standard error.")
    ] = False,
    on_range: Annotated[
        OnRange, typer.Option(help="Values far outside the training range: warn, or refuse.")
    ] = "warn",
    on_new_series: Annotated[
        OnNewSeries, typer.Option(help="Series not seen in training: forecast them too, or refuse.")
    ] = "allow",
    cache: CacheFolder = None,
    max_age: Annotated[
        str | None,
        typer.Option(
            metavar="AGE",
            help="Exit with 3 if the newest value is older than this, as 2h. "
            "With --watch: alarm if no row comes for so long.",
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="CONDITION",
            help="Exit with 3 after the forecast where this holds for a series, as 'q0.9 > 95'. "
            "With --follow: mark each answer.",
        ),
    ] = None,
    cross: Annotated[
        str | None,
        typer.Option(
            metavar="VALUE",
            help="Instead of the forecast: when each series first crosses this, as 95 (upwards) or '<5'.",
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Instead of the forecast: N possible futures of each series (sample paths).",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="With --samples: the same number draws the same paths. Default: 0.")
    ] = None,
    sum_over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMNS",
            help="Add totals over series columns, as shop, or shop,region; may be repeated.",
        ),
    ] = None,
    hierarchy: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMNS",
            help="Add the totals of each level, as region,shop from the top, with forecasts that add up.",
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Forecast after each row that arrives on standard input.")
    ] = False,
    history: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --follow: rows before those that arrive.")
    ] = None,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="With --follow: judge each row, and tell where an alarm begins or ends, "
            "instead of forecasting.",
        ),
    ] = False,
    alarms: AlarmsOfWatch = None,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="With --watch: go on where the last run with this file ended, and keep it."
        ),
    ] = None,
    on_bad_row: Annotated[
        OnBadRow | None, typer.Option(help="With --follow: skip a bad row, or exit. Default: skip.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="How many files are forecast: as one table here, or by Dask workers.")
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="With --engine dask: its scheduler, as tcp://host:8786. Default: one process per core here.",
        ),
    ] = None,
) -> None:
    """Continue every series of a CSV file.

    With a model the file needs the columns of the training file and one step between its rows; it may
    hold series and rows that the model has not seen. Without one, a network that comes with lstmcli
    forecasts any file at once. Output: series columns, time, forecast (the median)
    and quantiles (one value in ten lies below q0.1).
    """
    from lstmcli.cli.commands.predict_runs import forecast_as_one_table, forecast_by_dask, forecast_stream
    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.files.endings import TABLE_ENDINGS, form_to_write
    from lstmcli.jobs.model_choice import data_settings, usual_model
    from lstmcli.tables.write.dialects import AskedDialect

    if follow and engine == "dask":
        raise UsageError("--engine dask cannot be combined with --follow.")
    if scheduler is not None and engine != "dask":
        raise UsageError("--scheduler belongs to --engine dask")
    if show_last is not None and plot is None:
        raise UsageError("--show-last is for the picture of --plot: give it too")
    kinds = {"out-of-range": on_range == "error", "new-series": on_new_series == "error"}
    usual_gap, usual_duplicate = ("mask", "last") if watch else (None, None)
    policies = {"on_gap": on_gap or usual_gap, "on_duplicate": on_duplicate or usual_duplicate}
    done = "rows are judged without a model" if watch else "the built-in network forecasts"
    path = model or usual_model(MODEL_PATH, data, Screen(always=True).say, done)
    typed = with_reading_options(
        assignment, no_header, step=step, resample=resample, target=target, time=time, season=season
    )
    settings, chosen = data_settings(path, config, policies, typed)
    options = PredictOptions(
        data=tuple(data or ()),
        model=path,
        forecast=ForecastOptions(
            horizon, tuple(level or ()), frozenset(kind for kind, refused in kinds.items() if refused)
        ),
        output=output,
        form=form_to_write(output, TABLE_ENDINGS, "csv", form),
        dialect=AskedDialect(write_separator, write_decimal),
        policies=chosen,
        settings=settings,
        future=future,
        what_if=what_if,
        why=why,
        make_future=make_future,
        plot=plot,
        show_last=show_last,
        html=html,
        preview=preview,
        max_age=max_age,
        history=history,
        on_bad_row=on_bad_row,
        scheduler=scheduler,
        cache=cache,
        fail_on=fail_on,
        cross=cross,
        watch=watch,
        alarms=alarms,
        state=state,
        config=config,
        samples=samples,
        seed=seed,
        sum_over=tuple(sum_over or ()),
        hierarchy=hierarchy,
    )
    run = forecast_stream if follow else forecast_by_dask if engine == "dask" else forecast_as_one_table
    run(options, Screen())
