"""`lstmcli predict` of files: one forecast of every series."""

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lstmcli.jobs.forecast_options import PredictOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lstmcli.console.screen import Screen
    from lstmcli.model_file import Model
    from lstmcli.series.panel import Forecast, Panel
    from lstmcli.tables.read import Table
    from lstmcli.tables.write.forms import OutputForm

    Block = tuple[Forecast, Any]  # of some series, and their piece of the output

_SHOWN = 12  # series in a picture at most


@dataclass(frozen=True)
class ForecastInput:
    """What is forecast from. pattern: how stamps are written; table: None where pandas was not needed."""

    panel: "Panel"
    source: str
    notes: tuple[str, ...]
    pattern: str | None
    timezone: str
    table: "Table | None" = None


def answer_once(asked: PredictOptions, screen: "Screen") -> None:
    """Reads, forecasts, writes. Raises the errors of all three."""
    gc.disable()  # until the table is read: modules and hundreds of thousands of cells are no garbage
    try:
        _answer(asked, screen)
    finally:
        gc.enable()


def _answer(asked: PredictOptions, screen: "Screen") -> None:
    from lstmcli.files.output import write_out
    from lstmcli.forecasting.forecast import forecasts, interval_quantiles
    from lstmcli.jobs.html_reports import check_outputs
    from lstmcli.model_file import read_model
    from lstmcli.tables.write.forms import check_form, form_of

    check_outputs(asked.plot, asked.html, asked.output)
    check_form(asked.form)
    model = read_model(asked.model)
    _check_options(asked, model)
    steps = asked.horizon or model.network.arch.horizon
    wanted = interval_quantiles(model.network.arch.quantiles, asked.levels)
    given = _given(asked, model, screen)
    gc.freeze()  # nor need they be looked at again
    gc.enable()
    for note in given.notes:
        screen.say(f"note: {note}")
    screen.lap("reading")
    _check_age(asked, given.panel, given.pattern, given.timezone, screen)
    if asked.make_future is not None:
        write_out(_rows_to_fill(given, model, asked.make_future), asked.output)
        return
    _tell_differences(asked, model, given.panel, given.source, screen)
    panel = _with_rows_ahead(asked, given, model, steps)
    _warn_of_unseen(screen, model, panel, steps)
    form = form_of(asked.form, panel.key_names, model.contract.time or "step", given.pattern, wanted)
    blocks = forecasts(model.network, panel, steps, _finishing(form, wanted))
    made = _written(asked, form, blocks, screen)
    _show(asked, model, given, panel, made, screen)


def _given(asked: PredictOptions, model: "Model", screen: "Screen") -> ForecastInput:
    from lstmcli.cli.commands.caching import cache_of
    from lstmcli.tables.read.for_contract import read_for_model

    cache = cache_of(asked.cache, screen)
    data = read_for_model(model, asked.model, asked.data, asked.policies, cache)
    timezone = model.contract.options.timezone
    return ForecastInput(data.panel, data.source, data.notes, data.pattern, timezone, data.table)


def _finishing(form: "OutputForm", wanted: tuple[float, ...]) -> "Callable[[Forecast], Block]":
    """What is made of the forecast of each block of series, on any core."""
    from lstmcli.forecasting.forecast import at_quantiles

    def finish(made: "Forecast") -> "Block":
        made = at_quantiles(made, wanted)
        return made, form.of(made)

    return finish


def _written(
    asked: PredictOptions, form: "OutputForm", blocks: "Iterable[Block]", screen: "Screen"
) -> "Forecast":
    """Writes as blocks come. What it gives is all that can be shown afterwards."""
    from lstmcli.files.output import write_parts
    from lstmcli.series.panel import concat_forecasts

    kept: list[Forecast] = []

    def pieces() -> "Iterator[Any]":
        for made, piece in blocks:
            # A picture and a preview show the first series, a page tells of all.
            if asked.html is not None or sum(len(some.keys) for some in kept) < _SHOWN:
                kept.append(made)
            yield piece
        screen.lap("forecasting")

    if not write_parts(form.whole(pieces()), asked.output) and asked.html is not None:
        kept += [made for made, _ in blocks]  # the page is written even so
    screen.lap("writing")
    return concat_forecasts(kept)


