"""`lstmcli predict` of files: one forecast of every series."""

from typing import TYPE_CHECKING

from lstmcli.commands.asked import Asked

if TYPE_CHECKING:
    from lstmcli.bundle import Model
    from lstmcli.panel import Forecast, Panel
    from lstmcli.tables import Table
    from lstmcli.tables.columns import Roles
    from lstmcli.terminal.screen import Screen


def answer_once(asked: Asked, screen: "Screen") -> None:
    """Reads, forecasts, writes. Raises the errors of all three."""
    from lstmcli.bundle import read
    from lstmcli.commands.asked import cache_of
    from lstmcli.commands.reports import check_outputs
    from lstmcli.forecasting import at_quantiles, forecast, interval_quantiles
    from lstmcli.outputs import forecast_table, parquet_of, text_of, write_out
    from lstmcli.tables import time_pattern
    from lstmcli.tables.contracted import read_for, roles_of

    check_outputs(asked.plot, asked.html, asked.output)
    model = read(asked.model)
    _check_options(asked, model)
    steps = asked.horizon or model.network.arch.horizon
    wanted = interval_quantiles(model.network.arch.quantiles, asked.levels)
    table, panel = read_for(model, asked.model, asked.data, asked.policies, cache_of(asked.cache, screen))
    for note in table.notes:
        screen.say(f"note: {note}")
    screen.lap("reading")
    roles = roles_of(model.contract)
    pattern = time_pattern(table, roles.time)
    _check_age(asked, panel, pattern, table.options.timezone, screen)
    if asked.make_future is not None:
        write_out(_rows_to_fill(table, panel, roles, asked.make_future, pattern), asked.output)
        return
    _tell_differences(asked, model, panel, table.source, screen)
    panel = _with_rows_ahead(asked, panel, roles, steps, table)
    _warn_of_unseen(screen, model, panel, steps)
    made = at_quantiles(forecast(model.network, panel, steps), wanted)
    screen.lap("forecasting")
    as_parquet = asked.form == "parquet"
    rows = forecast_table(made, roles.time or "step", pattern, wanted, typed=as_parquet)
    write_out(parquet_of(rows) if as_parquet else text_of(rows, asked.form), asked.output)
    screen.lap("writing")
    _show(asked, model, table, panel, made, screen)


def _show(
    asked: Asked, model: "Model", table: "Table", panel: "Panel", made: "Forecast", screen: "Screen"
) -> None:
    """Preview, picture and page, as far as they are asked for."""
    targets = model.contract.targets
    if asked.preview:
        from lstmcli.terminal.preview import preview_of

        screen.draw(preview_of(panel, made, targets[0]))
    if asked.plot is not None:
        from lstmcli.plots.forecasts import forecast_plot

        forecast_plot(panel, made, targets, asked.plot)
    if asked.html is not None:
        from lstmcli.commands.reports import write_forecast_report

        write_forecast_report(asked.html, model, panel, made, table.source, table.notes)


def _check_options(asked: Asked, model: "Model") -> None:
    from lstmcli.errors import UsageError

    for flag, given in (("--history", asked.history), ("--on-bad-row", asked.on_bad_row)):
        if given is not None:
            raise UsageError(f"{flag} belongs to --follow")
    if asked.cache is not None and asked.make_future is not None:
        raise UsageError("--make-future needs the rows of the data themselves: leave out --cache")
    flag = "--make-future" if asked.make_future is not None else "--future"
    if asked.future is None and asked.make_future is None:
        return
    if not model.contract.future:
        raise UsageError(f"{flag}: this model has no covariates that are known ahead, and needs no such rows")
    if asked.future is not None and asked.make_future is not None:
        raise UsageError("--make-future prints the rows that --future reads: give one of them")
    if "-" in asked.data and asked.future == "-":
        raise UsageError("--future -: standard input is read for the data already")


def _check_age(asked: Asked, panel: "Panel", pattern: str | None, timezone: str, screen: "Screen") -> None:
    from datetime import UTC, datetime

    from lstmcli.freshness import check_fresh

    if asked.max_age is None:
        return
    for note in check_fresh(panel, asked.max_age, pattern, timezone, datetime.now(UTC)):
        screen.say(f"note: {note}")


def _tell_differences(asked: Asked, model: "Model", panel: "Panel", source: str, screen: "Screen") -> None:
    """From the data of training. Raises DataError for those that are refused."""
    from lstmcli.contract import compare
    from lstmcli.errors import DataError

    for finding in compare(panel, model):
        if finding.kind in asked.refused:
            raise DataError(finding.kind, finding.message, path=source)
        screen.say(f"{finding.severity}: {finding.message} [{finding.kind}]")
    trained = model.network.arch.horizon
    if asked.horizon is not None and asked.horizon > trained:
        screen.say(
            f"note: horizon {asked.horizon} is longer than the {trained} steps the model was trained for; "
            "it rolls on from its own forecasts"
        )


def _with_rows_ahead(asked: Asked, panel: "Panel", roles: "Roles", steps: int, table: "Table") -> "Panel":
    from lstmcli.tables import read, with_future

    if asked.future is None:
        return panel
    return with_future(panel, read(asked.future, table.options), roles, steps)


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
    from lstmcli.contract import unseen_categories

    if not panel.categories:
        return
    for finding in unseen_categories(with_rows_ahead(panel, steps, model.network.shape.context), model):
        screen.say(f"{finding.severity}: {finding.message} [{finding.kind}]")
