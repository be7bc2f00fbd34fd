"""`lstmcli predict --follow --watch`: rows on standard input, judged one by one on standard output."""

import gc
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from lstmcli.errors import DataError, UsageError
from lstmcli.files.checked import Output, check_outputs
from lstmcli.files.locks import hold_lock
from lstmcli.files.output import write_out
from lstmcli.jobs.follow.kept_state import KeptState
from lstmcli.jobs.follow.stream import (
    bursts,
    check_stream_options,
    once_more,
    row_refusal,
    standard_input,
)
from lstmcli.jobs.follow.watched_model import WatchedModel, apply_reload
from lstmcli.jobs.follow.watcher import RowWatcher
from lstmcli.jobs.forecast_options import PredictOptions
from lstmcli.jobs.freshness import seconds_of_age, usual_seconds
from lstmcli.jobs.watch.clock import OVERDUE
from lstmcli.jobs.watch.opening import builtin_by_state, open_watched
from lstmcli.jobs.watch.options import WatchOptions, budget_of, row_seconds
from lstmcli.jobs.watch.watched import watched
from lstmcli.model_file import Model, read_model
from lstmcli.model_file.contract import options_with
from lstmcli.model_file.watch_state import WatchState, check_watched, columns_of, read_state
from lstmcli.network.builtin_file import is_builtin
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
    history, a header or a state that cannot be used; Locked where another run has the state.
    """
    _check(options)
    check_outputs([Output("--state", options.state)], options.inputs[1:])
    busy = "is in use by {holder}"
    with nullcontext() if options.state is None else hold_lock(options.state, busy=busy):
        state = None if options.state is None else read_state(options.state)
        model, history = _opened(options, state)
        file = WatchedModel(options.model, model)
        watcher = _watcher(options, model, history, say, row_refusal(options, say_always), event)
        if not is_builtin(options.model):
            say(
                "note: rows of a stream are judged by what an autoregression with the season expects; "
                f"columns and step are those of {options.model}"
            )
        for note in history.notes if history is not None else ():
            say(f"note: {note}")
        missed = _seed(watcher, model, history, options, state)
        gc.freeze()  # what is loaded is not garbage
        kept = KeptState(options.state, watcher)
        try:
            if _judged_all(watcher, kept, file, missed, say):
                say(f"note: {watcher.summary()}")
        finally:
            kept.write()


def _judged_all(
    watcher: RowWatcher, kept: KeptState, file: WatchedModel, missed: str, say: Callable[[str], None]
) -> bool:
    """Judges rows until the input ends; False where nobody reads the output any more. missed: what comes
    first."""
    kept.judging()
    if missed and not write_out(missed, "-"):
        return False
    kept.taken()
    for lines in bursts(standard_input(), wait=watcher.wait):
        apply_reload(file, watcher, say, "its columns and step are the same: rows are judged as before")
        kept.judging()
        texts = watcher.answers(lines) if lines else watcher.woken()
        if not all(write_out(text, "-") for text in texts):
            return False
        kept.taken()
    return True


def _watcher(
    options: PredictOptions,
    model: Model,
    history: ModelData | None,
    say: Callable[[str], None],
    refuse: Callable[[DataError], None],
    event: Callable[..., None] | None,
) -> RowWatcher:
    """Raises UsageError for a budget or a model that a stream has no use for."""
    contract = model.contract
    if FILE in contract.roles.series:
        raise UsageError("--follow: this model tells series apart by file; a stream is a single one")
    budget = budget_of(options.alarms, contract.step)
    budget.rate(row_seconds(contract.step), 1 if history is None else len(history.panel))
    patience = _patience(options, model)
    return RowWatcher(model, budget, options.form, options.dialect, patience, say, refuse, event)


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


def _opened(options: PredictOptions, state: WatchState | None) -> tuple[Model, ModelData | None]:
    """The model, and the history. Rows that would be put together are refused: each is judged as it comes."""
    made = options.settings.resample if options.settings is not None else options.policies.get("resample", "")
    builtin = is_builtin(options.model)
    if builtin and options.history is None and state is None:
        raise UsageError(
            "--watch: columns, step and season of a stream are learned from earlier rows: "
            "give them with --history FILE"
        )
    if not builtin or state is not None:
        model = builtin_by_state(state) if builtin and state is not None else read_model(options.model)
        made = made or model.contract.options.resample
    if made:
        raise UsageError(
            f"--watch judges each row as it comes, and they are resampled to {made}: "
            "lstmcli watch judges those of a file"
        )
    if options.history is None:
        contract = replace(model.contract, options=options_with(model.contract, options.policies))
        found: tuple[Model, ModelData | None] = replace(model, contract=contract), None
    else:
        found = open_watched(_as_file(options), state)
    if state is not None:
        contract = found[0].contract
        check_watched(state, columns_of(contract.roles, contract.step), str(options.state))
    return found


def _as_file(options: PredictOptions) -> WatchOptions:
    """The options of watching the history."""
    return WatchOptions(
        (str(options.history),),
        options.model,
        policies=options.policies,
        settings=options.settings,
        alarms=options.alarms,
        state=options.state,
    )


def _seed(
    watcher: RowWatcher,
    model: Model,
    history: ModelData | None,
    options: PredictOptions,
    state: WatchState | None,
) -> str:
    """What is told of rows that the history holds and an earlier run has not seen."""
    if history is None:
        if state is not None:
            watcher.go_on(state, None)
        return ""
    contract = model.contract
    policies: dict[str, Any] = {"resample": "", **options.policies}
    reading = options_with(contract, policies)
    table = once_more(history, str(options.history), reading)
    roles = contract.roles.without_covariates()
    form = form_of_history(table, roles, contract.step, contract.time_pattern)
    if state is None:
        watcher.seed(history, form)
        return ""
    found = watched(model, history, _as_file(options), state, by_clock=False)
    watcher.go_on(found.state, form)
    missed = found.rows.select(found.rows.changes)
    return watcher.caught_up(missed) if len(missed) else ""


def _patience(options: PredictOptions, model: Model) -> float | None:
    """Seconds without a row from which on it is late; None for rows without dates."""
    if options.max_age is not None:
        return seconds_of_age(options.max_age, "--max-age")
    step = model.contract.step
    return None if step.plain else OVERDUE * usual_seconds(step)