def _show(
    asked: PredictOptions,
    model: "Model",
    given: ForecastInput,
    panel: "Panel",
    made: "Forecast",
    screen: "Screen",
) -> None:
    """Preview, picture and page, as far as they are asked for."""
    targets = model.contract.targets
    if asked.preview:
        from lstmcli.reports.preview import preview_of

        screen.draw(preview_of(panel, made, targets[0]))
    if asked.plot is not None:
        from lstmcli.reports.pictures.forecasts import forecast_plot

        forecast_plot(panel, made, targets, asked.plot)
    if asked.html is not None:
        from lstmcli.jobs.html_reports import write_forecast_report

        write_forecast_report(asked.html, model, panel, made, given.source, given.notes)


def check_no_follow(asked: PredictOptions) -> None:
    """Raises UsageError for options of `--follow` without it."""
    from lstmcli.errors import UsageError

    for flag, given in (("--history", asked.history), ("--on-bad-row", asked.on_bad_row)):
        if given is not None:
            raise UsageError(f"{flag} belongs to --follow")


def _check_options(asked: PredictOptions, model: "Model") -> None:
    from lstmcli.errors import UsageError

    check_no_follow(asked)
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


def _check_age(
    asked: PredictOptions, panel: "Panel", pattern: str | None, timezone: str, screen: "Screen"
) -> None:
    from datetime import UTC, datetime

    from lstmcli.jobs.freshness import check_freshness

    if asked.max_age is None:
        return
    for note in check_freshness(panel, asked.max_age, pattern, timezone, datetime.now(UTC)):
        screen.say(f"note: {note}")


def _tell_differences(
    asked: PredictOptions, model: "Model", panel: "Panel", source: str, screen: "Screen"
) -> None:
    """From the data of training. Raises DataError for those that are refused."""
    from lstmcli.errors.findings import accept_findings
    from lstmcli.model_file.contract import check_contract

    for finding in accept_findings(check_contract(panel, model), asked.refused, source):
        screen.say(f"{finding.severity}: {finding.message} [{finding.kind}]")
    tell_rolling(asked, model, screen)


def tell_rolling(asked: PredictOptions, model: "Model", screen: "Screen") -> None:
    """Beyond the horizon that the model was trained for."""
    trained = model.network.arch.horizon
    if asked.horizon is not None and asked.horizon > trained:
        screen.say(
            f"note: horizon {asked.horizon} is longer than the {trained} steps the model was trained for; "
            "it rolls on from its own forecasts"
        )


def _with_rows_ahead(asked: PredictOptions, given: ForecastInput, model: "Model", steps: int) -> "Panel":
    if asked.future is None:
        return given.panel
    from lstmcli.tables.read import read_table, with_future
    from lstmcli.tables.read.for_contract import roles_of

    assert given.table is not None  # only a model with covariates comes here
    return with_future(
        given.panel, read_table(asked.future, given.table.options), roles_of(model.contract), steps
    )


def _rows_to_fill(given: ForecastInput, model: "Model", steps: int) -> str:
    """The file for --future, as CSV."""
    from lstmcli.series.horizon_rows import missing_future
    from lstmcli.tables.read import static_texts
    from lstmcli.tables.read.for_contract import roles_of
    from lstmcli.tables.write.tables import FutureColumns, future_table, text_of

    assert given.table is not None  # only a model with covariates comes here
    panel, roles = given.panel, roles_of(model.contract)
    columns = FutureColumns(roles.time, roles.series, static_texts(given.table, roles), roles.future)
    return text_of(future_table(panel, missing_future(panel, steps), columns, given.pattern), "csv")


def _warn_of_unseen(screen: "Screen", model: "Model", panel: "Panel", steps: int) -> None:
    """Of categories in the rows that the forecast reads."""
    from lstmcli.model_file.contract import unseen_categories

    if not panel.categories:
        return
    for finding in unseen_categories(panel.with_horizon(steps, model.network.shape.context), model):
        screen.say(f"{finding.severity}: {finding.message} [{finding.kind}]")
