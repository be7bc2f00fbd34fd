"""`lstmcli predict` of files: read, forecast and written block by block."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from lstmcli.errors import UsageError, naming
from lstmcli.files.checked import check_outputs
from lstmcli.files.output import write_out, write_parts
from lstmcli.forecasting.forecast import BLOCK_WINDOWS
from lstmcli.forecasting.intervals import at_quantiles, interval_quantiles
from lstmcli.jobs.block_rows import BlockRows
from lstmcli.jobs.caching import cache_of
from lstmcli.jobs.forecast import ForecastResult, ForecastSource, forecast, rolling_note, told_once
from lstmcli.jobs.forecast_options import PredictOptions, check_no_follow, check_paths, check_steps
from lstmcli.jobs.forecast_rows import forecast_rows
from lstmcli.jobs.reporter import NotingReporter, Reporter
from lstmcli.model_file import Model, data_paths, read_model
from lstmcli.network.builtin_file import is_builtin
from lstmcli.series.closed_zeros import closed_word
from lstmcli.series.forecast import Forecast, concat_forecasts
from lstmcli.series.horizon_rows import FIRST_OF_TWO
from lstmcli.series.panel import Panel
from lstmcli.series.roles import NO_ROLES, Roles
from lstmcli.tables.read.for_contract import ModelData, read_for_model
from lstmcli.tables.write.dialects import OutputDialect, dialect_of_table, holding, output_dialect
from lstmcli.tables.write.forms import check_form

if TYPE_CHECKING:
    from lstmcli.jobs.forecast_watch import ForecastWatch
    from lstmcli.tables.read import Table

_BLOCK_ROWS = 100_000  # forecast at once at most: 7 MB of nine quantiles, of which there are some copies
_LOOKED_AT = 10_000  # of the last values
_SHOWN = 12  # series in a picture at most


@dataclass(frozen=True)
class WrittenForecast:
    """What can be shown after a forecast was written: the panel with its future rows, and the forecast
    of the first series (of all where a page was asked for). watch: of a condition on the forecast;
    series, steps: that were forecast."""

    targets: tuple[str, ...]
    panel: Panel
    forecast: Forecast
    series: int
    steps: int
    watch: "ForecastWatch | None" = None

    def check(self) -> None:
        """Raises ConditionFailed where the condition on the forecast holds."""
        if self.watch is not None:
            self.watch.check()


def forecast_files(
    options: PredictOptions,
    report: Reporter,
    block: int = BLOCK_WINDOWS,
    event: Callable[..., None] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> WrittenForecast:
    """Writes the forecast of every series, a picture and a page.

    block: series computed at once, at most; event: receives the name and the fields of events, see
    `ForecastWatch`; progress: receives the series that are written, and all. Raises the errors of reading, of
    `forecast` and of writing.
    """
    report = NotingReporter(report)
    model, given = _open(options, report)
    if note := rolling_note(model, options.forecast.horizon, int(given.panel.lengths.max())):
        report.say(note)
    flag = "--future" if options.what_if is None else FIRST_OF_TWO
    plan = _future_table(options.future, given)
    source = ForecastSource(given.panel, given.source, future=plan, future_flag=flag)

    tell = told_once(lambda found: report.say(f"{found.severity}: {found.message} [{found.kind}]"))
    result = forecast(model, source, options.forecast, tell)
    if options.hierarchy is not None:
        from lstmcli.jobs.hierarchy import coherent_result

        result = coherent_result(result, options.hierarchy, report.say)
    if result.panel.step.zeros and (options.fail_on is not None or options.cross is not None):
        flag = "--fail-on" if options.cross is None else "--cross"
        report.say(f"note: {flag} looks at open {closed_word(result.panel.step)} alone: closed ones are 0")
    scenario = _scenario(options, given, result, source, tell)
    watch = _watch(options, given, result, event, report)
    dialect = _dialect(options, given, result.model.contract.roles)
    block = min(block, max(1, _BLOCK_ROWS // result.horizon))
    rows = forecast_rows(options, result, given.pattern, dialect, block, report.say, scenario)
    with naming(given.source):
        shown = _write(options, result, rows, dialect, report, watch, progress)
    for line in rows.told():
        report.say(line)
    targets, count = model.contract.roles.targets, len(result.panel)
    written = WrittenForecast(targets, result.panel, shown, count, result.horizon, watch)
    if options.plot is not None:
        from lstmcli.reports.pictures.forecasts import forecast_plot

        unit = model.contract.options.known.unit_of(written.targets)
        forecast_plot(written.panel, written.forecast, written.targets, options.plot, options.show_last, unit)
    if options.html is not None:
        from lstmcli.jobs.html_reports import write_forecast_report

        shown_parts = written.panel, written.forecast, given.source, report.notes, rows
        with naming(options.model):
            write_forecast_report(options.html, model, *shown_parts)
    return written


def write_future_rows(options: PredictOptions, report: Reporter) -> None:
    """Writes the file that --future needs, with empty cells to fill in."""
    from lstmcli.jobs.future_rows import future_rows
    from lstmcli.tables.write.forms import content_of_table, is_typed

    check_steps(options.make_future, "--make-future")
    (model, given), steps = _open(options, report), options.make_future
    assert steps is not None
    table = future_rows(model, given, steps, is_typed(options.form))
    dialect = _dialect(options, given, model.contract.roles)
    write_out(content_of_table(table, options.form, dialect), options.output, dialect.encoding)


def _dialect(options: PredictOptions, given: ModelData, roles: Roles) -> OutputDialect:
    found = output_dialect(dialect_of_table(given.table), options.dialect, options.form, options.output)
    names = (roles.time, *roles.series, *roles.future)
    return holding(found, chain(names, *given.panel.keys))


def _open(options: PredictOptions, report: Reporter) -> tuple[Model, ModelData]:
    """Reads model and data; checks before what can be wrong without them."""
    check_form(options.form, options.output, options.dialect)
    check_outputs(options.outputs, options.inputs)
    model, given = (
        _open_builtin(options, report) if is_builtin(options.model) else _open_model(options, report)
    )
    gc.freeze()  # what was loaded so far is not garbage, and need not be looked at again
    gc.enable()
    for note in given.notes:
        report.say(f"note: {note}")
    report.lap("reading")
    if options.max_age is not None:
        from lstmcli.jobs.freshness import check_freshness

        timezone = model.contract.options.timezone
        how = options.max_age, given.pattern, timezone, datetime.now(UTC), given.source
        for note in check_freshness(given.panel, *how):
            report.say(f"note: {note}")
    return model, given


def _open_model(options: PredictOptions, report: Reporter) -> tuple[Model, ModelData]:
    model = read_model(options.model)
    _check_options(options, model.contract.roles)
    _check_quantiles(options, model.network.arch.quantiles, model.contract.roles)
    check_outputs(options.outputs, options.data or data_paths(model, options.model))
    cache = cache_of(options.cache, report)
    return model, read_for_model(model, options.model, options.data, options.policies, cache)


def _open_builtin(options: PredictOptions, report: Reporter) -> tuple[Model, ModelData]:
    from lstmcli.jobs.builtin import open_builtin
    from lstmcli.network.builtin import QUANTILES

    _check_options(options, NO_ROLES)
    _check_quantiles(options, QUANTILES, NO_ROLES)
    return open_builtin(options.data, options.settings, cache_of(options.cache, report))


def _check_quantiles(options: PredictOptions, quantiles: tuple[float, ...], roles: Roles) -> None:
    """Raises before the data is read."""
    interval_quantiles(quantiles, options.forecast.levels)
    if options.cross is not None:
        from lstmcli.settings.conditions import threshold

        threshold(options.cross)
    if options.fail_on is not None:
        from lstmcli.forecasting.conditions import forecast_condition

        forecast_condition(options.fail_on, quantiles, roles)


def _check_options(options: PredictOptions, roles: Roles) -> None:
    check_no_follow(options)
    check_paths(options)
    if options.hierarchy is not None:
        from lstmcli.jobs.hierarchy import check_no_covariates

        check_no_covariates(roles)
    if options.cache is not None and options.make_future is not None:
        raise UsageError("--make-future cannot be combined with --cache.")
    for given, name in ((options.fail_on, "--fail-on"), (options.cross, "--cross")):
        if given is not None and options.make_future is not None:
            raise UsageError(f"--make-future forecasts nothing: leave {name} to the run with --future")
    if options.form == "json" and options.make_future is not None:
        raise UsageError("--make-future: --future does not read a list of records; write .ndjson")
    flags = {"--make-future": options.make_future, "--future": options.future, "--what-if": options.what_if}
    flag = next((flag for flag, asked in flags.items() if asked is not None), None)
    if flag is None:
        return
    if not roles.future:
        raise UsageError(f"{flag}: this model has no covariates that are known ahead, and needs no such rows")
    if options.future is not None and options.make_future is not None:
        raise UsageError("--make-future prints the rows that --future reads: give one of them")
    for flag, path in (("--future", options.future), ("--what-if", options.what_if)):
        if path == "-" and "-" in options.data:
            raise UsageError(f"{flag} -: standard input is read for the data already")
    if options.future == "-" == options.what_if:
        raise UsageError("--what-if -: standard input is read for --future already")


def _future_table(path: str | None, given: ModelData) -> "Table | None":
    if path is None:
        return None
    from lstmcli.tables.read import read_table

    assert given.table is not None  # a model with covariates is never read as plain
    return read_table(path, given.table.options, keys_known=True)


def _scenario(
    options: PredictOptions,
    given: ModelData,
    result: ForecastResult,
    source: ForecastSource,
    tell: Callable[..., None],
) -> ForecastResult | None:
    table = _future_table(options.what_if, given)
    if table is None:
        return None
    from lstmcli.jobs.scenario import scenario_result

    return scenario_result(result, source, table, options.forecast, tell)


def _watch(
    options: PredictOptions,
    given: ModelData,
    result: ForecastResult,
    event: Callable[..., None] | None,
    report: Reporter,
) -> "ForecastWatch | None":
    if options.fail_on is None:
        return None
    from lstmcli.forecasting.conditions import forecast_condition, percent_notes
    from lstmcli.jobs.forecast_watch import ForecastWatch
    from lstmcli.jobs.sample_paths import chance_maker

    roles = result.model.contract.roles
    found = forecast_condition(options.fail_on, result.model.network.arch.quantiles, roles)
    for note in percent_notes(found.condition, given.panel.values[-_LOOKED_AT:]):
        report.say(f"note: --fail-on: {note}")
    chance = chance_maker(result)
    return ForecastWatch(found, result.panel, given.pattern, roles.targets[0], event, chance)


def _write(
    options: PredictOptions,
    result: ForecastResult,
    rows: BlockRows,
    dialect: OutputDialect,
    report: Reporter,
    watch: "ForecastWatch | None",
    progress: Callable[[int, int], None],
) -> Forecast:
    """Writes blocks as they come. Gives the forecast of the series that can be shown."""

    def finish(raw: Forecast) -> tuple[Forecast, Forecast, Any]:
        made = at_quantiles(raw, result.quantiles)
        return raw, made, rows.of(raw, made)

    blocks = result.model_blocks(finish, rows.block)
    kept: list[Forecast] = []

    def seen() -> Iterator[Any]:
        done = 0
        for raw, made, piece in blocks:
            if watch is not None:
                watch.see(raw)
            # A picture and a preview show the first series, a page tells of all.
            if options.html is not None or sum(len(some.keys) for some in kept) < _SHOWN:
                kept.append(made)
            yield rows.taken(piece)
            done += len(made.keys)
            progress(done, len(result.panel))
        yield from rows.rest()
        report.lap("forecasting")

    pieces = seen()
    read = write_parts(rows.form.whole(pieces), options.output, dialect.encoding)
    if not read and (options.html is not None or watch is not None):
        for _ in pieces:  # pages and conditions are of all series, also when the reader of the pipe has left
            pass
    report.lap("writing")
    return concat_forecasts(kept)
