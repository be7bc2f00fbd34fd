"""`lstmcli predict --follow --watch`: rows on standard input, judged one by one on standard output."""

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lstmcli.errors import UsageError
from lstmcli.files.output import write_out
from lstmcli.jobs.follow.stream import bursts, check_stream_options, row_refusal, standard_input
from lstmcli.jobs.follow.watcher import RowWatcher
from lstmcli.jobs.forecast_options import PredictOptions
from lstmcli.jobs.freshness import seconds_of_age
from lstmcli.jobs.watch.clock import OVERDUE
from lstmcli.jobs.watch.opening import open_watched
from lstmcli.jobs.watch.options import WatchOptions, budget_of, row_seconds
from lstmcli.model_file import Model, read_model
from lstmcli.model_file.contract import options_with
from lstmcli.network.builtin_file import is_builtin
from lstmcli.tables.read import read_table
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.read.stream import form_of_history
from lstmcli.tables.read.text import FILE


def watch_stream(
    options: PredictOptions,
    say: Callable[[str], None],
    say_always: Callable[[str], None],
    event: Callable[..., None] | None = None,
) -> None:
    """Judges every row until the input ends or nobody reads the output.

    say: receives notes; say_always: rows that are skipped, which are reported even when nothing else is;
    event: "alarm" and its fields for each alarm that begins or ends. Raises UsageError, and DataError for a
    history or a header that cannot be used.
    """
    _check(options)
    refuse = row_refusal(options, say_always)
    model, history = _opened(options)
    contract = model.contract
    if FILE in contract.roles.series:
        raise UsageError("--follow: this model tells series apart by file; a stream is a single one")
    budget = budget_of(options.alarms, contract.step)
    budget.rate(row_seconds(contract.step), 1 if history is None else len(history.panel))
    how = options.form, options.dialect, _patience(options, model), say, refuse, event
    watcher = RowWatcher(model, budget, *how)
    if not is_builtin(options.model):
        say(
            "note: rows of a stream are judged by what an autoregression with the season expects; columns "
            f"and step are those of {options.model}"
        )
    if history is not None:
        for note in history.notes:
            say(f"note: {note}")
        _seed(watcher, model, history, options)
    gc.freeze()  # what is loaded is not garbage
    for lines in bursts(standard_input(), wait=watcher.wait):
        texts = watcher.answers(lines) if lines else watcher.woken()
        if not all(write_out(text, "-") for text in texts):
            return
    say(f"note: {watcher.summary()}")


def _check(options: PredictOptions) -> None:
    check_stream_options(replace(options, max_age=None))
    forecast = options.forecast
    unfit = {
        "--horizon": forecast.horizon is not None,
        "--level": bool(forecast.levels),
        "--on-range": "out-of-range" in forecast.refused,
        "--on-new-series": "new-series" in forecast.refused,
        "--fail-on": options.fail_on is not None,
    }
    for flag, given in unfit.items():
        if given:
            raise UsageError(
                f"{flag} cannot be combined with --watch, which forecasts one step to judge a row."
            )


def _opened(options: PredictOptions) -> tuple[Model, ModelData | None]:
    """The model, and the history. Rows that would be put together are refused: each is judged as it comes."""
    made = options.settings.resample if options.settings is not None else options.policies.get("resample", "")
    if is_builtin(options.model) and options.history is None:
        raise UsageError(
            "--watch: columns, step and season of a stream are learned from earlier rows: "
            "give them with --history FILE"
        )
    if not is_builtin(options.model):
        model = read_model(options.model)
        made = made or model.contract.options.resample
    if made:
        raise UsageError(
            f"--watch judges each row as it comes, and they are resampled to {made}: "
            "lstmcli watch judges those of a file"
        )
    if options.history is None:
        contract = replace(model.contract, options=options_with(model.contract, options.policies))
        return replace(model, contract=contract), None
    return open_watched(
        WatchOptions(
            (str(options.history),), options.model, policies=options.policies, settings=options.settings
        )
    )


def _seed(watcher: RowWatcher, model: Model, history: ModelData, options: PredictOptions) -> None:
    contract = model.contract
    policies: dict[str, Any] = {"resample": "", **options.policies}
    reading = options_with(contract, policies)
    table = read_table(str(options.history), reading, keys_known=True)
    roles = contract.roles.without_covariates()
    watcher.seed(history.panel, form_of_history(table, roles, contract.step, contract.time_pattern))


def _patience(options: PredictOptions, model: Model) -> float | None:
    """Seconds without a row from which on it is late; None for rows without dates."""
    if options.max_age is not None:
        return seconds_of_age(options.max_age, "--max-age")
    seconds = row_seconds(model.contract.step)
    return None if seconds is None else OVERDUE * seconds
